// Making, removing and renaming names, in the file system in memory; and that nothing is left over.
#include "base/random.h"
#include "cpu/machine.h"
#include "io/tests/scratch.h"

KTEST(io_names_count_links) {
    Scratch scratch;
    Ref<Inode> f = scratch.file("f");
    EXPECT_OK(make_link(*scratch.root, "g", *f));
    EXPECT_EQ(f->nlink.load(), 2u);
    EXPECT_ERROR(make_link(*scratch.root, "g", *f), EEXIST);
    EXPECT_OK(remove_file(*scratch.root, "f"));
    EXPECT_EQ(f->nlink.load(), 1u);
    EXPECT_OK(remove_file(*scratch.root, "g"));
    EXPECT_ERROR(make_link(*scratch.root, "h", *f), ENOENT);

    EXPECT_EQ(scratch.root->nlink.load(), 2u);
    Ref<Inode> d = scratch.directory("d");
    EXPECT_EQ(scratch.root->nlink.load(), 3u);
    EXPECT_ERROR(make_link(*scratch.root, "e", *d), EPERM);
    Scratch::file_in(d, "x");
    EXPECT_ERROR(remove_directory(*scratch.root, "d"), ENOTEMPTY);
    EXPECT_ERROR(remove_file(*scratch.root, "d"), EISDIR);
    EXPECT_ERROR(remove_directory(*d, "x"), ENOTDIR);
    EXPECT_OK(remove_file(*d, "x"));
    EXPECT_OK(remove_directory(*scratch.root, "d"));
    EXPECT_EQ(scratch.root->nlink.load(), 2u);
    EXPECT_ERROR(make_file(*d, "late", {.mode = S_IFREG | 0644}), ENOENT);
}

KTEST(io_rename_replaces) {
    Scratch scratch;
    Ref<Inode> f = scratch.file("f");
    Ref<Inode> g = scratch.file("g");
    EXPECT_ERROR(scratch.rename("f", "g", RENAME_NOREPLACE), EEXIST);
    EXPECT_OK(scratch.rename("f", "g"));
    EXPECT(scratch.find("g").value() == f);
    EXPECT_ERROR(scratch.find("f"), ENOENT);
    EXPECT_EQ(g->nlink.load(), 0u);

    Ref<Inode> d = scratch.directory("d");
    EXPECT_ERROR(scratch.rename("g", "d"), EISDIR);
    EXPECT_ERROR(scratch.rename("d", "g"), ENOTDIR);
    EXPECT_ERROR(scratch.rename("g", "h/"), ENOTDIR);
    EXPECT_OK(scratch.rename("g", "d/g"));
    Ref<Inode> e = scratch.directory("e");
    EXPECT_ERROR(scratch.rename("e", "d"), ENOTEMPTY);
    EXPECT_OK(scratch.rename("d", "e"));
    EXPECT(scratch.find("e/g").value() == f);
    EXPECT_EQ(scratch.root->nlink.load(), 3u);
    EXPECT_EQ(e->nlink.load(), 0u);

    EXPECT_OK(make_link(*scratch.root, "same", *f));
    EXPECT_OK(scratch.rename("same", "e/g"));
    EXPECT_OK(scratch.find("same"));  // two names of one file: both stay
}

KTEST(io_rename_keeps_the_tree_whole) {
    Scratch scratch;
    Ref<Inode> a = scratch.directory("a");
    Ref<Inode> b = Scratch::directory_in(a, "b");
    Scratch::directory_in(b, "c");
    EXPECT_ERROR(scratch.rename("a", "a/x"), EINVAL);
    EXPECT_ERROR(scratch.rename("a", "a/b/c/x"), EINVAL);
    EXPECT_ERROR(scratch.rename("a/b/c", "a"), ENOTEMPTY);
    EXPECT_ERROR(scratch.rename("a/b/c", "a", RENAME_EXCHANGE), EINVAL);
    EXPECT_ERROR(scratch.rename("a/.", "x"), EBUSY);
    EXPECT_ERROR(scratch.rename("a", "x/."), ENOENT);
    EXPECT_OK(scratch.rename("a/b", "b"));
    EXPECT(scratch.find("b/..").value() == scratch.root);
    EXPECT_EQ(a->nlink.load(), 2u);
    EXPECT_EQ(scratch.root->nlink.load(), 4u);
}

KTEST(io_rename_exchanges) {
    Scratch scratch;
    Ref<Inode> a = scratch.directory("a");
    Ref<Inode> d = Scratch::directory_in(a, "d");
    Ref<Inode> f = scratch.file("f");
    EXPECT_ERROR(scratch.rename("f", "x", RENAME_EXCHANGE), ENOENT);
    EXPECT_OK(scratch.rename("f", "a/d", RENAME_EXCHANGE));
    EXPECT(scratch.find("f").value() == d);
    EXPECT(scratch.find("a/d").value() == f);
    EXPECT(scratch.find("f/..").value() == scratch.root);
    EXPECT_EQ(a->nlink.load(), 2u);
    EXPECT_EQ(scratch.root->nlink.load(), 4u);
}

KTEST(io_removed_directories_keep_their_parents) {
    i64 before = Inode::live_count();
    {
        Scratch scratch;
        Ref<Inode> a = scratch.directory("a");
        Ref<Inode> b = Scratch::directory_in(a, "b");
        EXPECT_OK(remove_directory(*a, "b"));
        EXPECT_OK(remove_directory(*scratch.root, "a"));
        a = nullptr;
        EXPECT_OK(lookup_entry(b, ".."));
        EXPECT_OK(lookup_entry(lookup_entry(b, "..").value(), ".."));
    }
    EXPECT_EQ(Inode::live_count(), before);
}

namespace {

void random_names(u64 seed) {
    Random random(seed);
    Scratch scratch;
    constexpr const char* kPaths[] = {"a", "b", "a/x", "a/y", "b/x", "b/y", "a/x/z", "b/y/z"};
    auto pick = [&] { return StringView(kPaths[random.below(array_size(kPaths))]); };
    for (int step = 0; step < 400; step++) {
        Result<ParentAndName> parent = lookup_parent(scratch.root, pick());
        if (!parent.ok()) continue;
        ParentAndName& at = *parent;
        Inode& directory = *at.directory;
        switch (random.below(5)) {
        case 0: (void) make_file(directory, at.name(), {.mode = S_IFREG | 0644}); break;
        case 1: (void) make_directory(directory, at.name(), {.mode = S_IFDIR | 0755}); break;
        case 2: (void) remove_file(directory, at.name()); break;
        case 3: (void) remove_directory(directory, at.name()); break;
        case 4: (void) scratch.rename(pick(), pick(), random.below(4) == 0 ? RENAME_EXCHANGE : 0);
        }
    }
}

}  // namespace

// Whatever happens, the inodes and the heap are as before once the file system is gone.
KTEST(io_names_leave_nothing_behind) {
    u64 seed = 1;
    parse_number(boot_option("seed", "1"), seed);
    i64 before = Inode::live_count();
    for (u64 round = 0; round < 20; round++) random_names(seed + round);
    EXPECT_EQ(Inode::live_count(), before);
}
