"""Unpacks what a service exported: a zip with the submissions of a whole class.

Names and contents in it are the students': only plain files are written, under names that stay
inside, each on its own: one that cannot be written costs nobody else anything.
"""

from __future__ import annotations

import os
import shutil
import struct
import zipfile
import zlib
from contextlib import suppress
from datetime import datetime
from pathlib import Path, PurePosixPath

from grading.grader.roster import ClassError

MOST = 16 << 30  # bytes, of the whole class
MOST_OF_A_FILE = 64 << 20
# What reading a damaged zip raises, or writing under a name that this system does not take. (RuntimeError:
# a password; IndexError and struct.error: a list of members that is cut.)
FAULTS = (OSError, EOFError, RuntimeError, ValueError, IndexError, struct.error, zlib.error, zipfile.BadZipFile)


def _why_not(info: zipfile.ZipInfo) -> str:
    path = PurePosixPath(info.filename)
    kind = info.external_attr >> 16 & 0o170000
    if path.is_absolute() or ".." in path.parts or "\0" in info.filename:
        return "would be written outside its folder"
    if kind not in (0, 0o100000):
        return "is no plain file"
    if info.file_size > MOST_OF_A_FILE:
        return f"unpacks to {info.file_size >> 20} MiB; {MOST_OF_A_FILE >> 20} is the most"
    return ""


def _extract(zipped: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipped.open(info) as source, target.open("wb") as out:
        shutil.copyfileobj(source, out, 1 << 20)
    try:
        stamp = datetime(*info.date_time).timestamp()
        os.utime(target, (stamp, stamp))
    except (ValueError, OverflowError):  # a date that is none; the file's own time is now
        pass


def unpack_export(archive: Path, into: Path) -> list[str]:
    """Unpacks into the new folder `into`; returns a sentence for each member that was left out.

    What can only be read as a whole, or not at all, is a ClassError.
    """
    left_out: list[str] = []
    draft = into.with_name(f".{into.name}.unpacking")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        with zipfile.ZipFile(archive) as zipped:
            members = [info for info in zipped.infolist() if not info.is_dir()]
            if sum(info.file_size for info in members) > MOST:
                raise ClassError(f"{archive}: unpacks to more than {MOST >> 30} GiB: is it an export?")
            draft.mkdir(parents=True)
            for info in members:
                why = _why_not(info)
                try:
                    if not why:
                        _extract(zipped, info, draft / info.filename)
                except FAULTS as error:
                    why = f"cannot be unpacked: {error}"
                    with suppress(OSError):
                        (draft / info.filename).unlink()
                if why:
                    left_out.append(f"{info.filename!r} {why}")
        draft.rename(into)
    except FAULTS as error:
        raise ClassError(f"{archive}: is no zip that can be read: {error}") from None
    return left_out
