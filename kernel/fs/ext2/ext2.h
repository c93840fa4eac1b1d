// The ext2 file system, as floor io wants file systems: inodes, directories, files, links.
// The disk below is an Ext2Volume (volume.h), the blocks of one file a BlockMap (block_map.h).
// File contents go through the page cache, all else through the volume's block cache.
// Locks are io's (io/inode.h): who calls holds the inode's lock where that says so.
#pragma once
#include "fs/ext2/block_map.h"
#include "fs/ext2/volume.h"
#include "io/file_system.h"

class Ext2Inode;

// Reads the superblock and makes the file system of it, not yet mounted anywhere. A disk that
// cannot be written gives a read-only one. Errors as Ext2Volume::open's.
Result<Ref<FileSystem>> open_ext2(BlockDevice& device, bool read_only);

class Ext2 final : public FileSystem {
  public:
    explicit Ext2(Owned<Ext2Volume> volume);
    ~Ext2() override;
    // Takes the root into memory; comes before all else.
    Result<void> start(bool read_only);

    Ref<Inode> root() override { return root_; }
    Result<void> statfs(struct statfs& result) override;
    Result<void> sync() override;
    Result<void> remount(bool read_only) override;
    Result<void> rename(const Rename& rename) override;
    void free_inode(Inode& inode) override;

    Ext2Volume& volume() { return *volume_; }
    // Inode `ino`, from memory or from the disk. EUCLEAN where it is not in use or makes no sense.
    Result<Ref<Ext2Inode>> inode(u32 ino);
    // A new inode, without links and in no directory: dropped, it is free again.
    Result<Ref<Ext2Inode>> new_inode(Ext2Inode& directory, const NewInode& attributes);

  private:
    Result<void> exchange(const Rename& rename);

    Owned<Ext2Volume> volume_;
    Ref<Inode> root_;
};

// A place in a directory: where an entry stands. Keeps its block in memory.
struct Ext2Slot {
    Ref<Block> block;
    u32 offset = 0;
    u32 index = 0;  // of the block in the directory
    Ext2DirEntry& entry() const { return *block->at<Ext2DirEntry>(offset); }
};

class Ext2Inode final : public Inode {
  public:
    Ext2Inode(Ext2& fs, u32 ino, u32 mode, Ext2Volume::InodePlace place);
    // Fills the attributes from the disk, checked.
    Result<void> load();
    // Fills the inode on the disk with zeros but for what a new one needs.
    void initialise(const NewInode& attributes);
    // Gives back what the inode has on the disk, and the inode itself.
    void free();

    // Directories: names.cc.
    Result<Ref<Inode>> lookup(StringView name) override;
    Result<Ref<Inode>> create(StringView name, const NewInode& attributes) override;
    Result<Ref<Inode>> mkdir(StringView name, const NewInode& attributes) override;
    Result<Ref<Inode>> symlink(StringView name, StringView target,
                               const NewInode& attributes) override;
    Result<void> link(StringView name, Inode& target) override;
    Result<void> unlink(StringView name, Inode& victim) override;
    Result<void> rmdir(StringView name, Inode& victim) override;

    // The entries of a directory: directory.cc.
    Result<void> list(u64 from, DirectoryVisitor& visitor) override;
    Result<Ext2Slot> find_entry(StringView name);
    Result<u32> find_number(StringView name);
    Result<Ref<Inode>> lookup_parent();
    Result<void> add_entry(StringView name, Inode& target);
    Result<void> remove_entry(const Ext2Slot& slot);
    // Makes an entry name another inode.
    void replace_entry(const Ext2Slot& slot, Inode& target);
    // ENOTEMPTY if there is more than "." and "..".
    Result<void> check_empty();
    Result<void> write_first_entries(Ext2Inode& parent);

    // Moving and removing names: names.cc.
    Result<Ext2Slot> find_victim(StringView name, const Inode& victim);
    // A directory below is gone, and its ".." with it.
    void drop_child() {
        if (nlink.load() > 2) nlink.fetch_sub(1);
    }
    // This directory's ".." names its new parent from here on.
    void move_to(Ext2Inode& parent, const Ext2Slot& dot_dot) {
        replace_entry(dot_dot, parent);
        set_parent(static_cast<u32>(parent.ino));
    }

    // The directory that this one is in.
    Result<u32> parent_number();
    bool is_in(const Ext2Inode& directory);
    void set_parent(u32 ino) { parent_number_.store(ino); }

    // Contents: file.cc.
    Result<usize> read_link(Span<char> to) override;
    Result<void> truncate(u64 new_size) override;
    Result<void> read_pages(u64 first, Span<Frame* const> frames) override;
    Result<void> write_pages(u64 first, Span<Frame* const> frames) override;
    Result<void> prepare_write(u64 offset, u64 bytes) override;
    Result<void> sync() override;

    Result<void> write_attributes() override;
    // Sets mtime and ctime, or ctime alone, to now and stores all attributes.
    void touch_contents();
    void touch_links();

    Ext2& ext2() const { return static_cast<Ext2&>(fs); }

  private:
    Ext2Volume& volume() const { return ext2().volume(); }
    bool has_block_map() const;
    u64 largest_size() const;
    Ext2ExtraInode* extra_part(usize offset) const;
    Result<void> load_size();
    void load_times();
    void store_times();
    void store_device();
    Result<void> store_target(StringView target);
    void free_attribute_block();

    Result<Ref<Block>> directory_block(u32 index);
    Result<Ref<Block>> new_directory_block(u32 index);
    void write_entry(Block& block, u32 offset, u32 length, StringView name, const Inode& target);
    Result<bool> add_in_block(u32 index, StringView name, Inode& target);
    Result<void> extend(StringView name, Inode& target);
    Result<void> insert_link(StringView name, Ext2Inode& target);

    template <typename Operation>
    Result<void> for_each_run(u64 page_index, Frame& frame, Operation operation);

    Ref<Block> home_;      // the block of the inode table that the inode is in
    Ext2DiskInode& disk_;  // in home_
    BlockMap map_;
    Atomic<u32> parent_number_{0};  // directories: 0 until it is known
    u32 add_hint_ = 0;              // directories: the block where there was room last
    u32 find_hint_ = 0;             // … where a name was found last
    // Where blocks are smaller than pages: keeps truncation from freeing the end of a page that is
    // being written.
    Mutex tail_lock_{LockRank::kFileTail, "ext2 tail"};
};

inline Ext2Inode& ext2_inode(Inode& inode) { return static_cast<Ext2Inode&>(inode); }
