// A file system in memory of a test's own, and short ways to make and look up names in it.
#pragma once
#include "base/ktest.h"
#include "io/names.h"
#include "io/ramfs.h"

// Fails the test where `result` is not this error.
#define EXPECT_ERROR(result, wanted)                                                               \
    do {                                                                                           \
        auto result_ = (result);                                                                   \
        EXPECT_EQ(result_.ok() ? 0 : result_.error().number, wanted);                              \
    } while (0)
#define EXPECT_OK(result) EXPECT_ERROR(result, 0)

struct Scratch {
    explicit Scratch(u64 pages = 64) {
        fs = create_ramfs("scratch", pages).value();
        root = fs->root();
    }
    Result<Ref<Inode>> find(StringView path, FollowLast follow = FollowLast::kYes) {
        return lookup_path(root, path, follow);
    }
    Ref<Inode> directory(StringView name) { return directory_in(root, name); }
    static Ref<Inode> directory_in(const Ref<Inode>& parent, StringView name) {
        return make_directory(*parent, name, {.mode = S_IFDIR | 0755}).value();
    }
    Ref<Inode> file(StringView name) { return file_in(root, name); }
    static Ref<Inode> file_in(const Ref<Inode>& parent, StringView name) {
        return make_file(*parent, name, {.mode = S_IFREG | 0644}).value();
    }
    Result<void> rename(StringView from, StringView to, u32 flags = 0) {
        ParentAndName old_name = TRY(lookup_parent(root, from));
        ParentAndName new_name = TRY(lookup_parent(root, to));
        return rename_entry(old_name, new_name, flags);
    }

    Ref<FileSystem> fs;
    Ref<Inode> root;
};
