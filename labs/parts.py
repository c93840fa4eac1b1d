#!/usr/bin/python3
"""Finds the parts that students write, checks their markers, and renders the tree in any form.

    python3 -m labs.parts check              every marker is well formed (make partcheck)
    python3 -m labs.parts list               each part, where it stands and which forms it has
    python3 -m labs.parts render OUT --lab NAME [--brackets]      the tree as lab NAME hands it out
    python3 -m labs.parts render OUT --all FORM                   every part in one form

A part has up to three forms (DESIGN section 5). `//` opens the marker lines, or `#`:

    // BEGIN SOLUTION(lab.part)          or: BEGIN SOLUTION(lab.part) replaces=other.part
    …reference code…
    // END SOLUTION
    // STUB: one line of code            what the lab's own handout has in its place
    // UNTIL: one line of code           what earlier handouts have there; none if there are none

STUB and UNTIL lines follow their solution at once, with its indentation.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The labs in their order, and the folders in which the parts of each may stand.
LABS: dict[str, tuple[str, ...]] = {
    "boot": ("boot",),
    "console": ("kernel/cpu",),
    "frames": ("kernel/mm",),
    "paging": ("kernel/mm", "kernel/process"),
    "thread": ("kernel/thread",),
    "user": ("kernel/process",),
    "memory": ("kernel/process", "kernel/mm"),
    "files": ("kernel/process", "kernel/io", "user/bin", "user/lib"),
    "disk": ("kernel/block",),
    "ext2": ("kernel/fs",),
    "multicore": ("kernel",),
}
FOLDERS = ("boot", "kernel", "user")
SUFFIXES = {".c", ".cc", ".h", ".S", ".ld", ".mk", ".tbl"}

LEADER = r"(?P<indent>[ \t]*)(?P<leader>//|#)"
BEGIN = re.compile(LEADER + r" BEGIN SOLUTION\((?P<name>[^)]*)\)(?P<rest>.*)")
END = re.compile(LEADER + r" END SOLUTION\s*")
FORM = re.compile(LEADER + r" (?P<form>STUB|UNTIL):(?: (?P<code>.*))?")
LOOSE = re.compile(r"^\s*(//|#)\s*((BEGIN|END)\s+SOLUTION|STUB\b|UNTIL\s*:)", re.IGNORECASE)
NAME = re.compile(r"[a-z][a-z0-9]*\.[a-z][a-z0-9_]*")
REPLACES = re.compile(r" replaces=(?P<name>\S+)")


class Form(Enum):
    SOLUTION = "solution"
    STUB = "stub"
    UNTIL = "until"


@dataclass
class Part:
    """One part of a file; lines count from 1."""

    name: str
    path: Path
    line: int
    indent: str
    leader: str
    replaces: str = ""
    code: dict[Form, list[str]] = field(default_factory=lambda: {form: [] for form in Form})
    last: int = 0  # its last line, STUB and UNTIL lines included

    @property
    def lab(self) -> str:
        return self.name.split(".")[0]

    @property
    def where(self) -> str:
        return f"{self.path}:{self.line}"

    def render(self, form: Form, brackets: bool) -> list[str]:
        """The part's lines in one form, between BEGIN YOURS and END YOURS if `brackets`."""
        lines = self.code[form]
        if not brackets:
            return lines
        comment = f"{self.indent}{self.leader}"
        begin = f"BEGIN YOURS({self.name})"
        if self.replaces:
            begin += f" replaces={self.replaces}"
        return [f"{comment} {begin}", *lines, f"{comment} END YOURS({self.name})"]


@dataclass
class Source:
    """A file taken apart: its lines, its parts in order, and what is wrong with its markers."""

    lines: list[str]
    parts: list[Part]
    faults: list[str]

    def render(self, choose: Callable[[Part], Form], brackets: bool = False) -> str:
        out: list[str] = []
        at = 0
        for part in self.parts:
            out += self.lines[at : part.line - 1]
            out += part.render(choose(part), brackets and choose(part) is not Form.UNTIL)
            at = part.last
        return "".join(f"{line}\n" for line in out + self.lines[at:])


def parse(text: str, path: Path) -> Source:
    """Takes a file apart. Never fails: `faults` says what is wrong with it."""
    source = Source(text.splitlines(), [], [])
    part: Part | None = None  # the one that is open, or whose STUB and UNTIL lines may follow
    is_open = False
    for number, line in enumerate(source.lines, start=1):

        def fault(what: str) -> None:
            source.faults.append(f"{path}:{number}: {what}")

        if match := BEGIN.fullmatch(line):
            if is_open and part:
                fault(f"{match['name']} begins inside {part.name}, which began in line {part.line}")
            part = Part(match["name"], path, number, match["indent"], match["leader"])
            if replaces := REPLACES.fullmatch(match["rest"]):
                part.replaces = replaces["name"]
            elif match["rest"].strip():
                fault(f"{match['rest'].strip()!r} after the part's name is not `replaces=NAME`")
            source.parts.append(part)
            is_open = True
        elif END.fullmatch(line):
            if not is_open:
                fault("END SOLUTION without its BEGIN")
            is_open = False
        elif is_open and part:
            if LOOSE.match(line):
                fault(f"a marker inside the solution of {part.name}")
            part.code[Form.SOLUTION].append(line)
        elif match := FORM.fullmatch(line):
            if part is None:
                fault(f"{match['form']} that follows no solution")
                continue
            if match["indent"] != part.indent:
                fault(f"{match['form']} of {part.name} is indented unlike its BEGIN")
            code = match["code"] or ""
            part.code[Form[match["form"]]].append(f"{match['indent']}{code}" if code else "")
        else:
            if LOOSE.match(line):
                fault(f"looks like a marker and is none: {line.strip()!r}")
            part = None
        if part:
            part.last = number
    if is_open and part:
        source.faults.append(f"{part.where}: {part.name} has no END SOLUTION")
    return source


def source_files(root: Path) -> Iterator[Path]:
    """The files that may hold parts, relative to `root`."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and (path.suffix in SUFFIXES or path.name == "Makefile"):
                yield path.relative_to(root)


def read_parts(root: Path) -> tuple[list[Part], list[str]]:
    """All parts of the tree in lab order, and every fault of their markers."""
    parts: list[Part] = []
    faults: list[str] = []
    for path in source_files(root):
        source = parse((root / path).read_text(), path)
        parts += source.parts
        faults += source.faults
    order = list(LABS)
    parts.sort(key=lambda p: order.index(p.lab) if p.lab in LABS else len(order))
    return parts, faults + list(_rules(parts))


def _rules(parts: list[Part]) -> Iterator[str]:
    """What each part must keep beyond the form of its markers."""
    first: dict[str, Part] = {}
    for part in parts:
        if not NAME.fullmatch(part.name):
            yield f"{part.where}: {part.name!r} is no name of the form lab.part"
        elif part.lab not in LABS:
            yield f"{part.where}: {part.name}: the labs are {', '.join(LABS)}"
        elif not str(part.path).startswith(LABS[part.lab]):
            yield f"{part.where}: {part.name} stands outside {' and '.join(LABS[part.lab])}"
        if part.name in first:
            yield f"{part.where}: {part.name} is also at {first[part.name].where}; number them"
        first.setdefault(part.name, part)
        if not part.code[Form.STUB]:
            yield f"{part.where}: {part.name} has no STUB line"
    for part in parts:
        if part.replaces and part.replaces not in first:
            yield f"{part.where}: {part.name} replaces {part.replaces}, which is no part"


def handout_form(lab: str) -> Callable[[Part], Form]:
    """The form of each part in the handout of `lab`: earlier ones solved, later ones UNTIL."""
    order = list(LABS)
    here = order.index(lab)

    def choose(part: Part) -> Form:
        there = order.index(part.lab)
        return Form.STUB if there == here else Form.SOLUTION if there < here else Form.UNTIL

    return choose


MADE = {"build", "__pycache__", ".pytest_cache"}  # folders of what is made


def tree_files(root: Path) -> list[Path]:
    """What belongs to the tree: the files that git tracks, and new ones that it does not ignore.

    Where it is no checkout, as on a grading service: all files but those that are made.
    """
    # The tree may be another user's than the one who grades with it.
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others"]
    if (root / ".git").exists():
        done = subprocess.run(
            [*command, "--exclude-standard"], cwd=root, check=True, capture_output=True, text=True
        )
        files = sorted({Path(name) for name in done.stdout.split("\0") if name})
    else:
        files = sorted(path.relative_to(root) for path in root.rglob("*"))
        files = [path for path in files if not MADE & set(path.parts)]
    return [path for path in files if (root / path).is_file()]


def render_tree(
    root: Path, out: Path, choose: Callable[[Part], Form], brackets: bool = False
) -> None:
    """Writes the tree into the folder `out`, each part in the form that `choose` gives it.

    A folder that was rendered before is brought up to date: files that stay the same are left
    alone, so that make compiles only what differs.
    """
    parted = set(source_files(root))
    files = tree_files(root)
    for old in [path for path in out.rglob("*") if path.is_file()]:
        if old.relative_to(out) not in files:
            old.unlink()
    for path in files:
        target = out / path
        content = (root / path).read_bytes()
        if path in parted and b"SOLUTION" in content:
            content = parse(content.decode(), path).render(choose, brackets).encode()
        if not target.exists() or target.read_bytes() != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            shutil.copymode(root / path, target)


def main() -> int:
    title = __doc__.split("\n")[0]
    parser = argparse.ArgumentParser(prog="python3 -m labs.parts", description=title)
    parser.add_argument("--root", type=Path, default=ROOT)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check", help="check every marker")
    commands.add_parser("list", help="list the parts")
    render = commands.add_parser("render", help="write the tree in chosen forms")
    render.add_argument("out", type=Path)
    choice = render.add_mutually_exclusive_group(required=True)
    choice.add_argument("--lab", choices=list(LABS), help="as this lab hands it out")
    choice.add_argument("--all", choices=[form.value for form in Form], help="all in one form")
    render.add_argument("--brackets", action="store_true", help="keep BEGIN YOURS and END YOURS")
    arguments = parser.parse_args()
    parts, faults = read_parts(arguments.root)
    for line in faults:
        print(line, file=sys.stderr)
    if faults:
        return 1
    if arguments.command == "check":
        labs = sum(any(part.lab == lab for part in parts) for lab in LABS)
        print(f"partcheck: {len(parts)} parts of {labs} labs, every marker is well formed")
    elif arguments.command == "list":
        for part in parts:
            forms = " ".join(form.value for form in Form if part.code[form])
            print(f"{part.name:<28} {part.where:<40} {forms}")
    elif arguments.out.exists():
        parser.error(f"{arguments.out} exists already; name a new folder")
    else:
        form = Form(arguments.all) if arguments.all else None
        choose = (lambda part: form) if form else handout_form(arguments.lab)
        render_tree(arguments.root, arguments.out, choose, arguments.brackets)
    return 0


if __name__ == "__main__":
    sys.exit(main())
