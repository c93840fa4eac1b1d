// ps: lists processes, from what /proc/PID/stat says about each. A format is a list of columns, and
// every known format and -o's choice goes through the same table.
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "ps",
    "Usage: ps [-aAefl] [-o COLUMN,...] [-p PID,...]\n"
    "  or:  ps aux\n"
    "List the processes of this user on this terminal.\n\n"
    "  -A, -e     all processes; also: ps ax\n"
    "  -a         those of all terminals\n"
    "  -f, -l     more about each; also: ps u\n"
    "  -o COLUMN  these columns: pid ppid pgid sid uid user comm args stat tty time vsz rss pcpu\n"
    "             pmem stime ni\n"
    "  -p PID     these processes\n",
    1};

struct process {
    long pid, ppid, pgid, sid, uid, tty, nice, vsz_kilobytes, rss_kilobytes;
    unsigned long ticks, start_ticks;
    char state;
    char comm[64], args[1024];
};

// ---- Reading /proc ----

static size_t read_file(long pid, const char *name, char *buffer, size_t size) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/%s", pid, name);
    int file = open(path, O_RDONLY);
    ssize_t length = file < 0 ? 0 : read(file, buffer, size - 1);
    if (file >= 0)
        close(file);
    buffer[length < 0 ? 0 : length] = '\0';
    return length < 0 ? 0 : length;
}

// The fields of proc(5), from the state (3) on. The name before may hold blanks and parentheses:
// the last parenthesis ends it.
static int parse_stat(struct process *p, char *text) {
    char *name = strchr(text, '('), *end = strrchr(text, ')');
    long long field[53] = {0};
    if (!name || !end || strlen(end) < 5)
        return 0;
    snprintf(p->comm, sizeof p->comm, "%.*s", (int)(end - name - 1), name + 1);
    p->state = end[2];
    char *next = end + 3;
    for (int i = 4; i < 53 && *next; i++)
        field[i] = strtoll(next, &next, 10);
    p->ppid = field[4];
    p->pgid = field[5];
    p->sid = field[6];
    p->tty = field[7];
    p->ticks = field[14] + field[15];
    p->nice = field[19];
    p->start_ticks = field[22];
    p->vsz_kilobytes = field[23] / 1024;
    p->rss_kilobytes = field[24] * (sysconf(_SC_PAGESIZE) / 1024);
    return 1;
}

static int read_process(struct process *p, long pid) {
    char text[1024], path[64];
    struct stat st;
    memset(p, 0, sizeof *p);
    p->pid = pid;
    snprintf(path, sizeof path, "/proc/%ld", pid);
    if (read_file(pid, "stat", text, sizeof text) == 0 || stat(path, &st) != 0 ||
        !parse_stat(p, text))
        return 0;  // It ended meanwhile.
    p->uid = st.st_uid;
    size_t length = read_file(pid, "cmdline", p->args, sizeof p->args);
    if (length == 0)
        snprintf(p->args, sizeof p->args, "[%s]", p->comm);
    for (size_t i = 0; i + 1 < length; i++)
        if (p->args[i] == '\0')
            p->args[i] = ' ';
    return 1;
}

// ---- Columns ----

static long ticks_per_second;
static unsigned long memory_kilobytes;
static struct timespec now;  // since the boot

static const char *tenths(char *text, unsigned long long part, unsigned long long whole) {
    unsigned long long thousandths = whole ? part * 1000 / whole : 0;
    snprintf(text, 32, "%llu.%llu", thousandths / 10, thousandths % 10);
    return text;
}

static const char *show_user(const struct process *p, char *text) {
    (void)text;
    return user_name(p->uid);
}

static const char *show_comm(const struct process *p, char *text) {
    snprintf(text, 128, p->state == 'Z' ? "%s <defunct>" : "%s", p->comm);
    return text;
}

static const char *show_args(const struct process *p, char *text) {
    (void)text;
    return p->args;
}

static const char *show_stat(const struct process *p, char *text) {
    char *end = text;
    *end++ = p->state;
    if (p->nice)
        *end++ = p->nice < 0 ? '<' : 'N';
    if (p->sid == p->pid)
        *end++ = 's';
    *end = '\0';
    return text;
}

// Device numbers of terminals: the console, serial lines and pseudo-terminals.
static const char *show_tty(const struct process *p, char *text) {
    unsigned number = minor(p->tty);
    if (p->tty == 0)
        return "?";
    if (major(p->tty) == 4)
        snprintf(text, 32, number < 64 ? "tty%u" : "ttyS%u", number < 64 ? number : number - 64);
    else if (major(p->tty) == 5)
        return "console";
    else
        snprintf(text, 32, "pts/%u", number);
    return text;
}

static const char *show_time(const struct process *p, char *text) {
    unsigned long seconds = p->ticks / ticks_per_second;
    snprintf(text, 32, "%02lu:%02lu:%02lu", seconds / 3600, seconds / 60 % 60, seconds % 60);
    return text;
}

static unsigned long lifetime_ticks(const struct process *p) {
    unsigned long ticks =
        now.tv_sec * ticks_per_second + now.tv_nsec / (1000000000 / ticks_per_second);
    return ticks > p->start_ticks ? ticks - p->start_ticks : 0;
}

static const char *show_cpu(const struct process *p, char *text) {
    return tenths(text, p->ticks, lifetime_ticks(p));
}

static const char *show_memory(const struct process *p, char *text) {
    return tenths(text, p->rss_kilobytes, memory_kilobytes);
}

static const char *show_start(const struct process *p, char *text) {
    time_t start = time(NULL) - lifetime_ticks(p) / ticks_per_second;
    strftime(text, 32, time(NULL) - start < 86400 ? "%H:%M" : "%b%d", localtime(&start));
    return text;
}

// A column shows a number that stands in struct process, or what its function makes of it.
static const struct column {
    const char *name, *heading;
    int width;  // negative: aligned to the left
    const char *(*show)(const struct process *p, char *text);
    size_t number;
} columns[] = {
    {"pid", "PID", 5, NULL, offsetof(struct process, pid)},
    {"ppid", "PPID", 5, NULL, offsetof(struct process, ppid)},
    {"pgid", "PGID", 5, NULL, offsetof(struct process, pgid)},
    {"sid", "SID", 5, NULL, offsetof(struct process, sid)},
    {"uid", "UID", 5, NULL, offsetof(struct process, uid)},
    {"ni", "NI", 3, NULL, offsetof(struct process, nice)},
    {"vsz", "VSZ", 6, NULL, offsetof(struct process, vsz_kilobytes)},
    {"rss", "RSS", 5, NULL, offsetof(struct process, rss_kilobytes)},
    {"user", "USER", -8, show_user, 0},
    {"owner", "UID", -8, show_user, 0},
    {"comm", "CMD", -15, show_comm, 0},
    {"args", "COMMAND", -27, show_args, 0},
    {"cmd", "CMD", -27, show_args, 0},
    {"stat", "STAT", -4, show_stat, 0},
    {"tty", "TTY", -8, show_tty, 0},
    {"time", "TIME", 8, show_time, 0},
    {"pcpu", "%CPU", 4, show_cpu, 0},
    {"pmem", "%MEM", 4, show_memory, 0},
    {"stime", "STIME", -5, show_start, 0},
};

static const struct column *chosen[32];
static int chosen_count;

static void choose(const char *list) {
    char *copy = need_copy(list);
    for (char *name; (name = strsep(&copy, ", ")) != NULL;) {
        size_t i = 0, count = sizeof columns / sizeof columns[0];
        while (i < count && strcmp(name, columns[i].name) != 0)
            i++;
        if (i == count)
            die("error: unknown user-defined format specifier \"%s\"", name);
        if (chosen_count < 32)
            chosen[chosen_count++] = &columns[i];
    }
}

static void print_cell(const char *text, int width, int is_last) {
    if (is_last && width < 0)
        printf("%s\n", text);
    else
        printf(is_last ? "%*s\n" : "%*s ", width, text);
}

static const char *cell_text(const struct column *column, const struct process *p, char text[128]) {
    if (column->show)
        return column->show(p, text);
    snprintf(text, 128, "%ld", *(const long *)((const char *)p + column->number));
    return text;
}

// A line of the list; without a process, the headings.
static void print_row(const struct process *p) {
    char text[128];
    for (int i = 0; i < chosen_count; i++)
        print_cell(p ? cell_text(chosen[i], p, text) : chosen[i]->heading, chosen[i]->width,
                   i == chosen_count - 1);
}

// ---- Which processes ----

static enum { OWN, ALL_TERMINALS, ALL } selection;
static char *wanted_pids;

static int is_wanted(const struct process *p, const struct process *own) {
    for (char *list = wanted_pids; list && *list; list += strspn(list, ", ")) {
        if (strtol(list, &list, 10) == p->pid)
            return 1;
        list += strcspn(list, ", ");
    }
    if (wanted_pids || selection != OWN)
        return !wanted_pids && (selection == ALL || (p->tty != 0 && p->sid != p->pid));
    return p->uid == own->uid && p->tty == own->tty;
}

static int compare_pids(const void *a, const void *b) {
    return atol(*(char **)a) - atol(*(char **)b);
}

static int print_processes(void) {
    struct name_list list;
    struct process own, p;
    int found = 0;
    if (read_names("/proc", &list) != 0)
        die_errno("cannot read /proc");
    qsort(list.names, list.count, sizeof *list.names, compare_pids);
    if (!read_process(&own, getpid()))
        die("/proc has nothing about this process");
    print_row(NULL);
    for (size_t i = 0; i < list.count; i++) {
        if (!isdigit((unsigned char)list.names[i][0]) || !read_process(&p, atol(list.names[i])) ||
            !is_wanted(&p, &own))
            continue;
        print_row(&p);
        found = 1;
    }
    free_names(&list);
    return !found;
}

// "ps aux": letters without a minus.
static const char *read_letters(const char *letters) {
    const char *format = "pid,tty,stat,time,args";
    for (; *letters; letters++) {
        if (*letters == 'u')
            format = "user,pid,pcpu,pmem,vsz,rss,tty,stat,stime,time,args";
        else if (*letters == 'x' || *letters == 'a')
            selection = ALL;
        else
            bad_usage("error: unsupported option -- '%c'", *letters);
    }
    return format;
}

int main(int argc, char **argv) {
    int letter;
    const char *format = "pid,tty,time,comm";
    struct sysinfo info = {0};
    utility_start(&self);
    while ((letter = next_option(argc, argv, "aAeflo:p:")) != -1) {
        switch (letter) {
            case 'a': selection = ALL_TERMINALS; break;
            case 'A':
            case 'e': selection = ALL; break;
            case 'f': format = "owner,pid,ppid,stime,tty,time,cmd"; break;
            case 'l': format = "stat,uid,pid,ppid,ni,vsz,tty,time,comm"; break;
            case 'o': choose(optarg); break;
            case 'p': wanted_pids = optarg; break;
        }
    }
    if (optind < argc)
        format = read_letters(argv[optind]);
    if (chosen_count == 0)
        choose(format);
    ticks_per_second = sysconf(_SC_CLK_TCK);
    if (sysinfo(&info) == 0)
        memory_kilobytes = (unsigned long long)info.totalram * info.mem_unit / 1024;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return finish(print_processes());
}
