"""A submission as a value: its key for "has this been graded?", and its form for another machine.

Folders are taken as they are, links as links, without git's data and build folders; nothing in them
is followed or run.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grading.grader.members import ARCHIVE_LIMIT, ARCHIVES, FILE_LIMIT, PATH_LIMIT
from grading.grader.versions import digest

NOT_TAKEN = {".git", "build", "__pycache__", ".pytest_cache", ".cache"}
MOST_FILES = 20_000
MOST = 256 << 20  # bytes


@dataclass(frozen=True)
class Entry:
    """One thing in a submission.

    "file" with its bytes, "link" with its target, "large" with its size, "unreadable", "deep" for a folder
    that nothing is taken from, or "other".
    """

    name: str
    kind: str
    data: bytes = b""


def _entry(path: Path, name: str, most: int) -> Entry:
    """`most` is what intake reads of such a file: of a longer one name and size are all that counts."""
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        return Entry(name, "link", os.readlink(os.fsencode(path)))
    if not stat.S_ISREG(status.st_mode):
        return Entry(name, "other")
    if status.st_size > most:
        return Entry(name, "large", str(status.st_size).encode())
    try:
        return Entry(name, "file", path.read_bytes())
    except OSError as error:
        return Entry(name, "unreadable", str(error.errno).encode())


def entries(path: Path) -> Iterator[Entry]:
    """What is in the submission, in one order on every machine."""
    if not path.is_dir():
        yield _entry(path, path.name, ARCHIVE_LIMIT)
        return
    count = total = 0
    for folder, folders, files in os.walk(path):
        if len(os.fsencode(os.path.relpath(folder, path))) > PATH_LIMIT:
            folders.clear()
            yield Entry(os.path.relpath(folder, path), "deep")
            continue
        folders[:] = sorted(name for name in folders if name not in NOT_TAKEN)
        links = [name for name in folders if Path(folder, name).is_symlink()]
        for name in sorted([*files, *links]):
            inside = Path(folder, name)
            most = ARCHIVE_LIMIT if name.endswith(ARCHIVES) else FILE_LIMIT
            entry = _entry(inside, str(inside.relative_to(path)), most)
            count, total = count + 1, total + len(entry.data)
            if count > MOST_FILES or total > MOST:
                yield Entry("…", "too much")
                return
            yield entry


def submission_digest(path: Path) -> str:
    """SHA-256 over all of it."""
    texts = ((entry.name if path.is_dir() else "", entry.kind, entry.data) for entry in entries(path))
    return digest(part for text in texts for part in text)


@dataclass(frozen=True)
class Parcel:
    """A submission on its way to another machine."""

    name: str
    is_folder: bool
    entries: tuple[Entry, ...]

    def unpack(self, into: Path) -> Path:
        """Writes it below `into`, an empty folder; returns the submission's path."""
        top = into / self.name
        if self.is_folder:
            top.mkdir()
        for entry in self.entries:
            target = top / entry.name if self.is_folder else top
            target.parent.mkdir(parents=True, exist_ok=True)
            if entry.kind == "file":
                target.write_bytes(entry.data)
            elif entry.kind == "link":
                os.symlink(entry.data, os.fsencode(target))
            elif entry.kind == "deep":
                target.mkdir()
            elif entry.kind == "unreadable":
                target.touch(0o000)
            elif entry.kind == "large":
                with target.open("wb") as file:
                    file.truncate(int(entry.data))
        return top


def pack(path: Path) -> Parcel:
    return Parcel(path.name, path.is_dir(), tuple(entries(path)))
