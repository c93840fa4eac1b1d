// The lines of /proc/mounts: device, directory, type, options, two numbers. Spaces inside a field
// are written as octal escapes.
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

FILE *setmntent(const char *path, const char *mode) {
    return fopen(path, mode);
}

int endmntent(FILE *file) {
    fclose(file);
    return 1;
}

static char *unescape(char *field) {
    char *to = field;
    for (char *from = field; *from;) {
        int is_octal = *from == '\\' && strspn(from + 1, "01234567") >= 3;
        if (is_octal) {
            *to++ = (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0'));
            from += 4;
        } else {
            *to++ = *from++;
        }
    }
    *to = 0;
    return field;
}

struct mntent *getmntent(FILE *file) {
    static struct mntent entry;
    static char *line;
    static size_t size;
    while (getline(&line, &size, file) > 0) {
        char *state, *fields[6];
        int count = 0;
        char *field = strtok_r(line, " \t\n", &state);
        while (field && count < 6) {
            fields[count++] = field;
            field = strtok_r(NULL, " \t\n", &state);
        }
        if (count < 4 || *fields[0] == '#') continue;
        entry = (struct mntent){
            .mnt_fsname = unescape(fields[0]),
            .mnt_dir = unescape(fields[1]),
            .mnt_type = fields[2],
            .mnt_opts = fields[3],
            .mnt_freq = count > 4 ? atoi(fields[4]) : 0,
            .mnt_passno = count > 5 ? atoi(fields[5]) : 0,
        };
        return &entry;
    }
    return NULL;
}
