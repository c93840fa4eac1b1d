// Terminal control: sessions, foreground groups, settings, and the device nodes that open the
// terminal. See terminal.h. Reference: ioctl_tty(2).
#include "io/device.h"
#include "io/terminal.h"

namespace {

struct Membership {
    i32 process, group, session;
};

Membership current_membership() {
    SpinGuard guard(tree_lock);
    Process& process = current_process();
    return {process.pid, process.group, process.session};
}

}  // namespace

bool Terminal::controls_current_process() {
    Membership self = current_membership();
    MutexGuard guard(lock_);
    return session_ != 0 && session_ == self.session;
}

// A background process that reads, or changes the terminal, is stopped by `signal`; EINTR then.
// One that will not be stopped may write but not read.
Result<void> Terminal::check_foreground(int signal) {
    Membership self = current_membership();
    {
        MutexGuard guard(lock_);
        if (session_ != self.session || foreground_ == 0 || foreground_ == self.group) return {};
    }
    if (signal_ignored_or_blocked(signal)) return signal == SIGTTIN ? Errno{EIO} : Result<void>();
    if (in_orphaned_group()) return Errno{EIO};
    send_signal_to_group(self.group, signal);
    return Errno{EINTR};
}

Result<void> Terminal::become_controlling() {
    Membership self = current_membership();
    MutexGuard guard(lock_);
    if (session_ == self.session && session_ != 0) return {};
    if (self.session != self.process || (session_ != 0 && session_ != kFirstSession)) {
        return Errno{EPERM};
    }
    session_ = self.session;
    foreground_ = self.group;
    return {};
}

void Terminal::session_ended(i32 session) {
    i32 foreground = 0;
    {
        MutexGuard guard(lock_);
        if (session_ != session) return;
        session_ = 0;
        foreground = exchange(foreground_, 0);
    }
    if (foreground != 0) {
        send_signal_to_group(foreground, SIGHUP);
        send_signal_to_group(foreground, SIGCONT);
    }
}

i32 Terminal::foreground_of(i32 session) {
    MutexGuard guard(lock_);
    return session_ == session && session != 0 ? foreground_ : -1;
}

Result<i64> Terminal::set_foreground(UserAddress argument) {
    i32 group = TRY(UserIn<i32>(argument).read());
    if (!controls_current_process()) return Errno{ENOTTY};
    TRY(check_foreground(SIGTTOU));
    if (group < 0) return Errno{EINVAL};
    {
        SpinGuard guard(tree_lock);
        if (!group_exists_locked(group, current_process().session)) return Errno{EPERM};
    }
    MutexGuard guard(lock_);
    foreground_ = group;
    return 0;
}

Result<i64> Terminal::give_up() {
    Membership self = current_membership();
    if (!controls_current_process()) return Errno{ENOTTY};
    if (self.session == self.process) session_ended(self.session);
    return 0;
}

Result<i64> Terminal::set_settings(UserAddress argument, u64 request) {
    struct termios settings = TRY(UserIn<struct termios>(argument).read());
    TRY(check_foreground(SIGTTOU));
    MutexGuard guard(lock_);
    if (request == TCSETSF) line_.flush_input();
    line_.set_settings(settings);
    // Nobody could type ^Q any more; and what may be read now may be another thing than before.
    if ((settings.c_iflag & IXON) == 0) stop_output(false);
    readable_.wake_all();
    return 0;
}

Result<i64> Terminal::set_window(UserAddress argument) {
    struct winsize window = TRY(UserIn<struct winsize>(argument).read());
    MutexGuard guard(lock_);
    if (memcmp(&window, &window_, sizeof window) != 0) {
        window_ = window;
        signal(SIGWINCH);
    }
    return 0;
}

Result<i64> Terminal::flush(u64 queue) {
    if (queue > TCIOFLUSH) return Errno{EINVAL};
    TRY(check_foreground(SIGTTOU));
    MutexGuard guard(lock_);
    if (queue != TCOFLUSH) line_.flush_input();
    return 0;
}

Result<i64> Terminal::control(u64 request, UserAddress argument) {
    auto give = [&](const auto& value) -> Result<i64> {
        TRY(UserSpan(argument, sizeof value).copy_out(0, &value, sizeof value));
        return 0;
    };
    switch (request) {
    case TCGETS: {
        MutexGuard guard(lock_);
        return give(line_.settings());
    }
    case TCSETS:
    case TCSETSW:
    case TCSETSF: return set_settings(argument, request);
    case TCFLSH: return flush(argument.value);
    case TCSBRK:
    case TCSBRKP:
    case TCXONC: return 0;
    case TIOCGWINSZ: {
        MutexGuard guard(lock_);
        return give(window_);
    }
    case TIOCSWINSZ: return set_window(argument);
    case TIOCGPGRP: {
        i32 foreground = foreground_of(current_membership().session);
        return foreground < 0 ? Result<i64>(Errno{ENOTTY}) : give(foreground);
    }
    case TIOCGSID:
        if (!controls_current_process()) return Errno{ENOTTY};
        return give(current_membership().session);
    case TIOCSPGRP: return set_foreground(argument);
    case TIOCSCTTY: TRY(become_controlling()); return 0;
    case TIOCNOTTY: return give_up();
    case FIONREAD: {
        MutexGuard guard(lock_);
        return give(static_cast<i32>(line_.available()));
    }
    case TIOCOUTQ: return give(i32{0});
    default: return Errno{ENOTTY};
    }
}

namespace {

constinit Terminal* the_terminal = nullptr;

class TerminalFile final : public FileWithInode {
  public:
    using FileWithInode::FileWithInode;

    Result<usize> read(UserSpan to) override {
        return the_terminal->read(to, flags.load_relaxed());
    }
    Result<usize> write(UserSpan from) override { return the_terminal->write(from); }
    Result<u32> poll(WaitSet* waits) override { return the_terminal->poll(waits); }
    Result<i64> control(u64 request, u64 argument) override {
        return the_terminal->control(request, UserAddress(argument));
    }
};

Result<Ref<File>> open_terminal(Inode& inode, u32 flags) {
    if ((flags & O_NOCTTY) == 0) {
        (void) the_terminal->become_controlling();  // where that can be
    }
    return Ref<File>(TRY(make_ref<TerminalFile>(Ref<Inode>(inode), flags)));
}

// /dev/tty: whatever terminal controls the process.
Result<Ref<File>> open_controlling(Inode& inode, u32 flags) {
    if (!the_terminal->controls_current_process()) return Errno{ENXIO};
    return open_terminal(inode, flags);
}

DEVICES(terminal_devices) = {
    {kConsoleDevice, open_terminal},
    {kSerialDevice, open_terminal},
    {kTtyDevice, open_controlling},
};

}  // namespace

void start_terminal() {
    Result<Owned<Terminal>> terminal = make<Terminal>();
    if (!terminal.ok()) panic("no memory for the terminal");
    the_terminal = terminal->release();
    the_terminal->start();
    process_hooks.session_ended = [](i32 session) { the_terminal->session_ended(session); };
}

Terminal& console_terminal() { return *the_terminal; }
