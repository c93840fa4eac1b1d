// What floor io keeps for each process: its working directory and its root. A kernel thread has the
// global root for both. Any thread may ask, the process itself changes them.
#pragma once
#include "io/path.h"
#include "process/process.h"

class ProcessFiles final : public ProcessExtension {
  public:
    ProcessFiles(Ref<Inode> root, Ref<Inode> working_directory)
        : root_(move(root)), working_directory_(move(working_directory)) {}
    ~ProcessFiles() override;

    Result<Owned<ProcessExtension>> clone() override;

    Ref<Inode> root() const;
    Ref<Inode> working_directory() const;
    void set_root(Ref<Inode> root);
    void set_working_directory(Ref<Inode> directory);

  private:
    mutable SpinLock lock_{LockRank::kProcessFiles, "process files"};
    Ref<Inode> root_ GUARDED_BY(lock_);
    Ref<Inode> working_directory_ GUARDED_BY(lock_);
};

// Of the current process.
Ref<Inode> current_root();
Ref<Inode> current_directory();
u32 current_umask();

// Of any process; null where it has ended.
ProcessFiles* process_files(Process& process);
