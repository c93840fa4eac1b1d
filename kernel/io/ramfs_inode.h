// The inner side of ramfs: its inodes and the file system object. It is also the smallest complete
// example of what a file system has to provide: read it before ext2.
//
// A directory holds its entries in a list, guarded by the directory's lock. An entry points to its
// inode without a reference: an inode with a link rests in the InodeCache (Resting::kInMemory).
#pragma once
#include "abi/limits.h"
#include "io/ramfs.h"

class Ramfs;

class RamfsInode final : public Inode {
  public:
    RamfsInode(Ramfs& ramfs, u64 number, const NewInode& attributes);
    ~RamfsInode() override;

    // ramfs_directory.cc
    Result<Ref<Inode>> lookup(StringView name) override;
    Result<Ref<Inode>> create(StringView name, const NewInode& attributes) override;
    Result<Ref<Inode>> mkdir(StringView name, const NewInode& attributes) override;
    Result<Ref<Inode>> symlink(StringView name, StringView target,
                               const NewInode& attributes) override;
    Result<void> link(StringView name, Inode& target) override;
    Result<void> unlink(StringView name, Inode& victim) override;
    Result<void> rmdir(StringView name, Inode& victim) override;
    Result<void> list(u64 from, DirectoryVisitor& visitor) override;

    // ramfs.cc
    Result<usize> read_link(Span<char> to) override;
    Result<void> truncate(u64 new_size) override;
    Result<void> read_page(u64 index, Frame& frame) override;
    Result<void> prepare_write(u64 offset, u64 bytes) override;

  private:
    friend class Ramfs;

    struct Entry {
        ListNode node;
        u64 position;  // where list() finds it again; grows from entry to entry
        RamfsInode* inode;
        u8 length;
        char text[NAME_MAX];

        StringView name() const { return {text, length}; }
    };

    Entry* find(StringView name);
    // Makes an entry that add() then puts into the directory, which cannot fail.
    static Result<Owned<Entry>> new_entry(StringView name, RamfsInode& inode);
    void add(Owned<Entry> entry);
    void remove(Entry& entry);
    Result<Ref<Inode>> create_entry(StringView name, const NewInode& attributes);
    void move_links(RamfsInode& from, RamfsInode* to);
    void touch();

    void account();

    Ramfs& ramfs_;
    // A directory's; guarded by `lock`.
    RamfsInode* parent_ = nullptr;
    List<Entry, &Entry::node> entries_;
    u64 next_position_ = 2;  // 0 and 1 are "." and ".."
    // A symbolic link's; does not change.
    char* target_ = nullptr;
};

class Ramfs final : public FileSystem {
  public:
    Ramfs(const char* type, u64 page_limit)
        : FileSystem(type, Resting::kInMemory), page_limit_(page_limit) {}
    ~Ramfs() override;

    Result<void> create_root();
    Result<Ref<RamfsInode>> new_inode(const NewInode& attributes);

    Ref<Inode> root() override { return root_; }
    Result<void> statfs(struct statfs& result) override;
    Result<void> rename(const Rename& rename) override;  // ramfs_directory.cc

    bool full() const { return pages_used_.load_relaxed() >= page_limit_; }
    // A file has so many more pages than before; fewer where the sum wraps around.
    void count_pages(u64 change) { pages_used_.fetch_add(change); }

  private:
    const u64 page_limit_;
    Atomic<u64> pages_used_{0};
    Atomic<u64> next_ino_{1};
    Ref<Inode> root_;
};
