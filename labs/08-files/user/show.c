// show FILE...: of each file its name, its size and a hash of its bytes, on the terminal, wherever
// the output of the caller goes.
#include "lab.h"

int main(int argc, char** argv) {
    static unsigned char bytes[16 * PAGE];
    static char text[64 * PAGE] = "begin\n";
    size_t length = strlen(text);
    for (int i = 1; i < argc && length < sizeof text - 300; i++) {
        uint64_t hash = LAB_HASH, total = 0;
        int fd = open(argv[i], O_RDONLY);
        ssize_t size = -1;
        while (fd >= 0 && (size = read(fd, bytes, sizeof bytes)) > 0) {
            hash = lab_hash(hash, bytes, (size_t) size);
            total += (uint64_t) size;
        }
        char* to = text + length;
        if (size < 0)
            length += (size_t) snprintf(to, 300, "%s is missing\n", argv[i]);
        else
            length += (size_t) snprintf(to, 300, "%s %lu %lx\n", argv[i], (unsigned long) total,
                                        (unsigned long) hash);
        if (fd >= 0) close(fd);
    }
    length += (size_t) snprintf(text + length, 100, "end\n");
    int terminal = open("/dev/console", O_WRONLY | O_NOCTTY);
    return terminal < 0 || write(terminal, text, length) != (ssize_t) length;
}
