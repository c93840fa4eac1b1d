"""The root folder of the second jail: of this system what building and running need, and no more.

    make_root(Path("work/jail-root"))

Files are linked where that is possible, which costs neither time nor room, and copied elsewhere; all
belong to root. Written once for each set of tools: what they need of libraries is asked of ldd.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

CROSS = os.environ.get("CROSS_COMPILE", "riscv64-linux-gnu-")
TOOLS = (
    "sh bash env make uname nproc mkdir cp rm mv ln touch cat head tail echo printf test expr true false "
    "date find sort sed grep egrep tr cut wc xargs cmp diff chmod basename dirname pwd id sleep awk mawk "
    "gawk cpio mke2fs mkfs.ext2 e2fsck debugfs tune2fs prlimit setpriv qemu-system-riscv64 qemu-img "
    "kill mktemp"
).split()
# Whole folders: the compiler's insides, QEMU's data and modules, the firmware.
FOLDERS = (
    "/usr/lib/gcc-cross /usr/riscv64-linux-gnu /usr/lib/riscv64-unknown-elf /usr/lib/locale/C.utf8 "
    "/usr/share/qemu /usr/share/opensbi /usr/share/seabios /usr/lib/riscv64-linux-gnu /usr/lib/ipxe "
    "/usr/lib/x86_64-linux-gnu/qemu /usr/lib/aarch64-linux-gnu/qemu"
).split()
SEARCH = "/usr/bin:/usr/sbin:/bin:/sbin"
DEVICES = {"null": (1, 3), "zero": (1, 5), "urandom": (1, 9), "random": (1, 8)}


def _programs() -> Iterator[Path]:
    for tool in TOOLS:
        if found := shutil.which(tool, path=SEARCH):
            yield Path(found)
    for folder in SEARCH.split(":")[:2]:
        yield from Path(folder).glob(f"{Path(CROSS).name}*")
    if CROSS.startswith("/"):
        yield from Path(CROSS).parent.glob(f"{Path(CROSS).name}*")


def _is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _libraries(paths: list[Path]) -> set[Path]:
    """What the dynamic linker would load for these."""
    found: set[Path] = set()
    for at in range(0, len(paths), 200):
        done = subprocess.run(["ldd", *map(str, paths[at : at + 200])], capture_output=True, text=True)
        found |= {Path(name) for name in re.findall(r"(?:=> )?(/\S+) \(0x", done.stdout)}
    return found


def _place(source: Path, root: Path) -> None:
    """The file at the same path below `root`: linked, or copied. A symbolic link stays one."""
    target = root / str(source).lstrip("/")
    if target.is_symlink() or target.is_file():
        return
    # Folders of the path may be links themselves (/lib), which the root has too.
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_symlink():
        target.symlink_to(os.readlink(source))
        _place(Path(os.path.normpath(source.parent / os.readlink(source))), root)
        return
    if source.is_dir():
        for entry in sorted(source.iterdir()):
            _place(entry, root)
        return
    if not stat.S_ISREG(source.lstat().st_mode):
        return
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target)


def _devices(root: Path) -> None:
    folder = root / "dev"
    folder.mkdir()
    for name, numbers in DEVICES.items():
        try:
            os.mknod(folder / name, 0o666 | stat.S_IFCHR, os.makedev(*numbers))
            (folder / name).chmod(0o666)
        except PermissionError:
            # A container without that right: programs write to it and hardly read it.
            if name == "null":
                (folder / name).touch()
                (folder / name).chmod(0o622)


def _fill(root: Path) -> None:
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        if os.path.islink(f"/{name}"):
            (root / name).symlink_to(os.readlink(f"/{name}"))
            (root / "usr" / name).mkdir(parents=True, exist_ok=True)
    programs = sorted({*_programs()})
    folders = [Path(name) for name in FOLDERS if Path(name).is_dir()]
    files = [path for path in programs if path.is_file()]
    for folder in folders:
        files += [path for path in folder.rglob("*") if path.is_file() and os.access(path, os.X_OK)]
        files += [path for path in folder.rglob("*.so*") if path.is_file()]
    binaries = [path for path in dict.fromkeys(files) if _is_elf(path) and "riscv64-linux-gnu/lib" not in str(path)]
    for path in [*programs, *folders, *sorted(_libraries(binaries))]:
        _place(path, root)
    for name in ("/etc/ld.so.cache", "/etc/mke2fs.conf", "/etc/alternatives/awk"):
        if os.path.lexists(name):
            _place(Path(name), root)
    (root / "tmp").mkdir(mode=0o755)
    _devices(root)


def _version() -> str:
    """Changes when the tools do."""
    state = [f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in _programs() if path.exists()]
    return hashlib.sha256("\n".join([__doc__ or "", *TOOLS, *FOLDERS, *sorted(state)]).encode()).hexdigest()


def make_root(root: Path) -> None:
    """Makes the root folder, if it is not there or made of other tools. Its cells/ stays."""
    root.mkdir(parents=True, exist_ok=True)
    root.chmod(0o755)
    mark, version = root / ".made-of", _version()
    with (root / ".lock").open("w") as lock:
        (root / ".lock").chmod(0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        if mark.exists() and mark.read_text() == version:
            return
        for entry in root.iterdir():
            if entry.name not in ("cells", ".lock"):
                shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        _fill(root)
        (root / "cells").mkdir(exist_ok=True)
        (root / "cells").chmod(0o711)
        mark.write_text(version)
