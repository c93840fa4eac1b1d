// An inode: a file of any type without its name, as a file system gives it to the rest of the kernel.
// File systems derive from Inode; path lookup and the file system calls use it; open files, mappings
// and working directories hold Ref<Inode>.
//
// Locks. `lock` guards the entries of a directory (rank kDirectory) or the length of a file (rank
// kInode). Several directories are locked only so: parent before child; or, in a rename between
// directories, under FileSystem::rename_lock, ancestor first. A file is locked after its directory.
// The attributes are atomics: changed with `lock` held, read by stat without it.
// read_page and write_page are called without `lock` (a page fault must not wait for a directory),
// with the page's own lock held: a file system guards its block map itself (rank kBlockMap).
// Reference: docs/io.md.
#pragma once
#include "abi/fcntl.h"
#include "abi/stat.h"
#include "base/list.h"
#include "base/owned.h"
#include "base/span.h"
#include "io/page_cache.h"
#include "thread/mutex.h"

class File;
class FileSystem;
struct Frame;
class Pipe;

// Takes the entries of a directory one by one; false stops the listing before the next entry.
class DirectoryVisitor {
  public:
    // `type` is a DT_ constant; `next` is the position at which a later listing goes on.
    virtual bool entry(StringView name, u64 ino, u8 type, u64 next) = 0;

  protected:
    ~DirectoryVisitor() = default;
};

// What a new inode starts with; `mode` includes the file type.
struct NewInode {
    u32 mode = 0;
    u32 uid = 0;
    u32 gid = 0;
    u64 device = 0;  // of a character or block device
};

class Inode : Immovable {
  public:
    // Starts with one reference, no links, and all three times now.
    Inode(FileSystem& fs, u64 ino, u32 mode);
    virtual ~Inode();

    // Counted owners. After the last one the file system's InodeCache keeps or destroys the inode;
    // that may sleep. Ref<Inode>(inode) is allowed from zero only as InodeCache says (file_system.h).
    void retain();
    void release();

    u32 reference_count() const { return references_.load(); }

    u32 type() const { return mode.load_relaxed() & S_IFMT; }
    bool is_directory() const { return type() == S_IFDIR; }
    bool is_regular() const { return type() == S_IFREG; }
    bool is_symlink() const { return type() == S_IFLNK; }

    FileSystem& fs;
    const u64 ino;
    const u64 serial;  // of this object: no other inode in memory ever has it again
    Mutex lock;

    // Attributes. Times are nanoseconds since 1970. After a change io calls write_attributes().
    Atomic<u32> mode;
    Atomic<u32> nlink{0};
    Atomic<u32> uid{0};
    Atomic<u32> gid{0};
    Atomic<u64> size{0};
    Atomic<u64> blocks{0};  // of 512 bytes
    Atomic<i64> atime;
    Atomic<i64> mtime;
    Atomic<i64> ctime;
    u64 device = 0;  // of a character or block device: ABI_MAKEDEV
    PageCache pages;

    // Directories, with `lock` held. Names are neither empty, ".", ".." nor longer than NAME_MAX
    // (lookup alone is also asked for "..", unless the directory has been removed). Whether the name exists already, permissions and
    // read-only file systems have been checked by the caller, under the same lock. Those that
    // change a directory set its mtime and ctime, and the ctime of the inode whose links change.
    virtual Result<Ref<Inode>> lookup(StringView /*name*/) { return Errno{ENOTDIR}; }  // ENOENT
    virtual Result<Ref<Inode>> create(StringView /*name*/, const NewInode&) { return Errno{EPERM}; }
    virtual Result<Ref<Inode>> mkdir(StringView /*name*/, const NewInode&) { return Errno{EPERM}; }
    virtual Result<Ref<Inode>> symlink(StringView /*name*/, StringView /*target*/,
                                       const NewInode&) {
        return Errno{EPERM};
    }
    // The target's or victim's lock is held too.
    virtual Result<void> link(StringView /*name*/, Inode& /*target*/) { return Errno{EPERM}; }
    virtual Result<void> unlink(StringView /*name*/, Inode& /*victim*/) { return Errno{EPERM}; }
    // ENOTEMPTY. victim.lock held too. Sets victim.nlink to 0: nothing is created in it any more.
    virtual Result<void> rmdir(StringView /*name*/, Inode& /*victim*/) { return Errno{EPERM}; }
    // Shows the entries from position `from` on (0: from the start), "." and ".." included.
    virtual Result<void> list(u64 /*from*/, DirectoryVisitor&) { return Errno{ENOTDIR}; }

    // Symbolic links, without lock: copies the target (no closing NUL), cut to to.size(); returns
    // the length copied. A jump target (/proc/self/exe) is an inode that lookup goes to instead of
    // reading text; null for ordinary links.
    virtual Result<usize> read_link(Span<char> /*to*/) { return Errno{EINVAL}; }
    virtual Result<Ref<Inode>> jump_target() { return Ref<Inode>(); }

    // Regular files. resize() is the one way to change the length: it zeroes the rest of the last
    // page, drops the cached pages beyond it, and calls truncate(). `lock` held; EFBIG, EIO.
    Result<void> resize(u64 new_size);
    // For a file that grows, with `lock` held: what a shared mapping has written beyond the end, in
    // the last page, becomes zero.
    void zero_tail();
    // Frees or forgets all blocks beyond new_size. Growing leaves a hole. `size` is new_size already.
    virtual Result<void> truncate(u64 /*new_size*/) { return Errno{EINVAL}; }
    // Fills the whole frame; zeroes where nothing is stored. The cache zeroes what is beyond `size`.
    virtual Result<void> read_page(u64 /*index*/, Frame&) { return Errno{EIO}; }
    // The same for pages that follow each other, from `first` on. A disk's file system joins them
    // into few requests; the base calls read_page for each.
    virtual Result<void> read_pages(u64 first, Span<Frame* const> frames);
    // Stores those blocks of the page that exist (prepare_write has made them) and begin below
    // `size`, the last one whole: the cache has zeroed what is beyond `size`.
    virtual Result<void> write_page(u64 /*index*/, Frame&) { return Errno{EIO}; }
    virtual Result<void> write_pages(u64 first, Span<Frame* const> frames);
    // Allocates space for these bytes, so that ENOSPC is told now and not at write-back. Called
    // with `lock` held by write(2), without it when a shared mapping is written. Leaves `size`.
    virtual Result<void> prepare_write(u64 /*offset*/, u64 /*bytes*/) { return Errno{EINVAL}; }

    // Stores changed attributes (in the block cache, not yet on the disk). `lock` held.
    virtual Result<void> write_attributes() { return {}; }
    // Makes data and attributes permanent. The base writes the dirty pages back; a file system on a
    // disk overrides it, calls it, and flushes. Without lock.
    virtual Result<void> sync();

    // A new open file description. The base knows regular files, directories, devices and FIFOs.
    virtual Result<Ref<File>> open(u32 flags);

    // A removed directory's parent, under `lock`: who still stands in it may leave it by "..". Set by
    // names.cc and rename.cc, so that file systems need not care.
    Ref<Inode> removed_from;

    // A file is either written or run: as long as this lives, one more has it open for writing, or runs
    // it.
    class Use {
      public:
        enum Kind : i32 { kNone = 0, kWrite = 1, kRun = -1 };

        Use() = default;
        Use(Use&& other) : inode_(exchange(other.inode_, nullptr)), kind_(other.kind_) {}
        ~Use() {
            if (inode_ != nullptr) inode_->users_.fetch_sub(kind_);
        }
        // ETXTBSY. The inode must outlive it.
        static Result<Use> begin(Inode& inode, Kind kind);

      private:
        Use(Inode& inode, Kind kind) : inode_(&inode), kind_(kind) {}

        Inode* inode_ = nullptr;
        Kind kind_ = kNone;
    };

    // What is mounted here, or null; see path.cc. Changed by fs/mount.cc under mount_lock.
    Atomic<FileSystem*> mounted{nullptr};

    // A FIFO's pipe, from its first opening on; under `lock`.
    Ref<Pipe> fifo;

    static i64 live_count();  // inodes in memory, of all file systems (leak tests)

  private:
    friend class InodeCache;
    Atomic<u32> references_{1};
    Atomic<i32> users_{0};  // writers, or, below zero, who runs it
    ListNode hash_node_;    // InodeCache's
    ListNode unused_node_;  // InodeCache's
    u64 sync_pass_ = 0;     // InodeCache's
};

// DT_ constant of a mode's file type.
inline u8 directory_type(u32 mode) { return static_cast<u8>((mode & S_IFMT) >> 12); }
