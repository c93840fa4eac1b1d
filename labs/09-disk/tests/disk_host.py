"""The host's side of lab `disk`: scripts for the probe, what the sectors must hold, and what QEMU
says about the device: its features, its queue, its block statistics and its log of writes.

    guest = Guest(start, symbols, folder, [line(WRITE, 100, count=8, slot=3), line(STOP)])
    guest.run_to_stop()
    guest.image.read_bytes()
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from grading.machine import Machine
from grading.qemu import Disk
from grading.symbols import Symbols
from labs.grade import fail
from labs.probe import Probe

SECTOR, BLOCK = 512, 1024
SECTORS = 16384
ERROR, EIO = 1 << 63, 5
MASK = (1 << 64) - 1
# The numbers are those of kernel/disk_probe.cc.
STOP, WRITE, READ, FLUSH, MANY_WRITE, MANY_READ, OPEN, GET, HOLD, DROP = range(1, 11)
CHANGE, SYNC, READERS, MISSES, BLOCKS, CLOSE = range(11, 17)


def line(op: int, number: int = 0, count: int = 1, slot: int = 0) -> bytes:
    return struct.pack("<BBHIQ", op, 0, slot, count, number)


def stamp(sector: int, version: int) -> bytes:
    """What the probe writes to a sector."""
    base = sector * 0x9E3779B97F4A7C15 + version * 0xD6E8FEB86659FD93
    return struct.pack("<64Q", *((base + i) & MASK for i in range(64)))


def total(data: bytes) -> int:
    """The sum that the probe makes of what it has read."""
    value = 0
    for word in struct.unpack(f"<{len(data) // 8}Q", data):
        value = (value * 31 + word) & MASK
    return value


class Model:
    """What the disk must hold."""

    def __init__(self, content: bytes) -> None:
        self.content = bytearray(content)

    def write(self, sector: int, count: int, version: int, stride: int = 1) -> None:
        for n in range(sector, sector + count * stride, stride):
            self.content[n * SECTOR : (n + 1) * SECTOR] = stamp(n, version)

    def sum(self, sector: int, count: int, stride: int = 1) -> int:
        places = range(sector, sector + count * stride, stride)
        return total(b"".join(self.content[n * SECTOR : (n + 1) * SECTOR] for n in places))

    def compare(self, image: Path, what: str, why: str) -> None:
        seen = image.read_bytes()
        wrong = [
            n
            for n in range(SECTORS)
            if seen[n * SECTOR : (n + 1) * SECTOR] != self.content[n * SECTOR : (n + 1) * SECTOR]
        ]
        if wrong:
            fail(
                f"{what}: {len(wrong)} sectors of the image are not as written, first {wrong[0]}",
                why,
            )


class Guest(Probe):
    """A machine under gdb with a disk of random contents, that runs a script."""

    def __init__(
        self,
        start: Callable[..., Machine],
        symbols: Symbols,
        folder: Path,
        rng: Any,
        script: Sequence[bytes],
        *,
        properties: str = "",
        log: bool = False,
        blkdebug: str = "",
        others: Sequence[Disk] = (),
    ) -> None:
        number = len(list(folder.glob("script*.bin")))
        path = folder / f"script{number}.bin"
        path.write_bytes(b"".join(script) + bytes(16))
        self.image, self.log = folder / f"disk{number}.img", folder / f"writes{number}.log"
        content = rng.randbytes(SECTORS * SECTOR)
        self.image.write_bytes(content)
        self.model = Model(content)
        disk = Disk(
            self.image,
            "direct",
            properties=properties,
            log=self.log if log else None,
            blkdebug=blkdebug,
        )
        machine = start(
            gdb=True, append="ktest=disk_lab_script", initrd=path, disks=[disk, *others]
        )
        super().__init__(machine, symbols, "disk_lab")

    # What QEMU says of the disk.

    def paths(self) -> list[str]:
        found = self.machine.monitor.execute("x-query-virtio")
        return [d["path"] for d in found if d["name"] == "virtio-blk"]

    def status(self) -> dict[str, Any]:
        return self.machine.monitor.execute("x-query-virtio-status", path=self.paths()[0])

    def queue(self) -> dict[str, Any]:
        return self.machine.monitor.execute(
            "x-query-virtio-queue-status", path=self.paths()[0], queue=0
        )

    def requests(self, kind: str) -> int:
        """How many requests the device has had: rd, wr or flush."""
        stats = self.machine.monitor.execute("query-blockstats")
        return int(next(s for s in stats if s.get("device") == "d0")["stats"][f"{kind}_operations"])

    def events(self) -> list[tuple[str, int, int]]:
        """The log of the disk: ("write", first sector, sectors) and ("flush", 0, 0)."""
        data = self.log.read_bytes()
        if not data:  # the log's first block comes with its first entry
            return []
        _, _, count, size = struct.unpack_from("<QQQI", data)
        found, at = [], size
        for _ in range(count):
            sector, sectors, flags, _ = struct.unpack_from("<QQQQ", data, at)
            at += size + (0 if flags & 4 else sectors * size)
            if flags & 1:
                found.append(("flush", 0, 0))
            elif not flags & 4:
                found.append(("write", sector * size // SECTOR, sectors * size // SECTOR))
        return found
