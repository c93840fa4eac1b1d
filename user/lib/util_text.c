// How modes, sizes, owners and times look to the user, and how they are read.
// Interface: util.h. Reference: chmod(1), ls(1), passwd(5), date(1).
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

void mode_string(mode_t mode, char text[11]) {
    static const char letters[] = "rwxrwxrwx";
    switch (mode & S_IFMT) {
        case S_IFDIR: text[0] = 'd'; break;
        case S_IFLNK: text[0] = 'l'; break;
        case S_IFCHR: text[0] = 'c'; break;
        case S_IFBLK: text[0] = 'b'; break;
        case S_IFIFO: text[0] = 'p'; break;
        case S_IFSOCK: text[0] = 's'; break;
        default: text[0] = '-';
    }
    for (int i = 0; i < 9; i++)
        text[i + 1] = mode & (0400 >> i) ? letters[i] : '-';
    if (mode & S_ISUID)
        text[3] = mode & S_IXUSR ? 's' : 'S';
    if (mode & S_ISGID)
        text[6] = mode & S_IXGRP ? 's' : 'S';
    if (mode & S_ISVTX)
        text[9] = mode & S_IXOTH ? 't' : 'T';
    text[10] = '\0';
}

char type_indicator(mode_t mode) {
    switch (mode & S_IFMT) {
        case S_IFDIR: return '/';
        case S_IFLNK: return '@';
        case S_IFIFO: return '|';
        case S_IFSOCK: return '=';
        case S_IFREG: return mode & 0111 ? '*' : 0;
        default: return 0;
    }
}

static mode_t permission_bits(const char **text, mode_t old) {
    mode_t bits = 0;
    for (;; (*text)++) {
        switch (**text) {
            case 'r': bits |= 0444; break;
            case 'w': bits |= 0222; break;
            case 'x': bits |= 0111; break;
            case 'X': bits |= S_ISDIR(old) || (old & 0111) ? 0111 : 0; break;
            case 's': bits |= S_ISUID | S_ISGID; break;
            case 't': bits |= S_ISVTX; break;
            case 'u': bits |= 0111 * (old >> 6 & 7); break;
            case 'g': bits |= 0111 * (old >> 3 & 7); break;
            case 'o': bits |= 0111 * (old & 7); break;
            default: return bits;
        }
    }
}

// One clause such as "u+rw" or "=r"; moves on past it. -1 if it is none.
static int parse_clause(const char **text, mode_t *mode) {
    mode_t who = 0;
    for (;; (*text)++) {
        if (**text == 'u')
            who |= S_ISUID | 0700;
        else if (**text == 'g')
            who |= S_ISGID | 0070;
        else if (**text == 'o')
            who |= S_ISVTX | 0007;
        else if (**text == 'a')
            who |= 07777;
        else
            break;
    }
    mode_t mask = 0;
    if (who == 0) {  // "+x" is "a+x" except where the umask forbids it.
        mask = umask(0);
        umask(mask);
        who = 07777;
    }
    if (!**text || !strchr("+-=", **text))
        return -1;
    while (**text && strchr("+-=", **text)) {
        char sign = *(*text)++;
        mode_t bits = permission_bits(text, *mode) & who & ~mask;
        if (sign == '-')
            *mode &= ~bits;
        else if (sign == '+')
            *mode |= bits;
        else
            *mode = (*mode & ~(who & (S_ISDIR(*mode) ? 0777 : 07777))) | bits;
    }
    return 0;
}

int parse_mode(const char *text, mode_t old, mode_t *result) {
    if (isdigit((unsigned char)*text)) {
        char *end;
        unsigned long value = strtoul(text, &end, 8);
        *result = (old & S_IFMT) | value;
        return *end == '\0' && value <= 07777 ? 0 : -1;
    }
    *result = old;
    do {
        if (parse_clause(&text, result) != 0)
            return -1;
    } while (*text++ == ',');
    return text[-1] == '\0' ? 0 : -1;
}

const char *human_size(unsigned long long bytes, char text[16]) {
    static const char units[] = " KMGTPE";
    int unit = 0;
    unsigned long long scale = 1;
    while (bytes / scale >= 1024) {
        scale *= 1024;
        unit++;
    }
    if (unit == 0) {
        snprintf(text, 16, "%llu", bytes);
        return text;
    }
    // Rounded up, so that what is shown always suffices: tenths below 10, whole units above.
    unsigned long long whole = bytes / scale, rest = bytes % scale;
    unsigned long long tenths = whole * 10 + (rest * 10 + scale - 1) / scale;
    if (tenths < 100)
        snprintf(text, 16, "%llu.%llu%c", tenths / 10, tenths % 10, units[unit]);
    else if (whole + (rest != 0) < 1024)
        snprintf(text, 16, "%llu%c", whole + (rest != 0), units[unit]);
    else
        snprintf(text, 16, "1.0%c", units[unit + 1]);
    return text;
}

// The name in the line "name:…:id:…" of passwd or group, else the number itself.
static const char *name_of_id(const char *file, unsigned id, char *text, size_t size) {
    char line[256];
    FILE *stream = fopen(file, "r");
    while (stream && fgets(line, sizeof line, stream)) {
        char *password = strchr(line, ':');
        char *number = password ? strchr(password + 1, ':') : NULL;
        if (!number || strtoul(number + 1, NULL, 10) != id)
            continue;
        snprintf(text, size, "%.*s", (int)(password - line), line);
        fclose(stream);
        return text;
    }
    if (stream)
        fclose(stream);
    snprintf(text, size, "%u", id);
    return text;
}

const char *user_name(uid_t uid) {
    static char text[64];
    static uid_t known = -1;
    if (!text[0] || uid != known)
        name_of_id("/etc/passwd", known = uid, text, sizeof text);
    return text;
}

const char *group_name(gid_t gid) {
    static char text[64];
    static gid_t known = -1;
    if (!text[0] || gid != known)
        name_of_id("/etc/group", known = gid, text, sizeof text);
    return text;
}

static int two_digits(const char **text, char before, int *value) {
    const char *p = *text;
    if (*p != before || !isdigit((unsigned char)p[1]) || !isdigit((unsigned char)p[2]))
        return -1;
    *value = (p[1] - '0') * 10 + p[2] - '0';
    *text += 3;
    return 0;
}

int parse_time(const char *text, struct timespec *result) {
    *result = (struct timespec){0};
    if (strcmp(text, "now") == 0)
        return clock_gettime(CLOCK_REALTIME, result);
    if (*text == '@') {
        long long seconds;
        int valid = parse_number(text + 1, &seconds);
        result->tv_sec = seconds;
        return valid ? 0 : -1;
    }
    struct tm tm = {.tm_isdst = -1};
    char *end;
    tm.tm_year = strtol(text, &end, 10) - 1900;
    text = end;
    if (two_digits(&text, '-', &tm.tm_mon) != 0 || two_digits(&text, '-', &tm.tm_mday) != 0)
        return -1;
    tm.tm_mon--;
    char before = *text == 'T' ? 'T' : ' ';
    if (*text &&
        (two_digits(&text, before, &tm.tm_hour) != 0 || two_digits(&text, ':', &tm.tm_min) != 0 ||
         (*text && two_digits(&text, ':', &tm.tm_sec) != 0)))
        return -1;
    result->tv_sec = mktime(&tm);
    return *text == '\0' ? 0 : -1;
}
