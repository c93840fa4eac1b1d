// The rest of the system: memory mappings, limits, the machine, control of the kernel.
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "libc.h"

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset) {
    return (void *)sys_mmap(address, length, protection, flags, fd, offset);
}

void *mremap(void *old_address, size_t old_size, size_t new_size, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    void *new_address = flags & MREMAP_FIXED ? va_arg(arguments, void *) : NULL;
    va_end(arguments);
    return (void *)sys_mremap(old_address, old_size, new_size, flags, new_address);
}

int prlimit(pid_t pid, int resource, const struct rlimit *new_limit, struct rlimit *old_limit) {
    return (int)sys_prlimit64(pid, resource, new_limit, old_limit);
}

int getrlimit(int resource, struct rlimit *limit) {
    return prlimit(0, resource, NULL, limit);
}

int setrlimit(int resource, const struct rlimit *limit) {
    return prlimit(0, resource, limit, NULL);
}

int umount(const char *target) {
    return umount2(target, 0);
}

int reboot(int command) {
    return (int)sys_reboot((int)LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, (unsigned)command, NULL);
}

int klogctl(int type, char *buf, int size) {
    return (int)sys_syslog(type, buf, size);
}

int prctl(int option, ...) {
    va_list arguments;
    va_start(arguments, option);
    unsigned long argument[4];
    for (int i = 0; i < 4; i++) argument[i] = va_arg(arguments, unsigned long);
    va_end(arguments);
    return (int)sys_prctl(option, argument[0], argument[1], argument[2], argument[3]);
}

int gethostname(char *name, size_t size) {
    struct utsname system;
    if (uname(&system) < 0) return -1;
    if (strlcpy(name, system.nodename, size) < size) return 0;
    errno = ENAMETOOLONG;
    return -1;
}

int __cpu_count(const cpu_set_t *set) {
    int count = 0;
    for (size_t i = 0; i < sizeof(set->bits) / sizeof(set->bits[0]); i++) {
        count += __builtin_popcountl(set->bits[i]);
    }
    return count;
}

// The kernel returns how many bytes of the mask it wrote.
int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set) {
    memset(set, 0, size);
    return sys_sched_getaffinity(pid, size, set->bits) < 0 ? -1 : 0;
}

int get_nprocs(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
}

int getpagesize(void) {
    return 4096;
}

static long memory_pages(int name) {
    struct sysinfo info;
    if (sysinfo(&info) < 0) return -1;
    unsigned long units = name == _SC_PHYS_PAGES ? info.totalram : info.freeram;
    return (long)(units * info.mem_unit / 4096);
}

long sysconf(int name) {
    struct rlimit limit;
    switch (name) {
        case _SC_ARG_MAX: return 2l << 20;
        case _SC_CLK_TCK: return 100;
        case _SC_OPEN_MAX: return getrlimit(RLIMIT_NOFILE, &limit) < 0 ? -1 : (long)limit.rlim_cur;
        case _SC_PAGESIZE: return 4096;
        case _SC_NPROCESSORS_CONF:
        case _SC_NPROCESSORS_ONLN: return get_nprocs();
        case _SC_PHYS_PAGES:
        case _SC_AVPHYS_PAGES: return memory_pages(name);
        default: errno = EINVAL; return -1;
    }
}

static int to_statvfs(int result, const struct statfs *from, struct statvfs *to) {
    if (result < 0) return -1;
    *to = (struct statvfs){
        .f_bsize = (unsigned long)from->f_bsize,
        .f_frsize = (unsigned long)(from->f_frsize ? from->f_frsize : from->f_bsize),
        .f_blocks = from->f_blocks,
        .f_bfree = from->f_bfree,
        .f_bavail = from->f_bavail,
        .f_files = from->f_files,
        .f_ffree = from->f_ffree,
        .f_favail = from->f_ffree,
        .f_flag = (unsigned long)from->f_flags & ~(unsigned long)ST_VALID,
        .f_namemax = (unsigned long)from->f_namelen,
    };
    memcpy(&to->f_fsid, &from->f_fsid, sizeof(to->f_fsid));
    return 0;
}

int statvfs(const char *path, struct statvfs *buf) {
    struct statfs native;
    return to_statvfs(statfs(path, &native), &native, buf);
}

int fstatvfs(int fd, struct statvfs *buf) {
    struct statfs native;
    return to_statvfs(fstatfs(fd, &native), &native, buf);
}
