"""goose's utilities beside the host's GNU tools: what the tests of all of them share.

    compare_reading("sort -n numbers", reading_tree)      # both see the very same files
    compare_changing("mv d moved", tmp_path)              # each has a tree of its own

Each case runs one command line twice: goose's RISC-V program under qemu-riscv64, and the host's
tool of that name. Output, exit status and messages must be equal, and so must the files afterwards.
The programs are taken from $GOOSE_BUILD/user/bin (build/user/bin by default).
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(os.environ.get("GOOSE_BUILD", ROOT / "build")).resolve() / "user" / "bin"
QEMU = shutil.which("qemu-riscv64") or shutil.which("qemu-riscv64-static")
ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin", "HOME": "/", "TERM": "xterm"}

# Other names of a program, and what they are.
ALIASES = {"[": "test", "whoami": "id", "halt": "poweroff", "reboot": "poweroff"}
TIME_LIMIT = 20

pytestmark = [
    pytest.mark.skipif(QEMU is None, reason="qemu-riscv64 is missing (package qemu-user)"),
    pytest.mark.skipif(not (BIN / "ls").exists(), reason=f"no programs in {BIN}: run make first"),
]


# ---- The files that the commands work on ----

LONG_AGO, EARLIER, LATER = 981173106, 1577934245, 1577934246


def make_tree(top: Path) -> None:
    """Writes the same files with the same times into an empty folder."""
    texts = {
        "fruit": "pear\napple\nfig\nApple\npear\nplum\n\nbanana split\nfig\nfig\n",
        "numbers": "10\n9\n-3\n0.5\n100\n9\n+7\n\n  42\n-3.25\n007\n",
        "table": "name\tage\ttown\nada\t36\tlondon\nalan\t41\tmanchester\ngrace\t85\tarlington\n",
        "colon": "root:x:0:0\ndaemon:x:1:1\nbin:x:2:2\nno separator here\n::::\n",
        "spaced": "b  2 x\na 10 y\nc   1 z\na  9 y\n",
        "long": "".join(f"line {n}\n" for n in range(1, 101)),
        "nonl": "first\nlast without newline",
        "code.c": "int main(void) {\n    return a[0] * b + c;  // (x|y)\n}\n\tif (x) { y(); }\n",
        "empty": "",
        ".hidden": "you found me\n",
        "a name": "blanks\n",
        "d/one": "1\n",
        "d/two": "2\n2\n",
        "d/.dot": "d\n",
        "d/sub/deep": "pear deep\n",
        "script": "#!/bin/sh\necho $#\n",
    }
    (top / "d/sub/none").mkdir(parents=True)
    for name, text in texts.items():
        (top / name).write_text(text)
    (top / "bytes").write_bytes(bytes(range(256)) + bytes(64) + b"end\n")
    (top / "big").write_bytes(bytes(n * 7 % 251 for n in range(70000)))
    (top / "script").chmod(0o755)
    (top / "d/two").chmod(0o640)
    (top / "link").symlink_to("fruit")
    (top / "dirlink").symlink_to("d")
    (top / "broken").symlink_to("nowhere")
    (top / "fruit2").hardlink_to(top / "fruit")
    os.mkfifo(top / "fifo", 0o600)
    for path in sorted(top.rglob("*"), reverse=True):
        when = EARLIER if path.name in ("long", "two") else LONG_AGO
        os.utime(path, (when, when), follow_symlinks=False)
    os.utime(top / "table", (LATER, LATER))


def describe(top: Path) -> dict[str, tuple]:
    """Everything about the files under `top` that a command may have changed."""
    result = {}
    for path in sorted(top.rglob("*")):
        st = path.lstat()
        content: object = None
        if stat.S_ISLNK(st.st_mode):
            content = os.readlink(path)
        elif stat.S_ISREG(st.st_mode):
            content = path.read_bytes()
        # Only times that a command has set count, not those of now.
        changed = int(st.st_mtime) if st.st_mtime < 1_700_000_000 else None
        links = st.st_nlink if stat.S_ISREG(st.st_mode) else None
        result[str(path.relative_to(top))] = (oct(st.st_mode), links, changed, content)
    return result


# ---- Running a command ----


@dataclass
class Outcome:
    status: int
    output: bytes
    messages: str


def run(argv: list[str], program: str, where: Path, text: bytes, stdout=None) -> Outcome:
    process = subprocess.run(
        argv, executable=program, cwd=where, env={**ENVIRONMENT, "PWD": str(where)}, input=text,
        stdout=stdout or subprocess.PIPE, stderr=subprocess.PIPE, timeout=TIME_LIMIT)
    output = (process.stdout or b"").replace(str(where).encode(), b"<HERE>")
    return Outcome(process.returncode, output, process.stderr.decode(errors="replace"))


def goose(argv: list[str], where: Path, text: bytes = b"", stdout=None) -> Outcome:
    program = BIN / ALIASES.get(argv[0], argv[0])
    return run([QEMU, "-0", argv[0], str(program)] + argv[1:], QEMU, where, text, stdout)


def host(argv: list[str], where: Path, text: bytes = b"", stdout=None) -> Outcome:
    path = shutil.which(argv[0], path=ENVIRONMENT["PATH"])
    if path is None:
        pytest.skip(f"the host has no {argv[0]}")
    return run(argv, path, where, text, stdout)


def messages_of(outcome: Outcome) -> str:
    """What was said on standard error, with plain quotes."""
    return outcome.messages.replace("\u2018", "'").replace("\u2019", "'")


def same(command: str, ours: Outcome, theirs: Outcome, *, unordered: bool, messages: bool) -> None:
    if unordered:
        ours.output = b"\n".join(sorted(ours.output.split(b"\n")))
        theirs.output = b"\n".join(sorted(theirs.output.split(b"\n")))
    assert ours.output == theirs.output, f"output of: {command}"
    if messages:
        assert messages_of(ours) == messages_of(theirs), f"messages of: {command}"
    assert ours.status == theirs.status, f"status of: {command} ({ours.messages})"


# ---- Comparing ----

# Commands whose messages are worded differently on purpose, or carry times.
OTHER_MESSAGES = re.compile(
    r"^(grep$|grep -w$|grep '\['|grep -E 'a\||kill|find \. -(exec|size)|time|cmp$|hexdump|"
    r"xargs --n|yes|uname x)")
UNORDERED = re.compile(r"^(find|du|grep -r|env)")


@pytest.fixture(scope="session", autouse=True)
def known_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(scope="session")
def reading_tree(tmp_path_factory) -> Path:
    top = tmp_path_factory.mktemp("reading")
    make_tree(top)
    return top


def compare_reading(command: str, where: Path, text: bytes = b"standard\tinput  here\nof two lines\n") -> None:
    argv = shlex.split(command)
    same(command, goose(argv, where, text), host(argv, where, text),
         unordered=bool(UNORDERED.match(command)), messages=not OTHER_MESSAGES.match(command))


def compare_changing(command: str, top: Path) -> None:
    """Each program has a tree of its own under `top`."""
    argv = shlex.split(command)
    trees = {name: top / name / "here" for name in ("goose", "host")}
    outcomes = {}
    for name, program in (("goose", goose), ("host", host)):
        trees[name].mkdir(parents=True)
        make_tree(trees[name])
        outcomes[name] = program(argv, trees[name], b"from the input\n")
    assert describe(trees["goose"]) == describe(trees["host"]), f"files after: {command}"
    same(command, outcomes["goose"], outcomes["host"], unordered=command.startswith("find"),
         messages=True)
