"""Proves of a handout that it gives no solution away.

    for leak in find_leaks(root, lab, choose, handout):
        print(leak)      # kernel/mm/mm.h:12: a line of the solution of paging.walk: …

Hidden are the lines of each part that the handout does not hold solved. A line counts if it says
something (`}` or `return {};` does not) and if no line outside these solutions says the same; it
must then stand in no file of the handout, neither as a line nor inside one, and in no string of a
binary. Binaries carry no debug information and name functions only. The git history is one commit
that holds the files and nothing else.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from grading import cpio
from labs.course import Lab
from labs.parts import SUFFIXES, Form, Part, parse, source_files

Choose = Callable[[Part], Form]
WORD = re.compile(r"[A-Za-z_]\w+")
KEYWORDS = set(
    "auto bool break case char const constexpr continue default do double else enum false for goto "
    "if inline int long move new nullptr panic return short signed sizeof static struct switch this "
    "true unsigned u8 u16 u32 u64 usize void while yours write addi beq beqz bnez call csrr csrw ret "
    "NULL li ld sd mv la ecall size_t errno Errno ok value TRY guard lock the and".split()
)
INSIDE = 28  # a hidden line with so many characters may not stand inside another either
MARKER = re.compile(r"(//|#) ((BEGIN|END) SOLUTION|(STUB|UNTIL):)")
STRING = re.compile(rb"[\t\x20-\x7e]{8,}")


@dataclass(frozen=True)
class Hidden:
    """A line of a solution: how it reads, and whose it is."""

    text: str
    part: str
    where: str


def squeeze(line: str) -> str:
    """The line as it is compared: without white space and without the leader of a comment."""
    return re.sub(r"^(//+|#+|\*+|>+)", "", "".join(line.split()))


def says_something(line: str) -> bool:
    """Whether a line would give something away: three words of its own, or two in a long one.

    How a loop begins says little.
    """
    words = {word.lower() for word in WORD.findall(line) if word not in KEYWORDS}
    is_loop = line.strip().startswith(("for (", "while (", "} while ("))
    return len(words) >= 3 or len(words) == 2 and len(squeeze(line)) >= 24 and not is_loop


def hidden_lines(root: Path, choose: Choose) -> dict[str, Hidden]:
    """The lines that a handout in which `choose` gives the parts' forms must not show."""
    hidden: dict[str, Hidden] = {}
    shown: list[str] = []
    for path in source_files(root):
        source = parse((root / path).read_text(), path)
        tests = "tests" in path.parts
        for part in source.parts:
            shown += part.code[Form.STUB] + part.code[Form.UNTIL]
            if choose(part) is Form.SOLUTION:
                continue
            for number, line in enumerate(part.code[Form.SOLUTION], start=part.line + 1):
                if says_something(line):
                    place = Hidden(line.strip(), part.name, f"{path}:{number}")
                    hidden.setdefault(squeeze(line), place)
        if not tests:
            solved = lambda part: Form.SOLUTION if choose(part) is Form.SOLUTION else Form.STUB  # noqa: E731
            shown += source.render(solved).splitlines()
    known = "".join(squeeze(line) for line in shown)  # however its lines are broken
    return {key: line for key, line in hidden.items() if key not in known}


def _text_leaks(path: Path, text: str, hidden: dict[str, Hidden]) -> Iterator[str]:
    lines = [squeeze(line) for line in text.splitlines()]
    for number, line in enumerate(lines, start=1):
        if found := hidden.get(line):
            yield _leak(f"{path}:{number}", found)
    whole = "".join(lines)
    for key, found in hidden.items():
        if len(key) >= INSIDE and key in whole and key not in lines:
            number = next((n for n, line in enumerate(lines, start=1) if key in line), 1)
            yield _leak(f"{path}:{number}", found)
    if path.suffix in SUFFIXES:
        for number, raw in enumerate(text.splitlines(), start=1):
            if MARKER.search(raw):
                yield f"{path}:{number}: a marker of the whole tree: {raw.strip()}"


def _leak(where: str, found: Hidden) -> str:
    return f"{where}: a line of the solution of {found.part} ({found.where}): {found.text}"


def _binary_leaks(path: Path, file: Path, hidden: dict[str, Hidden]) -> Iterator[str]:
    content = file.read_bytes()
    strings = [squeeze(found.decode("ascii")) for found in STRING.findall(content)]
    whole = "\n".join(strings)
    for key, found in hidden.items():
        if key in whole:
            yield _leak(f"{path}:0", found)
    if content[:4] == b"\x7fELF":
        yield from _elf_leaks(path, file)
    if path.suffix == ".cpio":
        with tempfile.TemporaryDirectory() as folder:
            for name, node in cpio.unpack(content).items():
                if node.data[:4] == b"\x7fELF":
                    program = Path(folder) / "program"
                    program.write_bytes(node.data)
                    yield from _elf_leaks(path / name.lstrip("/"), program)


def _elf_leaks(path: Path, file: Path) -> Iterator[str]:
    readelf = shutil.which("readelf") or "riscv64-linux-gnu-readelf"
    command = [readelf, "--wide", "--section-headers", "--symbols", str(file)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    for section in re.findall(r"\] (\.debug\S*)", done.stdout):
        yield f"{path}:0: debug information: {section}"
    kinds = re.findall(r"^ *\d+: [0-9a-f]+ +\d+ (\w+) +\w+ +\w+ +\S+ (\S+)$", done.stdout, re.M)
    for kind, name in kinds:
        if kind not in ("FUNC", "NOTYPE", "SECTION"):
            yield f"{path}:0: a symbol that is no function: {name}"


def _place_leaks(root: Path, lab: Lab, path: Path, text: str) -> Iterator[str]:
    """What belongs to other labs or to instructors, and what tells of this machine."""
    folders = {*lab.earlier_folders, lab.folder}
    if path.name == "mutants.toml":
        yield f"{path}:1: mutants are no student's business"
    if re.match(r"labs/\d\d-", str(path)) and path.parts[1] not in folders:
        yield f"{path}:1: belongs to another lab"
    if len(str(root)) > 6 and str(root) in text:
        number = text[: text.index(str(root))].count("\n") + 1
        yield f"{path}:{number}: names a folder of this machine: {root}"


def history_leaks(handout: Path) -> Iterator[str]:
    """What the git repository holds beside one commit of the files."""

    def git(*words: str) -> str:
        return subprocess.run(
            ["git", *words], cwd=handout, check=True, capture_output=True, text=True
        ).stdout

    commits = git("rev-list", "--all").split()
    if len(commits) != 1:
        yield f".git:0: {len(commits)} commits instead of one"
    objects = set(git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split())
    for name in sorted(objects - set(git("rev-list", "--all", "--objects").replace("\n", " ").split())):
        yield f".git:0: {name} is an object of no commit"


def find_leaks(root: Path, lab: Lab, choose: Choose, handout: Path) -> list[str]:
    """Everything in the folder `handout` that should not be there; [] if all is well."""
    hidden = hidden_lines(root, choose)
    leaks: list[str] = []
    for file in sorted(handout.rglob("*")):
        path = file.relative_to(handout)
        if not file.is_file() or path.parts[0] == ".git":
            continue
        try:
            text = file.read_text()
        except UnicodeDecodeError:
            leaks += _binary_leaks(path, file, hidden)
            text = file.read_bytes().decode("latin-1")
        else:
            leaks += _text_leaks(path, text, hidden)
        leaks += _place_leaks(root, lab, path, text)
    if (handout / ".git").exists():
        leaks += history_leaks(handout)
    return leaks
