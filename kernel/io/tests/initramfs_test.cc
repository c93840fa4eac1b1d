// Unpacking archives: what they hold is made, and what is wrong with them does no harm.
#include "base/format.h"
#include "base/random.h"
#include "cpu/machine.h"
#include "io/initramfs.h"
#include "io/tests/scratch.h"

namespace {

// Builds an archive in a buffer of its own.
struct Archive {
    u8 bytes[2048];
    usize size = 0;

    void add(StringView name, u32 mode, StringView data, u32 ino = 1, u32 links = 1) {
        char header[111];
        format_into(header, sizeof header,
                    "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", ino, mode, 0, 0,
                    links, 0, static_cast<u32>(data.size()), 0, 0, 5, 1,
                    static_cast<u32>(name.size() + 1), 0);
        append({header, 110});
        append(name);
        append({"", 1});
        pad();
        append(data);
        pad();
    }
    void end() { add("TRAILER!!!", 0, ""); }
    void append(StringView text) {
        ASSERT(size + text.size() <= sizeof bytes);
        memcpy(bytes + size, text.data(), text.size());
        size += text.size();
    }
    void pad() {
        while (size % 4 != 0) bytes[size++] = 0;
    }
    ConstBytes view() const { return {bytes, size}; }
};

void fill(Archive& archive) {
    archive.add(".", S_IFDIR | 0700, "");
    archive.add("etc", S_IFDIR | 0750, "");
    archive.add("etc/motd", S_IFREG | 0644, "hello");
    archive.add("link", S_IFLNK | 0777, "etc/motd");
    archive.add("deep/er/console", S_IFCHR | 0600, "");
    archive.add("one", S_IFREG | 0755, "", 9, 2);
    archive.add("two", S_IFREG | 0755, "shared", 9, 2);
    archive.end();
}

}  // namespace

KTEST(io_archive_is_unpacked) {
    Archive archive;
    fill(archive);
    Scratch scratch;
    EXPECT_OK(unpack_archive(scratch.root, archive.view()));
    EXPECT_EQ(scratch.root->mode.load(), u32{S_IFDIR | 0700});
    EXPECT_EQ(scratch.find("etc").value()->mode.load(), u32{S_IFDIR | 0750});
    Ref<Inode> motd = scratch.find("link").value();
    EXPECT_EQ(motd->size.load(), u64{5});
    EXPECT_EQ(memcmp(motd->pages.get(0).value()->data(), "hello\0", 6), 0);
    EXPECT_EQ(scratch.find("deep/er/console").value()->device, ABI_MAKEDEV(5, 1));
    Ref<Inode> one = scratch.find("one").value();
    EXPECT(one == scratch.find("two").value());
    EXPECT_EQ(one->nlink.load(), 2u);
    EXPECT_EQ(one->size.load(), u64{6});
}

KTEST(io_archive_cut_short_is_refused) {
    Archive archive;
    fill(archive);
    for (usize size = 1; size < 400; size += 7) {
        Scratch scratch;
        Result<void> unpacked = unpack_archive(scratch.root, archive.view().first(size));
        EXPECT(unpacked.ok() || unpacked.error().number == EINVAL);
    }
}

KTEST(io_archive_with_random_damage_does_no_harm) {
    u64 seed = 1;
    parse_number(boot_option("seed", "1"), seed);
    Random random(seed);
    i64 before = Inode::live_count();
    for (int round = 0; round < 100; round++) {
        Archive archive;
        fill(archive);
        // Only digits of headers: names would print messages without end.
        usize at = 6 + random.below(104);
        archive.bytes[at] = "0123456789abcdefg"[random.below(17)];
        Scratch scratch(8);
        (void) unpack_archive(scratch.root, archive.view());
    }
    EXPECT_EQ(Inode::live_count(), before);
}
