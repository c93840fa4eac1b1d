"""One build in the jail: the lab's own makefiles, the lab's own flags, the student's files.

    done = build(cell, jail, pristine, chosen, jobs=2, times=Times())
    products(cell)                  # what tests look at, copied out of the jail's reach

The submission starts from a copy of the grader's pristine build, so that only what differs is
compiled. Inside, nothing but build/ can be written, and nothing that it leaves there is followed or
run outside.
"""

from __future__ import annotations

import os
import re
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grading.confine import Jail, NotPlain, copy_out
from grading.errors import HostError
from grading.grader.intake import show
from grading.grader.jail import Cell
from grading.grader.overlay import Chosen, lay
from grading.grader.pristine import Pristine
from grading.grader.result import Build
from grading.outside import COMPLAINT, ended_from_outside

LOG_LIMIT = 16_000  # characters of a log that a report keeps
IMAGE_LIMIT = 128 << 20
PROGRAM_LIMIT = 16 << 20
IMAGES = ("kernel.elf", "goose.elf", "initramfs.cpio", "disk.img")
PROGRAMS = ("user/bin", "labs/*/user")
# What else fails by what is built, and by nothing else.
OWN = re.compile(r"Could not allocate (?:block|inode) in ext2|No rule to make target|Segmentation fault|Aborted")


@dataclass(frozen=True)
class Bounds:
    """What a build may use: wall-clock seconds of an unloaded machine, CPU seconds of each compiler, bytes."""

    seconds: float = 120.0
    cpu: int = 60
    output: int = 8 << 20
    disk: int = 1 << 30


@dataclass(frozen=True)
class Ran:
    """What a command in the jail came to. `limit` says which limit ended it; "" is none."""

    status: int
    output: str
    limit: str = ""
    late: bool = False  # the limit was one of wall-clock time


def copy_pristine(cell: Cell, pristine: Pristine) -> None:
    """Fills the cell's tree. Plain copies: nothing that a jail can write is shared with anybody."""
    shutil.rmtree(cell.tree)
    cell.tree.mkdir()
    words = ["cp", "-a", "--reflink=auto", "--no-preserve=ownership", f"{pristine.source}/.", str(cell.tree)]
    subprocess.run(words, check=True)


def run_bounded(command: list[str], seconds: float, output: int, more: Callable[[], str]) -> Ran:
    """Runs a command of the jail to its end or to a limit. `more` is asked for others each second."""
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=environment, start_new_session=True, bufsize=0,
    )  # fmt: skip
    assert process.stdout
    head, tail, size, limit, late = b"", b"", 0, "", False
    deadline, look = time.monotonic() + seconds, time.monotonic() + 1
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while not limit:
                if selector.select(timeout=0.25):
                    data = os.read(process.stdout.fileno(), 1 << 16)
                    if not data:
                        break
                    size += len(data)
                    if len(head) < LOG_LIMIT:
                        head += data
                    else:
                        tail = (tail + data)[-LOG_LIMIT:]
                now = time.monotonic()
                if size > output:
                    limit = f"it printed more than {output >> 20} MiB"
                elif now > deadline:
                    limit, late = f"it was not done after {seconds:.0f} s", True
                elif now > look:
                    look, limit = now + 1, more()
        if not limit:
            process.wait(max(1.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        limit, late = f"it was not done after {seconds:.0f} s", True
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
        process.stdout.close()
    between = b"\n[\xe2\x80\xa6]\n" if tail and size > len(head) + len(tail) else b""
    return Ran(process.returncode, (head + between + tail).decode(errors="replace"), limit, late)


def used(folder: Path) -> int:
    """The bytes that a folder takes on the disk."""
    total = 0
    for here, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(here, name)).st_blocks * 512
            except OSError:
                continue
    return total


def build(
    cell: Cell, jail: Jail, pristine: Pristine, chosen: Chosen, jobs: int, bounds: Bounds, scale: float
) -> tuple[Build, list[str]]:
    """Builds the submission; what reports need, and what was seen that matters.

    HostError where a build failed for no reason of its own: somebody has killed it, say.
    """
    started = time.monotonic()
    command = ["make", "--no-print-directory", "-C", str(cell.tree), f"-j{jobs}", "grade-build"]

    def more() -> str:
        full = used(cell.build) > bounds.disk
        return f"it wrote more than {bounds.disk >> 20} MiB" if full else ""

    # The CPU limits end what a student's code does to a compiler. The clock is the machine's word: twice.
    for patience in (1, 2):
        copy_pristine(cell, pristine)
        lay(chosen, cell.tree)
        cell.own_build()
        ran = run_bounded(jail.build.words(command), patience * bounds.seconds * scale, bounds.output, more)
        cell.sweep()
        if not ran.late:
            break
    notes, built = [], ran.status == 0 and not ran.limit
    log = ran.output
    if ran.limit:
        notes.append(f"the build was ended: {ran.limit}")
        log += f"\n[the grader ended the build: {ran.limit}]"
    elif not built:
        notes += _why(cell.shown(ran.output))
        _check_own(cell, ran, notes, bounds)
    if built:
        try:
            products(cell)
        except NotPlain as error:
            built, log = False, f"{log}\n[the build left something odd: {error}]"
            notes.append(f"the build left something odd: {error}")
    warned = not built or "warning: " in log
    log = _shorten(log, cell) if warned else ""
    return Build(built, round(time.monotonic() - started, 2), log), notes


def _check_own(cell: Cell, ran: Ran, notes: list[str], bounds: Bounds) -> None:
    """HostError unless a failed build's log has a reason that lies in the submission."""
    if how := ended_from_outside(ran.status, ran.output):
        raise HostError(f"the build was ended from outside: {how}")
    free = shutil.disk_usage(cell.build).free
    if "No space left on device" in ran.output and free < bounds.disk:
        raise HostError(f"the disk that holds {cell.work} is full: it has {free >> 20} MiB")
    if not notes and not COMPLAINT.search(ran.output) and not OWN.search(ran.output):
        raise HostError(f"the build failed (status {ran.status}) and does not say why: {ran.output[-300:].strip()}")


def _why(log: str) -> list[str]:
    """What in a failed build's log a teacher should know at a glance."""
    notes = []
    for pattern, text in (
        (r"(?:fatal error: |Error: file not found: )(/\S+)", "the build looked for {}, which the jail has not"),
        (r"(virtual memory exhausted|out of memory|std::bad_alloc|Cannot allocate memory)",
         "the build ran out of the memory it may use ({})"),
        (r"(CPU time limit exceeded)", "a compiler was ended by the limits ({})"),
        (r"(File size limit exceeded|File too large|No space left on device)",
         "the build wrote more than it may ({})"),
        (r"(Resource temporarily unavailable)", "the build started more processes than it may ({})"),
    ):  # fmt: skip
        if match := re.search(pattern, log):
            notes.append(text.format(show(match[1])))
    return notes


def _shorten(log: str, cell: Cell) -> str:
    text = cell.shown(log)
    text = "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)
    if len(text) > LOG_LIMIT:
        text = f"{text[: LOG_LIMIT // 2]}\n[… {len(text) - LOG_LIMIT} characters …]\n{text[-LOG_LIMIT // 2 :]}"
    return text.strip()


def products(cell: Cell) -> None:
    """Copies what tests look at from the jail's build into run/. NotPlain where it is no plain file."""
    for name in IMAGES:
        if os.path.lexists(cell.build / name):
            copy_out(cell.build, name, cell.run / name, IMAGE_LIMIT)
    if not (cell.run / "goose.elf").exists():
        raise NotPlain("there is no goose.elf")
    for pattern in PROGRAMS:
        for folder in cell.build.glob(pattern):
            for path in sorted(folder.iterdir()):
                name = str(path.relative_to(cell.build))
                if path.suffix or path.is_dir():
                    continue
                if path.is_symlink():  # a second name of a program
                    continue
                copy_out(cell.build, name, cell.run / name, PROGRAM_LIMIT)


def keep_run(cell: Cell, target: Path) -> None:
    """Moves what the tests left to another folder, where its scripts work again."""
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(cell.run, target)
    for script in target.rglob("*.sh"):
        if script.is_file() and not script.is_symlink():
            script.write_text(script.read_text().replace(str(cell.run), str(target)))


