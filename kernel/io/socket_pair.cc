// socketpair(2): two sockets that are connected to each other. Each reads from one pipe and writes to
// the other. There are no other sockets; and of AF_UNIX's only SOCK_STREAM, a stream of bytes: no
// messages with borders, no descriptors in messages, no MSG_PEEK.
// Reference: unix(7), socketpair(2), send(2), recv(2), shutdown(2).
#include "abi/socket.h"
#include "abi/stat.h"
#include "abi/termios.h"
#include "io/inode_file.h"
#include "io/open.h"
#include "io/pipe.h"
#include "process/process.h"
#include "process/syscall.h"

// The two directions, as bits; shutdown(2)'s number is one less.
constexpr u32 kReading = 1, kWriting = 2;

class Socket final : public File {
  public:
    Socket(Ref<Pipe> in, Ref<Pipe> out, u32 open_flags)
        : File(open_flags), in_(move(in)), out_(move(out)) {
        in_->open(PipeEnd::kReader);
        out_->open(PipeEnd::kWriter);
    }
    ~Socket() override { shut(kReading | kWriting); }

    // Ends these directions, for the other socket too.
    void shut(u32 directions);
    // As read and write; `flags` are MSG_….
    Result<usize> receive(UserSpan to, u32 flags);
    Result<usize> send(UserSpan from, u32 flags);

    Result<usize> read(UserSpan to) override { return receive(to, 0); }
    Result<usize> write(UserSpan from) override { return send(from, 0); }
    Result<void> stat(struct stat& result) override {
        fill_stat(this, S_IFSOCK | 0777, result);
        return {};
    }
    Result<i64> control(u64 request, u64 argument) override;
    Result<u32> poll(WaitSet* waits) override;
    Socket* socket() override { return this; }

  private:
    bool is_open(u32 direction) const { return (open_.load() & direction) != 0; }
    Result<usize> write_or_signal(UserSpan from, u32 flags);
    u32 pipe_flags(u32 message_flags) const {
        return nonblocking() || (message_flags & MSG_DONTWAIT) != 0 ? O_NONBLOCK : 0;
    }

    const Ref<Pipe> in_, out_;
    Atomic<u32> open_{kReading | kWriting};
};

void Socket::shut(u32 directions) {
    u32 ended = open_.fetch_and(~directions) & directions;
    if ((ended & kReading) != 0) in_->close(PipeEnd::kReader);
    if ((ended & kWriting) != 0) out_->close(PipeEnd::kWriter);
}

// What has come before the end can still be read.
Result<usize> Socket::receive(UserSpan to, u32 flags) {
    if (is_open(kReading)) return in_->read(to, pipe_flags(flags));
    Result<usize> count = in_->read(to, O_NONBLOCK);
    return count.error() == Errno{EAGAIN} ? Result<usize>(0) : move(count);
}

// Where nobody reads any more: EPIPE, and SIGPIPE.
Result<usize> Socket::write_or_signal(UserSpan from, u32 flags) {
    if (is_open(kWriting)) return out_->write(from, pipe_flags(flags));
    send_signal(current_process(), SIGPIPE);
    return Errno{EPIPE};
}

// With MSG_NOSIGNAL the signal is taken back, unless there was one before.
Result<usize> Socket::send(UserSpan from, u32 flags) {
    if ((flags & MSG_NOSIGNAL) == 0) return write_or_signal(from, flags);
    Signals& signals = current_process().signals;
    u64 before;
    {
        SpinGuard guard(signals.lock);
        before = signals.pending;
    }
    Result<usize> count = write_or_signal(from, flags);
    SpinGuard guard(signals.lock);
    if (count.error() == Errno{EPIPE} && (before & signal_bit(SIGPIPE)) == 0) signals.drop(SIGPIPE);
    return count;
}

Result<i64> Socket::control(u64 request, u64 argument) {
    if (request != FIONREAD) return Errno{ENOTTY};
    TRY(UserOut<i32>(UserAddress(argument)).write(static_cast<i32>(in_->bytes())));
    return 0;
}

Result<u32> Socket::poll(WaitSet* waits) {
    u32 in = TRY(in_->poll(PipeEnd::kReader, waits));
    u32 out = TRY(out_->poll(PipeEnd::kWriter, waits));
    bool end_of_input = (in & POLLHUP) != 0 || !is_open(kReading);
    bool nobody_reads = (out & POLLERR) != 0 || !is_open(kWriting);
    u32 ready = (in & ~u32{POLLHUP}) | (out & ~u32{POLLERR});
    if (end_of_input) ready |= POLLIN | POLLRDNORM | POLLRDHUP;
    return end_of_input && nobody_reads ? ready | POLLHUP : ready;
}

namespace {

Result<Ref<Socket>> socket_of(int fd) {
    Ref<File> file = TRY(opened_file(fd));
    return file->socket() == nullptr ? Result<Ref<Socket>>(Errno{ENOTSOCK})
                                     : Ref<Socket>(*file->socket());
}

}  // namespace

static Result<void> sys_socketpair(int family, u32 type, u32 protocol, UserOut<int> to) {
    if ((type & ~u32{SOCK_TYPES | SOCK_CLOEXEC | SOCK_NONBLOCK}) != 0) return Errno{EINVAL};
    // Linux tells the numbers before it looks at what is wanted.
    TRY(to.write(-1, 0));
    TRY(to.write(-1, 1));
    constexpr u32 kTypes = 11;
    if (family != AF_UNIX) return Errno{EAFNOSUPPORT};
    if ((type & SOCK_TYPES) >= kTypes) return Errno{EINVAL};
    if (protocol != 0 && protocol != AF_UNIX) return Errno{EPROTONOSUPPORT};
    if ((type & SOCK_TYPES) != SOCK_STREAM) return Errno{ESOCKTNOSUPPORT};
    u32 flags = O_RDWR | (type & SOCK_NONBLOCK);
    Ref<Pipe> there = TRY(make_ref<Pipe>());
    Ref<Pipe> back = TRY(make_ref<Pipe>());
    Ref<File> first = TRY(make_ref<Socket>(back, there, flags));
    Ref<File> second = TRY(make_ref<Socket>(there, back, flags));
    return install_pair(move(first), move(second), type, to);
}
SYSCALL(socketpair);

// To an address it could only be sent if it were not connected.
static Result<usize> sys_sendto(int fd, UserAddress from, u64 size, u32 flags, UserIn<u8> address,
                                u32 length) {
    Ref<Socket> socket = TRY(socket_of(fd));
    if (!address.is_null() && length > 0) {
        if (length > 128) return Errno{EINVAL};  // no address is as long
        TRY(address.read());
        return Errno{EISCONN};
    }
    if ((flags & MSG_OOB) != 0) return Errno{EOPNOTSUPP};
    return socket->send(buffer_at(from, size), flags);
}
SYSCALL(sendto);

// Who has sent it has no name.
static Result<usize> sys_recvfrom(int fd, UserAddress to, u64 size, u32 flags, UserAddress address,
                                  UserOut<u32> length) {
    Ref<Socket> socket = TRY(socket_of(fd));
    if ((flags & (MSG_OOB | MSG_PEEK)) != 0) return Errno{EOPNOTSUPP};
    usize count = TRY(socket->receive(buffer_at(to, size), flags));
    if (address.value != 0) TRY(length.write(0));
    return count;
}
SYSCALL(recvfrom);

static Result<void> sys_shutdown(int fd, u32 how) {
    Ref<Socket> socket = TRY(socket_of(fd));
    if (how > SHUT_RDWR) return Errno{EINVAL};
    socket->shut(how + 1);
    return {};
}
SYSCALL(shutdown);
