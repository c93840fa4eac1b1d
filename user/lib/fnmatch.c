// Matching a name against a pattern of the shell: * ? [set] [!set] [[:class:]] and \ for quoting.
#include <ctype.h>
#include <fnmatch.h>
#include <string.h>

static int fold(int c, int flags) {
    return flags & FNM_CASEFOLD ? tolower(c) : c;
}

static int in_class(const char *name, size_t length, int c) {
    static const struct {
        const char *name;
        int (*test)(int);
    } classes[] = {
        {"alnum", isalnum}, {"alpha", isalpha}, {"blank", isblank}, {"cntrl", iscntrl},
        {"digit", isdigit}, {"graph", isgraph}, {"lower", islower}, {"print", isprint},
        {"punct", ispunct}, {"space", isspace}, {"upper", isupper}, {"xdigit", isxdigit},
    };
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (strlen(classes[i].name) == length && strncmp(classes[i].name, name, length) == 0) {
            return classes[i].test(c) != 0;
        }
    }
    return 0;
}

// The set at `p` (behind its '['). Returns what follows the ']', or NULL if there is none: then
// the '[' is an ordinary character. *matches says whether c is in the set.
static const char *match_set(const char *p, int c, int flags, int *matches) {
    int inverted = *p == '!' || *p == '^', found = 0;
    if (inverted) p++;
    const char *first = p;
    c = fold(c, flags);
    while (*p && (*p != ']' || p == first)) {
        if (p[0] == '[' && p[1] == ':') {
            const char *end = strstr(p + 2, ":]");
            if (end) {
                found |= in_class(p + 2, (size_t)(end - p - 2), c);
                p = end + 2;
                continue;
            }
        }
        if (*p == '\\' && p[1] && !(flags & FNM_NOESCAPE)) p++;
        int low = (unsigned char)*p++, high = low;
        if (p[0] == '-' && p[1] && p[1] != ']') {
            p++;
            if (*p == '\\' && p[1] && !(flags & FNM_NOESCAPE)) p++;
            high = (unsigned char)*p++;
        }
        found |= c >= fold(low, flags) && c <= fold(high, flags);
    }
    if (*p == 0) return NULL;
    *matches = found != inverted;
    return p + 1;
}

// Whether `name` stands where a leading period must be matched by a period.
static int hidden(const char *name, const char *start, int flags) {
    if (!(flags & FNM_PERIOD) || *name != '.') return 0;
    return name == start || ((flags & FNM_PATHNAME) && name[-1] == '/');
}

// One element of the pattern that is not '*', against one character. Returns the pattern behind
// the element, or NULL if it does not match.
static const char *match_one(const char *pattern, const char *name, const char *start, int flags) {
    int c = (unsigned char)*name;
    int special = (c == '/' && (flags & FNM_PATHNAME)) || hidden(name, start, flags);
    if (*pattern == '?') return c && !special ? pattern + 1 : NULL;
    if (*pattern == '[' && c) {
        int matches;
        const char *after = match_set(pattern + 1, c, flags, &matches);
        if (after) return matches && !special ? after : NULL;
    }
    if (*pattern == '\\' && pattern[1] && !(flags & FNM_NOESCAPE)) pattern++;
    return c && fold((unsigned char)*pattern, flags) == fold(c, flags) ? pattern + 1 : NULL;
}

int fnmatch(const char *pattern, const char *name, int flags) {
    const char *start = name;
    const char *star = NULL, *resume = NULL;  // the last '*', and where it took up to
    for (;;) {
        if (*pattern == '*' && !hidden(name, start, flags)) {
            star = ++pattern;
            resume = name;
            continue;
        }
        if (*pattern == 0 && *name == 0) return 0;
        const char *after = *pattern ? match_one(pattern, name, start, flags) : NULL;
        if (after) {
            pattern = after;
            name++;
            continue;
        }
        // Let the last '*' take one character more.
        if (!star || *resume == 0 || (*resume == '/' && (flags & FNM_PATHNAME))) return FNM_NOMATCH;
        name = ++resume;
        pattern = star;
    }
}
