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

from grading.errors import GuestTimeout
from grading.machine import Machine
from grading.qemu import Disk
from grading.symbols import Symbols
from labs.grade import fail
from labs.probe import SECONDS, Probe

SECTOR, BLOCK = 512, 1024
SECTORS = 16384
ERROR, EIO = 1 << 63, 5
MASK = (1 << 64) - 1
# The numbers are those of kernel/disk_probe.cc.
STOP, WRITE, READ, FLUSH, MANY_WRITE, MANY_READ, OPEN, GET, HOLD, DROP = range(1, 11)
CHANGE, SYNC, READERS, MISSES, BLOCKS, CLOSE = range(11, 17)
NAMES = (
    "the end, stop, write of sectors, read of sectors, flush, many writes, many reads, a new cache, "
    "get a block, hold a block, drop a block, change a block, sync, readers of one block, misses, "
    "blocks, the cache's end"
).split(", ")
READS_PER_SECOND = 50  # of a slow disk: so few that all threads come while the first one reads


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
        before, self.log = folder / f"disk{number}.img", folder / f"writes{number}.log"
        content = rng.randbytes(SECTORS * SECTOR)
        before.write_bytes(content)
        self.model = Model(content)
        disk = Disk(
            before,
            properties=properties,
            log=self.log if log else None,
            blkdebug=blkdebug,
        )
        machine = start(
            gdb=True, append="ktest=disk_lab_script", initrd=path, disks=[disk, *others]
        )
        self.image = machine.images[0]
        super().__init__(machine, symbols, "disk_lab")
        self.script = list(script)

    # Running.

    def run_to_stop(self, why: str = "") -> None:
        """To the script's next stop, or its end; `why` is told if it never comes there."""
        try:
            super().run_to_stop()
        except GuestTimeout:
            raise GuestTimeout(self._stands(why)) from None

    def _stands(self, why: str) -> str:
        step, queue = self.step(), self.queue()
        line = "the kernel has not begun with its script"
        if step < len(self.script):
            op, _, _, count, number = struct.unpack("<BBHIQ", self.script[step])
            line = f"the script stands at line {step} ({NAMES[op]}, {count} at {number})"
        taken, back = queue["last-avail-idx"], queue["used-idx"]
        device = f"has done all {taken} chains that it was given" if taken == back else (
            f"has given back {back} of {taken} chains")
        return (
            f"{line}; the device {device}" + (f"\n  why: {why}" if why else "")
        )

    def run_until_given_back(self, chains: int) -> None:
        """Until the device has done so many chains, whatever the kernel makes of that."""
        gdb, limit = self.machine.gdb, self.machine.deadline(SECONDS)
        for place in ("disk_lab_stop", "panic"):
            gdb.set_breakpoint(self.address(place))
        gdb.resume()
        while self.queue()["used-idx"] < chains:
            try:
                gdb.wait(0.02)
            except GuestTimeout:
                if not limit.left():
                    raise GuestTimeout(self._stands("the device looks when the index grows")) from None
                continue
            if gdb.read_register("pc") == self.address("panic"):
                self.panicked()
            break
        if gdb.running:
            gdb.interrupt()

    def slow_down(self) -> None:
        """From here on the disk reads slowly."""
        off = dict.fromkeys(("bps", "bps_rd", "bps_wr", "iops", "iops_wr"), 0)
        self.machine.monitor.execute(
            "block_set_io_throttle", device="d0", iops_rd=READS_PER_SECOND, **off
        )

    # What QEMU says of the disk.

    def paths(self) -> list[str]:
        found = self.machine.monitor.execute("x-query-virtio")
        return [d["path"] for d in found if d["name"] == "virtio-blk"]

    def status(self) -> dict[str, Any]:
        return self.machine.monitor.execute("x-query-virtio-status", path=self.paths()[0])

    def queue(self) -> dict[str, Any]:
        """QEMU's side of the queue: its indices modulo 2^16."""
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
