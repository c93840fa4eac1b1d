// The machine as programs see it: its name, memory, harts, log and random numbers, and its end.
#include "abi/reboot.h"
#include "abi/sysinfo.h"
#include "abi/utsname.h"
#include "base/vector.h"
#include "cpu/console.h"
#include "cpu/power.h"
#include "cpu/time.h"
#include "mm/frame.h"
#include "process/process.h"
#include "process/random_source.h"
#include "process/syscall.h"
#include "process/user_thread.h"

static Result<void> sys_uname(UserOut<struct utsname> name) {
    // The system's name is the boundary's, not the kernel's.
    return name.write({"Linux", "goose", "6.1.0-goose", "#1 goose", "riscv64", "(none)"});
}
SYSCALL(uname);

static Result<void> sys_sysinfo(UserOut<struct sysinfo> info) {
    MemoryStats memory = memory_stats();
    struct sysinfo result = {};
    result.uptime = static_cast<i64>(time_now() / kSecond);
    result.totalram = memory.total * kPageSize;
    result.freeram = memory.free * kPageSize;
    result.procs = static_cast<u16>(process_count());
    result.mem_unit = 1;
    return info.write(result);
}
SYSCALL(sysinfo);

static Result<i64> sys_getrandom(UserAddress address, u64 size, u32 flags) {
    constexpr u32 kKnown = 7;  // GRND_NONBLOCK, GRND_RANDOM, GRND_INSECURE
    if ((flags & ~kKnown) != 0) return Errno{EINVAL};
    UserSpan to(address, min(size, u64{1} << 25));
    u8 buffer[256];
    for (usize done = 0; done < to.size();) {
        usize count = min(sizeof buffer, to.size() - done);
        fill_random(Bytes(buffer, count));
        TRY(to.copy_out(done, buffer, count));
        done += count;
    }
    return static_cast<i64>(to.size());
}
SYSCALL(getrandom);

// The set of harts as a bit mask; the answer is how many bytes of it were written.
static Result<i64> sys_sched_getaffinity(i32 pid, u64 size, UserOut<u64> mask) {
    if (size < sizeof(u64) || size % sizeof(u64) != 0) return Errno{EINVAL};
    if (pid != 0 && !find_process(pid)) return Errno{ESRCH};
    TRY(mask.write((u64{1} << hart_count()) - 1));
    return sizeof(u64);
}
SYSCALL(sched_getaffinity);

static Result<void> sys_getcpu(UserOut<u32> cpu, UserOut<u32> node, UserAddress) {
    TRY(cpu.write_unless_null(this_hart().index));  // where it was just now
    return node.write_unless_null(0);
}
SYSCALL(getcpu);

// Reading the kernel's log: syslog(2). What is read is not cleared.
static Result<i64> sys_syslog(int type, UserAddress address, int size) {
    constexpr int kReadAll = 3, kReadClear = 4, kConsoleLevel = 8, kSizeUnread = 9,
                  kSizeBuffer = 10;
    if (type == kSizeBuffer || type == kSizeUnread) return static_cast<i64>(log_size());
    if (type == kConsoleLevel && (size < 1 || size > 8)) return Errno{EINVAL};
    if (type != kReadAll && type != kReadClear) {
        return type >= 0 && type <= kSizeBuffer ? Result<i64>(0) : Result<i64>(Errno{EINVAL});
    }
    if (address.value == 0 || size < 0) return Errno{EINVAL};
    usize wanted = min(static_cast<usize>(size), log_size());
    Vector<u8> text;
    TRY(text.resize(wanted));
    usize count = read_log(Bytes(text.begin(), wanted));
    TRY(UserSpan(address, count).copy_out(0, text.begin(), count));
    return static_cast<i64>(count);
}
SYSCALL(syslog);

static Result<i64> sys_reboot(u32 magic1, u32 magic2, u32 command, UserAddress) {
    if (magic1 != LINUX_REBOOT_MAGIC1 || magic2 != LINUX_REBOOT_MAGIC2) return Errno{EINVAL};
    switch (command) {
    case LINUX_REBOOT_CMD_POWER_OFF:
    case LINUX_REBOOT_CMD_HALT: process_hooks.before_power_off(); power_off(kExitPowerOff);
    case LINUX_REBOOT_CMD_RESTART: process_hooks.before_power_off(); reboot();
    case LINUX_REBOOT_CMD_CAD_ON:
    case LINUX_REBOOT_CMD_CAD_OFF: return 0;
    default: return Errno{EINVAL};
    }
}
SYSCALL(reboot);
