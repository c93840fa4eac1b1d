"""What was handed in, as plain files in memory: path -> bytes. Nothing is ever unpacked to disk.

    intake = read_submission(Path("doe.tar.gz"))
    intake.files["kernel/mm/page_table.cc"], intake.notes

Takes archives of `make submit` (tar, tar.gz), zips as Gradescope and Moodle export them, and folders
(checkouts, whole trees, single files). Of an archive only plain files with plain names count; what is
refused is named in `notes`, and never stops the rest. What has no bounds of its own gets some here.
`read_guarded` does the same in a process with limits, so that no archive can hurt the grader's own.
"""

from __future__ import annotations

import json
import os
import resource
import stat
import subprocess
import sys
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

ARCHIVE_LIMIT = 64 << 20  # bytes of an archive as it was handed in
UNPACKED_LIMIT = 256 << 20  # bytes that an archive may unpack to, those we do not keep included
FILE_LIMIT = 1 << 20  # a longer file is not taken
INNER_LIMIT = 16 << 20  # an archive inside of the archive may be as long
TOTAL_LIMIT = 32 << 20  # bytes of all files that are kept
MEMBER_LIMIT = 20_000
DIRECTORY_LIMIT = 4 << 20  # bytes of a zip's list of members
NOTE_LIMIT = 30  # notes of one submission; the rest is counted
PATH_LIMIT = 240
SKIPPED = {".git", "build", "__pycache__", ".pytest_cache", ".cache", "__MACOSX", ".DS_Store"}
ARCHIVES = (".tar.gz", ".tgz", ".tar", ".zip")
SOURCES = (".cc", ".h", ".c", ".S")
GUARD = {"cpu": 60, "memory": 2 << 30, "seconds": 120}


class Unreadable(Exception):
    """Nothing can be taken from the submission: the message says why, for the student."""


@dataclass
class Intake:
    """The files of a submission under clean names, and what was refused or seen."""

    files: dict[str, bytes] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    _names: dict[str, str] = field(default_factory=dict)
    _members: int = 0
    _total: int = 0
    _unsaid: int = 0

    def note(self, text: str) -> None:
        if len(self.notes) < NOTE_LIMIT:
            self.notes.append(text)
        else:
            self._unsaid += 1

    def count(self) -> None:
        """Another member; more than any tree has is Unreadable."""
        self._members += 1
        if self._members > MEMBER_LIMIT:
            raise Unreadable(f"has more than {MEMBER_LIMIT:,} members")

    def wants(self, raw: str, size: int) -> str | None:
        """The clean name under which a file of this size is kept; None, with a note, if it is not."""
        shown = show(raw)
        name = raw.replace("\\", "/") if "/" not in raw else raw
        name = name.removeprefix("./")
        if fault := name_fault(name):
            self.note(f"{shown}: refused: {fault}")
            return None
        if SKIPPED & set(name.split("/")):
            return None
        if size > limit_of(name):
            self.note(f"{shown}: not taken: it has {size:,} bytes, a source file at most {FILE_LIMIT:,}")
            return None
        if self._total + size > TOTAL_LIMIT:
            self.note(f"{shown}: not taken: the files before it have {TOTAL_LIMIT:,} bytes together")
            return None
        same = unicodedata.normalize("NFC", name).casefold()
        other = self._names.get(same)
        if other is not None:
            what = "is there twice" if other == name else f"has the same letters as {show(other)}"
            self.note(f"{shown}: refused: it {what}; the first is taken")
            return None
        return name

    def keep(self, name: str, content: bytes) -> None:
        self._names[unicodedata.normalize("NFC", name).casefold()] = name
        self._total += len(content)
        self.files[name] = content

    def finish(self) -> Intake:
        if self._unsaid:
            self.notes.append(f"… and {self._unsaid} more of this kind")
        return self


def limit_of(name: str) -> int:
    """How many bytes a file of this name may have."""
    return INNER_LIMIT if name.endswith(ARCHIVES) else FILE_LIMIT


def show(name: str) -> str:
    """A member's name, fit to be printed."""
    text = name.encode(errors="backslashreplace").decode()
    text = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
    return text if len(text) <= 120 else f"{text[:120]}…"


def name_fault(name: str) -> str:
    """Why a member's name is none of a file inside a tree; "" if it is."""
    if name.startswith("/") or name[1:2] == ":":
        return "an absolute name"
    steps = name.split("/")
    if ".." in steps:
        return "its name leads out of the folder"
    if any(step in ("", ".") for step in steps):
        return "its name has an empty step"
    try:
        long = len(name.encode()) > PATH_LIMIT
    except UnicodeEncodeError:
        return "its name is no UTF-8"
    if long:
        return f"its name is longer than {PATH_LIMIT} bytes"
    if not name.isprintable() or unicodedata.normalize("NFC", name) != name:
        return "its name has characters that no file name should have"
    return ""


# Archives.


class Metered:
    """A stream that ends in Unreadable when more than a sane archive comes out of it."""

    def __init__(self, source: BinaryIO, packed: int) -> None:
        self._source, self._packed, self._read = source, packed, 0

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(min(size, 1 << 20) if size >= 0 else 1 << 20)
        self._read += len(data)
        if self._read > UNPACKED_LIMIT:
            raise Unreadable(
                f"its {self._packed:,} bytes unpack to more than {UNPACKED_LIMIT:,}: a bomb, or no source"
            )
        return data


class Inflated:
    """A gzip stream, unpacked a piece at a time."""

    def __init__(self, source: BinaryIO) -> None:
        self._source, self._zip, self._ready, self._end = source, zlib.decompressobj(31), b"", False

    def read(self, size: int) -> bytes:
        while not self._ready and not self._end:
            packed = self._zip.unconsumed_tail or self._source.read(1 << 16)
            if not packed:
                if not self._zip.eof:
                    raise Unreadable("the archive is damaged: its gzip stream ends too early")
                break
            self._ready = self._zip.decompress(packed, 1 << 20)
            self._end = self._zip.eof
        data, self._ready = self._ready[:size], self._ready[size:]
        return data


def _read_tar(source: BinaryIO, packed: int, gzipped: bool, intake: Intake) -> None:
    stream = Metered(Inflated(source) if gzipped else source, packed)  # type: ignore[arg-type]
    try:
        with tarfile.open(fileobj=stream, mode="r|", errorlevel=1) as tar:  # type: ignore[call-overload]
            for member in tar:
                intake.count()
                tar.members = []  # else every header stays in memory
                if member.isdir():
                    continue
                if not member.isreg() or member.sparse is not None:
                    intake.note(f"{show(member.name)}: refused: {_kind(member)}, no plain file")
                    continue
                if name := intake.wants(member.name, member.size):
                    file = tar.extractfile(member)
                    content = file.read() if file else b""
                    if len(content) != member.size:
                        raise tarfile.ReadError(f"{show(name)} is cut off")
                    intake.keep(name, content)
    except (tarfile.TarError, zlib.error, EOFError, ValueError, OverflowError, OSError) as error:
        if not intake.files:
            raise Unreadable(f"the archive is damaged: {show(str(error))}") from None
        intake.note(f"the archive is damaged ({show(str(error))}): what stood before was taken")


def _kind(member: tarfile.TarInfo) -> str:
    if member.issym() or member.islnk():
        return f"a link to {show(member.linkname)}"
    if member.ischr() or member.isblk():
        return "a device"
    return "a pipe" if member.isfifo() else "a file with holes or of an unknown kind"


def _directory_size(source: BinaryIO) -> int:
    """The bytes of a zip's list of members, from its end record; as zipfile finds it."""
    source.seek(0, os.SEEK_END)
    size = source.tell()
    source.seek(max(0, size - (1 << 16) - 22 - 20))
    tail = source.read()
    at = len(tail) - 22 if tail[-22:-18] == b"PK\5\6" and tail[-2:] == b"\0\0" else tail.rfind(b"PK\5\6")
    if at < 0 or at + 22 > len(tail):
        raise Unreadable("the zip is damaged: it has no list of members")
    if tail[max(0, at - 20) : at].startswith(b"PK\6\7"):
        raise Unreadable("the zip is in the format for more than 4 GiB: hand in what `make submit` writes")
    return int.from_bytes(tail[at + 12 : at + 16], "little")


def _read_zip(source: BinaryIO, packed: int, intake: Intake) -> None:
    if (listed := _directory_size(source)) > DIRECTORY_LIMIT:
        raise Unreadable(f"the zip's list of members has {listed:,} bytes, more than {DIRECTORY_LIMIT:,}")
    unpacked = 0
    try:
        source.seek(0)
        archive = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Unreadable(f"the zip is damaged: {show(str(error))}") from None
    for member in archive.infolist():
        intake.count()
        if member.is_dir():
            continue
        mode = member.external_attr >> 16
        # Unix zips tell the kind of a file; others have 0 there.
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
            what = "a symbolic link" if stat.S_ISLNK(mode) else "a device or pipe"
            intake.note(f"{show(member.filename)}: refused: {what}, no plain file")
            continue
        if member.flag_bits & 1:
            intake.note(f"{show(member.filename)}: refused: it is encrypted")
            continue
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            intake.note(f"{show(member.filename)}: refused: packed in an unusual way (method "
                        f"{member.compress_type})")  # fmt: skip
            continue
        if not (name := intake.wants(member.filename, member.file_size)):
            continue
        try:
            with archive.open(member) as file:
                content = file.read(limit_of(name) + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, NotImplementedError) as error:
            intake.note(f"{show(name)}: refused: damaged: {show(str(error))}")
            continue
        unpacked += len(content)
        if unpacked > UNPACKED_LIMIT:
            raise Unreadable(f"its {packed:,} bytes unpack to more than {UNPACKED_LIMIT:,}: a bomb")
        if len(content) > limit_of(name) or len(content) != member.file_size:
            intake.note(f"{show(name)}: refused: it unpacks to more than its list says")
            continue
        intake.keep(name, content)


def _read_archive(source: BinaryIO, packed: int, intake: Intake) -> bool:
    """Reads an archive into `intake`; whether it is one."""
    head = source.read(512)
    source.seek(0)
    if head.startswith(b"\x1f\x8b"):
        _read_tar(source, packed, True, intake)
    elif head.startswith((b"PK\3\4", b"PK\5\6")):
        _read_zip(source, packed, intake)
    elif head[257:262] == b"ustar":
        _read_tar(source, packed, False, intake)
    else:
        return False
    return True


# Folders.


def _walk(folder: Path, intake: Intake, top: Path) -> Iterator[tuple[str, Path, int]]:
    for entry in sorted(os.scandir(folder), key=lambda e: e.name):
        if entry.name in SKIPPED:
            continue
        intake.count()
        path = Path(entry.path)
        name = str(path.relative_to(top))
        kind = entry.stat(follow_symlinks=False)
        if stat.S_ISDIR(kind.st_mode):
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
            if not _read_archive(source, size, intake):
                raise Unreadable(f"{show(name)} is no archive that can be read")


def _limit(size: int) -> None:
    if size > ARCHIVE_LIMIT:
        raise Unreadable(f"the archive has {size:,} bytes, more than {ARCHIVE_LIMIT:,}")


def _unnest(intake: Intake) -> None:
    """A zip that holds nothing but an archive, as Moodle wraps it: the archive is the submission."""
    inner = [name for name in intake.files if name.endswith(ARCHIVES)]
    if len(inner) == 1 and not any(n.endswith(SOURCES) for n in intake.files):
        content = intake.files.pop(inner[0])
        if not _read_archive(BytesIO(content), len(content), intake):
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
            if not _read_archive(source, size, intake):
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
