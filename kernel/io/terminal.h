// The terminal: the machine's console as processes see it, with a line discipline, a session whose
// controlling terminal it is, and the foreground process group that gets its signals.
// /dev/console, /dev/ttyS0 and, for processes of its session, /dev/tty all open it.
// Reference: termios(3), credentials(7).
#pragma once
#include "io/device.h"
#include "io/inode_file.h"
#include "io/line_discipline.h"
#include "process/process.h"
#include "thread/mutex.h"

class Terminal final : LineDiscipline::Effects, Immovable {
  public:
    // Starts the thread that takes characters from the console. Once.
    void start();

    Result<usize> read(UserSpan to, u32 flags);
    Result<usize> write(UserSpan from);
    Result<i64> control(u64 request, UserAddress argument);
    Result<u32> poll(WaitSet* waits);

    // Makes it the controlling terminal of the session that the current process leads. EPERM where
    // it does not lead one, or another session has the terminal; process 1's does not count.
    Result<void> become_controlling();
    bool controls_current_process();
    void session_ended(i32 session);
    // The foreground group, or -1 where this is not the session's terminal.
    i32 foreground_of(i32 session);

  private:
    static void run(void* terminal);
    void input(u8 c);
    void show(ConstBytes bytes) override;
    void signal(int number) override REQUIRES(lock_);
    void stop_output(bool stop) override REQUIRES(lock_);

    Result<void> wait_for_input(usize wanted, u32 flags) REQUIRES(lock_);
    bool stops_background_output();
    Result<void> check_foreground(int signal);
    Result<i64> set_settings(UserAddress argument, u64 request);
    Result<i64> set_window(UserAddress argument);
    Result<i64> set_foreground(UserAddress argument);
    Result<i64> give_up();
    Result<i64> flush(u64 queue);

    Mutex lock_{LockRank::kTerminal, "terminal"};
    LineDiscipline line_ GUARDED_BY(lock_);
    struct winsize window_ GUARDED_BY(lock_) = {24, 80, 0, 0};
    // Process 1 starts with the terminal, so that a shell may be process 1.
    static constexpr i32 kFirstSession = 1;
    i32 session_ GUARDED_BY(lock_) = kFirstSession;
    i32 foreground_ GUARDED_BY(lock_) = kFirstSession;
    bool output_stopped_ GUARDED_BY(lock_) = false;
    WaitQueue readable_;
    WaitQueue writable_;
};

// Makes the terminal and its devices. Once.
void start_terminal();
// The machine's console; there is one.
Terminal& console_terminal();
