// Options of a command line, as the GNU utilities take them: operands may stand between options
// (they are moved behind them), long options may be shortened, "--" ends the options. A leading '+'
// in the list of letters stops at the first operand; a leading ':' reports a missing argument as
// ':' and prints nothing.
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

char *optarg;
int optind = 1, opterr = 1, optopt;

static char *cluster;  // rest of "-abc"
static int passed;     // operands between the option taken last and what follows it

// Moves argv[from] up to argv[to], the elements between down by one.
static void move_up(char **argv, int from, int to) {
    char *moved = argv[from];
    for (; from > to; from--) argv[from] = argv[from - 1];
    argv[to] = moved;
}

// The next element that is an option, moved in front of the operands; NULL if there is none.
static char *next_element(int argc, char **argv, int stop_at_operand) {
    int found = optind;
    while (found < argc && (argv[found][0] != '-' || argv[found][1] == 0)) {
        if (stop_at_operand) return NULL;
        found++;
    }
    if (found >= argc) return NULL;
    passed = found - optind;
    move_up(argv, found, optind);
    return argv[optind++];
}

static char *take_argument(int argc, char **argv) {
    if (optind + passed >= argc) return NULL;
    move_up(argv, optind + passed, optind);
    return argv[optind++];
}

static void complain_of(char **argv, const char *letters, const char *before, const char *option,
                        const char *after) {
    if (!opterr || *letters == ':') return;
    fprintf(stderr, "%s: %s'%s'%s\n", argv[0], before, option, after);
}

static int next_letter(int argc, char **argv, const char *letters) {
    char letter = *cluster++;
    char shown[2] = {letter, 0};
    const char *known = letter == ':' ? NULL : strchr(letters, letter);
    optopt = letter;
    if (*cluster == 0) cluster = NULL;
    if (!known) {
        complain_of(argv, letters, "invalid option -- ", shown, "");
        return '?';
    }
    if (known[1] != ':') return letter;
    if (cluster || known[2] == ':') optarg = cluster;
    else optarg = take_argument(argc, argv);
    cluster = NULL;
    if (!optarg && known[2] != ':') {
        complain_of(argv, letters, "option requires an argument -- ", shown, "");
        return *letters == ':' ? ':' : '?';
    }
    return letter;
}

// The long option called `name`, whole or shortened without doubt. -1: none, -2: several.
static int find_long(const struct option *longs, const char *name, size_t length) {
    int found = -1;
    for (int i = 0; longs[i].name; i++) {
        if (strncmp(longs[i].name, name, length) != 0) continue;
        if (longs[i].name[length] == 0) return i;
        int same = found >= 0 && longs[found].has_arg == longs[i].has_arg &&
                   longs[found].flag == longs[i].flag && longs[found].val == longs[i].val;
        if (found == -1) found = i;
        else if (!same) found = -2;
    }
    return found;
}

static int next_long(int argc, char **argv, const char *letters, const struct option *longs,
                     char *element, int *index) {
    char *name = element + 2;
    size_t length = strcspn(name, "=");
    int found = find_long(longs, name, length);
    optopt = 0;
    if (found < 0) {
        const char *before = found == -1 ? "unrecognized option " : "ambiguous option ";
        complain_of(argv, letters, before, element, "");
        return '?';
    }
    const struct option *option = &longs[found];
    char shown[64];
    snprintf(shown, sizeof(shown), "--%s", option->name);
    if (name[length] == '=') {
        optarg = name + length + 1;
        if (option->has_arg == no_argument) {
            optarg = NULL;
            optopt = option->val;
            complain_of(argv, letters, "option ", shown, " doesn't allow an argument");
            return '?';
        }
    } else if (option->has_arg == required_argument && !(optarg = take_argument(argc, argv))) {
        optopt = option->val;
        complain_of(argv, letters, "option ", shown, " requires an argument");
        return *letters == ':' ? ':' : '?';
    }
    if (index) *index = found;
    if (!option->flag) return option->val;
    *option->flag = option->val;
    return 0;
}

int getopt_long(int argc, char *const arguments[], const char *letters, const struct option *longs,
                int *index) {
    char **argv = (char **)arguments;
    int stop_at_operand = *letters == '+';
    if (stop_at_operand) letters++;
    if (optind == 0) {  // start again
        optind = 1;
        cluster = NULL;
    }
    optarg = NULL;
    if (cluster) return next_letter(argc, argv, letters);
    char *element = next_element(argc, argv, stop_at_operand);
    if (!element || strcmp(element, "--") == 0) return -1;
    if (longs && element[1] == '-') return next_long(argc, argv, letters, longs, element, index);
    cluster = element + 1;
    return next_letter(argc, argv, letters);
}

int getopt(int argc, char *const argv[], const char *letters) {
    return getopt_long(argc, argv, letters, NULL, NULL);
}
