// The expression of find: or > and > not > primary, parsed by recursive descent.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "find.h"

static int both(struct node *node, const struct walk_entry *entry) {
    return node->left->evaluate(node->left, entry) && node->right->evaluate(node->right, entry);
}

static int either(struct node *node, const struct walk_entry *entry) {
    return node->left->evaluate(node->left, entry) || node->right->evaluate(node->right, entry);
}

static int negation(struct node *node, const struct walk_entry *entry) {
    return !node->left->evaluate(node->left, entry);
}

static struct node *new_node(evaluator *evaluate, struct node *left, struct node *right) {
    struct node *node = need_memory(NULL, sizeof *node);
    *node = (struct node){.evaluate = evaluate, .left = left, .right = right};
    return node;
}

static char **next;  // the argument that is read next; NULL stands at the end

static struct node *parse_or(void);

static char *take_argument(const char *of) {
    if (!*next)
        die("missing argument to `%s'", of);
    return *next++;
}

static void parse_signed(struct node *node, const char *of, const char *units) {
    const char *text = take_argument(of), *number = text;
    char *end;
    if (*text == '+' || *text == '-')
        node->sign = *number++;
    node->number = strtoll(number, &end, 10);
    if (end == number || (*end && (!strchr(units, *end) || end[1])))
        die("invalid argument `%s' to `%s'", text, of);
    node->unit = *end == 'c'   ? 1
                 : *end == 'k' ? 1 << 10
                 : *end == 'M' ? 1 << 20
                 : *end == 'G' ? 1 << 30
                               : 512;
}

static void parse_type(struct node *node) {
    static const char letters[] = "fdlcbps";
    static const mode_t types[] = {S_IFREG, S_IFDIR, S_IFLNK, S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK};
    const char *text = take_argument("-type"), *letter = *text ? strchr(letters, *text) : NULL;
    if (!letter || text[1])
        die("Unknown argument to -type: %s", text);
    node->number = types[letter - letters];
}

static void parse_permissions(struct node *node) {
    const char *text = take_argument("-perm");
    mode_t mode;
    node->sign = *text == '-' ? '-' : 0;
    if (parse_mode(text + (*text == '-'), 0, &mode) != 0)
        die("invalid mode '%s'", text);
    node->number = mode;
}

static void parse_command(struct node *node) {
    node->command = next;
    while (*next && strcmp(*next, ";") != 0) {
        if (strcmp(*next, "+") == 0 && node->words > 0 && strcmp(next[-1], "{}") == 0) {
            node->evaluate = collect;
            node->words--;
            break;
        }
        node->words++;
        next++;
    }
    if (!*next || node->words == 0)
        die("missing argument to `-exec'");
    next++;
}

static void parse_depth(const char *of, long long *depth) {
    const char *text = take_argument(of);
    if (!parse_number(text, depth) || *depth < 0)
        die("Expected a positive decimal integer argument to %s, but got '%s'", of, text);
}

static int always(struct node *node, const struct walk_entry *entry) {
    (void)node;
    (void)entry;
    return 1;
}

static const struct primary {
    const char *name;
    evaluator *evaluate;
} primaries[] = {
    {"-name", name_fits},       {"-iname", name_fits_without_case},
    {"-path", path_fits},       {"-type", type_is},
    {"-size", size_is},         {"-newer", is_newer},
    {"-mtime", days_are},       {"-empty", is_empty},
    {"-perm", permissions_fit}, {"-print", print_path},
    {"-print0", print_path},    {"-exec", execute},
    {"-delete", delete_file},   {"-prune", prune_directory},
    {"-depth", always},         {"-maxdepth", always},
    {"-mindepth", always},
};

static void parse_arguments(struct node *node, const char *name) {
    evaluator *evaluate = node->evaluate;
    struct stat st;
    if (evaluate == name_fits || evaluate == name_fits_without_case || evaluate == path_fits) {
        node->text = take_argument(name);
    } else if (evaluate == type_is) {
        parse_type(node);
    } else if (evaluate == size_is) {
        parse_signed(node, name, "bckMG");
    } else if (evaluate == days_are) {
        parse_signed(node, name, "");
        clock_gettime(CLOCK_REALTIME, &node->time);
    } else if (evaluate == permissions_fit) {
        parse_permissions(node);
    } else if (evaluate == is_newer) {
        const char *reference = take_argument(name);
        if (stat(reference, &st) != 0)
            die_errno("'%s'", reference);
        node->time = st.st_mtim;
    } else if (evaluate == print_path) {
        node->number = name[strlen(name) - 1] == '0' ? '\0' : '\n';
    } else if (evaluate == execute) {
        parse_command(node);
    }
    if (evaluate == print_path || evaluate == execute || evaluate == delete_file)
        state.acts = 1;
    if (evaluate == delete_file || strcmp(name, "-depth") == 0)
        state.directories_last = 1;
    if (strcmp(name, "-maxdepth") == 0)
        parse_depth(name, &state.most_depth);
    if (strcmp(name, "-mindepth") == 0)
        parse_depth(name, &state.least_depth);
}

static int is(const char *argument, const char *text) {
    return argument && strcmp(argument, text) == 0;
}

static struct node *parse_primary(void) {
    char *name = *next++;
    if (strcmp(name, "(") == 0) {
        struct node *inside = parse_or();
        if (!is(*next, ")"))
            die("invalid expression; I was expecting to find a ')' somewhere but did not see one.");
        next++;
        return inside;
    }
    for (size_t i = 0; i < sizeof primaries / sizeof primaries[0]; i++) {
        if (strcmp(name, primaries[i].name) != 0)
            continue;
        struct node *node = new_node(primaries[i].evaluate, NULL, NULL);
        parse_arguments(node, name);
        return node;
    }
    if (name[0] == '-')
        die("unknown predicate `%s'", name);
    die("paths must precede expression: `%s'", name);
}

static struct node *parse_not(void) {
    int inverted = 0;
    for (; is(*next, "!") || is(*next, "-not"); next++)
        inverted = !inverted;
    if (!*next || is(*next, ")") || is(*next, "-a") || is(*next, "-o"))
        die("invalid expression; a test is missing before '%s'", *next ? *next : "the end");
    struct node *node = parse_primary();
    return inverted ? new_node(negation, node, NULL) : node;
}

static struct node *parse_and(void) {
    struct node *node = parse_not();
    while (*next && !is(*next, ")") && !is(*next, "-o") && !is(*next, "-or")) {
        if (is(*next, "-a") || is(*next, "-and"))
            next++;
        node = new_node(both, node, parse_not());
    }
    return node;
}

static struct node *parse_or(void) {
    struct node *node = parse_and();
    while (is(*next, "-o") || is(*next, "-or")) {
        next++;
        node = new_node(either, node, parse_and());
    }
    return node;
}

struct node *parse_expression(char **arguments) {
    next = arguments;
    if (!*next)
        return NULL;
    struct node *node = parse_or();
    if (*next)
        die("you have too many ')'");
    return node;
}
