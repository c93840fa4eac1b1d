"""The members of a submission: which names and sizes are taken, and what is said of the others.

Used by intake.py and archive.py; nothing here touches a file.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

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


def printable(text: str) -> str:
    """All of the text, fit to be printed on one line: it may have names in it that students chose."""
    text = text.encode(errors="backslashreplace").decode()
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def show(name: str) -> str:
    """A member's name, fit to be printed."""
    text = printable(name)
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
