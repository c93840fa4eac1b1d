"""The same disk under goose and under Debian's own kernel: what do programs say on each?

    image = session_image(debian.root(), {"name": b"#!/bin/sh\n…"}, path)
    on_linux(debian, image, folder); answers = read_answers(image, names)

The disk holds Debian's programs, the cases (programs or scripts with a #! line), and an init that
runs each case in a folder of its own, with its output, messages and status in /out, and switches the
machine off. Nothing is told through the console.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.debian import Debian

from grading.disk import debugfs, fsck
from grading.errors import GuestError
from grading.machine import Machine
from grading.qemu import Disk, Options
from grading.timing import scaled

INIT = "/oracle/init"
# Run by Debian's static busybox. A case that does not end is killed, with status 137 (or 143).
INIT_SCRIPT = """#!/bin/busybox sh
export PATH=/usr/bin:/usr/sbin HOME=/root LC_ALL=C TZ=UTC
cd /
for kind in proc:/proc devtmpfs:/dev; do
    busybox mount -t ${kind%:*} none ${kind#*:} 2>/dev/null
done
busybox ln -sf /proc/self/fd /dev/fd 2>/dev/null
for case in /cases/*; do
    name=${case##*/}
    busybox mkdir -p /scratch/$name && cd /scratch/$name
    busybox timeout -s KILL LIMIT $case </dev/null >/out/$name.out 2>/out/$name.err
    echo $? >/out/$name.status
done
cd /
busybox sync
busybox poweroff -f
"""
CASE_LIMIT = 60  # seconds of an unloaded machine, and of the guest's clock


@dataclass(frozen=True)
class Answer:
    """What one case came to."""

    status: int
    out: bytes
    messages: bytes


def session_image(root: Path, cases: Mapping[str, bytes], image: Path, size: str = "128M") -> Path:
    """Makes the disk; `root` stays as it is."""
    with tempfile.TemporaryDirectory(prefix="goose-oracle-", dir=image.parent) as name:
        tree = Path(name)
        subprocess.run(["cp", "-a", "--reflink=auto", f"{root}/.", str(tree)], check=True)
        for folder in ("cases", "out", "work", "oracle"):
            (tree / folder).mkdir()
        (tree / "work").chmod(0o1777)
        for case, content in cases.items():
            (tree / "cases" / case).write_bytes(content)
            (tree / "cases" / case).chmod(0o755)
        init = tree / INIT.lstrip("/")
        init.write_text(INIT_SCRIPT.replace("LIMIT", f"{scaled(CASE_LIMIT):.0f}"))
        init.chmod(0o755)
        image.unlink(missing_ok=True)
        words = ["-q", "-t", "ext2", "-b", "4096", "-E", "root_owner=0:0", "-d", str(tree)]
        mke2fs = shutil.which("mke2fs", path="/usr/sbin:/sbin:/usr/bin")
        subprocess.run([str(mke2fs), *words, str(image), size], check=True)
    return image


def on_linux(debian: Debian, image: Path, folder: Path, seconds: float = 240) -> None:
    """Runs the cases of the disk under Debian's kernel; they leave their answers on the disk."""
    kernel, initrd = debian.linux(INIT)
    options = Options(
        kernel=kernel, initrd=initrd, memory="512M", disks=[Disk(image, mode="direct")],
        append="console=ttyS0 quiet panic=-1 no4lvl transparent_hugepage=never", folder=folder,
    )  # fmt: skip
    _run(options, seconds)


def on_goose(kernel: Path, image: Path, folder: Path, seconds: float = 240, smp: int = 2) -> None:
    """Runs the cases of the disk under goose."""
    options = Options(
        kernel=kernel, smp=smp, memory="256M", disks=[Disk(image, mode="direct")],
        append=f"root=/dev/vda init={INIT}", folder=folder,
    )  # fmt: skip
    _run(options, seconds)


def _run(options: Options, seconds: float) -> None:
    with Machine(options) as machine:
        status = machine.wait_exit(seconds)
        if status:
            raise GuestError(f"the machine ended with status {status}\n{machine.console.excerpt()}")


def read_answers(image: Path, cases: Mapping[str, bytes]) -> dict[str, Answer]:
    """The answers on the disk, which must be in order; a case without one is not in the result."""
    fsck(image)
    answers: dict[str, Answer] = {}
    with tempfile.TemporaryDirectory(prefix="goose-oracle-", dir=image.parent) as name:
        debugfs(image, [f"rdump /out {name}"])
        out = Path(name) / "out"
        for case in cases:
            status = out / f"{case}.status"
            if status.exists() and status.read_text().strip():
                said = [(out / f"{case}.{kind}").read_bytes() for kind in ("out", "err")]
                answers[case] = Answer(int(status.read_text()), *said)
    return answers
