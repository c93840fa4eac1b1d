"""Who is in the class: a CSV file with a line for each student.

    student,name,email,gradescope
    ada,Ada Lovelace,ada@example.org,1815

`student` is the key that results are filed under: a login, a number or an address. `name` is shown
in reports. Every other column is one more name under which the student may hand in: an address, the
number at a service, an account.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from grading.grader.csv_file import csv_reader

KEY = re.compile(r"[\w@+-][\w.@+-]*")


class ClassError(Exception):
    """What describes the class makes no sense. The message names the file, the value, the way out."""


@dataclass(frozen=True)
class Student:
    """`names` are all that stand for the student, the key and the name included."""

    key: str
    name: str = ""
    names: tuple[str, ...] = ()


def fold(text: str) -> str:
    """The form in which names are compared: 'Ada  Lovelace' is 'ada lovelace', 'ada_lovelace'; and an
    umlaut is one however a system writes it (Macs take letter and dots apart).
    """
    return re.sub(r"[\s_]+", " ", unicodedata.normalize("NFC", text)).strip().casefold()


def file_key(said: str) -> str:
    """A key that can be a file's name. Different texts give different keys."""
    said = unicodedata.normalize("NFC", said)
    key = re.sub(r"[^\w.@+-]+", "_", said).strip("._")[:80]
    key = key.encode()[:160].decode(errors="ignore")  # a file's name has 255 bytes, and drafts have longer ones
    if key == said and KEY.fullmatch(key):
        return key
    return f"{key or 'unnamed'}+{hashlib.sha256(said.encode(errors='surrogateescape')).hexdigest()[:6]}"


@dataclass
class Roster:
    """The class. Without a file it is empty, and whoever hands in is a student."""

    students: dict[str, Student] = field(default_factory=dict)
    index: dict[str, str] = field(default_factory=dict)  # folded name: key; "" where two share it

    @property
    def closed(self) -> bool:
        """Whether nobody else can be in the class."""
        return bool(self.students)

    def find(self, said: str) -> Student | None:
        """The student called `said` in any column; None for a stranger or a name of two."""
        key = self.index.get(fold(said), "")
        return self.students.get(key)

    def find_within(self, said: str) -> Student | None:
        """The only student whose name is a whole piece of `said`, as in `lab4-ada` or `Ada_3`."""
        if whole := self.find(said):
            return whole
        pieces = [piece for piece in re.split(r"[-_\s.]+", said) if piece]
        found: dict[str, Student] = {}
        for first, last in _runs(len(pieces)):
            # A hyphen and a point may belong to the name itself.
            text = re.search(r"[-_\s.]+".join(map(re.escape, pieces[first:last])), said)
            if text and (student := self.find(text[0])):
                found[student.key] = student
        return next(iter(found.values())) if len(found) == 1 else None


def _runs(count: int) -> Iterator[tuple[int, int]]:
    for length in range(count, 0, -1):
        for first in range(count - length + 1):
            yield first, first + length


def csv_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The lines of a CSV file with their numbers; commas, semicolons or tabs between the fields."""
    try:
        reader = csv_reader(path)
    except OSError as error:
        raise ClassError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ClassError(f"{path}: is not in UTF-8 ({error}): save it as `CSV UTF-8`") from None
    for row in reader:
        yield reader.line_num, {
            (name or "").strip().casefold(): (value or "").strip()
            for name, value in row.items()
            if isinstance(value, str | None)
        }


def load_roster(path: Path) -> Roster:
    """Reads the file; a student twice, or a name of two students but for real names, is refused."""
    roster = Roster()
    for line, row in csv_rows(path):
        if "student" not in row:
            raise ClassError(f"{path}: has no column `student`; it has {', '.join(filter(None, row))}")
        key, name = row.pop("student"), row.pop("name", "")
        if not key and not name:
            continue
        if not KEY.fullmatch(key):
            raise ClassError(
                f"{path}:{line}: {key!r} cannot be a student's key: letters, digits and . _ @ + - only"
            )
        if key in roster.students:
            raise ClassError(f"{path}:{line}: {key} is there already: give every student one line")
        names = tuple(dict.fromkeys([key, *filter(None, row.values())]))
        for known in names:
            other = roster.index.setdefault(fold(known), key)
            if other != key:
                raise ClassError(f"{path}:{line}: {known!r} is also a name of {other}: keep it at one")
        roster.students[key] = Student(key, name, (*names, name))
    _index_real_names(roster)
    return roster


def _index_real_names(roster: Roster) -> None:
    """Two students may be called alike; then the name finds neither."""
    bearers: dict[str, set[str]] = {}
    for student in roster.students.values():
        words = student.name.replace(",", " ").split()
        turned = " ".join([*words[1:], *words[:1]]) if "," in student.name else ""
        for form in filter(None, (student.name, turned)):
            bearers.setdefault(fold(form), set()).add(student.key)
    for name, keys in bearers.items():
        if name not in roster.index:
            roster.index[name] = keys.pop() if len(keys) == 1 else ""
