"""One student's work on its way into the next handout: parts, other edits, new files, answers.

    report = Carrier(work, record, new, following).run()

`carry.py` makes the folders and commits around it. What clashes stays in the file with both sides.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from labs.course import CourseError
from labs.yours import (
    RECORD,
    Record,
    Yours,
    blob_name,
    code_name,
    find_parts,
    place_holder,
    split_lines,
    take_apart,
    tree_files,
)

MARKER = "<<<<<<< yours"


@dataclass
class Report:
    """What became of the student's work. Each line of `clashes` begins with FILE:LINE."""

    lab: Record
    following: Record
    parts: int = 0
    kept: list[str] = field(default_factory=list)  # parts that stay as the handout has them
    merged: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    clashes: list[str] = field(default_factory=list)
    not_carried: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def lines(self, out: Path) -> Iterator[str]:
        """The report for people."""
        yield f"{out}: Lab {self.following.number}, {self.following.title}, with your work of Lab {self.lab.number}"
        yield f"  {self.parts} parts have your code"
        for title, rows in (
            ("not written by you, as the handout has them", self.kept),
            ("your other edits, merged", self.merged),
            ("your new files", self.added),
            ("not carried (no file that this lab lists)", self.not_carried),
            ("note", self.notes),
            ("CLASHES: both sides stand in the file; decide, and remove the markers", self.clashes),
        ):
            if rows:
                yield f"  {title}:"
                yield from (f"    {row}" for row in rows)
        left = f"mend the {len(self.clashes)} clashes, then " if self.clashes else ""
        yield f"  next: cd {out}, {left}make qemu, and read LAB.md"


class Carrier:
    """One student's tree and the next handout; builds the next tree in the folder `new`."""

    def __init__(self, work: Path, record: Record, new: Path, following: Record) -> None:
        self.work, self.record, self.new, self.following = work, record, new, following
        self.report = Report(record, following)
        self.parts, faults = find_parts(work, record)
        if faults:
            lines = "\n  ".join(faults)
            raise CourseError(
                "the brackets around your parts are damaged, so nothing was written. Each needs its\n"
                f"BEGIN YOURS and END YOURS line once, as in the handout:\n  {lines}"
            )
        self.files = tree_files(work)

    # What the student began with.

    def base(self, name: str) -> bytes | None:
        """A file as it was handed out, out of the student's repository; None if it is not there."""
        blob = self.record.files.get(name)
        if blob is None:
            return b""
        if (self.work / name).is_file() and blob_name(self.mine(name)) == blob:
            return self.mine(name)
        command = ["git", "cat-file", "blob", blob]
        try:
            done = subprocess.run(command, cwd=self.work, capture_output=True)
        except FileNotFoundError:
            return None
        return done.stdout if done.returncode == 0 else None

    def mine(self, name: str) -> bytes:
        return (self.work / name).read_bytes()

    def is_edited(self, name: str) -> bool:
        return blob_name(self.mine(name)) != self.record.files.get(name)

    def theirs(self, name: str) -> bytes | None:
        path = self.new / name
        return path.read_bytes() if path.is_file() else None

    # The steps.

    def run(self) -> Report:
        """Changes the handout in `new` into the student's next tree."""
        texts: dict[str, str] = {}  # files that are merged already, with place holders
        for path in self.files:
            self._one_file(str(path), texts)
        for name in self.record.files:
            if not (self.work / name).exists() and self.theirs(name) is not None:
                self.report.notes.append(f"{name}: you removed it; the next handout's stands")
        self._fill_parts(texts)
        self._answers()
        return self.report

    def _one_file(self, name: str, texts: dict[str, str]) -> None:
        path = Path(name)
        ours = name in self.record.files
        if name == str(RECORD) or path.name.startswith("answers") and len(path.parts) == 1:
            return
        if (self.work / path).is_symlink():
            self.report.not_carried.append(f"{name}: a symbolic link")
        elif not (self.work / path).is_file():
            self.report.not_carried.append(f"{name}: no plain file")
        elif name in self.record.listed:
            self._merge(name, texts)
        elif not ours and self.record.is_open(path):
            self._add(name, texts)
        elif not ours or self.is_edited(name):
            parts = [p.name for p in self.parts.values() if str(p.path) == name]
            but = f" (but for {', '.join(parts)})" if parts else ""
            outside = take_apart(self.mine(name).decode(errors="replace"), path).outside
            base = self.base(name)
            if not (parts and base and take_apart(base.decode(), path).outside == outside):
                self.report.not_carried.append(f"{name}{but}: {'edited' if ours else 'new'}")

    def _outside(self, content: bytes, name: str) -> str:
        return take_apart(content.decode(errors="surrogateescape"), Path(name)).outside

    def _merge(self, name: str, texts: dict[str, str]) -> None:
        """What the student changed outside the parts of a listed file."""
        if not self.is_edited(name):
            return
        mine, theirs, base = self._outside(self.mine(name), name), self.theirs(name), self.base(name)
        if theirs is None:
            self._keep_removed(name, texts)
            return
        new = self._outside(theirs, name)
        if base is None:
            if mine != new:
                self.report.notes.append(
                    f"{name}: differs from the next handout outside the parts; without the git history "
                    "of your handout nobody can tell what of it is yours: compare the two by hand"
                )
            return
        old = self._outside(base, name)
        if mine == old:
            return
        texts[name] = merge(mine, old, new, self.following)
        self.report.merged.append(name)

    def _keep_removed(self, name: str, texts: dict[str, str]) -> None:
        base = self.base(name)
        mine = self._outside(self.mine(name), name)
        if base is not None and self._outside(base, name) == mine:
            return
        if self.following.is_open(Path(name)):
            texts[name] = mine
            self.report.added.append(name)
        else:
            texts[name] = mine
            self.report.clashes.append(f"{name}:1: you changed it, and the next handout has it no more")

    def _add(self, name: str, texts: dict[str, str]) -> None:
        """A file of the student's own."""
        content, theirs = self.mine(name), self.theirs(name)
        if theirs == content:
            return
        try:
            mine = self._outside(content, name)
            content.decode()
        except UnicodeDecodeError:
            self.report.not_carried.append(f"{name}: new, but no text")
            return
        if theirs is None:
            texts[name] = mine
            self.report.added.append(name)
        else:
            texts[name] = merge(mine, "", self._outside(theirs, name), self.following)
            self.report.notes.append(f"{name}: your new file, and one of the next handout's too")

    def _code_of(self, part: Yours) -> Yours | None:
        """The student's code for a part of the next handout; None to leave it as it is there."""
        mine = self.parts.get(part.name)
        if mine is None and part.replaces and part.replaces not in self.following.parts:
            mine = self.parts.get(part.replaces)
        if mine is None:
            return None
        record = self.record.parts.get(mine.name)
        if record and record.stub == code_name(mine.code):
            if part.name == mine.name:
                self.report.kept.append(f"{part.name} ({part.where})")
            return None
        base = self.base(record.path) if record and not record.stub else None
        if base and not self._is_stub(part):
            old = {p.name: p.code for p in take_apart(base.decode(), Path(record.path)).parts}
            if old.get(mine.name) == mine.code:
                return None  # as it was handed out: the newer handout's is at least as good
        if part.name != mine.name:
            self.report.notes.append(
                f"{part.where}: {part.name} takes the place of {mine.name}: your code stands there"
            )
        return mine

    def _is_stub(self, part: Yours) -> bool:
        record = self.following.parts.get(part.name)
        return bool(record and record.stub)

    def _fill_parts(self, texts: dict[str, str]) -> None:
        """Writes the files: each part with the student's code or, if there is none, the handout's."""
        given: dict[str, Yours] = {}
        for name in sorted({part.path for part in self.following.parts.values()}):
            content = self.theirs(name)
            assert content is not None
            apart = take_apart(content.decode(), Path(name))
            given |= {part.name: part for part in apart.parts}
            texts.setdefault(name, apart.outside)
        code = {name: self._code_of(part) or part for name, part in given.items()}
        for name, part in self.parts.items():
            code.setdefault(name, part)
        self.report.parts = sum(1 for name in given if code[name] is not given[name])
        placed: set[str] = set()
        for name, text in texts.items():
            lines: list[str] = []
            for line in split_lines(text):
                part = _placed_in(line, code)
                if part is None:
                    lines.append(line)
                    continue
                placed.add(part)
                frame = given.get(part) or self.parts[part]
                lines += [frame.begin, *code[part].code, frame.end]
            self._write(name, lines)
        self._lost(placed, given)

    def _lost(self, placed: set[str], given: dict[str, Yours]) -> None:
        """Parts of the student's that have no place in the next tree are kept in a file."""
        replaced = {part.replaces for part in given.values()}
        for name, part in self.parts.items():
            stub = self.record.parts[name].stub if name in self.record.parts else ""
            if name in placed or name in replaced or stub == code_name(part.code):
                continue
            target = f"not-carried/{name}.txt"
            self._write(target, part.code)
            self.report.clashes.append(f"{target}:1: the next handout has no part {name}; your code")

    def _write(self, name: str, lines: list[str]) -> None:
        target = self.new / name
        target.parent.mkdir(parents=True, exist_ok=True)
        text = "".join(f"{line}\n" for line in lines)
        target.write_bytes(text.encode(errors="surrogateescape"))
        for number, line in enumerate(lines, start=1):
            if line.startswith(MARKER):
                self.report.clashes.append(f"{name}:{number}: your edit and the next handout's")

    def _answers(self) -> None:
        for path in self.work.glob("answers*.md"):
            if not path.is_file() or path.is_symlink():
                continue
            name = f"answers-{self.record.lab}.md" if path.name == "answers.md" else path.name
            shutil.copyfile(path, self.new / name)


def _placed_in(line: str, code: dict[str, Yours]) -> str | None:
    if not line.startswith("@@ YOURS("):
        return None
    name = line[len("@@ YOURS(") : -len(") @@")]
    return name if line == place_holder(name) and name in code else None


def merge(mine: str, base: str, theirs: str, following: Record) -> str:
    """The three texts merged; where they clash, both sides between markers."""
    with tempfile.TemporaryDirectory(prefix="merge.") as folder:
        names = {"yours": mine, "your handout": base, f"Lab {following.number}'s handout": theirs}
        command = ["git", "merge-file", "-p", "--quiet"]
        for number, (label, text) in enumerate(names.items()):
            path = Path(folder) / str(number)
            path.write_bytes(text.encode(errors="surrogateescape"))
            command += ["-L", label]
        paths = [str(Path(folder) / str(number)) for number in range(3)]
        done = subprocess.run([*command, *paths], capture_output=True)
    if done.returncode > 127:
        raise CourseError(f"git merge-file failed: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout.decode(errors="surrogateescape")
