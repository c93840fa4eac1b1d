// Mounts, the name cache, /dev and /proc, without user programs.
#include "fs/devfs.h"
#include "fs/mount.h"
#include "fs/name_cache.h"
#include "fs/proc.h"
#include "io/device.h"
#include "io/tests/scratch.h"
#include "process/file.h"

KTEST(fs_mounts_cover_directories) {
    Ref<Inode> at = Scratch::directory_in(global_root(), "ktest_mount");
    {
        Scratch scratch;
        Ref<Inode> inside = scratch.file("inside");
        EXPECT_OK(mount_on(at, scratch.fs, "scratch"));
        EXPECT(scratch.find("/ktest_mount/inside").value() == inside);
        EXPECT(scratch.find("/ktest_mount/..").value() == global_root());
        EXPECT(scratch.find("/ktest_mount").value() == scratch.root);
        char text[32];
        EXPECT_EQ(path_of_inode(inside, Span<char>(text)).value(), usize{19});
        EXPECT(StringView(text, 19) == "/ktest_mount/inside");
        EXPECT_ERROR(remove_directory(*global_root(), "ktest_mount"), EBUSY);
        EXPECT_ERROR(unmount(scratch.root), EBUSY);
    }
    EXPECT_OK(unmount(lookup_path(global_root(), "ktest_mount", FollowLast::kYes).value()));
    EXPECT(lookup_path(global_root(), "ktest_mount", FollowLast::kYes).value() == at);
    EXPECT_ERROR(unmount(at), EINVAL);
    EXPECT_ERROR(unmount(global_root()), EBUSY);
    EXPECT_OK(remove_directory(*global_root(), "ktest_mount"));
}

KTEST(fs_paths_go_below_what_covers_them_later) {
    Ref<Inode> at = Scratch::directory_in(global_root(), "ktest_mount");
    Scratch lower, upper;
    {
        Ref<Inode> mounted_on = Scratch::directory_in(at, "d");
        EXPECT_OK(mount_on(mounted_on, lower.fs, "lower"));
        EXPECT_OK(mount_on(at, upper.fs, "upper"));
        char text[32];
        EXPECT_EQ(path_of_directory(lower.root, Span<char>(text)).value(), usize{15});
        EXPECT(StringView(text, 14) == "/ktest_mount/d");
    }
    EXPECT_OK(unmount(move(upper.root)));
    EXPECT_OK(unmount(move(lower.root)));
    EXPECT_OK(remove_directory(*at, "d"));
    EXPECT_OK(remove_directory(*global_root(), "ktest_mount"));
}

KTEST(fs_mounts_need_a_directory_that_is_there) {
    Ref<Inode> at = Scratch::directory_in(global_root(), "ktest_mount");
    EXPECT_OK(remove_directory(*global_root(), "ktest_mount"));
    Scratch scratch;
    EXPECT_ERROR(mount_on(at, scratch.fs, "scratch"), ENOENT);
    EXPECT_ERROR(mount_on(scratch.file("file"), scratch.fs, "scratch"), ENOTDIR);
}

KTEST(fs_name_cache_remembers_and_forgets) {
    Scratch scratch;
    Ref<Inode> other = scratch.directory("other");
    auto known = [&](const Inode& directory, StringView name) {
        u64 ino = 0;
        return find_name(directory, name, ino) ? static_cast<i64>(ino) : i64{-1};
    };
    EXPECT_EQ(known(*scratch.root, "n"), i64{-1});
    remember_name(*scratch.root, "n", 42);
    EXPECT_EQ(known(*scratch.root, "n"), i64{42});
    EXPECT_EQ(known(*scratch.root, "nn"), i64{-1});
    EXPECT_EQ(known(*other, "n"), i64{-1});
    remember_name(*scratch.root, "n", 0);
    EXPECT_EQ(known(*scratch.root, "n"), i64{0});
    forget_name(*scratch.root, "n");
    EXPECT_EQ(known(*scratch.root, "n"), i64{-1});
    // What is not kept is unknown, never wrong.
    char name[8];
    for (i64 i = 1; i < 10'000; i++) {
        format_into(name, sizeof name, "%ld", i);
        remember_name(*scratch.root, name, static_cast<u64>(i));
    }
    for (i64 i = 1; i < 10'000; i++) {
        format_into(name, sizeof name, "%ld", i);
        i64 found = known(*scratch.root, name);
        EXPECT(found == -1 || found == i);
    }
}

KTEST(fs_dev_has_its_nodes) {
    Ref<FileSystem> fs = create_devfs().value();
    Ref<Inode> null = lookup_path(fs->root(), "null", FollowLast::kYes).value();
    EXPECT_EQ(null->type(), u32{S_IFCHR});
    EXPECT_EQ(null->device, kNullDevice);
    EXPECT_OK(null->open(O_RDWR));
    NewInode unknown{.mode = S_IFCHR | 0600, .device = ABI_MAKEDEV(77, 7)};
    EXPECT_ERROR(make_file(*fs->root(), "new", unknown).value()->open(O_RDWR), ENXIO);
}

KTEST(fs_proc_writes_its_texts) {
    i64 before = Inode::live_count();
    {
        Ref<FileSystem> fs = create_procfs().value();
        EXPECT(lookup_path(fs->root(), "goose/..", FollowLast::kYes).value() == fs->root());
        EXPECT_ERROR(lookup_path(fs->root(), "99999999", FollowLast::kYes), ENOENT);
        EXPECT_ERROR(lookup_path(fs->root(), "x", FollowLast::kYes), ENOENT);
        constexpr const char* kNames[] = {"meminfo", "mounts", "uptime", "stat", "cpuinfo"};
        for (const char* name : kNames) {
            Ref<Inode> file = lookup_path(fs->root(), name, FollowLast::kYes).value();
            ProcText text;
            EXPECT_OK(write_proc_text(*file, text));
            EXPECT(text.view().size() > 8 && text.view().ends_with("\n"));
        }
    }
    EXPECT_EQ(Inode::live_count(), before);
}
