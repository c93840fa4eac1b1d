// The file system in memory: files, symbolic links, and the file system as a whole. See ramfs.h;
// directories are in ramfs_directory.cc.
#include "io/ramfs_inode.h"

#include "cpu/rtc.h"

constexpr u64 kBlocksPerPage = kPageSize / 512;  // as st_blocks counts

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

Result<usize> RamfsInode::read_link(Span<char> to) {
    if (target_ == nullptr) return Errno{EINVAL};
    usize length = min(to.size(), static_cast<usize>(size.load()));
    memcpy(to.data(), target_, length);
    return length;
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

Result<Ref<FileSystem>> create_ramfs(const char* type, u64 page_limit) {
    Ref<Ramfs> ramfs = TRY(make_ref<Ramfs>(type, page_limit));
    TRY(ramfs->create_root());
    return Ref<FileSystem>(ramfs);
}

Ramfs::~Ramfs() {
    root_ = nullptr;
    inodes.clear();
}

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
    result.f_bsize = kPageSize;
    result.f_frsize = kPageSize;
    result.f_blocks = page_limit_;
    result.f_bfree = page_limit_ - used;
    result.f_bavail = result.f_bfree;
    result.f_namelen = NAME_MAX;
    return {};
}
