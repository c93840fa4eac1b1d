// The terminal: input from the console, reading and writing. See terminal.h; ioctls and sessions are
// in terminal_control.cc.
//
// Characters come in an interrupt, but editing a line and telling processes about ^C needs locks
// that sleep: so a thread of its own takes them from the console and feeds the line discipline.
#include "io/terminal.h"

#include "abi/poll.h"
#include "cpu/console.h"

static constinit Semaphore characters_typed{0};

void Terminal::start() {
    console_input_arrived = [] { characters_typed.up(); };
    Result<Ref<Thread>> thread = Thread::create("terminal", run, this);
    if (!thread.ok()) panic("no memory for the terminal's thread");
    thread->get()->start();
}

void Terminal::run(void* terminal) {
    for (;;) {
        for (int c = console_read(); c >= 0; c = console_read()) {
            static_cast<Terminal*>(terminal)->input(static_cast<u8>(c));
        }
        characters_typed.down();
    }
}

void Terminal::input(u8 c) {
    MutexGuard guard(lock_);
    line_.input(c, *this);
    if (line_.readable()) readable_.wake_one();
}

// What the line discipline asks for, with lock_ held.
void Terminal::show(ConstBytes bytes) { console_write(bytes); }

void Terminal::signal(int number) {
    if (foreground_ != 0) send_signal_to_group(foreground_, number);
}

void Terminal::stop_output(bool stop) {
    output_stopped_ = stop;
    if (!stop) writable_.wake_all();
}

Result<usize> Terminal::read(UserSpan to, u32 flags) {
    TRY(check_foreground(SIGTTIN));
    if (to.empty()) return usize{0};
    MutexGuard guard(lock_);
    TRY(wait_for_input(to.size(), flags));
    usize done = 0;
    bool line_ended = false;
    while (done < to.size() && !line_ended) {
        u8 piece[128];
        usize count = line_.take(Bytes(piece).first(to.size() - done), line_ended);
        if (count == 0) break;
        TRY(to.copy_out(done, piece, count));
        done += count;
    }
    if (line_.readable()) readable_.wake_one();
    return done;
}

// Waits as ICANON or VMIN and VTIME (tenths of a second) say; comes back with nothing readable
// where VMIN is 0.
Result<void> Terminal::wait_for_input(usize wanted, u32 flags) {
    usize least = min(usize{line_.control(VMIN)}, wanted);
    u64 patience = line_.control(VTIME) * 100 * kMillisecond;
    bool raw = !line_.canonical();
    if (raw && least == 0 && patience == 0) return {};
    if ((flags & O_NONBLOCK) != 0) return line_.readable() ? Result<void>() : Errno{EAGAIN};
    auto enough = [&]() REQUIRES(lock_) {
        return line_.readable() && (!raw || line_.available() >= least);
    };
    if (!raw || patience == 0) return wait_until_interruptible(readable_, lock_, enough);
    if (least > 0) {
        // VTIME counts from the first character on.
        TRY(wait_until_interruptible(readable_, lock_,
                                     [&]() REQUIRES(lock_) { return line_.readable(); }));
    }
    Result<void> waited;
    for (usize before = ~usize{0}; waited.ok() && !enough() && line_.available() != before;) {
        before = line_.available();
        waited =
            wait_until_deadline(readable_, lock_, time_now() + patience, [&]() REQUIRES(lock_) {
                return enough() || line_.available() > before;
            });
    }
    return !waited.ok() && waited.error() == Errno{ETIMEDOUT} ? Result<void>() : waited;
}

Result<usize> Terminal::write(UserSpan from) {
    if (stops_background_output()) TRY(check_foreground(SIGTTOU));
    usize done = 0;
    while (done < from.size()) {
        u8 piece[128];
        u8 shown[2 * sizeof piece];
        usize count = min(from.size() - done, sizeof piece);
        usize length = 0;
        Result<void> result = from.copy_in(done, piece, count);
        MutexGuard guard(lock_);
        if (result.ok()) {
            result = wait_until_interruptible(writable_, lock_,
                                              [&]() REQUIRES(lock_) { return !output_stopped_; });
        }
        if (!result.ok()) return done > 0 ? Result<usize>(done) : result.error();
        for (u8 c : Span<u8>(piece, count)) {
            u8 becomes[2];
            usize columns = line_.output(c, becomes);
            memcpy(shown + length, becomes, columns);
            length += columns;
        }
        console_write({shown, length});
        done += count;
    }
    return done;
}

bool Terminal::stops_background_output() {
    MutexGuard guard(lock_);
    return (line_.settings().c_lflag & TOSTOP) != 0;
}

Result<u32> Terminal::poll(WaitSet* waits) {
    MutexGuard guard(lock_);
    if (waits != nullptr) TRY(waits->add(readable_));
    u32 ready = POLLOUT | POLLWRNORM;
    return line_.readable() ? ready | POLLIN | POLLRDNORM : ready;
}
