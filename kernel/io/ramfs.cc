// The file system in memory. See ramfs.h. It is also the smallest complete example of what a file
// system has to provide: read it before ext2.
//
// A directory holds its entries in a list, guarded by the directory's lock. An entry points to its
// inode without a reference: an inode with a link rests in the InodeCache (Resting::kInMemory).
// What concerns directories is called with the directory's lock held, and with the locks that inode.h
// and file_system.h name for each.
#include "io/ramfs.h"

#include "abi/dirent.h"
#include "abi/limits.h"
#include "cpu/rtc.h"

namespace {

constexpr u64 kBlocksPerPage = kPageSize / 512;  // as st_blocks counts

class Ramfs;

class RamfsInode final : public Inode {
  public:
    RamfsInode(Ramfs& ramfs, u64 number, const NewInode& attributes);
    ~RamfsInode() override;

    Result<Ref<Inode>> lookup(StringView name) override;
    Result<Ref<Inode>> create(StringView name, const NewInode& attributes) override;
    Result<Ref<Inode>> mkdir(StringView name, const NewInode& attributes) override;
    Result<Ref<Inode>> symlink(StringView name, StringView target,
                               const NewInode& attributes) override;
    Result<void> link(StringView name, Inode& target) override;
    Result<void> unlink(StringView name, Inode& victim) override;
    Result<void> rmdir(StringView name, Inode& victim) override;
    Result<void> list(u64 from, DirectoryVisitor& visitor) override;
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
    // Puts an entry into the directory: ENOMEM.
    Result<void> add(StringView name, RamfsInode& inode);
    void remove(Entry& entry);
    void move_links(RamfsInode& from, RamfsInode* to);
    void touch() {
        mtime.store(wall_clock_now());
        ctime.store(mtime.load());
    }
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
    ~Ramfs() override {
        root_ = nullptr;
        inodes.clear();
    }

    Result<void> create_root();
    Result<Ref<RamfsInode>> new_inode(const NewInode& attributes);

    Ref<Inode> root() override { return root_; }
    Result<void> statfs(struct statfs& result) override;
    Result<void> rename(const Rename& rename) override;

    bool full() const { return pages_used_.load_relaxed() >= page_limit_; }
    // A file has so many more pages than before; fewer where the sum wraps around.
    void count_pages(u64 change) { pages_used_.fetch_add(change); }

  private:
    const u64 page_limit_;
    Atomic<u64> pages_used_{0};
    Atomic<u64> next_ino_{1};
    Ref<Inode> root_;
};

RamfsInode::RamfsInode(Ramfs& ramfs, u64 number, const NewInode& attributes)
    : Inode(ramfs, number, attributes.mode), ramfs_(ramfs) {
    uid.store(attributes.uid);
    gid.store(attributes.gid);
    device = attributes.device;
}

RamfsInode::~RamfsInode() {
    account();
    while (Entry* entry = entries_.pop_front()) delete entry;
    heap_free(target_);
}

// Tells the file system how many pages the file has now; `blocks` is what it was told before.
void RamfsInode::account() {
    u64 now = pages.page_count() * kBlocksPerPage;
    u64 before = blocks.exchange(now);
    // Unsigned, and so right for files that shrink too.
    ramfs_.count_pages(now / kBlocksPerPage - before / kBlocksPerPage);
}

Result<void> RamfsInode::truncate(u64) {
    account();
    return {};
}

// What has never been written is zero. Pages stay in the cache from then on: they are the file.
Result<void> RamfsInode::read_page(u64, Frame& frame) {
    memset(frame.data(), 0, kPageSize);
    return {};
}

// The page that is to be written is in the cache already; a full file system lets it go again.
Result<void> RamfsInode::prepare_write(u64, u64) {
    bool grown = pages.page_count() * kBlocksPerPage > blocks.load();
    bool refused = grown && ramfs_.full();
    if (refused) pages.truncate(size.load());
    account();
    return refused ? Errno{ENOSPC} : Result<void>();
}

Result<usize> RamfsInode::read_link(Span<char> to) {
    if (target_ == nullptr) return Errno{EINVAL};
    usize length = min(to.size(), static_cast<usize>(size.load()));
    memcpy(to.data(), target_, length);
    return length;
}

// Directories.

RamfsInode::Entry* RamfsInode::find(StringView name) {
    for (Entry& entry : entries_)
        if (entry.name() == name) return &entry;
    return nullptr;
}

Result<void> RamfsInode::add(StringView name, RamfsInode& inode) {
    Entry* entry = TRY(make<Entry>()).release();
    entry->inode = &inode;
    entry->length = static_cast<u8>(name.size());
    memcpy(entry->text, name.data(), name.size());
    entry->position = next_position_++;
    entries_.push_back(*entry);
    touch();
    return {};
}

void RamfsInode::remove(Entry& entry) {
    entries_.remove(entry);
    delete &entry;
    touch();
}

Result<Ref<Inode>> RamfsInode::lookup(StringView name) {
    if (!is_directory()) return Errno{ENOTDIR};
    if (name == "..") return Ref<Inode>(*parent_);
    Entry* entry = find(name);
    if (entry == nullptr) return Errno{ENOENT};
    return Ref<Inode>(*entry->inode);
}

Result<Ref<Inode>> RamfsInode::create(StringView name, const NewInode& attributes) {
    Ref<RamfsInode> inode = TRY(ramfs_.new_inode(attributes));
    TRY(add(name, *inode));
    inode->nlink.store(1);
    return Ref<Inode>(inode);
}

Result<Ref<Inode>> RamfsInode::mkdir(StringView name, const NewInode& attributes) {
    Ref<Inode> made = TRY(create(name, attributes));
    static_cast<RamfsInode&>(*made).parent_ = this;
    made->nlink.store(2);  // its name and its "."
    nlink.fetch_add(1);    // its ".."
    return made;
}

Result<Ref<Inode>> RamfsInode::symlink(StringView name, StringView target,
                                       const NewInode& attributes) {
    char* text = static_cast<char*>(heap_allocate(target.size()));
    if (text == nullptr) return Errno{ENOMEM};
    Defer undo([&] { heap_free(text); });
    Ref<Inode> made = TRY(create(name, attributes));
    undo.cancel();
    memcpy(text, target.data(), target.size());
    static_cast<RamfsInode&>(*made).target_ = text;
    made->size.store(target.size());
    return made;
}

Result<void> RamfsInode::link(StringView name, Inode& target) {
    TRY(add(name, static_cast<RamfsInode&>(target)));
    target.nlink.fetch_add(1);
    target.ctime.store(mtime.load());
    return {};
}

Result<void> RamfsInode::unlink(StringView name, Inode& victim) {
    Entry* entry = find(name);
    if (entry == nullptr) return Errno{ENOENT};
    remove(*entry);
    static_cast<RamfsInode&>(victim).move_links(*this, nullptr);
    return {};
}

Result<void> RamfsInode::rmdir(StringView name, Inode& victim) {
    if (!static_cast<RamfsInode&>(victim).entries_.empty()) return Errno{ENOTEMPTY};
    return unlink(name, victim);
}

Result<void> RamfsInode::list(u64 from, DirectoryVisitor& visitor) {
    if (!is_directory()) return Errno{ENOTDIR};
    if (from <= 0 && !visitor.entry(".", ino, DT_DIR, 1)) return {};
    if (from <= 1 && !visitor.entry("..", parent_->ino, DT_DIR, 2)) return {};
    for (Entry& entry : entries_) {
        if (entry.position < from) continue;
        u8 type = directory_type(entry.inode->mode.load());
        if (!visitor.entry(entry.name(), entry.inode->ino, type, entry.position + 1)) break;
    }
    return {};
}

// Its name has gone from one directory to another, or (null) is gone. A directory counts the ".." of
// those below it.
void RamfsInode::move_links(RamfsInode& from, RamfsInode* to) {
    ctime.store(wall_clock_now());
    if (is_directory()) from.nlink.fetch_sub(1);
    if (to == nullptr) {
        nlink.store(is_directory() ? 0 : nlink.load() - 1);
    } else if (is_directory()) {
        to->nlink.fetch_add(1);
        parent_ = to;
    }
}

// The file system as a whole.

Result<void> Ramfs::create_root() {
    Ref<RamfsInode> root = TRY(new_inode({.mode = S_IFDIR | 0755}));
    root->parent_ = root.get();
    root->nlink.store(2);
    root_ = root;
    return {};
}

// An inode without a link: the caller gives it one, or it goes with its last reference.
Result<Ref<RamfsInode>> Ramfs::new_inode(const NewInode& attributes) {
    Owned<RamfsInode> inode = TRY(make<RamfsInode>(*this, next_ino_.fetch_add(1), attributes));
    Ref<RamfsInode> result(*inode);
    (void) inodes.insert(move(inode));
    return result;
}

Result<void> Ramfs::statfs(struct statfs& result) {
    u64 used = min(pages_used_.load(), page_limit_);
    result.f_type = TMPFS_MAGIC;
    result.f_bsize = result.f_frsize = kPageSize;
    result.f_blocks = page_limit_;
    result.f_bfree = result.f_bavail = page_limit_ - used;
    result.f_namelen = NAME_MAX;
    return {};
}

Result<void> Ramfs::rename(const Rename& rename) {
    auto& old_directory = static_cast<RamfsInode&>(rename.old_directory);
    auto& new_directory = static_cast<RamfsInode&>(rename.new_directory);
    auto& moved = static_cast<RamfsInode&>(rename.moved);
    auto* replaced = static_cast<RamfsInode*>(rename.replaced);
    RamfsInode::Entry* old_entry = old_directory.find(rename.old_name);
    RamfsInode::Entry* new_entry = new_directory.find(rename.new_name);
    if (old_entry == nullptr || (replaced != nullptr && new_entry == nullptr)) return Errno{ENOENT};
    if (replaced == nullptr) {
        TRY(new_directory.add(rename.new_name, moved));
    } else {
        if (!rename.exchange && !replaced->entries_.empty()) return Errno{ENOTEMPTY};
        new_entry->inode = &moved;
    }
    // From here on nothing fails.
    if (rename.exchange) {
        old_entry->inode = replaced;
    } else {
        old_directory.remove(*old_entry);
    }
    moved.move_links(old_directory, &new_directory);
    if (replaced != nullptr) {
        replaced->move_links(new_directory, rename.exchange ? &old_directory : nullptr);
    }
    old_directory.touch();
    new_directory.touch();
    return {};
}

}  // namespace

Result<Ref<FileSystem>> create_ramfs(const char* type, u64 page_limit) {
    Ref<Ramfs> ramfs = TRY(make_ref<Ramfs>(type, page_limit));
    TRY(ramfs->create_root());
    ramfs->make_known();
    return Ref<FileSystem>(ramfs);
}
