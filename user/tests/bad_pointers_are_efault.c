// A system call that gets a pointer to nothing, to the kernel, to the last bytes before the end of
// a mapping or past all addresses answers EFAULT, and neither it nor the kernel comes to harm.
#include <poll.h>
#include <sys/statfs.h>
#include <sys/utsname.h>

#include "check.h"

static int ends[2];
static int folder;

static void try_reading_there(void *bad) {
    CHECK_FAILS(write(ends[1], bad, 100), EFAULT);
    CHECK_FAILS(open(bad, O_RDONLY), EFAULT);
    CHECK_FAILS(chdir(bad), EFAULT);
    CHECK_FAILS(mkdir(bad, 0755), EFAULT);
    CHECK_FAILS(link("/", bad), EFAULT);
    CHECK_FAILS(execve(bad, NULL, NULL), EFAULT);
    if (bad) {
        sigset_t old;
        CHECK_FAILS(sigprocmask(SIG_BLOCK, bad, &old), EFAULT);
        CHECK_FAILS(sigaction(SIGUSR1, bad, NULL), EFAULT);
    }
}

static void try_writing_there(void *bad) {
    CHECK_IS(write(ends[1], "xxxx", 4), 4);
    CHECK_FAILS(read(ends[0], bad, 4), EFAULT);
    char bytes[8];
    CHECK_IS(read(ends[0], bytes, sizeof bytes), 4);  // nothing is lost
    CHECK_FAILS(stat("/", bad), EFAULT);
    CHECK_FAILS(fstat(ends[0], bad), EFAULT);
    CHECK_FAILS(statfs("/", bad), EFAULT);
    CHECK_FAILS(pipe(bad), EFAULT);
    CHECK_FAILS(uname(bad), EFAULT);
    CHECK_FAILS(getdents64(folder, bad, 1000), EFAULT);
    CHECK_FAILS(clock_gettime(CLOCK_MONOTONIC, bad), EFAULT);
    CHECK_FAILS(syscall(SYS_getcwd, bad, 100), EFAULT);
    CHECK_FAILS(poll(bad, 1, 0), EFAULT);
}

int main(void) {
    CHECK_OK(pipe(ends));
    folder = (int)CHECK_OK(open("/", O_RDONLY | O_DIRECTORY));
    char *memory = new_pages(2, MAP_PRIVATE);
    CHECK_OK(munmap(memory + PAGE, PAGE));
    memset(memory, '/', PAGE);
    void *everywhere_bad[] = {NULL,          KERNEL_ADDRESS,       (void *)-1l,      (void *)-4096l,
                              memory + PAGE, (void *)0x4000000000, memory + PAGE - 1};
    for (unsigned i = 0; i < COUNT_OF(everywhere_bad); i++) {
        if (everywhere_bad[i] != memory + PAGE - 1) try_reading_there(everywhere_bad[i]);
        try_writing_there(everywhere_bad[i]);
    }
    CHECK_OK(mprotect(memory, PAGE, PROT_READ));
    try_writing_there(memory);
    return 0;
}
