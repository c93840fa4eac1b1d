"""Programs of Debian 13 run unmodified: what they say on goose is what they say under Debian's kernel.

The scripts are tests/cases (bash, dash, busybox, coreutils, Lua, SQLite, Perl, Python), and dynamic C and
C++ programs of the cross compiler with its own libraries. The user tests of goose run under Debian's
kernel too. Where Debian's packages cannot be had, the tests are skipped, which says so.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.conftest import BUILD, ROOT, Start
from tests.debian import Debian, Unavailable
from tests.oracle import Answer, on_goose, on_linux, read_answers, session_image
from tests.test_user import GOOSE_ONLY, SOURCES

from grading.qemu import Disk

CASES = ROOT / "tests/cases"
PROGRAMS = ROOT / "tests/programs"
CROSS = Path("/usr/riscv64-linux-gnu/lib")
CROSS_LIBRARIES = "ld-linux-riscv64-lp64d.so.1 libc.so.6 libm.so.6 libstdc++.so.6 libgcc_s.so.1".split()
CROSS_CASE = b"#!/bin/busybox sh\nexec busybox chroot /cross /%s one 'two words'\n"
# What depends on who ran before: numbers of processes in a shell's messages.
NUMBER = re.compile(rb"(line \d+: +)\d+ ")
INTERACTIVE = """#!/bin/busybox sh
export PATH=/usr/bin:/usr/sbin HOME=/root TERM=vt100 PS1='goose> '
for kind in proc:/proc devtmpfs:/dev; do busybox mount -t ${kind%:*} none ${kind#*:}; done
busybox stty rows 24 columns 80
busybox setsid -c /bin/bash --norc --noprofile -i
busybox sync; busybox poweroff -f
"""


@pytest.fixture(scope="module")
def debian() -> Debian:
    debian = Debian(BUILD / "debian")
    try:
        debian.root()
    except Unavailable as error:
        pytest.skip(f"Debian's riscv64 packages cannot be had: {error}")
    return debian


def with_cross_programs(root: Path, out: Path) -> Path:
    """A copy of the root, with /cross: dynamic programs beside the cross compiler's own libraries."""
    subprocess.run(["cp", "-a", "--reflink=auto", str(root), str(out)], check=True)
    (out / "cross/lib").mkdir(parents=True)
    (out / "cross/tmp").mkdir()
    for name in CROSS_LIBRARIES:
        shutil.copy(CROSS / name, out / "cross/lib" / name)
    for compiler, source in (("gcc", "hello.c"), ("g++", "streams.cc")):
        program = out / "cross" / Path(source).stem
        words = [f"riscv64-linux-gnu-{compiler}", "-O1", "-pie", "-o", str(program), "-lm"]
        words += ["-std=c++20"] if compiler == "g++" else []
        subprocess.run([*words, str(PROGRAMS / source)], check=True)
    return out


def differences(name: str, linux: Answer, goose: Answer) -> list[str]:
    """What differs between two answers, as sentences."""
    said = []
    if linux.status != goose.status:
        said.append(f"{name}: status {goose.status}, under Linux {linux.status}")
    for what in ("out", "messages"):
        ours, theirs = (NUMBER.sub(rb"\1N ", getattr(answer, what)) for answer in (goose, linux))
        if ours != theirs:
            pairs = zip(ours.splitlines() + [b""], theirs.splitlines() + [b""])
            at = next((n for n, (a, b) in enumerate(pairs, 1) if a != b), 0)
            first = [text.splitlines()[at - 1 : at + 1] for text in (ours, theirs)]
            said.append(f"{name}: {what}, from line {at}: {first[0]}, under Linux {first[1]}")
    return said


@pytest.mark.slow
def test_scripts_and_dynamic_programs_answer_as_on_linux(
    debian: Debian, build: Path, folder: Path
) -> None:
    cases = {path.name: path.read_bytes() for path in sorted(CASES.iterdir())}
    assert sum(content.count(b"\n") for content in cases.values()) >= 200
    cases |= {f"cross_{name}": CROSS_CASE % name.encode() for name in ("hello", "streams")}
    root = with_cross_programs(debian.root(), folder / "root")
    answers = {}
    for system in ("linux", "goose"):
        image = session_image(root, cases, folder / f"{system}.img")
        if system == "linux":
            on_linux(debian, image, folder / system)
        else:
            on_goose(build / "goose.elf", image, folder / system)
        answers[system] = read_answers(image, cases)
        missing = cases.keys() - answers[system].keys()
        assert not missing, f"under {system} these did not end: {sorted(missing)}"
    assert all(answer.out for answer in answers["linux"].values())
    assert answers["linux"]["cross_streams"].status == 0
    said = [
        line
        for name in cases
        for line in differences(name, answers["linux"][name], answers["goose"][name])
    ]
    assert not said, "\n".join(said)


@pytest.mark.slow
def test_user_tests_pass_under_debians_kernel(debian: Debian, build: Path, folder: Path) -> None:
    """The oracle for what qemu-riscv64 only imitates: 120 tests at least."""
    names = [s.stem for s in SOURCES if not GOOSE_ONLY.search(s.read_text())]
    assert len(names) >= 120
    cases = {}
    for name in names:
        stripped = folder / name
        words = ["riscv64-linux-gnu-strip", "-o", str(stripped), str(build / "user/tests" / name)]
        subprocess.run(words, check=True)
        cases[name] = stripped.read_bytes()
        stripped.unlink()
    image = session_image(debian.root(), cases, folder / "linux.img")
    on_linux(debian, image, folder / "linux", 400)
    answers = read_answers(image, cases)
    assert not cases.keys() - answers.keys()
    said = [
        f"{name}: {(answer.out + answer.messages).decode(errors='replace').strip()}"
        for name, answer in answers.items()
        if answer.status
    ]
    assert not said, "\n".join(said)


def test_interactive_bash_controls_jobs_and_vi_edits(
    debian: Debian, build: Path, start: Start, folder: Path
) -> None:
    image = session_image(debian.root(), {"shell": INTERACTIVE.encode()}, folder / "disk.img")
    run = start(
        kernel=build / "goose.elf", memory="256M", disks=[Disk(image, mode="direct")],
        append="root=/dev/vda init=/cases/shell",
    )  # fmt: skip
    prompt = r"goose> \Z"

    def type_line(text: str, answer: str = prompt) -> str:
        run.send(text)
        found = run.expect(answer, 30)
        return found.before + found.text

    run.expect(prompt, 60)
    # It says when it is in the foreground: what is typed before goes to the shell.
    job = "sh -c 'trap \"echo contin\"ued CONT; echo star\"\"ted; while :; do sleep 0.1; done'"
    type_line(f"{job}\n", r"started\r?\n")
    assert "Stopped" in type_line("\x1a")
    assert re.search(r"\[1\]\+\s+Stopped\s+sh -c", type_line("jobs\n"))
    type_line("bg\n")
    assert re.search(r"\[1\]\+\s+Running\s+sh -c", type_line("jobs\n"))
    type_line("kill -STOP %1; sleep 0.3\n")
    type_line("fg\n", r"continued\r?\n")
    type_line("\x03")
    assert "is 130" in type_line("echo is $?\n")
    run.send("cat | tr a-z A-Z\nshout\n")
    run.expect("SHOUT", 30)
    run.send("\x04")
    run.expect(prompt, 30)
    # Editing a line, history and completion are the work of readline, in raw mode.
    assert "edited line" in type_line("echo edted line\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x1b[Di\n")
    assert re.search(r"\nedited line", type_line("\x1b[A\n").replace("\r", ""))
    type_line("busybox vi /tmp/poem\n", r"poem.*1/1")
    run.send("ia goose\nhonks\x1b")
    run.expect(r"- /tmp/poem \[Modified\]", 30)  # else what follows belongs to the escape
    run.send("kyyp:wq\n")
    run.expect(prompt, 30)
    assert type_line("cat /tmp/poem\n").replace("\r", "").count("a goose\n") == 2
    run.send("exit\n")
    assert run.wait_exit(30) == 0
