// edit: changes a text file on the whole screen.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "edit.h"
#include "util.h"

static const struct utility self = {
    "edit",
    "Usage: edit [+LINE] [FILE]\n"
    "Edit FILE on the whole screen, from LINE on.\n\n"
    "  arrows, Home, End, PgUp, PgDn   move; with Ctrl: by words, to the start and end of the "
    "text\n"
    "  ^S  save              ^Q  quit            ^Z  stop; fg comes back\n"
    "  ^F  find              ^N  find again      ^G  go to a line\n"
    "  ^X  cut the line      ^C  copy it         ^V  paste\n"
    "  ^U  undo              ^R  do again        ^L  draw the screen anew\n\n"
    "On SIGTERM and SIGHUP unsaved changes go to FILE.save.\n",
    1};

static volatile sig_atomic_t ending_signal, was_resized, was_continued, shall_stop;

static void note_signal(int signal) {
    switch (signal) {
    case SIGWINCH: was_resized = 1; break;
    case SIGCONT: was_continued = 1; break;
    case SIGTSTP: shall_stop = 1; break;
    default: ending_signal = signal;
    }
}

static void catch_signals(void) {
    static const int signals[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGWINCH, SIGCONT, SIGTSTP};
    struct sigaction action = {.sa_handler = note_signal};
    sigset_t blocked;  // but in read_key()
    sigemptyset(&blocked);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        sigaction(signals[i], &action, NULL), sigaddset(&blocked, signals[i]);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
}

// However the program ends: the terminal is as it was, and nothing that was typed is lost.
static void leave(void) {
    screen_close();
    if (!text.changed || wants_to_end) return;
    const char *saved = save_in_emergency();
    if (saved) fprintf(stderr, "edit: unsaved changes are in '%s'\n", saved);
    else fprintf(stderr, "edit: unsaved changes are lost: %s\n", strerror(errno));
}

static void come_back(void) {
    if (screen_open(0) != 0) die_errno("the terminal is gone");
    redraw();
}

void suspend(void) {
    screen_close();
    raise(SIGSTOP);
    was_continued = 0;
    come_back();
}

void handle_signals(void) {
    if (ending_signal) exit(128 + ending_signal);
    if (shall_stop) {
        shall_stop = 0;
        suspend();
    } else if (was_continued) {  // stopped by somebody else: the shell has had the terminal
        was_continued = 0;
        screen_close();
        come_back();
    } else if (was_resized) {
        was_resized = 0;
        redraw();
    }
}

int main(int argc, char **argv) {
    long long line = 1;
    utility_start(&self);
    // "+12" would be an operand.
    if (argc > 1 && argv[1][0] == '+') {
        if (!parse_number(argv[1] + 1, &line)) bad_usage("invalid line '%s'", argv[1]);
        argv[1] = argv[0];
        argv++;
        argc--;
    }
    while (next_option(argc, argv, "") != -1) continue;
    if (argc - optind > 1) bad_usage("extra operand '%s'", argv[optind + 1]);
    text_start();
    if (optind < argc && read_file(argv[optind]) != 0) die_errno("cannot read '%s'", argv[optind]);
    go_to_line(line);
    catch_signals();
    if (screen_open(0) != 0) die_errno("standard input and output must be a terminal");
    atexit(leave);
    measure_screen();
    while (!wants_to_end) {
        if (!key_is_waiting()) draw();
        int key = read_key();
        if (key == KEY_GONE) exit(1);
        if (key == KEY_SIGNAL) handle_signals();
        run_key(key);
    }
    screen_close();
    return finish(0);
}
