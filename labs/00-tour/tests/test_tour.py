"""Lab 0: no points, but everything is checked as in all later labs."""

from __future__ import annotations

import random
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from grading import cpio
from grading import tree as trees
from grading.machine import Machine
from grading.qemu import Disk
from grading.symbols import Symbols, plain
from labs.grade import BUILD, check, fail

Start = Callable[..., Machine]
Program = Callable[[str], Path]
DEPTH = 16


@pytest.fixture
def shell(start: Start, build: Path, folder: Path, program: Program) -> Callable[..., Machine]:
    """shell(name, files): the finished system at its prompt, with a program of yours in /lab."""

    def boot(name: str, files: trees.Tree | None = None) -> Machine:
        tree = cpio.unpack((build / "initramfs.cpio").read_bytes())
        tree |= files or {}
        tree[f"/lab/{name}"] = trees.file(program(name).read_bytes(), 0o755)
        image = folder / "initramfs.cpio"
        image.write_bytes(cpio.pack(tree))
        machine = start(initrd=image, append="root=initramfs")
        machine.wait_prompt()
        return machine

    return boot


def answers(tree: Path) -> str:
    """What stands in answers.md, which a handout has at its top. The grader puts a student's with the build."""
    for file in (BUILD / "answers.md", tree / "answers.md", tree / "labs/00-tour/answers.md"):
        if file.exists():
            return file.read_text()
    fail("there is no answers.md", "`git checkout answers.md` brings it back")
    raise AssertionError


def answer(tree: Path, name: str) -> str:
    """What stands behind `name:` in answers.md, up to an empty line."""
    found = re.search(rf"^{re.escape(name)}:[ \t]*(.*?)\n[ \t]*\n", answers(tree) + "\n\n", re.M | re.S)
    text = found[1].strip() if found else ""
    if not text:
        fail(f"answers.md has nothing behind `{name}:` yet", "see LAB.md, exercise 3")
    return text


def function(text: str) -> str:
    """The name of a function as gdb or nm shows it, without what makes it long."""
    bare = re.sub(r"^[-*` ]*(?:#\d+ +)?(?:0x[0-9a-f]+ in )?", "", text.strip())
    return re.split(r"[(<+` ]", plain(bare))[0]


@pytest.mark.points(0, exercise=1)
def test_machine_is_fit(tree: Path) -> None:
    """doctor finds all tools."""
    command = ["/usr/bin/python3", "tools/doctor.py", "--no-boot"]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True)
    last = (done.stdout.splitlines() or [done.stderr])[-1]
    check(f"doctor, which says: {last}: its exit status", seen=done.returncode, expected=0)


@pytest.mark.points(0, exercise=2)
def test_system_boots(start: Start, build: Path, rng: random.Random) -> None:
    """goose boots to its shell on any number of harts, and programs run there."""
    harts, a, b = rng.randint(1, 4), rng.randint(100, 999), rng.randint(1000, 9999)
    machine = start(smp=harts, disks=[Disk(build / "disk.img", mode="snapshot")],
                    append="root=/dev/vda")  # fmt: skip
    machine.wait_prompt()
    lines = machine.check(f"seq {a} {b} | grep 7 | wc -l").strip()
    want = sum("7" in str(n) for n in range(a, b + 1))
    check(f"how many numbers from {a} to {b} have a 7 in them", seen=lines, expected=str(want))
    check("the exit status after poweroff", seen=machine.power_off(), expected=0)


@pytest.mark.points(0, exercise=3)
def test_answers_tell_what_gdb_shows(
    start: Start, build: Path, symbols: Symbols, tree: Path
) -> None:
    """answers.md has the address and the callers that gdb shows."""
    place = answer(tree, "kernel_main is at")
    want = symbols.address("kernel_main")
    check("the address of kernel_main", seen=place.lower(), expected=f"{want:#x}",
          why="`break kernel_main` or `info address kernel_main` says it")  # fmt: skip
    written = [function(line) for line in answer(tree, "Terminal::read was called by").splitlines()]
    machine = start(disks=[Disk(build / "disk.img", mode="snapshot")], append="root=/dev/vda", gdb=True)
    machine.gdb.run_to(symbols.address("Terminal::read"), 20)
    registers = machine.gdb.registers()
    chain, frame = [symbols.name(registers["ra"] - 2)], registers["s0"]
    while frame and len(chain) < DEPTH:
        chain.append(symbols.name(machine.gdb.read_u64(frame - 8) - 2))
        frame = machine.gdb.read_u64(frame - 16)
    check("the first three callers of Terminal::read, innermost first",
          seen=written[:3], expected=[function(name.split("+0x")[0]) for name in chain[:3]],
          why="`bt` there; names without (anonymous namespace):: and without arguments")  # fmt: skip


@pytest.mark.points(0, exercise=4)
def test_sleep(shell: Callable[..., Machine], rng: random.Random) -> None:
    """sleep lasts as many seconds as it is told, and says how it is used."""
    machine = shell("sleep")
    seconds = rng.randint(1, 2)
    begin = machine.guest_nanoseconds()
    ran = machine.run(f"/lab/sleep {seconds}")
    lasted = (machine.guest_nanoseconds() - begin) / 1e9
    check("its exit status", seen=(ran.status, ran.output), expected=(0, ""))
    check(f"whether sleep {seconds} lasts {seconds} seconds (it lasted {lasted:.2f})",
          seen=seconds <= lasted < seconds + 0.9, expected=True,
          why="struct timespec has seconds and nanoseconds")  # fmt: skip
    ran = machine.run("/lab/sleep")
    check("without a number: the exit status, and whether it says how it is used",
          seen=(ran.status, "usage" in ran.output.lower()), expected=(1, True))  # fmt: skip


def random_tree(rng: random.Random) -> trees.Tree:
    """Files and folders below /data, some deep, and a symbolic link in a circle."""
    words = ["pear", "plum", "apple", "fig", "grape", "lime", "peach"]
    found: trees.Tree = {}
    folders = ["/data"]
    for number in range(rng.randint(15, 30)):
        path = f"{rng.choice(folders)}/{rng.choice(words)}{number}"
        if rng.random() < 0.4:
            found[path] = trees.folder()
            folders.append(path)
        else:
            found[path] = trees.file(b"x")
    found[f"{folders[-1]}/pearcircle"] = trees.symlink("/data")
    return found


@pytest.mark.points(0, exercise=5)
def test_find(shell: Callable[..., Machine], rng: random.Random) -> None:
    """find lists everything below a folder whose name contains a text."""
    files = random_tree(rng)
    machine = shell("find", files)
    for text in ("pear", rng.choice(["p", "ap", "li", "1"]), "nothing"):
        ran = machine.run(f"/lab/find /data {text}")
        want = sorted(path for path in files if text in path.rsplit("/", 1)[1])
        check(f"the paths below /data whose names contain {text!r}, sorted",
              seen=sorted(ran.output.split()), expected=want,
              why="`.` and `..` lead back, and a symbolic link is not followed")  # fmt: skip
        check("the exit status", seen=ran.status, expected=0)
    ran = machine.run("/lab/find /nowhere x")
    check("the exit status where there is no such folder", seen=ran.status, expected=1)


@pytest.mark.points(0, exercise=6)
def test_sieve(shell: Callable[..., Machine], rng: random.Random) -> None:
    """sieve prints the primes up to a number, and leaves no process behind."""
    machine = shell("sieve")
    for last in (2, rng.randint(3, 40), rng.randint(80, 200)):
        ran = machine.run(f"/lab/sieve {last}", 15)
        primes = [n for n in range(2, last + 1) if all(n % d for d in range(2, n))]
        check(f"the output of sieve {last}", seen=ran.output.split(), expected=[str(n) for n in primes],
              why="if it hangs, somebody still holds a write end: a reader sees the end of a pipe "
              "only when all of them are closed")  # fmt: skip
        check("the exit status", seen=ran.status, expected=0)
    left = [line for line in machine.check("ps").splitlines() if "sieve" in line]
    check("processes that are left", seen=left, expected=[], why="each waits for its child")
