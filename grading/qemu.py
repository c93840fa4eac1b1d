"""What machine to run, and the QEMU command line that says so. Starting it is machine.py's."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grading.console import FAILURES, LIMIT
from grading.errors import HostError

QEMU = "qemu-system-riscv64"
# More for a guest that may be hostile: a filter of QEMU's own system calls, and no network device.
IN_JAIL = ["-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"]
IN_JAIL += ["-nic", "none"]

# Exit statuses: what the guest says through the sifive_test device. 1 is QEMU's own.
POWER_OFF, REFUSED, TEST_FAILED, PANICKED, INIT_FAILED = 0, 2, 3, 4, 5


@dataclass(frozen=True)
class Disk:
    """A raw image as a virtio disk.

    mode `copy`: the guest writes to a copy in the run's folder, and `image` stays as it was.
    mode `direct`: the guest writes to `image`. mode `snapshot`: what it writes is thrown away.
    `blkdebug` is the text of a blkdebug configuration that injects errors; `log` names a file
    that receives every write and flush in the format of blklogwrites.
    """

    image: Path
    mode: str = "copy"
    serial: str = ""
    blkdebug: str = ""
    log: Path | None = None
    properties: str = ""  # more of the device's, such as "queue-size=8"

    def prepare(self, folder: Path, index: int) -> Path:
        """Makes the disk's files in the run's folder; returns the image that the guest gets."""
        if not self.image.exists():
            raise HostError(f"{self.image}: no such disk image; `make` builds the tree's own")
        if self.blkdebug:
            self._config(folder, index).write_text(self.blkdebug)
        if self.log:
            self.log.touch()
        if self.mode != "copy":
            return self.image.absolute()
        copy = folder / f"disk{index}.img"
        command = ["cp", "--sparse=always", "--reflink=auto", str(self.image), str(copy)]
        subprocess.run(command, check=True)
        return copy

    @staticmethod
    def _config(folder: Path, index: int) -> Path:
        return folder / f"blkdebug{index}.conf"

    def arguments(self, folder: Path, index: int, image: Path) -> list[str]:
        """QEMU's words for the disk, as the machine's disk number `index`."""
        file = f"driver=file,filename={_quoted(image)}"
        if self.blkdebug:
            file = f"driver=blkdebug,config={_quoted(self._config(folder, index))},"
            file += f"image.driver=file,image.filename={_quoted(image)}"
        if self.log:
            node = "driver=blklogwrites,file.driver=raw,"
            node += ",".join(f"file.file.{word}" for word in file.split(","))
            node += f",log.driver=file,log.filename={_quoted(self.log)}"
        else:
            node = "driver=raw," + ",".join(f"file.{word}" for word in file.split(","))
        if self.mode == "snapshot":
            node += ",snapshot=on"
        device = f"virtio-blk-device,drive=d{index}"
        device += f",serial={self.serial}" if self.serial else ""
        device += f",{self.properties}" if self.properties else ""
        return ["-drive", f"id=d{index},if=none,{node}", "-device", device]


def _quoted(path: Path) -> str:
    if "," in str(path):
        raise HostError(f"{path}: QEMU takes no comma in a disk's path; rename the folder")
    return str(path)


@dataclass(frozen=True)
class Options:
    """A whole machine. `extra` goes to QEMU as it is."""

    kernel: Path
    smp: int = 1
    memory: str = "128M"
    disks: Sequence[Disk] = ()
    initrd: Path | None = None
    append: str = ""
    icount: str = ""  # such as "shift=0": one instruction is one nanosecond of guest time
    gdb: bool = False  # wait at the first instruction for `machine.gdb`
    bios: str = ""
    failures: Sequence[str] = FAILURES
    console_limit: int = LIMIT
    folder: Path | None = None  # for the run's files; a temporary one if absent
    extra: Sequence[str] = ()

    def command(self, folder: Path, images: Sequence[Path]) -> list[str]:
        """QEMU's command line, without the monitor: what a person would type."""
        words = [QEMU, "-machine", "virt", "-m", self.memory, "-smp", str(self.smp)]
        words += ["-display", "none", "-serial", "stdio"]
        words += ["-global", "virtio-mmio.force-legacy=false", "-kernel", str(self.kernel)]
        for index, (disk, image) in enumerate(zip(self.disks, images)):
            words += disk.arguments(folder, index, image)
        for option, value in (
            ("-initrd", self.initrd),
            ("-append", self.append),
            ("-icount", self.icount),
            ("-bios", self.bios),
        ):
            words += [option, str(value)] if value else []
        return [*words, *self.extra]


def socket_lines(folder: Path) -> str:
    """Lines of a shell script that set $socket, where gdb is waited for.

    In the folder; but no socket's path may be longer than 107 bytes, wherever the folder is moved.
    """
    return (
        f"socket={shlex.quote(str(folder / 'gdb.sock'))}\n"
        '[ ${#socket} -lt 100 ] || socket=/tmp/goose-gdb-$(printf %s "$socket" | cksum | cut -d" " -f1)\n'
    )


def again(copy: Path) -> Path:
    """What rerun.sh writes to in place of `copy`, the disk that shows what the run left."""
    return copy.with_name(f"again-{copy.name}")


def rerun_script(options: Options, folder: Path, images: Sequence[Path], here: Path) -> str:
    """A script that starts the same machine on the terminal, or under gdb with --gdb.

    A disk that the guest had a copy of is copied anew: it begins as it did, and the copy stays as
    the guest left it.
    """
    fresh, copies = list(images), ""
    for index, (disk, image) in enumerate(zip(options.disks, images)):
        if disk.mode == "copy":
            fresh[index] = again(image)
            first, last, new = (
                shlex.quote(str(path)) for path in (disk.image.absolute(), image, fresh[index])
            )
            copies += f"cp --sparse=always {first} {new} 2>/dev/null || cp {last} {new}\n"
    command = options.command(folder, fresh)
    return (
        "#!/bin/sh\n"
        "# The same machine again, on this terminal (^C ends it). With --gdb it waits for\n"
        "#   gdb-multiarch build/kernel.elf -ex \"target remote $socket\"\n"
        f"{socket_lines(folder)}"
        f"cd {shlex.quote(str(here))}\n"
        f"{copies}"
        '[ "$1" != --gdb ] || set -- -S -gdb "unix:$socket,server=on,wait=off"\n'
        f'exec {shlex.join(command)} "$@"\n'
    )
