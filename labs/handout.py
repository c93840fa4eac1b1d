"""Cuts the handout of a lab: the folder that students get (make handout LAB=paging OUT=folder).

    make_handout(ROOT, lab, out)

A handout is a git repository with one commit: the lab's tree (labs/tree.py) with its parts as stubs,
LAB.md, answers.md, README.md, a container, and labs/handout.json, which says what is the student's
(labs/yours.py). It is checked for leaks before it takes its place (labs/leaks.py).
"""

from __future__ import annotations

import re
import shutil
import textwrap
from pathlib import Path
from string import Template

from labs.course import ROOT, CourseError, Lab, load_course
from labs.leaks import find_leaks
from labs.parts import LABS, Form, read_parts
from labs.repository import commit_all, first_message, new_folder, set_modes
from labs.system import write_system
from labs.tree import Choose, lab_form, write_tree
from labs.yours import RECORD, PartRecord, Record, blob_name, code_name, questions, take_apart

TEMPLATES = Path(__file__).resolve().parent / "templates"
# What Containerfile and README.md install: what the Makefile asks for, and git, make, less.
PACKAGES = (
    "git make less g++-riscv64-linux-gnu qemu-system-misc qemu-user opensbi e2fsprogs cpio "
    "gdb-multiarch clang-format python3 python3-pytest python3-pytest-xdist python3-rich"
).split()

LINK = re.compile(r"\[([^\]\n]+)\]\(([^)#:\s]+\.\w+)(?:#[^)\s]*)?\)")  # to a file of the tree


def own_files(root: Path, lab: Lab) -> list[str]:
    """The files that this lab itself is about."""
    return sorted({str(p.path) for p in read_parts(root)[0] if p.lab == lab.name} | set(lab.files))


def listed(root: Path, lab: Lab) -> tuple[list[str], list[str]]:
    """What students of the lab may change: files and folders, those of earlier labs included.

    A helper added in one lab must live on in all later ones, for the student and for the grader.
    """
    order = list(LABS)
    here = order.index(lab.name) if lab.name in order else -1
    files = {str(p.path) for p in read_parts(root)[0] if order.index(p.lab) <= here}
    folders: set[str] = set()
    for other in [*load_course(root), lab]:
        if other.number <= lab.number:
            files |= set(other.files)
            folders |= set(other.open)
            folders |= {f"labs/{other.folder}/user"} if other.finished else set()
    return sorted(files), sorted(folders)


def part_form(lab: Lab, unsolved: bool) -> Choose:
    """The forms of the parts in the lab's handout; `unsolved`: earlier parts are stubs too."""
    solved = lab_form(lab, Form.STUB)
    if not unsolved:
        return solved
    return lambda part: Form.STUB if solved(part) is Form.SOLUTION else solved(part)


def _wrap(text: str) -> str:
    return textwrap.fill(text, 104, break_long_words=False, break_on_hyphens=False)


def _fill(template: str, target: Path, values: dict[str, str]) -> None:
    text = Template((TEMPLATES / template).read_text()).substitute(values)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)


def _write_front(root: Path, out: Path, lab: Lab, files: list[str], folders: list[str]) -> None:
    """README.md, LAB.md, answers.md and the container."""
    source = out / "labs" / lab.folder
    for name, target in (("handout.md", "LAB.md"), ("answers.md", "answers.md")):
        if not (source / name).exists():
            raise CourseError(f"labs/{lab.folder}/{name} is missing: the handout needs it")
        (source / name).rename(out / target)
    untouched = ""
    if lab.exercises and not lab.finished:
        first = lab.exercises[0]
        untouched = (
            f"Before your first edit `make qemu` boots to a panic that names exercise {first.number}, "
            f'"{first.title}": that is where your work begins.'
        )
    own = own_files(root, lab)
    earlier = [name for name in files if name not in own and (out / name).exists()]
    opened = ", ".join(f"`{folder}/`" for folder in folders if (out / folder).is_dir())
    values = {
        "number": str(lab.number),
        "title": lab.title,
        "packages": " ".join(PACKAGES),
        "listed": "\n".join(f"- `{name}`" for name in own) or "- (none)",
        "open_folders": f"- new files in {opened}" if opened else "",
        "earlier": _wrap(f"and in those of earlier labs: {', '.join(earlier)}.") if earlier else "",
        "untouched": _wrap(untouched),
        "first": "$(git rev-list --max-parents=0 HEAD)",
    }
    _fill("README.md", out / "README.md", values)
    _fill("Containerfile", out / "Containerfile", values)
    _fill("devcontainer.json", out / ".devcontainer" / "devcontainer.json", values)
    (out / ".gitattributes").write_text("# Files stay as they are on every system.\n* -text\n")


def _mend_links(out: Path) -> None:
    """Makes links of the book's pages to what the handout has not plain text."""
    for page in sorted(out.glob("docs/*.md")):
        text = page.read_text()
        mended = LINK.sub(lambda link: link[0] if (page.parent / link[2]).exists() else link[1], text)
        page.write_text(mended)
    for page in (out / "LAB.md", out / "README.md", out / "answers.md"):
        for link in LINK.finditer(page.read_text()):
            if not (out / link[2]).exists():
                raise CourseError(f"{page.name} links to {link[2]}: this handout has no such file")


def _all_files(folder: Path) -> list[Path]:
    paths = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    return sorted(path for path in paths if path.parts[0] != ".git")


def make_record(out: Path, lab: Lab, files: list[str], folders: list[str], stubs: set[str]) -> Record:
    """Describes the handout in `out`, in which the parts named in `stubs` are stubs."""
    names: dict[str, str] = {}
    parts: dict[str, PartRecord] = {}
    for path in _all_files(out):
        content = (out / path).read_bytes()
        names[str(path)] = blob_name(content)
        if path.parts[0] not in ("boot", "kernel", "user") or b"YOURS(" not in content:
            continue
        for part in take_apart(content.decode(), path).parts:
            stub = code_name(part.code) if part.name in stubs else ""
            parts[part.name] = PartRecord(str(path), part.line, stub)
    asked = questions((out / "answers.md").read_text())
    kept = [name for name in files if name in names]
    return Record(lab.name, lab.number, lab.folder, lab.title, kept, folders, names, parts, asked)


def write_handout(root: Path, lab: Lab, out: Path, unsolved: bool = False) -> Record:
    """Writes the handout's files into the empty folder `out`: unchecked, without git."""
    choose = part_form(lab, unsolved)
    files, folders = listed(root, lab)
    write_tree(root, lab, out, choose)
    if lab.finished:
        write_system(root, out / "finished")
    _write_front(root, out, lab, files, folders)
    _mend_links(out)
    stubs = {part.name for part in read_parts(root)[0] if choose(part) is Form.STUB}
    record = make_record(out, lab, files, folders, stubs)
    record.write(out)
    return record


def make_handout(root: Path, lab: Lab, out: Path, unsolved: bool = False) -> Record:
    """Makes the handout in the new folder `out`; a leak is a CourseError, and `out` stays away."""
    if faults := read_parts(root)[1]:
        raise CourseError("\n".join(["the markers of the parts are damaged:", *faults]))
    draft = new_folder(out)
    try:
        record = write_handout(root, lab, draft, unsolved)
        set_modes(draft)
        commit_all(draft, first_message(lab))
        leaks = find_leaks(root, lab, part_form(lab, unsolved), draft)
        if leaks:
            lines = "\n  ".join(leaks)
            raise CourseError(f"this handout would give away what it must not:\n  {lines}")
        if out.exists():
            out.rmdir()
        draft.rename(out)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return record


def main(name: str, out: Path, unsolved: bool) -> int:
    """The command: says what was made and what to do next."""
    from labs.course import find_lab

    lab = find_lab(name, ROOT)
    record = make_handout(ROOT, lab, out, unsolved)
    stubs = sum(1 for part in record.parts.values() if part.stub)
    print(
        f"{out}: Lab {lab.number}, {lab.title}: {len(record.files) + 1} files, {stubs} parts to write, "
        f"checked for leaks. Next: cd {out} && make qemu, and read LAB.md"
    )
    return 0
