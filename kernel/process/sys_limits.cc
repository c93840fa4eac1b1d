// Resource limits: getrlimit(2), setrlimit(2), prlimit(2). Of the limits, the number of open files
// and the size of the stack have effect.
#include "process/process.h"
#include "process/syscall.h"

namespace {

Result<void> set_limit(Process& process, u32 resource, const struct rlimit& limit) {
    if (limit.rlim_cur > limit.rlim_max) return Errno{EINVAL};
    if (resource == RLIMIT_NOFILE) {
        if (limit.rlim_max > kMaxDescriptors) return Errno{EPERM};
        process.files->limit.store(static_cast<int>(limit.rlim_cur));
    }
    process.limits[resource] = limit;
    return {};
}

}  // namespace

static Result<i64> sys_prlimit64(i32 pid, u32 resource, UserIn<struct rlimit> new_limit,
                                 UserOut<struct rlimit> old_limit) {
    if (resource >= RLIM_NLIMITS) return Errno{EINVAL};
    Process& self = current_process();
    if (pid != 0 && pid != self.pid) return find_process(pid) ? Errno{EPERM} : Errno{ESRCH};
    struct rlimit before = self.limits[resource];
    if (!new_limit.is_null()) {
        struct rlimit wanted = TRY(new_limit.read());
        TRY(set_limit(self, resource, wanted));
    }
    if (!old_limit.is_null()) TRY(old_limit.write(before));
    return 0;
}
SYSCALL(prlimit64);

static Result<i64> sys_getrlimit(u32 resource, UserOut<struct rlimit> limit) {
    return sys_prlimit64(0, resource, UserIn<struct rlimit>(UserAddress(0)), limit);
}
SYSCALL(getrlimit);

static Result<i64> sys_setrlimit(u32 resource, UserIn<struct rlimit> limit) {
    return sys_prlimit64(0, resource, limit, UserOut<struct rlimit>(UserAddress(0)));
}
SYSCALL(setrlimit);
