// System calls that wait for several files: ppoll and pselect6. Reference: poll(2), select(2).
#include "abi/poll.h"
#include "abi/time.h"
#include "base/vector.h"
#include "process/process.h"
#include "process/syscall.h"
#include "process/user_time.h"
#include "thread/wait.h"

namespace {

// What is asked of one descriptor, and found.
struct Question {
    int fd = -1;
    u32 events = 0;
    u32 found = 0;
    Ref<File> file;  // held while its queues are waited for
};

using Questions = Vector<Question>;

// Looks at all files; returns how many have something to tell.
Result<i64> ask(Questions& questions, WaitSet* waits) {
    i64 answered = 0;
    for (Question& question : questions) {
        if (question.fd < 0) continue;
        if (!question.file) {
            question.found = POLLNVAL;
        } else {
            u32 ready = TRY(question.file->poll(answered == 0 ? waits : nullptr));
            question.found = ready & (question.events | POLLERR | POLLHUP);
        }
        answered += question.found != 0 ? 1 : 0;
    }
    return answered;
}

// Waits until something is found or the deadline comes; returns for how many. EINTR, ENOMEM.
Result<i64> wait_for_answers(Questions& questions, u64 deadline) {
    for (Question& question : questions) {
        if (question.fd < 0) continue;
        question.file = current_process().files->get(question.fd).value_or(nullptr);
    }
    WaitSet waits;
    // Into the queues first, then look: what happens after is a wake-up.
    i64 answered = TRY(ask(questions, deadline == 0 ? nullptr : &waits));
    while (answered == 0 && deadline != 0) {
        Result<void> slept = keep_deadline(deadline, waits.sleep(deadline));
        answered = TRY(ask(questions, nullptr));
        if (answered == 0 && !slept.ok()) {
            return slept.error() == Errno{ETIMEDOUT} ? Result<i64>(0) : slept.error();
        }
    }
    return answered;
}

// A relative time-out as a deadline: 0 for "do not wait", kNever for none given.
Result<u64> deadline_from(UserIn<struct timespec> timeout) {
    if (timeout.is_null()) return kNever;
    u64 wait = TRY(read_time(timeout));
    return wait == 0 ? 0 : deadline_after(wait);
}

Result<void> use_mask(UserIn<u64> mask, u64 size) {
    if (mask.is_null()) return {};
    if (size != sizeof(u64)) return Errno{EINVAL};
    set_temporary_mask(TRY(mask.read()));
    return {};
}

}  // namespace

static Result<i64> sys_ppoll(UserAddress fds, u64 count, UserIn<struct timespec> timeout,
                             UserIn<u64> mask, u64 mask_size) {
    if (count > static_cast<u64>(current_process().files->limit.load())) return Errno{EINVAL};
    u64 deadline = TRY(deadline_from(timeout));
    Questions questions;
    TRY(questions.resize(count));
    UserIn<struct pollfd> asked(fds);
    for (u64 i = 0; i < count; i++) {
        struct pollfd one = TRY(asked.read(i));
        questions[i].fd = one.fd;
        questions[i].events = static_cast<u16>(one.events);
    }
    TRY(use_mask(mask, mask_size));
    i64 answered = TRY(wait_for_answers(questions, deadline));
    for (u64 i = 0; i < count; i++) {
        i16 found = static_cast<i16>(questions[i].found);
        usize place = i * sizeof(struct pollfd) + __builtin_offsetof(struct pollfd, revents);
        TRY(UserSpan(fds + place, sizeof found).copy_out(0, &found, sizeof found));
    }
    return answered;
}
SYSCALL(ppoll);

namespace {

// One of select's three sets: which descriptors, and which poll events it stands for.
struct Selection {
    UserAddress address;
    u32 wanted;   // asked of poll
    u32 counted;  // answers that count
    fd_set set = {};

    Result<void> read(usize bytes) {
        if (address.value == 0) return {};
        return UserSpan(address, bytes).copy_in(0, &set, bytes);
    }
    Result<void> write(usize bytes) const {
        if (address.value == 0) return {};
        return UserSpan(address, bytes).copy_out(0, &set, bytes);
    }
    bool has(usize fd) const { return (set.fds_bits[fd / 64] >> (fd % 64) & 1) != 0; }
    void remove(usize fd) { set.fds_bits[fd / 64] &= ~(u64{1} << (fd % 64)); }
};

}  // namespace

static Result<i64> sys_pselect6(int count, UserAddress in, UserAddress out, UserAddress except,
                                UserIn<struct timespec> timeout, UserIn<u64> mask_and_size) {
    if (count < 0) return Errno{EINVAL};
    usize fds = min(static_cast<usize>(count), usize{FD_SETSIZE});
    usize bytes = align_up(fds, 64) / 8;
    Selection sets[] = {{in, POLLIN, POLLIN | POLLHUP | POLLERR},
                        {out, POLLOUT, POLLOUT | POLLERR},
                        {except, POLLPRI, POLLPRI}};
    u64 deadline = TRY(deadline_from(timeout));
    Questions questions;
    TRY(questions.resize(fds));
    for (Selection& set : sets) {
        TRY(set.read(bytes));
        for (usize fd = 0; fd < fds; fd++) {
            if (set.has(fd)) {
                questions[fd].fd = static_cast<int>(fd);
                questions[fd].events |= set.wanted;
            }
        }
    }
    if (!mask_and_size.is_null()) {
        UserIn<u64> mask(UserAddress(TRY(mask_and_size.read(0))));
        TRY(use_mask(mask, TRY(mask_and_size.read(1))));
    }
    TRY(wait_for_answers(questions, deadline));
    for (Question& question : questions)
        if (question.found == POLLNVAL) return Errno{EBADF};
    i64 kept = 0;
    for (Selection& set : sets) {
        for (usize fd = 0; fd < fds; fd++) {
            bool found = set.has(fd) && (questions[fd].found & set.counted) != 0;
            found ? static_cast<void>(kept++) : set.remove(fd);
        }
    }
    for (const Selection& set : sets) TRY(set.write(bytes));
    return kept;
}
SYSCALL(pselect6);
