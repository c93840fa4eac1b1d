// Mapped files: an address space asks for pages, and gets the frames of the page cache.
#include "io/inode_file.h"
#include "process/pager.h"

namespace {

class InodePager final : public Pager {
  public:
    explicit InodePager(Ref<Inode> inode) : inode_(move(inode)) {}

    // Called with the address space locked, so the inode's lock must not be taken here.
    Result<Ref<Frame>> page(u64 index, Access access) override {
        u64 size = inode_->size.load();
        if (index >= divide_up(size, kPageSize)) return Errno{EFAULT};
        Ref<CachedPage> page = TRY(inode_->pages.get(index));
        if (access == Access::kWrite) {
            u64 start = index * kPageSize;
            TRY(inode_->prepare_write(start, min(u64{kPageSize}, size - start)));
            inode_->pages.mark_mapped_writable(*page);
        }
        return page->frame;
    }

    Result<void> sync(u64, u64) override { return inode_->pages.write_back(); }
    Identity identity() const override { return {inode_->fs.device(), inode_->ino}; }

  private:
    const Ref<Inode> inode_;
};

}  // namespace

Result<Ref<Pager>> InodeFile::pager() {
    if (!inode_->is_regular()) return Errno{ENODEV};
    return Ref<Pager>(TRY(make_ref<InodePager>(inode_)));
}
