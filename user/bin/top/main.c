// top: which processes use the processor and the memory, again and again.
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "top.h"
#include "util.h"

static const struct utility self = {
    "top",
    "Usage: top [-b] [-d SECONDS] [-n COUNT] [-p PID,...]\n"
    "Show the processes that use most of the processor, every two seconds.\n\n"
    "  -b          print the whole list each time, without a screen, for files and pipes\n"
    "  -d SECONDS  the time between\n"
    "  -n COUNT    end after COUNT times\n"
    "  -p PID      only these processes\n\n"
    "Keys: q ends; P, M, T, N sort by processor, memory, time, number; blank shows anew.\n",
    1};

static struct view view = {.order = BY_CPU, .end_of_line = "\n"};
static int delay = 2000;  // milliseconds
static volatile sig_atomic_t ends, stops;

static void on_signal(int signal) {
    if (signal == SIGTSTP) stops = 1;
    else if (signal != SIGWINCH)  // that only ends the waiting
        ends = 1;
}

static void catch_signals(void) {
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH};
    struct sigaction action = {.sa_handler = on_signal};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        sigaction(signals[i], &action, NULL);
}

static void open_screen(void) {
    if (screen_open(1) != 0) die_errno("no terminal (for files and pipes: -b)");
}

static void stop_as_a_job(void) {
    stops = 0;
    screen_close();
    raise(SIGSTOP);
    open_screen();
}

static void on_key(char key) {
    switch (key) {
    case 'q': ends = 1; break;
    case 'P': view.order = BY_CPU; break;
    case 'M': view.order = BY_MEMORY; break;
    case 'T': view.order = BY_TIME; break;
    case 'N': view.order = BY_PID; break;
    }
}

// Until the time is over or a key or a signal asks for something.
static void wait_a_while(int has_screen) {
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    char key;
    int ready = poll(&input, has_screen, delay);
    if (ready == 1 && read(STDIN_FILENO, &key, 1) == 1) on_key(key);
    else if (ready == 1) ends = 1;  // the terminal is gone
    if (stops) stop_as_a_job();
}

static void show(struct sample *now, const struct sample *before, int has_screen) {
    if (has_screen) {
        screen_size(&view.rows, &view.columns);
        fputs("\033[H", stdout);
    }
    print_table(now, before, &view);
    if (has_screen) fputs("\033[K\033[J", stdout);
    if (fflush(stdout) != 0) ends = 1;
}

static void run(long long count, int has_screen) {
    struct sample now, before = {0};
    for (long long i = 0; !ends && i != count; i++) {
        if (i > 0) wait_a_while(has_screen);
        if (ends) break;
        if (i > 0 && !has_screen) putchar('\n');
        take_sample(&now, before.count ? &before : NULL);
        show(&now, before.count ? &before : NULL, has_screen);
        free_sample(&before);
        before = now;
    }
}

static int parse_delay(const char *text) {
    char *end;
    double seconds = strtod(text, &end);
    if (end == text || *end || !(seconds >= 0.1 && seconds < 86400))
        bad_usage("invalid time '%s' (at least 0.1 seconds)", text);
    return (int)(seconds * 1000);
}

int main(int argc, char **argv) {
    int letter, batch = 0;
    long long count = -1;
    utility_start(&self);
    while ((letter = next_option(argc, argv, "bd:n:p:")) != -1) {
        switch (letter) {
        case 'b': batch = 1; break;
        case 'd': delay = parse_delay(optarg); break;
        case 'n':
            if (!parse_number(optarg, &count) || count <= 0)
                bad_usage("invalid count '%s'", optarg);
            break;
        case 'p': view.pids = optarg; break;
        }
    }
    if (optind < argc) bad_usage("unexpected operand '%s'", argv[optind]);
    if (batch) {
        run(count, 0);
        return finish(0);
    }
    catch_signals();
    open_screen();
    atexit(screen_close);
    view.end_of_line = "\033[K\r\n";
    run(count, 1);
    return finish(0);
}
