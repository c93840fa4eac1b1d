#!/usr/bin/python3
"""Counts the kernel's lines, floor by floor, against a budget that keeps it a term's reading.

    tools/count.py [--root DIR] [--growth]

A line counts if it holds code: not if it is blank or only a comment, as in the usual counts of
other kernels. The column `all` has every line, which is what a single file is limited by. Kernel
tests do not count. Ends with status 1 if the total, a floor or a file is over its budget; with
--growth, only if a floor that is over it has grown, or a file is too long.
"""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from tower import BESIDE, GROUND, ROOT, TOP, floor_of, floors, is_test, kernel_files

TOTAL = 12_000
FILE = 350
# The share of each floor. The sum is the total: a floor that needs more takes it from another.
BUDGET = {
    GROUND: 650,
    "base": 1_100,
    "cpu": 1_250,
    "mm": 800,
    "thread": 900,
    "process": 2_500,
    "io": 2_400,
    "block": 700,
    "fs": 1_660,
    TOP: 40,
}
# What stands beside the tower has a budget of its own: no kernel but SAN=1's has it.
BUDGET_BESIDE = {"sanitize": 750}

# What a floor has today where that is more: it may shrink to its budget, but not grow. The tower to
# the shell took more lines than planned; `make count` says how many until this list is empty.
TODAY = {
    GROUND: 750,  # what strace asks; sockets, extended attributes
    "base": 1_300,
    "cpu": 1_400,
    "mm": 850,  # failing allocations
    "thread": 995,
    # alarms, mremap, vfork, clone3, priorities, ptrace, sigtimedwait: what unmodified programs call
    "process": 4_110,
    # sendfile, copy_file_range, flock, ETXTBSY; socketpair, and that there are no extended attributes
    "io": 3_975,
    "block": 1_010,
    "fs": 2_695,  # read-only after damage; each hart's time in /proc/stat
}


COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
# In assembly `#` opens a comment, unless the preprocessor takes the line.
HASH = re.compile(r"^\s*#(?!\s*(include|define|undef|if(n?def)?|else|endif)\b).*", re.MULTILINE)


@dataclass
class Count:
    files: int = 0
    code: int = 0
    all: int = 0
    tests: int = 0


def code_lines(path: Path) -> int:
    """The lines that hold more than comment and space."""
    text = COMMENT.sub(lambda m: "\n" * m[0].count("\n"), path.read_text())
    if path.suffix == ".S":
        text = HASH.sub("", text)
    return sum(1 for line in text.splitlines() if line.strip())


def survey(root: Path) -> tuple[dict[str, Count], list[str]]:
    """The counts of each floor, and a sentence for each file that is too long."""
    counts = {floor: Count() for floor in [GROUND, *floors(root), TOP, *BESIDE]}
    said = []
    for path in kernel_files(root):
        count = counts.setdefault(floor_of(path, root), Count())
        lines = len(path.read_text().splitlines())
        if is_test(path):
            count.tests += lines
        else:
            count.files += 1
            count.code += code_lines(path)
            count.all += lines
        if lines > FILE:
            said.append(f"{path.relative_to(root)} has {lines} lines; {FILE} are one sitting")
    return counts, said


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--root", type=Path, default=ROOT)
    parser.add_argument("--growth", action="store_true", help="only complain of what has grown")
    options = parser.parse_args()
    counts, long_files = survey(options.root.resolve())
    said, grown = list(long_files), list(long_files)
    print(f"{'floor':<10}{'files':>7}{'lines':>8}{'budget':>8}{'all':>8}{'tests':>8}")
    total = Count()
    for floor, c in counts.items():
        budget = (BUDGET | BUDGET_BESIDE).get(floor, 0)
        over = "  over its budget" if c.code > budget else ""
        print(f"{floor:<10}{c.files:>7}{c.code:>8}{budget:>8}{c.all:>8}{c.tests:>8}{over}")
        if over:
            said.append(f"floor {floor} has {c.code} lines, over its budget of {budget}")
        if c.code > max(budget, TODAY.get(floor, 0)):
            grown.append(f"floor {floor} has grown to {c.code} lines, from {TODAY.get(floor, budget)}")
        if floor in BESIDE:
            continue
        total.files += c.files
        total.code += c.code
        total.all += c.all
        total.tests += c.tests
    c = total
    print(f"{'total':<10}{c.files:>7}{c.code:>8}{TOTAL:>8}{c.all:>8}{c.tests:>8}")
    if c.code >= TOTAL:
        said.append(f"the kernel has {c.code} lines; it must stay under {TOTAL}")
    complaints = grown if options.growth else said
    for line in complaints:
        print(line)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
