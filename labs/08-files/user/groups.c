// groups SEED CHILDREN COUNT: setpgid by a parent and its children, on each other, at random. Some
// children lead sessions, some have executed a program since they were forked. Prints each result,
// and the group that the target is in afterwards.
#include "lab.h"

#define MOST 8

struct board {  // shared through a file, as what executes loses all other memory
    volatile int64_t pids[MOST + 1];
    volatile int64_t turn, pid, group, result;
};

static struct board* open_board(void) {
    int fd = open("/board", O_RDWR | O_CREAT, 0600);
    if (ftruncate(fd, PAGE) < 0) _exit(122);
    void* memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (memory == MAP_FAILED) _exit(121);
    return memory;
}

static _Noreturn void act(struct board* board, int self) {
    for (;; sched_yield()) {
        if (board->turn != self) continue;
        board->result = lab_call(SYS_setpgid, board->pid, board->group, 0, 0);
        board->turn = 0;
    }
}

int main(int argc, char** argv) {
    if (argc > 4) {  // a child that has executed
        struct board* board = open_board();
        int self = atoi(argv[4]);
        board->turn = 0;
        act(board, self);
    }
    lab_begin(argc, argv);
    int children = (int) lab_argument(argc, argv, 2), count = (int) lab_argument(argc, argv, 3);
    struct board* board = open_board();
    board->pids[0] = getpid();
    for (int i = 1; i <= children; i++) {
        int kind = (int) lab_below(4);  // 0: leads a session, 1: has executed
        board->turn = i;
        pid_t pid = fork();
        if (pid == 0) {
            char number[8];
            snprintf(number, sizeof number, "%d", i);
            char* arguments[] = {argv[0], "0", "0", "0", number, NULL};
            if (kind == 0) setsid();
            if (kind == 1) execv("/groups", arguments);
            board->turn = 0;
            act(board, i);
        }
        board->pids[i] = pid;
        for (int turns = 0; board->turn != 0 && turns < 1000; turns++) sched_yield();
        say("child %d %d\n", i, (int) pid);
    }
    for (int step = 0; step < count; step++) {
        int actor = (int) lab_below((uint64_t) children + 1), target, other;
        target = lab_below(2) ? actor : (int) lab_below((uint64_t) children + 1);
        other = lab_below(3) == 0 ? target : (int) lab_below((uint64_t) children + 1);
        uint64_t odd = lab_below(14);
        board->pid = odd <= 2 && target == actor ? 0 : odd == 3 ? 31000 : board->pids[target];
        board->group = odd == 4 ? -7 : odd == 5 ? 31000 : odd <= 8 ? 0 : board->pids[other];
        if (actor == 0) {
            board->result = lab_call(SYS_setpgid, board->pid, board->group, 0, 0);
        } else {
            board->turn = actor;
            for (int turns = 0; board->turn != 0 && turns < 1000; turns++) sched_yield();
        }
        say("%d %ld %d\n", step, (long) board->result, (int) getpgid((pid_t) board->pids[target]));
    }
    say("end\n");
    return 0;
}
