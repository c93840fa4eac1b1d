"""What in a tree is the student's: the brackets around each part, and labs/handout.json.

    // BEGIN YOURS(lab.part)        `#` instead of `//` in assembly
    …the student's code…
    // END YOURS(lab.part)

labs/handout.json is the handout's record of itself: git's names of all its files, so that edits
are found whatever became of the history, and what a student of this lab may change. Used by
`make submit` and `make next` in a student's tree, and by the grader.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from labs.course import CourseError

SCHEMA = 1
RECORD = Path("labs/handout.json")
SOURCES = ("boot", "kernel", "user")  # the folders in which brackets may stand
SUFFIXES = {".c", ".cc", ".h", ".S"}
NOT_FILES = {".git", "build", "__pycache__", ".pytest_cache", ".cache"}

LEADER = r"(?P<indent>[ \t]*)(?P<leader>//|#)"
BEGIN = re.compile(LEADER + r" BEGIN YOURS\((?P<name>[^()\s]+)\)(?: replaces=(?P<old>\S+))?\s*")
END = re.compile(LEADER + r" END YOURS\((?P<name>[^()\s]+)\)\s*")
LOOSE = re.compile(r"\s*(//|#|/\*)\s*(BEGIN|END)\s*YOURS", re.IGNORECASE)


@dataclass
class Yours:
    """One bracketed part as it stands in a file; `line` is that of its BEGIN, from 1."""

    name: str
    path: Path
    line: int
    replaces: str = ""
    code: list[str] = field(default_factory=list)
    begin: str = ""
    end: str = ""

    @property
    def where(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass
class Bracketed:
    """A file taken apart: text outside the parts with one place holder line for each."""

    lines: list[str]
    parts: list[Yours]
    faults: list[str]

    @property
    def outside(self) -> str:
        return "".join(f"{line}\n" for line in self.lines)


def place_holder(name: str) -> str:
    """The line that stands for a part while the text around it is compared or merged."""
    return f"@@ YOURS({name}) @@"


def split_lines(text: str) -> list[str]:
    """The lines of a file as editors count them: nothing but a line feed ends one."""
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def take_apart(text: str, path: Path) -> Bracketed:
    """Finds the parts of a file. Never fails: `faults` names each damaged bracket."""
    result = Bracketed([], [], [])
    part: Yours | None = None

    def fault(number: int, what: str) -> None:
        result.faults.append(f"{path}:{number}: {what}")

    for number, line in enumerate(split_lines(text), start=1):
        if match := BEGIN.fullmatch(line):
            if part:
                name = part.name
                fault(number, f"BEGIN YOURS({match['name']}) inside {name}: END YOURS({name}) misses")
            part = Yours(match["name"], path, number, match["old"] or "", begin=line)
        elif match := END.fullmatch(line):
            if part is None:
                fault(number, f"END YOURS({match['name']}) without its BEGIN")
                continue
            if part.name != match["name"]:
                fault(number, f"END YOURS({match['name']}) ends {part.name}, begun in {part.line}")
            part.end = line
            result.parts.append(part)
            result.lines.append(place_holder(part.name))
            part = None
        elif LOOSE.match(line):
            fault(number, f"a damaged bracket: {line.strip()!r}")
        elif part:
            part.code.append(line)
        else:
            result.lines.append(line)
    if part:
        fault(part.line, f"BEGIN YOURS({part.name}) has no END")
    return result


def blob_name(content: bytes) -> str:
    """Git's name of a file with this content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def code_name(code: list[str]) -> str:
    """A name of a part's code that does not depend on how its lines end."""
    text = "\n".join(line.rstrip() for line in code)
    return blob_name(text.encode(errors="surrogateescape"))


@dataclass(frozen=True)
class PartRecord:
    """A part of the handout: where it stands, and the name of its stub ("" if it is solved)."""

    path: str
    line: int
    stub: str = ""


@dataclass(frozen=True)
class Record:
    """labs/handout.json."""

    lab: str
    number: int
    folder: str
    title: str
    listed: list[str]  # the files that students of this lab and of earlier ones edit
    open: list[str]  # folders in which they may add files
    files: dict[str, str]  # each file of the handout but this: its git name
    parts: dict[str, PartRecord]
    answers: dict[str, str]  # each question of answers.md: its name while it is empty
    schema: int = SCHEMA

    def is_open(self, path: Path) -> bool:
        """Whether a new file may stand there."""
        return any(path.is_relative_to(folder) for folder in self.open)

    def write(self, tree: Path) -> None:
        text = json.dumps(asdict(self), indent=1, sort_keys=True)
        (tree / RECORD).write_text(text + "\n")


def read_record(tree: Path) -> Record:
    """The record of the handout that `tree` was."""
    path = tree / RECORD
    try:
        values = json.loads(path.read_text())
        if values.get("schema") != SCHEMA:
            raise CourseError(f"{path}: has schema {values.get('schema')}, this tool reads {SCHEMA}")
        values["parts"] = {name: PartRecord(**part) for name, part in values["parts"].items()}
        return Record(**values)
    except FileNotFoundError:
        raise CourseError(f"{tree} is no handout of a goose lab: it has no {RECORD}") from None
    except (ValueError, TypeError, KeyError) as error:
        raise CourseError(f"{path} is damaged ({error}): take it from your handout again") from None


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name in NOT_FILES:
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _walk(path)
        else:
            yield path


def tree_files(tree: Path) -> list[Path]:
    """The files of a student's tree, relative to it: without what git ignores, if git is there."""
    files = [path.relative_to(tree) for path in _walk(tree)]
    names = "\0".join(str(path) for path in files)
    command = ["git", "check-ignore", "--no-index", "-z", "--stdin"]
    try:
        done = subprocess.run(command, cwd=tree, input=names, capture_output=True, text=True)
    except FileNotFoundError:
        return files
    ignored = set(done.stdout.split("\0")) if done.returncode == 0 else set()
    return [path for path in files if str(path) not in ignored]


def find_parts(tree: Path, record: Record) -> tuple[dict[str, Yours], list[str]]:
    """The parts that stand in a student's tree, and what is wrong with their brackets."""
    found: dict[str, Yours] = {}
    faults: list[str] = []
    for path in tree_files(tree):
        if path.parts[0] not in SOURCES or path.suffix not in SUFFIXES:
            continue
        if (tree / path).is_symlink() or not (tree / path).is_file():
            continue
        text = (tree / path).read_bytes().decode(errors="surrogateescape")
        if "YOURS" not in text.upper():
            continue
        apart = take_apart(text, path)
        faults += apart.faults
        for part in apart.parts:
            if part.name in found:
                faults.append(f"{part.where}: {part.name} is also at {found[part.name].where}")
            found.setdefault(part.name, part)
    for name, part in record.parts.items():
        # Damage that is known already explains why a part of its file is not found.
        if name not in found and not any(fault.startswith(f"{part.path}:") for fault in faults):
            faults.append(
                f"{part.path}:{part.line}: BEGIN YOURS({name}) is missing "
                "(the handout has it in this line)"
            )
    return found, faults


def questions(text: str) -> dict[str, str]:
    """The questions of an answers.md: each heading below the first, and the name of its text.

    Without such headings the whole text is one question.
    """
    pieces = re.split(r"^#{2,}[ \t]+(.+)$", text, flags=re.MULTILINE)
    if len(pieces) == 1:
        return {"answers": blob_name("".join(text.split()).encode())}
    pairs = zip(pieces[1::2], pieces[2::2], strict=True)
    return {title.strip(): blob_name("".join(body.split()).encode()) for title, body in pairs}
