// Path lookup: components, links, trailing slashes, limits, and the way back to a path.
#include "base/format.h"
#include "io/tests/scratch.h"

KTEST(io_path_walks_components) {
    Scratch scratch;
    Ref<Inode> a = scratch.directory("a");
    Ref<Inode> b = Scratch::directory_in(a, "b");
    Ref<Inode> f = Scratch::file_in(b, "f");
    EXPECT(scratch.find("a/b/f").value() == f);
    EXPECT(scratch.find("a//b///f").value() == f);
    EXPECT(scratch.find("a/./b/../b/f").value() == f);
    EXPECT(scratch.find("..").value() == scratch.root);
    EXPECT(scratch.find("a/b/").value() == b);
    EXPECT_ERROR(scratch.find(""), ENOENT);
    EXPECT_ERROR(scratch.find("a/x"), ENOENT);
    EXPECT_ERROR(scratch.find("a/x/f"), ENOENT);
    EXPECT_ERROR(scratch.find("a/b/f/"), ENOTDIR);
    EXPECT_ERROR(scratch.find("a/b/f/."), ENOTDIR);
    EXPECT_ERROR(scratch.find("a/b/f/x"), ENOTDIR);
}

KTEST(io_path_follows_links) {
    Scratch scratch;
    Ref<Inode> a = scratch.directory("a");
    Ref<Inode> f = Scratch::file_in(a, "f");
    EXPECT_OK(make_symlink(*scratch.root, "to_a", "a"));
    EXPECT_OK(make_symlink(*a, "up", "../a/f"));
    EXPECT_OK(make_symlink(*scratch.root, "dangling", "nowhere"));
    EXPECT_OK(make_symlink(*scratch.root, "loop", "loop"));
    EXPECT(scratch.find("to_a/f").value() == f);
    EXPECT(scratch.find("to_a/up").value() == f);
    EXPECT(scratch.find("to_a").value() == a);
    EXPECT(scratch.find("to_a", FollowLast::kNo).value()->is_symlink());
    EXPECT(scratch.find("to_a/", FollowLast::kNo).value() == a);
    EXPECT_ERROR(scratch.find("dangling"), ENOENT);
    EXPECT_ERROR(scratch.find("loop"), ELOOP);
    EXPECT_ERROR(scratch.find("up/"), ENOENT);
    EXPECT_ERROR(scratch.find("a/up/"), ENOTDIR);
}

KTEST(io_path_gives_up_after_forty_links) {
    Scratch scratch;
    Ref<Inode> f = scratch.file("0");
    char name[8], target[8];
    for (int i = 1; i <= SYMLOOP_MAX + 1; i++) {
        format_into(target, sizeof target, "%d", i - 1);
        format_into(name, sizeof name, "%d", i);
        EXPECT_OK(make_symlink(*scratch.root, name, target));
    }
    EXPECT(scratch.find("40").value() == f);
    EXPECT_ERROR(scratch.find("41"), ELOOP);
}

KTEST(io_path_bounds_names) {
    Scratch scratch;
    char name[NAME_MAX + 1];
    memset(name, 'n', sizeof name);
    Ref<Inode> longest = scratch.file({name, NAME_MAX});
    EXPECT(scratch.find({name, NAME_MAX}).value() == longest);
    EXPECT_ERROR(scratch.find({name, NAME_MAX + 1}), ENAMETOOLONG);
    EXPECT_ERROR(lookup_parent(scratch.root, {name, NAME_MAX + 1}), ENAMETOOLONG);
}

KTEST(io_path_splits_off_the_last_component) {
    using Kind = ParentAndName::Kind;
    struct Case {
        const char* path;
        Kind kind;
        bool slash;
        const char* name;
    };
    constexpr Case kCases[] = {
        {"x", Kind::kName, false, "x"},       {"a/x", Kind::kName, false, "x"},
        {"a/x//", Kind::kName, true, "x"},    {"a/.", Kind::kDot, false, "."},
        {"a/..", Kind::kDotDot, false, ".."}, {"/", Kind::kRoot, false, ""},
        {"///", Kind::kRoot, false, ""},
    };
    Scratch scratch;
    scratch.directory("a");
    for (const Case& c : kCases) {
        ParentAndName parent = lookup_parent(scratch.root, c.path).value();
        EXPECT(parent.kind == c.kind);
        EXPECT(parent.trailing_slash == c.slash);
        EXPECT(parent.name() == StringView(c.name));
    }
    EXPECT_ERROR(lookup_parent(scratch.root, "missing/x"), ENOENT);
    scratch.file("f");
    EXPECT_ERROR(lookup_parent(scratch.root, "f/x"), ENOTDIR);
}

KTEST(io_path_finds_the_way_back) {
    Ref<Inode> top = make_directory(*global_root(), "ktest", {.mode = S_IFDIR | 0755}).value();
    Ref<Inode> below = Scratch::directory_in(top, "below");
    char text[64];
    EXPECT_EQ(path_of_directory(below, Span<char>(text)).value(), sizeof "/ktest/below");
    EXPECT(StringView(text) == "/ktest/below");
    EXPECT_ERROR(path_of_directory(below, Span<char>(text, 12)), ERANGE);
    EXPECT_EQ(path_of_directory(global_root(), Span<char>(text)).value(), sizeof "/");
    EXPECT_OK(remove_directory(*top, "below"));
    EXPECT_ERROR(path_of_directory(below, Span<char>(text)), ENOENT);
    EXPECT_OK(remove_directory(*global_root(), "ktest"));
}
