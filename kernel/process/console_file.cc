// What floor process alone offers as files: the console, raw, for descriptors 0 to 2, and the
// programs of the initial archive for exec. Floor io replaces both (process_hooks).
#include "abi/stat.h"
#include "cpu/console.h"
#include "process/cpio.h"
#include "process/process.h"

namespace {

constinit SpinLock input_lock{LockRank::kWait, "raw console"};
constinit WaitQueue* input_arrived = nullptr;

class ConsoleFile final : public File {
  public:
    ConsoleFile() : File(O_RDWR) {
        input_arrived = &arrived_;
        console_input_arrived = [] { input_arrived->wake_all(); };
    }

    // BEGIN SOLUTION(user.console_read)
    // Waits for at least one character, then takes what is there.
    Result<usize> read(UserSpan to) override {
        int first = -1;
        {
            SpinGuard guard(input_lock);
            TRY(wait_until_interruptible(arrived_, input_lock, [&] {
                first = console_read();
                return first >= 0;
            }));
        }
        usize count = 0;
        for (int c = first; c >= 0 && count < to.size(); c = console_read()) {
            u8 byte = static_cast<u8>(c);
            TRY(to.copy_out(count++, &byte, 1));
            if (count == to.size()) break;
        }
        return count;
    }
    // END SOLUTION
    // STUB: Result<usize> read(UserSpan) override { panic("user.console_read: yours to write"); }

    // BEGIN SOLUTION(user.console_write)
    Result<usize> write(UserSpan from) override {
        u8 buffer[128];
        for (usize done = 0; done < from.size();) {
            usize count = min(sizeof buffer, from.size() - done);
            TRY(from.copy_in(done, buffer, count));
            console_write(ConstBytes(buffer, count));
            done += count;
        }
        return from.size();
    }
    // END SOLUTION
    // STUB: Result<usize> write(UserSpan) override { panic("user.console_write: yours to write"); }

    Result<void> stat(struct stat& result) override {
        result = {};
        result.st_mode = S_IFCHR | 0600;
        return {};
    }

  private:
    ~ConsoleFile() override = default;
    template <typename T, typename... Args> friend Result<Ref<T>> make_ref(Args&&... args);
    WaitQueue arrived_;
};

// Copies pages out of the archive, whose files do not start at page borders.
class ArchivePager final : public Pager {
  public:
    explicit ArchivePager(ConstBytes data) : data_(data) {}
    Result<Ref<Frame>> page(u64 index, Access) override {
        ConstBytes part = data_.sub(index * kPageSize, kPageSize);
        if (part.empty()) return Errno{EFAULT};
        Ref<Frame> frame = TRY(allocate_frame(FrameFill::kZero, FrameUse::kUser));
        memcpy(frame->data(), part.data(), part.size());
        return frame;
    }

  private:
    ConstBytes data_;
};

class ArchiveFile final : public File {
  public:
    explicit ArchiveFile(Ref<Pager> pager) : File(O_RDONLY), pager_(move(pager)) {}
    Result<Ref<Pager>> pager() override { return pager_; }

  private:
    Ref<Pager> pager_;
};

Result<Ref<File>> open_in_archive(StringView path) {
    while (path.starts_with("/")) path = path.sub(1);
    CpioReader reader(initial_archive());
    CpioEntry entry;
    while (TRY(reader.next(entry))) {
        if (entry.name == path && (entry.mode & S_IFMT) == S_IFREG) {
            Ref<ArchivePager> pager = TRY(make_ref<ArchivePager>(entry.data));
            return Ref<File>(TRY(make_ref<ArchiveFile>(move(pager))));
        }
    }
    return Errno{ENOENT};
}

Result<Ref<File>> open_raw_console() { return Ref<File>(TRY(make_ref<ConsoleFile>())); }

Result<Owned<ProcessExtension>> no_extension() { return Owned<ProcessExtension>(); }

}  // namespace

constinit ProcessHooks process_hooks = {
    .open_executable = open_in_archive,
    .open_console = open_raw_console,
    .first_extension = no_extension,
    .session_ended = [](i32) {},
    .descriptor_closed = [](File&) {},
    .before_power_off = [] {},
};
