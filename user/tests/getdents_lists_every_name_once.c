// Reading a folder gives each of its names once, with number and type, and once again after a
// rewind.
#include "check.h"

#define FILES 200

static int seen[FILES];
static int dots;

static void note(struct dirent *entry) {
    if (entry->d_name[0] == '.') {
        CHECK_IS(entry->d_type, DT_DIR);
        dots++;
        return;
    }
    CHECK_IS(entry->d_type, entry->d_name[0] == 'd' ? DT_DIR : DT_REG);
    struct stat status;
    CHECK_OK(stat(entry->d_name, &status));
    CHECK_IS(entry->d_ino, status.st_ino);
    seen[atoi(entry->d_name + 1)]++;
}

int main(void) {
    enter_scratch();
    char name[64];
    for (int i = 0; i < FILES; i++) {
        snprintf(name, sizeof name, i % 50 == 7 ? "d%d" : "f%d-with-a-name-of-some-length", i);
        if (name[0] == 'd') CHECK_OK(mkdir(name, 0755));
        else make_file(name, "");
    }
    DIR *folder = opendir(".");
    CHECK(folder);
    for (int round = 1; round <= 2; round++) {
        struct dirent *entry;
        while ((entry = readdir(folder))) note(entry);
        CHECK_IS(dots, 2 * round);
        for (int i = 0; i < FILES; i++) CHECK_IS(seen[i], round);
        rewinddir(folder);
    }
    return 0;
}
