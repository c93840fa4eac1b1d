// A process's working directory and root. See process_files.h.
#include "io/process_files.h"

#include "io/record_lock.h"

ProcessFiles::~ProcessFiles() { release_all_record_locks(*this); }

Result<Owned<ProcessExtension>> ProcessFiles::clone() {
    return Owned<ProcessExtension>(TRY(make<ProcessFiles>(root(), working_directory())));
}

Ref<Inode> ProcessFiles::root() const {
    SpinGuard guard(lock_);
    return root_;
}

Ref<Inode> ProcessFiles::working_directory() const {
    SpinGuard guard(lock_);
    return working_directory_;
}

// The old directory is in `root` when the guard is gone: a last reference may sleep.
void ProcessFiles::set_root(Ref<Inode> root) {
    SpinGuard guard(lock_);
    swap(root_, root);
}

void ProcessFiles::set_working_directory(Ref<Inode> directory) {
    SpinGuard guard(lock_);
    swap(working_directory_, directory);
}

ProcessFiles* process_files(Process& process) {
    return static_cast<ProcessFiles*>(process.extension.get());
}

Ref<Inode> current_root() {
    Process* process = current_process_or_null();
    return process == nullptr ? global_root() : process_files(*process)->root();
}

Ref<Inode> current_directory() {
    Process* process = current_process_or_null();
    return process == nullptr ? global_root() : process_files(*process)->working_directory();
}

u32 current_umask() {
    Process* process = current_process_or_null();
    return process == nullptr ? 022 : process->umask.load_relaxed();
}
