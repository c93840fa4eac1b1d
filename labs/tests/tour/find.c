// The reference of Lab 0, exercise 5.
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int failed = 0;

static void search(const char *path, const char *text) {
    DIR *folder = opendir(path);
    if (!folder) {
        fprintf(stderr, "find: %s cannot be opened\n", path);
        failed = 1;
        return;
    }
    struct dirent *entry;
    while ((entry = readdir(folder))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        char below[1024];
        struct stat status;
        snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
        if (strstr(entry->d_name, text))
            printf("%s\n", below);
        if (lstat(below, &status) == 0 && S_ISDIR(status.st_mode))
            search(below, text);
    }
    closedir(folder);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: find FOLDER TEXT\n");
        return 1;
    }
    search(argv[1], argv[2]);
    return failed;
}
