// System calls that open and create files: openat and mknodat.
// Reference: open(2), mknod(2).
#include "io/names.h"
#include "io/open.h"
#include "process/process.h"
#include "process/syscall.h"

static Result<i64> sys_openat(int directory_fd, UserAddress path, u32 flags, u32 mode) {
    PathArgument argument;
    TRY(argument.read(directory_fd, path));
    // Files are always "large" on a 64-bit machine, and F_GETFL says so.
    Ref<File> file = TRY(open_path(argument.start(), argument.path(), flags | O_LARGEFILE, mode));
    CloseOnExec close_on_exec = (flags & O_CLOEXEC) != 0 ? CloseOnExec::kYes : CloseOnExec::kNo;
    return TRY(current_process().files->install(move(file), close_on_exec));
}
SYSCALL(openat);

static Result<i64> sys_mknodat(int directory_fd, UserAddress path, u32 mode, u64 device) {
    u32 type = mode & S_IFMT;
    switch (type) {
    case 0: type = S_IFREG; break;
    case S_IFREG:
    case S_IFIFO:
    case S_IFSOCK: device = 0; break;
    case S_IFCHR:
    case S_IFBLK: break;
    case S_IFDIR: return Errno{EPERM};
    default: return Errno{EINVAL};
    }
    PathArgument argument;
    TRY(argument.read(directory_fd, path));
    ParentAndName parent;
    TRY(argument.lookup_new_name(parent));
    NewInode attributes = new_attributes(*parent.directory, type | (mode & 07777), device);
    TRY(make_file(*parent.directory, parent.name(), attributes));
    return 0;
}
SYSCALL(mknodat);
