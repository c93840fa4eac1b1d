#!/usr/bin/python3
"""Says whether this machine can build, run and test goose, and if not, what one thing to do.

    tools/doctor.py [--build DIR] [--floor fs] [--no-boot]

Checks the tools and their versions, the tree's build, and a boot as far as the tree's floors and
exercises go. Each line is one check; the first fault closes the report in one sentence that names
the way out. Status 1 if any.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CROSS = os.environ.get("CROSS_COMPILE", "riscv64-linux-gnu-")
COMPILERS = {
    "riscv64-linux-gnu-": "g++-riscv64-linux-gnu",
    "riscv64-unknown-elf-": "gcc-riscv64-unknown-elf",
}
FIRMWARE = "opensbi-riscv64-generic-fw_dynamic.bin"
FIRMWARE_FOLDERS = ("/usr/share/qemu", "/usr/local/share/qemu", "/usr/lib/riscv64-linux-gnu")


class Fault(Exception):
    """One sentence that says what is wrong and what to do about it."""


@dataclass(frozen=True)
class Tool:
    command: str
    package: str
    minimum: tuple[int, ...] = ()
    purpose: str = ""
    flag: str = "--version"


TOOLS = [
    Tool("make", "make", (4, 0), "building"),
    Tool(CROSS + "g++", COMPILERS.get(CROSS, "a RISC-V GCC"), (12,), "building"),
    Tool("qemu-system-riscv64", "qemu-system-misc", (7, 0), "running"),
    Tool("mke2fs", "e2fsprogs", (1, 45), "making disks", "-V"),
    Tool("debugfs", "e2fsprogs", (1, 45), "reading disks back", "-V"),
    Tool("cpio", "cpio", (2,), "making the initramfs"),
    Tool("gdb-multiarch", "gdb-multiarch", (9,), "debugging"),
]
# What only the whole tree needs, not a lab's.
WHOLE = [
    Tool("qemu-riscv64", "qemu-user", (7, 0), "running user tests on Linux"),
    Tool("clang-format", "clang-format", (14,), "make format"),
]
TOOLS += WHOLE if (ROOT / "labs/course.mk").exists() else []
NOT_WRITTEN = re.compile(r"panic: .*: exercise (\d+): yours to write")
MODULES = {"pytest": "python3-pytest", "xdist": "python3-pytest-xdist", "rich": "python3-rich"}


def version_of(tool: Tool) -> tuple[int, ...]:
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    found = shutil.which(tool.command, path=path)
    if not found:
        raise Fault(f"{tool.command} is missing: install the package {tool.package}")
    done = subprocess.run([found, tool.flag], capture_output=True, text=True)
    # The number may follow a vendor's own in brackets: "g++ (Debian 12.2.0-13) 12.2.0".
    text = re.sub(r"\([^)]*\)", "", (done.stdout + done.stderr).split("\n")[0])
    match = re.search(r"(\d+(?:\.\d+)+)", text)
    if done.returncode or not match:
        raise Fault(f"{tool.command} does not tell its version: reinstall {tool.package}")
    return tuple(int(n) for n in match[1].split("."))


def check_tool(tool: Tool) -> str:
    version = version_of(tool)
    text = ".".join(map(str, version))
    if version < tool.minimum:
        least = ".".join(map(str, tool.minimum))
        raise Fault(f"{tool.command} is version {text}, and {tool.purpose} needs {least} or later")
    return text


def check_python() -> str:
    if sys.version_info < (3, 11):
        raise Fault(f"{sys.executable} is older than Python 3.11: use Debian 12's /usr/bin/python3")
    missing = []
    for module, package in MODULES.items():
        done = subprocess.run([sys.executable, "-c", f"import {module}"], capture_output=True)
        if done.returncode:
            missing.append(package)
    if missing:
        raise Fault(f"{sys.executable} lacks a module: install {' '.join(missing)}")
    return ".".join(map(str, sys.version_info[:3]))


def check_firmware() -> str:
    for folder in FIRMWARE_FOLDERS:
        for path in Path(folder).glob(f"**/{FIRMWARE}"):
            return str(path)
    raise Fault(f"QEMU's firmware {FIRMWARE} is missing: install the package opensbi")


def check_build(build: Path) -> str:
    environment = os.environ | {"MAKEFLAGS": ""}
    # As it is typed at the top of the tree: another spelling would be other flags, and build anew.
    here = build.relative_to(ROOT) if build.is_relative_to(ROOT) else build
    command = ["make", f"-j{os.cpu_count() or 1}", f"B={here}"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        wrong = re.search(r"^.*(?:error|Error|\*\*\*).*$", done.stderr + done.stdout, re.MULTILINE)
        raise Fault(f"the tree does not build: {wrong[0] if wrong else 'run make to see why'}")
    return str(build / "goose.elf")


def check_boot(build: Path, floor: str) -> str:
    """Boots to the prompt, to the end of what there is, or to an exercise."""
    sys.path.insert(0, str(ROOT))
    from grading.errors import GuestEnded, GuestPanic, GuestTimeout, HostError
    from grading.machine import Machine
    from grading.qemu import POWER_OFF, Disk, Options

    in_memory = floor in ("process", "io", "block")
    root = "root=initramfs" if in_memory else "root=/dev/vda"
    folder = build / "doctor"
    shutil.rmtree(folder, ignore_errors=True)
    machine = Machine(
        Options(
            kernel=build / "goose.elf",
            disks=[Disk(build / "disk.img", mode="snapshot")],
            initrd=build / "initramfs.cpio" if in_memory else None,
            append=root + (" init=/bin/true" if floor == "process" else ""),  # has no console to read
            folder=folder,
        )
    )
    look = f"{folder}/console.log has what it printed"
    try:
        with machine:
            machine.wait_prompt(30)
            status = machine.power_off()
    except GuestPanic:
        said = machine.console.text
        if missing := NOT_WRITTEN.search(said):
            return f"reached exercise {missing[1]}, which is yours to write"
        panic = re.search(r"^.*panic: .*$", said, re.MULTILINE)
        raise Fault(f"goose does not boot: {panic[0] if panic else 'it panics'}; {look}") from None
    except GuestEnded:
        status = machine.wait_exit()
        if status == POWER_OFF:
            return "ran to its end and powered off; this floor has no prompt"
        raise Fault(f"goose ended with status {status} before its prompt; {look}") from None
    except GuestTimeout:
        raise Fault(f"goose neither came to its prompt nor ended; {look}") from None
    except HostError as error:
        raise Fault(f"goose does not start: {str(error).splitlines()[0]}") from None
    if status != POWER_OFF:
        raise Fault(f"goose boots, but its power-off gave status {status} instead of 0; {look}")
    return "reached the prompt and powered off"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=Path, default=Path(os.environ.get("GOOSE_BUILD", "build")))
    parser.add_argument("--floor", default="fs", help="the highest floor of the tree's kernel")
    parser.add_argument("--no-boot", action="store_true", help="check the tools only")
    arguments = parser.parse_args()
    checks: list[tuple[str, Callable[[], str]]] = [("python3", check_python)]
    checks += [(tool.command, lambda tool=tool: check_tool(tool)) for tool in TOOLS]
    checks += [("firmware", check_firmware)]
    if not arguments.no_boot:
        checks += [("build", lambda: check_build(arguments.build))]
        checks += [("boot", lambda: check_boot(arguments.build, arguments.floor))]
    faults: list[Fault] = []
    for name, check in checks:
        if faults and name in ("build", "boot"):
            continue  # it could only repeat what is known
        try:
            print(f"  ok    {name:<24} {check()}", flush=True)
        except Fault as fault:
            faults.append(fault)
            print(f"  FAULT {name:<24} {fault}", flush=True)
    if faults:
        print(f"doctor: {faults[0]}.")
        return 1
    what = "has the tools for" if arguments.no_boot else "builds, boots and tests"
    print(f"doctor: this machine {what} goose.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
