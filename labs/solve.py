"""Writes the reference code into the brackets of a student's tree or a handout.

    solve(ROOT, tree)                      # every part that the tree has
    solve(ROOT, tree, {"paging.walk"})

For instructors: proves that a handout is enough, and shows where a part goes wrong.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from grading.symbols import Symbols
from labs.course import CourseError, Lab
from labs.parts import Form, read_parts
from labs.yours import find_parts, place_holder, read_record, split_lines, take_apart


def solve(root: Path, tree: Path, names: set[str] | None = None) -> list[str]:
    """Returns the parts that now hold the reference code of `root`; all that are there, or `names`."""
    found, faults = find_parts(tree, read_record(tree))
    if faults:
        raise CourseError("\n".join(faults))
    reference = {part.name: part.code[Form.SOLUTION] for part in read_parts(root)[0]}
    wanted = set(found) if names is None else names
    if strangers := wanted - found.keys() & reference.keys():
        raise CourseError(f"{tree} has no part {', '.join(sorted(strangers))}")
    for path in sorted({found[name].path for name in wanted}):
        apart = take_apart((tree / path).read_text(), path)
        frames = {place_holder(part.name): part for part in apart.parts}
        lines: list[str] = []
        for line in split_lines(apart.outside):
            if part := frames.get(line):
                code = reference[part.name] if part.name in wanted else part.code
                lines += [part.begin, *code, part.end]
            else:
                lines.append(line)
        (tree / path).write_text("".join(f"{line}\n" for line in lines))
    return sorted(wanted)


def solve_tour(root: Path, lab: Lab, tree: Path) -> None:
    """Puts the reference programs and answers of a lab without parts into the tree (Lab 0)."""
    models = root / "labs/tests/tour"
    for model in models.glob("*.c"):
        shutil.copy(model, tree / "labs" / lab.folder / "user" / model.name)
    known = {
        "kernel_main is at": f"{Symbols(tree / 'finished/kernel.elf').address('kernel_main'):#x}",
        "Terminal::read was called by": (models / "callers").read_text().strip(),
    }
    top = tree / "answers.md"
    path = top if top.exists() else tree / "labs" / lab.folder / "answers.md"
    text = path.read_text()
    for question, reply in known.items():
        text = text.replace(f"{question}:\n", f"{question}: {reply}\n")
    path.write_text(text)
