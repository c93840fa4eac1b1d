"""Debian 13's riscv64 programs and its kernel, to run unmodified on goose and to compare with.

    debian = Debian(BUILD / "debian")
    debian.root()      # a root folder with the programs and all libraries that they need
    debian.linux()     # vmlinux, and an initial archive that mounts /dev/vda and runs its init

apt fetches them from the mirror that this machine's own sources name, with a configuration of its
own (state, cache and sources in the folder), so nothing of the machine changes; the archive's
signature is checked. Where there is no such mirror, or it has no riscv64, `Unavailable` says so.
"""

from __future__ import annotations

import fcntl
import lzma
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

SUITE = "trixie"
KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
PROGRAMS = (
    "busybox-static dash bash coreutils lua5.4 sqlite3 grep sed diffutils mawk findutils libstdc++6 "
    "strace perl-base python3.13-minimal libpython3.13-stdlib"
).split()
# What of a package no program here reads.
LEFT_OUT = [f"./usr/share/{name}" for name in ("doc", "man", "locale", "info", "lintian", "bash-completion")]
LEFT_OUT += ["./usr/lib/riscv64-linux-gnu/gconv"]
# In the order in which they are loaded.
MODULES = "virtio_mmio virtio_blk crc32c_generic libcrc32c crc16 mbcache jbd2 ext4".split()
# The initial archive's init: the modules, the disk, and on to the init of the disk.
INITRD_INIT = """#!/bin/busybox sh
for module in {modules}; do /bin/busybox insmod /modules/$module.ko; done
/bin/busybox mount -t devtmpfs devtmpfs /dev
/bin/busybox mount -t ext2 /dev/vda /disk
exec /bin/busybox switch_root /disk {init}
"""


class Unavailable(Exception):
    """The packages cannot be had here; the message says why."""


def _mirror() -> str:
    """The address of the Debian archive that apt uses on this machine."""
    form = "$(REPO_URI) $(ORIGIN) $(CODENAME)"
    try:
        done = subprocess.run(
            ["apt-get", "indextargets", "--format", form], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise Unavailable(f"apt does not say where it gets packages from: {error}") from None
    for line in done.stdout.splitlines():
        words = line.split()
        if words[1:2] == ["Debian"] and not words[2].endswith(("-security", "-updates")):
            return words[0]
    raise Unavailable("no Debian mirror among the sources of apt; run `apt-get update` once")


class Debian:
    """Packages fetched once into `folder`, which also holds what is made of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()

    @contextmanager
    def _once(self, name: str) -> Iterator[bool]:
        """Whether `name` is still to be made; only one process at a time is told so."""
        self.folder.mkdir(parents=True, exist_ok=True)
        done = self.folder / f"{name}.done"
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield not done.exists()
            done.touch()

    def _apt(self, *words: str) -> str:
        apt = self.folder / "apt"
        for name in ("state/lists/partial", "cache/archives/partial"):
            (apt / name).mkdir(parents=True, exist_ok=True)
        (apt / "status").touch()
        sources = apt / "sources.list"
        if not sources.exists():
            if not KEYS.exists():
                raise Unavailable(f"{KEYS} is missing: it comes with debian-archive-keyring")
            sources.write_text(f"deb [arch=riscv64 signed-by={KEYS}] {_mirror()} {SUITE} main\n")
        settings = {
            "Dir::State": apt / "state",
            "Dir::State::status": apt / "status",
            "Dir::Cache": apt / "cache",
            "Dir::Etc::sourcelist": sources,
            "Dir::Etc::sourceparts": "/dev/null",
            "APT::Architecture": "riscv64",
            "APT::Architectures": "riscv64",
            "APT::Sandbox::User": "",
            "Acquire::Retries": "2",
        }
        options = [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]
        done = subprocess.run(
            [words[0], *options, *words[1:]], cwd=apt, capture_output=True, text=True
        )
        if done.returncode:
            why = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
            raise Unavailable(f"{' '.join(words[:2])} of Debian {SUITE} for riscv64 failed: {why}")
        return done.stdout

    def _update(self) -> None:
        if not any((self.folder / "apt/state/lists").glob("*Packages*")):
            self._apt("apt-get", "update")

    def root(self) -> Path:
        """A root folder with PROGRAMS and what they depend on, unpacked but not configured."""
        root = self.folder / "root"
        with self._once(f"root-{len(PROGRAMS)}") as missing:  # another list is another root
            if missing:
                self._update()
                shutil.rmtree(root, ignore_errors=True)
                self._apt("apt-get", "-y", "--no-install-recommends", "--download-only", "install", *PROGRAMS)
                # Programs look for /bin, /lib and /sbin, whose files are in /usr (base-files does this).
                for name in ("bin", "lib", "sbin"):
                    (root / "usr" / name).mkdir(parents=True)
                    (root / name).symlink_to(f"usr/{name}")
                for package in sorted((self.folder / "apt/cache/archives").glob("*.deb")):
                    _unpack(package, root, [f"--exclude={name}" for name in LEFT_OUT])
                (root / "usr/bin/awk").symlink_to("mawk")  # what configuring would do
                for name in ("proc", "dev", "tmp", "mnt", "root", "etc"):
                    (root / name).mkdir(exist_ok=True)
                (root / "tmp").chmod(0o1777)
                (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/bash\n")
                (root / "etc/group").write_text("root:x:0:\n")
        return root

    def linux(self, init: str) -> tuple[Path, Path]:
        """Debian's kernel, and an initial archive that goes on to the program `init` of /dev/vda."""
        folder = self.folder / "linux"
        kernel, archive = folder / "vmlinux", folder / "initrd.cpio"
        busybox = self.root() / "usr/bin/busybox"
        with self._once("linux") as missing:
            if missing:
                self._update()
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                depends = self._apt("apt-cache", "depends", "linux-image-riscv64")
                image = next(word for word in depends.split() if word.startswith("linux-image-6"))
                download = self.folder / "apt"
                self._apt("apt-get", "download", image)
                package = next(download.glob(f"{image}_*.deb"))
                wanted = ["./boot/vmlinu*", *(f"*/{name}.ko.xz" for name in MODULES)]
                _unpack(package, folder / "package", ["--wildcards", *wanted])
                package.unlink()
                shutil.move(next((folder / "package/boot").glob("vmlinu*")), kernel)
                tree = folder / "initrd"
                for name in ("bin", "dev", "disk", "modules"):
                    (tree / name).mkdir(parents=True)
                shutil.copy(busybox, tree / "bin/busybox")
                for name in MODULES:
                    packed = next((folder / "package").rglob(f"{name}.ko.xz"))
                    (tree / "modules" / f"{name}.ko").write_bytes(lzma.decompress(packed.read_bytes()))
                shutil.rmtree(folder / "package")
        start = folder / "initrd/init"
        start.write_text(INITRD_INIT.format(modules=" ".join(MODULES), init=init))
        start.chmod(0o755)
        _archive(folder / "initrd", archive)
        return kernel, archive


def _unpack(package: Path, root: Path, options: Sequence[str]) -> None:
    """Unpacks the files of a Debian package; symbolic links of `root` to folders stay."""
    root.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE) as deb:
        tar = ["tar", "-x", "-C", str(root), "--keep-directory-symlink", "--no-same-owner", *options]
        subprocess.run(tar, stdin=deb.stdout, check=True)


def _archive(tree: Path, out: Path) -> None:
    names = "\n".join(str(path.relative_to(tree)) for path in sorted(tree.rglob("*")))
    with out.open("wb") as file:
        cpio = ["cpio", "--quiet", "-o", "-H", "newc", "-R", "0:0"]
        subprocess.run(cpio, cwd=tree, input=names.encode(), stdout=file, check=True)
