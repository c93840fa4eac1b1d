"""Superblocks that cannot be right, one rule broken in each."""

from __future__ import annotations

import errno
import random

# By offset from the superblock's beginning: how it is packed, and a value.
Fields = dict[int, tuple[str, int | bytes]]


def spoilt_superblocks(rng: random.Random, disk: bytes) -> list[tuple[str, int, Fields]]:
    """What cannot be right, mount's error for it, and the fields that say so.

    `disk` has 2048 blocks of 1 KiB in one group. Where it can be, all else still fits.
    """
    descriptor = disk[2048:2080]
    many = rng.randrange(8193, 9000)
    wrapped, inodes = (1 << 31) + rng.randrange(1000, 2000), rng.randrange(1, 9) * 8
    groups = -(-(wrapped - 1) // 8192)
    return [
        ("the revision", errno.EINVAL, {76: ("<I", rng.randrange(2, 1 << 32))}),
        ("the size of a block", errno.EINVAL, {24: ("<I", rng.randrange(3, 64))}),
        ("an incompatible feature", errno.EINVAL, {96: ("<I", 1 << rng.choice([0, *range(2, 32)]))}),
        ("the magic number", errno.EINVAL, {56: ("<H", rng.randrange(1, 60000))}),
        ("the size of an inode", errno.EUCLEAN, {88: ("<H", rng.choice([0, 100, 24000]))}),
        ("the size of an inode, no power of two,", errno.EUCLEAN, {88: ("<H", rng.choice([384, 640]))}),
        ("the size of an inode, more than a block,", errno.EUCLEAN, {88: ("<H", 2048)}),
        ("the first data block", errno.EUCLEAN, {20: ("<I", 0)}),
        ("the first data block", errno.EUCLEAN, {20: ("<I", 2), 2048: ("32s", descriptor)}),
        ("blocks of a group", errno.EUCLEAN, {32: ("<I", rng.randrange(8193, 1 << 31))}),
        ("blocks of a group", errno.EUCLEAN, {32: ("<I", 0)}),
        ("inodes of a group", errno.EUCLEAN, {40: ("<I", 0)}),
        ("inodes of a group, more than bits,", errno.EUCLEAN, {0: ("<I", many), 40: ("<I", many)}),
        ("more blocks than the disk has", errno.EUCLEAN, {4: ("<I", rng.randrange(2049, 8000))}),
        ("more sectors than 32 bits count", errno.EUCLEAN,
         {4: ("<I", wrapped), 0: ("<I", groups * inodes), 40: ("<I", inodes)}),
        ("no block and no inode at all", errno.EUCLEAN, {4: ("<I", 1), 0: ("<I", 0)}),
        ("inodes that no group has", errno.EUCLEAN, {0: ("<I", rng.randrange(20, 90))}),
        ("the first inode for files", errno.EUCLEAN, {84: ("<I", rng.choice([0, 10, 1 << 30]))}),
    ]  # fmt: skip
