"""Which lab a submission says it is of, read with bounds and without unpacking anything."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from tarfile import BLOCKSIZE, TarError, TarInfo
from typing import IO, Any

from grading.grader.archive import directory_size
from grading.grader.members import DIRECTORY_LIMIT, Unreadable

MOST_READ = 64 << 20  # bytes of an unpacked archive that are looked through
MOST_TEXT = 1 << 20  # bytes of the file that tells
PACKERS: dict[bytes, Callable[..., Any]] = {
    b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open
}  # fmt: skip
TELLING = ("submission.json", "labs/handout.json")
FAULTS = (OSError, EOFError, ValueError, RuntimeError, NotImplementedError, TarError, zlib.error, lzma.LZMAError)


def _lab_in(text: bytes) -> str:
    try:
        lab = json.loads(text)["lab"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return lab if isinstance(lab, str) and len(lab) < 40 else ""


def _tells(name: str) -> bool:
    """Whether it is one of TELLING, at the top or in the one folder that archives have around."""
    path = PurePosixPath(name)
    return any(str(path) == told or str(PurePosixPath(*path.parts[1:])) == told for told in TELLING)


def _in_folder(folder: Path) -> str:
    for told in TELLING:
        path = folder / told
        if path.is_file() and not path.is_symlink() and not path.parent.is_symlink():
            with path.open("rb") as file:
                if lab := _lab_in(file.read(MOST_TEXT)):
                    return lab
    return ""


def _in_zip(path: Path) -> str:
    with path.open("rb") as file:
        if directory_size(file) > DIRECTORY_LIMIT:
            return ""
    with zipfile.ZipFile(path) as zipped:
        for info in zipped.infolist():
            if _tells(info.filename):
                with zipped.open(info) as file:
                    if lab := _lab_in(file.read(MOST_TEXT)):
                        return lab
    return ""


class _Bounded:
    """What an archive unpacks to, up to MOST_READ."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream, self.left = stream, MOST_READ

    def read(self, size: int) -> bytes:
        if not 0 <= size <= self.left:
            raise ValueError("unpacks to too much")
        self.left -= size
        return self.stream.read(size)

    def skip(self, size: int) -> None:
        while size > 0:
            size -= len(self.read(min(size, 1 << 20))) or size


def _in_tar(path: Path) -> str:
    """By each member's own header: TELLING are short names. What newer formats add (a header of any length,
    whose every line a TarFile keeps for each member after it) is passed over.
    """
    with path.open("rb") as file:
        magic = file.read(6)
    opener = next((way for start, way in PACKERS.items() if magic.startswith(start)), open)
    with opener(path, "rb") as file:
        stream = _Bounded(file)
        while head := stream.read(BLOCKSIZE):
            member, text = TarInfo.frombuf(head, "utf-8", "replace"), b""
            if member.isreg() and _tells(member.name):
                text = stream.read(min(member.size, MOST_TEXT))
                if lab := _lab_in(text):
                    return lab
            stream.skip(member.size + -member.size % BLOCKSIZE - len(text))
    return ""


def peek_lab(path: Path) -> str:
    """The lab's name as the submission has it; "" where it has none or cannot be read."""
    try:
        if path.is_dir():
            return _in_folder(path)
        return _in_zip(path) if zipfile.is_zipfile(path) else _in_tar(path)
    except (*FAULTS, zipfile.BadZipFile, Unreadable):
        return ""
