"""Writes the tree of one lab: what a student has, with this lab's parts in any form.

    write_tree(ROOT, lab, out, choose)

Of the floors, those up to the lab's; of the labs, this one's texts and tests and the earlier ones'
tests that it runs again; no mutants. The parts of earlier labs are solved, those of later ones in
their UNTIL form. A folder that was written before is brought up to date: files that stay the same
are left alone, so that make compiles only what differs.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from labs.course import CourseError, Lab, Mutant, load_course
from labs.parts import LABS, Form, Part, Source, parse, read_parts, source_files, tree_files

FLOORS = ("base", "cpu", "mm", "thread", "process", "io", "block", "fs")
USER_FLOOR = FLOORS.index("process")  # from here on there are user programs
# Files of the tree that every lab has: * stands for anything in a folder, ** for anything below.
COMMON = (
    "Makefile layers.mk .gdbinit .clang-format .gitignore LICENSE boot/* kernel/main.cc "
    "boot/tests/elf_check.cc boot/tests/check.h "
    "kernel/kernel.ld kernel/abi/* grading/*.py labs/*.py labs/lab.h labs/student.mk labs/*.ini tools/need.sh "
    "tools/*.awk tools/batch.mk tools/doctor.py tools/tower.py tools/gdb/*"
).split()
USER = "user/user.mk user/lib/** user/bin/** user/root/**".split()
# Lab 0 has the finished system as binaries: of the sources it has the user library alone.
FINISHED = ["user/user.mk", "user/lib/**"]
SYSTEM = ["boot/**", "kernel/*.cc", "kernel/*.ld"]
LEFT_OUT = ["kernel/*/tests/host/**"]
# What only the whole course needs.
INSTRUCTORS = [f"labs/{name}.py" for name in "handout leaks parts solve steady system tree verify walk".split()]
INSTRUCTORS += ["grading/__main__.py"]

Choose = Callable[[Part], Form]


def _matcher(patterns: list[str]) -> re.Pattern[str]:
    """For whole paths: * does not go over a /, ** does."""
    any_of = "|".join(re.escape(p).replace(r"\*\*", ".*").replace(r"\*", "[^/]*") for p in patterns)
    return re.compile(f"(?:{any_of})")


def chapters(root: Path, lab: Lab) -> list[str]:
    """The pages of docs/ that the lab's tree has: its own, and those of earlier labs on floors."""
    earlier = [o for o in load_course(root) if o.number < lab.number and not o.finished]
    return sorted({name for one in [*earlier, lab] for name in one.docs})


def lab_files(root: Path, lab: Lab) -> list[Path]:
    """The files of the tree that belong into the lab's, relative to `root`."""
    if lab.floor not in FLOORS:
        raise CourseError(f"labs/{lab.folder}/lab.toml: there is no floor {lab.floor!r}")
    level = FLOORS.index(lab.floor)
    wanted = [*COMMON, *(f"kernel/{floor}/**" for floor in FLOORS[: level + 1])]
    wanted += [f"docs/{name}" for name in chapters(root, lab)]
    wanted += [f"labs/{lab.folder}/**"]
    for folder in lab.earlier_folders:
        wanted += [f"labs/{folder}/{kind}/**" for kind in ("tests", "kernel", "user")]
    wanted += USER if level >= USER_FLOOR else []
    unwanted = [*LEFT_OUT, *INSTRUCTORS, "labs/*/mutants.toml"]
    if lab.finished:
        wanted = [name for name in wanted if not name.startswith(("user/", "kernel/"))]
        wanted += ["kernel/abi/*", *FINISHED]
        unwanted += SYSTEM
    keep, drop = _matcher(wanted), _matcher(unwanted)
    names = {path: str(path) for path in tree_files(root)}
    return [path for path, name in names.items() if keep.fullmatch(name) and not drop.fullmatch(name)]


def lab_makefile(lab: Lab) -> str:
    """lab.mk, which makes the tree this lab's."""
    folders = " ".join([*lab.earlier_folders, lab.folder])
    # From threads on, spinlocks are needed, and are those of one hart: multicore.* in UNTIL form.
    one_hart = not lab.finished and FLOORS.index(lab.floor) >= FLOORS.index("thread")
    return (
        f"# Lab {lab.number}: what this tree is for. Included by the Makefile.\n"
        f"LAB := {lab.name}\n"
        f"LAB_FOLDERS := {folders}\n"
        f"LAYERS ?= {lab.floor}\n"
        "B ?= build\n"
        + ("SMP ?= 1\n" if one_hart else "")
        + ("FINISHED := finished\n" if lab.finished else "")
    )


def lab_form(lab: Lab, own: Form) -> Choose:
    """Earlier labs' parts solved, the lab's own in the form `own`, later ones in UNTIL."""
    order = list(LABS)
    here = order.index(lab.name) if lab.name in order else -1

    def choose(part: Part) -> Form:
        there = order.index(part.lab)
        return own if there == here else Form.SOLUTION if there < here else Form.UNTIL

    return choose


def mutate(part: Part, mutant: Mutant) -> None:
    """Puts the mutant's code into the part's solution."""
    text = "\n".join(part.code[Form.SOLUTION])
    old, new = mutant.replace.strip("\n"), mutant.by.strip("\n")
    if text.count(old) != 1:
        raise CourseError(
            f"mutant {mutant.name}: its text stands {text.count(old)} times in {part.name} "
            f"({part.where}), not once:\n{old}"
        )
    part.code[Form.SOLUTION] = text.replace(old, new).split("\n")


def _name_exercises(source: Source, lab: Lab) -> None:
    """Stubs say which exercise they belong to: "paging.walk: exercise 1: yours to write"."""
    for part in source.parts:
        exercise = lab.exercise_of(part.name)
        if exercise:
            old, new = f'"{part.name}', f'"{part.name}: exercise {exercise.number}'
            part.code[Form.STUB] = [line.replace(old, new) for line in part.code[Form.STUB]]


def write_tree(
    root: Path, lab: Lab, out: Path, choose: Choose, mutant: Mutant | None = None
) -> list[Path]:
    """Writes the lab's tree into `out`; returns its files. Parts keep their brackets."""
    if mutant and all(part.name != mutant.part for part in read_parts(root)[0]):
        raise CourseError(f"mutant {mutant.name}: there is no part {mutant.part}")
    parted = set(source_files(root))
    contents: dict[Path, bytes] = {Path("lab.mk"): lab_makefile(lab).encode()}
    for path in lab_files(root, lab):
        content = (root / path).read_bytes()
        if path in parted and b"SOLUTION" in content:
            source = parse(content.decode(), path)
            for part in source.parts:
                if mutant and part.name == mutant.part:
                    mutate(part, mutant)
            _name_exercises(source, lab)
            content = source.render(choose, brackets=True).encode()
        contents[path] = content
    for old in [path for path in out.rglob("*") if path.is_file()]:
        inside = old.relative_to(out)
        if inside not in contents and inside.parts[0] not in ("build", ".git"):
            old.unlink()
    for path, content in contents.items():
        target = out / path
        if not target.exists() or target.read_bytes() != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        if (root / path).exists():
            shutil.copymode(root / path, target)
    return sorted(contents)
