// Calls about memory, time and waiting with wrong arguments: which error, and which comes first.
// not-on-qemu-user: it looks at pointers itself, before anything else
#include <abi/futex.h>
#include <poll.h>
#include <sys/select.h>
#include <sys/time.h>

#include "questions.h"

#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)

static char *pages;

static void about_memory(void) {
    int file = new_file("file", "text"), writer = (int)CHECK_OK(open("file", O_WRONLY));
    ASK(-EINVAL, mmap, 0, 0, PROT_READ, ANONYMOUS, -1, 0);
    ASK(-EINVAL, mmap, 0, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0);
    ASK(-EINVAL, mmap, 0, PAGE, PROT_READ, MAP_PRIVATE, 999, 1);
    ASK(-EBADF, mmap, 0, PAGE, PROT_READ, MAP_PRIVATE, 999, 0);
    ASK(-EBADF, mmap, 0, 0, PROT_READ, MAP_PRIVATE, 999, 0);
    ASK(-EBADF, mmap, 0, PAGE, PROT_READ, 0, 999, 0);
    ASK(-EINVAL, mmap, 0, PAGE, PROT_READ, 0, file, 0);
    ASK(-EACCES, mmap, 0, PAGE, PROT_READ, MAP_PRIVATE, writer, 0);
    ASK(-EINVAL, mmap, 1, PAGE, PROT_READ, ANONYMOUS | MAP_FIXED, -1, 0);
    ASK(-ENOMEM, mmap, 0, 1l << 62, PROT_READ, ANONYMOUS, -1, 0);
    ASK(-ENOMEM, mmap, 0, -1, PROT_READ, ANONYMOUS, -1, 0);
    ASK(-EOVERFLOW, mmap, 0, 2 * PAGE, PROT_READ, MAP_PRIVATE, file, -PAGE);
    ASK(-EINVAL, munmap, P(pages + 1), PAGE);
    ASK(-EINVAL, munmap, P(pages), 0);
    ASK(-EINVAL, munmap, P(pages), -1);
    ASK(-EINVAL, munmap, BAD & -PAGE, PAGE);
    ASK(0, munmap, P(pages + 3 * PAGE), PAGE);
    ASK(0, munmap, P(pages + 3 * PAGE), PAGE);
    ASK(-EINVAL, mprotect, P(pages + 1), PAGE, 0);
    ASK(0, mprotect, P(pages), 0, 0);
    ASK(-ENOMEM, mprotect, P(pages), -1, 0);
    ASK(-ENOMEM, mprotect, P(pages + 3 * PAGE), PAGE, PROT_READ);
    ASK(-EINVAL, msync, P(pages + 1), PAGE, MS_SYNC);
    ASK(-EINVAL, msync, P(pages), PAGE, MS_SYNC | MS_ASYNC);
    ASK(-EINVAL, msync, P(pages), PAGE, 128);
    ASK(-ENOMEM, msync, P(pages + 3 * PAGE), PAGE, MS_SYNC);
    ASK(0, msync, P(pages), 0, MS_SYNC);
    ASK(-EINVAL, madvise, P(pages), PAGE, 9999);
    ASK(-EINVAL, madvise, P(pages + 1), PAGE, MADV_DONTNEED);
    ASK(-EINVAL, madvise, P(pages), -1, MADV_NORMAL);
    ASK(0, madvise, P(pages), 0, MADV_NORMAL);
    ASK(-ENOMEM, madvise, P(pages + 3 * PAGE), PAGE, MADV_DONTNEED);
    ASK(-EINVAL, mremap, P(pages + 1), PAGE, PAGE, 0, 0);
    ASK(-EINVAL, mremap, P(pages), PAGE, PAGE, 128, 0);
    ASK(-EINVAL, mremap, P(pages), PAGE, 0, 0, 0);
    ASK(-EINVAL, mremap, P(pages), PAGE, PAGE, MREMAP_FIXED, P(pages));
    ASK(-EFAULT, mremap, P(pages + 3 * PAGE), PAGE, 2 * PAGE, MREMAP_MAYMOVE, 0);
    ASK(-EFAULT, mremap, P(pages + 3 * PAGE), PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, 1);
    ASK(-EINVAL, mremap, P(pages), PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, 1);
    ASK(-EINVAL, mremap, P(pages), PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, BAD);
    ASK(-EINVAL, mremap, P(pages), PAGE, 1l << 40, MREMAP_MAYMOVE | MREMAP_FIXED, 0);
    ASK(-EINVAL, mremap, P(pages), PAGE, -1, MREMAP_MAYMOVE | MREMAP_FIXED, P(pages + 8 * PAGE));
    ASK(-EINVAL, mremap, P(pages), 100 * PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, P(pages));
    ASK(-EFAULT, getrandom, BAD, 4, 0);
    ASK(-EINVAL, getrandom, BAD, 4, 128);
    ASK(0, getrandom, LOW, 0, 0);
}

static void about_time(void) {
    struct timespec negative = {-1, 0}, long_second = {0, 1000000000}, now = {0, 0};
    struct itimerval bad_timer = {{0, 0}, {0, 1000000}}, no_timer = {{0, 0}, {0, 0}};
    ASK(-EFAULT, nanosleep, BAD, 0);
    ASK(-EINVAL, nanosleep, P(&negative), BAD);
    ASK(-EINVAL, nanosleep, P(&long_second), 0);
    ASK(-EINVAL, clock_gettime, 99, BAD);
    ASK(-EFAULT, clock_gettime, CLOCK_REALTIME, BAD);
    ASK(-EINVAL, clock_getres, 99, BAD);
    ASK(0, clock_getres, CLOCK_REALTIME, 0);
    ASK(-EFAULT, clock_getres, CLOCK_REALTIME, BAD);
    ASK(-EINVAL, clock_nanosleep, 99, 0, BAD, 0);
    ASK(-EFAULT, clock_nanosleep, CLOCK_MONOTONIC, 0, BAD, 0);
    ASK(-EINVAL, clock_nanosleep, CLOCK_MONOTONIC, 0, P(&negative), 0);
    ASK(0, clock_nanosleep, CLOCK_MONOTONIC, 1, P(&now), 0);
    ASK(-EOPNOTSUPP, clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, P(&now), 0);
    ASK(-EFAULT, gettimeofday, BAD, 0);
    ASK(-EINVAL, getitimer, 99, BAD);
    ASK(-EFAULT, getitimer, 0, BAD);
    ASK(-EFAULT, setitimer, 99, BAD, 0);
    ASK(-EINVAL, setitimer, 99, P(&no_timer), 0);
    ASK(-EINVAL, setitimer, 0, P(&bad_timer), 0);
}

static void about_waiting(void) {
    struct timespec negative = {-1, 0}, now = {0, 0};
    struct pollfd none = {999, POLLIN, 0};
    fd_set set = {{0}};
    set.fds_bits[0] = 1ul << 50;
    ASK(-EFAULT, ppoll, BAD, 1, P(&now), 0, 8);
    ASK(-EINVAL, ppoll, BAD, 1 << 30, P(&now), 0, 8);
    ASK(-EINVAL, ppoll, BAD, 1, P(&negative), 0, 8);
    ASK(-EFAULT, ppoll, BAD, 1, BAD, 0, 8);
    ASK(-EINVAL, ppoll, P(&none), 1, P(&now), P(&set), 4);
    ASK(-EFAULT, ppoll, P(&none), 1, P(&now), BAD, 8);
    ASK(1, ppoll, P(&none), 1, P(&now), 0, 0);
    CHECK_IS(none.revents, POLLNVAL);
    ASK(0, ppoll, LOW, 0, P(&now), 0, 0);
    ASK(-EINVAL, pselect6, -1, 0, 0, 0, P(&now), 0);
    ASK(-EFAULT, pselect6, 1, BAD, 0, 0, P(&now), 0);
    ASK(-EBADF, pselect6, 51, P(&set), 0, 0, P(&now), 0);
    ASK(-EINVAL, pselect6, -1, BAD, 0, 0, P(&negative), 0);
    ASK(-EFAULT, pselect6, 0, 0, 0, 0, BAD, 0);
    ASK(-ENOSYS, futex, P(pages), 99, 0, 0, 0, 0);
    ASK(-EINVAL, futex, P(pages + 1), FUTEX_WAIT, 0, 0, 0, 0);
    ASK(-EAGAIN, futex, P(pages), FUTEX_WAIT, 77, 0, 0, 0);
    ASK(-EFAULT, futex, P(pages), FUTEX_WAIT, 77, BAD, 0, 0);
    ASK(-EINVAL, futex, P(pages), FUTEX_WAIT, 77, P(&negative), 0, 0);
    ASK(-EFAULT, futex, BAD, FUTEX_WAIT, 0, 0, 0, 0);
    ASK(-EINVAL, futex, P(pages), FUTEX_WAIT_BITSET, 0, 0, 0, 0);
    ASK(0, futex, P(pages), FUTEX_WAKE, 1, 0, 0, 0);
}

int main(void) {
    enter_scratch();
    pages = new_pages(4, MAP_PRIVATE);
    about_memory();
    about_time();
    about_waiting();
    return all_answered();
}
