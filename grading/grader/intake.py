"""What was handed in, as plain files in memory: path -> bytes. Nothing is ever unpacked to disk.

    intake = read_submission(Path("doe.tar.gz"))
    intake.files["kernel/mm/page_table.cc"], intake.notes

Takes archives of `make submit` (tar, tar.gz), zips as Gradescope and Moodle export them, and folders
(checkouts, whole trees, single files). Only plain files with plain names count; what is refused is
named in `notes`, and never stops the rest. `read_guarded` does the same in a process with limits, so
that no archive can hurt the grader's own.
"""

from __future__ import annotations

import json
import os
import resource
import stat
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from grading.grader.archive import read_archive
from grading.grader.members import (
    ARCHIVE_LIMIT,
    ARCHIVES,
    FILE_LIMIT,
    PATH_LIMIT,
    SKIPPED,
    SOURCES,
    Intake,
    Unreadable,
    show,
)

GUARD = {"cpu": 60, "memory": 2 << 30, "seconds": 120}

__all__ = ["Intake", "Unreadable", "read_guarded", "read_submission", "show"]


def _walk(folder: Path, intake: Intake, top: Path) -> Iterator[tuple[str, Path, int]]:
    for entry in sorted(os.scandir(folder), key=lambda e: e.name):
        if entry.name in SKIPPED:
            continue
        intake.count()
        path = Path(entry.path)
        name = str(path.relative_to(top))
        kind = entry.stat(follow_symlinks=False)
        if stat.S_ISDIR(kind.st_mode) and len(os.fsencode(name)) > PATH_LIMIT:
            intake.note(f"{show(name)}: refused: its name is longer than {PATH_LIMIT} bytes")
        elif stat.S_ISDIR(kind.st_mode):
            yield from _walk(path, intake, top)
        elif stat.S_ISREG(kind.st_mode):
            yield name, path, kind.st_size
        else:
            what = "a symbolic link" if stat.S_ISLNK(kind.st_mode) else "a device, pipe or socket"
            intake.note(f"{show(name)}: refused: {what}, no plain file")


def _read_folder(folder: Path, intake: Intake) -> None:
    packed: list[tuple[str, Path, int]] = []
    for name, path, size in _walk(folder, intake, folder):
        if name.endswith(ARCHIVES):
            packed.append((name, path, size))
        elif kept := intake.wants(name, size):
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(handle, "rb") as file:
                intake.keep(kept, file.read(FILE_LIMIT))
    # Services put what was uploaded into a folder: an archive alone is the submission itself.
    sources = [name for name in intake.files if name.endswith(SOURCES)]
    if packed and not sources:
        name, path, size = packed[0]
        if len(packed) > 1:
            others = ", ".join(show(other) for other, _, _ in packed[1:])
            intake.note(f"{show(name)} is graded; also there, and not looked at: {others}")
        _limit(size)
        with path.open("rb") as source:
            if not read_archive(source, size, intake):
                raise Unreadable(f"{show(name)} is no archive that can be read")


def _limit(size: int) -> None:
    if size > ARCHIVE_LIMIT:
        raise Unreadable(f"the archive has {size:,} bytes, more than {ARCHIVE_LIMIT:,}")


def _unnest(intake: Intake) -> None:
    """A zip that holds nothing but an archive, as Moodle wraps it: the archive is the submission."""
    inner = [name for name in intake.files if name.endswith(ARCHIVES)]
    if len(inner) == 1 and not any(n.endswith(SOURCES) for n in intake.files):
        content = intake.files.pop(inner[0])
        if not read_archive(BytesIO(content), len(content), intake):
            raise Unreadable(f"{show(inner[0])} is no archive that can be read")


def read_submission(path: Path) -> Intake:
    """All that can be taken from a file or folder. Unreadable if that is nothing at all."""
    intake = Intake()
    try:
        if path.is_dir():
            _read_folder(path, intake)
            return intake.finish()
        if not path.is_file():
            raise Unreadable("there is no such file" if not path.exists() else "it is no plain file")
        size = path.stat().st_size
        _limit(size)
        with path.open("rb") as source:
            if not read_archive(source, size, intake):
                raise Unreadable("it is no archive that can be read (tar.gz, tar or zip)"
                                 if size else "the file is empty")  # fmt: skip
        _unnest(intake)
    except OSError as error:
        raise Unreadable(f"{error.strerror or error}") from None
    return intake.finish()


# In a process of its own.


def read_guarded(path: Path) -> Intake:
    """read_submission in another process, with limits on its memory and time."""
    command = [sys.executable, "-m", "grading.grader.intake", str(path)]
    root = Path(__file__).resolve().parents[2]
    try:
        done = subprocess.run(
            command, cwd=root, capture_output=True, timeout=GUARD["seconds"], env={"PYTHONPATH": str(root)}
        )
    except subprocess.TimeoutExpired:
        raise Unreadable("reading it takes too long") from None
    head, _, rest = done.stdout.partition(b"\n")
    try:
        document = json.loads(head)
    except ValueError:
        raise Unreadable(f"reading it takes more memory or time than any submission (status "
                         f"{done.returncode})") from None  # fmt: skip
    if "unreadable" in document:
        raise Unreadable(document["unreadable"])
    intake, at = Intake(notes=document["notes"]), 0
    for name, size in document["files"]:
        intake.files[name] = rest[at : at + size]
        at += size
    return intake


def _main(path: Path) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (GUARD["cpu"], GUARD["cpu"]))
    resource.setrlimit(resource.RLIMIT_AS, (GUARD["memory"], GUARD["memory"]))
    out = sys.stdout.buffer
    try:
        intake = read_submission(path)
    except Unreadable as error:
        out.write(json.dumps({"unreadable": str(error)}).encode() + b"\n")
        return
    files = [[name, len(content)] for name, content in intake.files.items()]
    out.write(json.dumps({"notes": intake.notes, "files": files}).encode() + b"\n")
    out.write(b"".join(intake.files.values()))


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
