#!/usr/bin/python3
"""Checks the one rule of the tower: a file includes only its own floor and lower ones.

    tools/layercheck.py [--headers] [--build DIR] [--root DIR]

Also: the kernel includes no library's headers, boot/ takes only base and abi, user/
takes only abi, and every header says `#pragma once`. With --headers, each header must also
compile alone, beside what make generates in DIR. Prints each violation as file:line and ends
with status 1 if there was one.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tower import BESIDE, GROUND, ROOT, SUFFIXES, TOP, floor_of, floors, kernel_files

# The compiler's own freestanding headers; they belong to no library.
FREESTANDING = {"stdint.h", "stddef.h", "stdarg.h"}
# What a host build of base, for its unit tests, takes from the host instead of defining itself.
HOST_ONLY = {("base", "new"), ("base", "string.h")}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def includes(path: Path) -> list[tuple[int, bool, str]]:
    """(line, in angle brackets, name) of each #include."""
    found = []
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        if match := INCLUDE.match(line):
            found.append((number, match[1] == "<", match[2]))
    return found


def kernel_violations(root: Path) -> list[str]:
    order = [GROUND, *floors(root), TOP]
    said = []
    for path in kernel_files(root):
        own = floor_of(path, root)
        name = path.relative_to(root)
        height = order.index(BESIDE.get(own, own)) if BESIDE.get(own, own) in order else -1
        if height < 0:
            said.append(f"{name}: floor {own} is not in layers.mk")
            continue
        if path.suffix == ".h" and "#pragma once" not in path.read_text():
            said.append(f"{name}: a header without #pragma once")
        for line, angle, target in includes(path):
            floor = target.split("/")[0] if "/" in target else own
            if angle and floor != GROUND:
                if target not in FREESTANDING and (own, target) not in HOST_ONLY:
                    said.append(f"{name}:{line}: <{target}> is a library's; the kernel has none")
            elif floor == own:
                continue
            elif floor not in order:
                said.append(f'{name}:{line}: "{target}" names no floor of layers.mk')
            elif order.index(floor) > height:
                said.append(f'{name}:{line}: floor {own} includes "{target}" of the higher {floor}')
    return said


def outside_violations(root: Path, folder: str, allowed: set[str]) -> list[str]:
    """What boot/ and user/ may take from the kernel."""
    said = []
    all_floors = {GROUND, *floors(root)}
    for path in sorted((root / folder).rglob("*")):
        if path.suffix not in (*SUFFIXES, ".c"):
            continue
        for line, _, target in includes(path):
            floor = target.split("/")[0] if "/" in target else ""
            if floor in all_floors - allowed:
                where = f"{path.relative_to(root)}:{line}"
                said.append(f'{where}: {folder}/ includes "{target}"; it may take only {allowed}')
    return said


def compiles_alone(root: Path, build: Path, header: Path) -> str:
    """What the compiler says when it sees only this header; nothing if it is content."""
    command = [os.environ.get("CROSS_COMPILE", "riscv64-linux-gnu-") + "g++", "-fsyntax-only"]
    command += ["-std=c++20", "-ffreestanding", "-fno-exceptions", "-fno-rtti", "-x", "c++"]
    command += ["-march=rv64imac_zicsr_zifencei", "-mabi=lp64", "-DDEBUG=1"]
    command += ["-I", str(root / "kernel"), "-I", str(build / "gen"), "-include", str(header)]
    done = subprocess.run([*command, "/dev/null"], capture_output=True, text=True)
    return done.stderr if done.returncode else ""


def header_violations(root: Path, build: Path) -> list[str]:
    headers = [path for path in kernel_files(root) if path.suffix == ".h"]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        errors = pool.map(lambda header: compiles_alone(root, build, header), headers)
    return [
        f"{header.relative_to(root)}: does not compile alone\n{error}"
        for header, error in zip(headers, errors)
        if error
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--headers", action="store_true", help="compile each header alone")
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    parser.add_argument("--root", type=Path, default=ROOT)
    arguments = parser.parse_args()
    root = arguments.root.resolve()
    said = kernel_violations(root)
    said += outside_violations(root, "boot", {GROUND, "base"})
    said += outside_violations(root, "user", {GROUND})
    said += header_violations(root, arguments.build) if arguments.headers else []
    for line in said:
        print(line)
    if said:
        return 1
    files = sum(1 for _ in kernel_files(root))
    print(f"layercheck: {files} kernel files on {len(floors(root))} floors, no violation")
    return 0


if __name__ == "__main__":
    sys.exit(main())
