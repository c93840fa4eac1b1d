"""Archives as streams: tar, tar.gz and zip, with bounds on all that comes out of them.

    if read_archive(source, size, intake): …     # its files are in intake.files
"""

from __future__ import annotations

import os
import stat
import tarfile
import zipfile
import zlib
from typing import BinaryIO

from grading.grader.members import DIRECTORY_LIMIT, UNPACKED_LIMIT, Intake, Unreadable, limit_of, show


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
        with tarfile.open(fileobj=stream, mode="r|", errorlevel=1) as tar:  # type: ignore
            for member in tar:
                intake.count()
                tar.members = []  # type: ignore[attr-defined]  # else every header stays in memory
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


def directory_size(source: BinaryIO) -> int:
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
    if (listed := directory_size(source)) > DIRECTORY_LIMIT:
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


def read_archive(source: BinaryIO, packed: int, intake: Intake) -> bool:
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
