"""Commands that touch what a student's code made or is, in the jail that GOOSE_JAIL describes.

    words = confined([QEMU, …], writes=[disk])     # the same words where there is no jail
    done = run_make(tree, build, "stage", …)
    copy_out(build, "kernel.elf", target, limit=64 << 20)

The variable names a JSON file that the instructor's grader writes: {"run": CAGE, "build": CAGE,
"tree": FOLDER}, where a cage is what stands before a command, and for each file that the command
may write. Without it, as for students at their own machines, nothing is confined.
"""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grading.errors import HostError
from grading.outside import ended_from_outside

VARIABLE = "GOOSE_JAIL"
STAGED_LIMIT = 64 << 20  # bytes of a file that make makes for a test


@dataclass(frozen=True)
class Cage:
    """Words around a command. `writes` stand once for each file that it may write ({} is its path).

    `owner` is the user and group that the command runs as, if it is another; `root` the folder that
    it sees as /.
    """

    before: tuple[str, ...]
    writes: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    owner: tuple[int, int] | None = None
    root: str = ""

    def inside(self, text: str) -> str:
        """A word as it must be inside: paths below `root` lose it."""
        return text.replace(self.root, "") if self.root else text

    def words(self, command: Sequence[str], writes: Sequence[Path] = ()) -> list[str]:
        """The whole command line. The files in `writes` must exist."""
        result = list(self.before)
        for path in writes:
            if self.owner:
                os.chown(path, *self.owner, follow_symlinks=False)
            result += [word.format(path) for word in self.writes]
        return [*result, *self.after, *map(self.inside, command)]


@dataclass(frozen=True)
class Jail:
    """The jail of one submission: for runs of QEMU and the like, and for builds of `tree`."""

    run: Cage
    build: Cage
    tree: str

    def write(self, path: Path) -> None:
        path.write_text(json.dumps({"run": vars(self.run), "build": vars(self.build), "tree": self.tree}))


def _cage(values: dict) -> Cage:  # type: ignore[type-arg]
    given = {key: tuple(v) if isinstance(v, list) else v for key, v in values.items()}
    return Cage(**given)


@cache
def read_jail(path: str) -> Jail:
    """The jail that the file describes."""
    try:
        values = json.loads(Path(path).read_text())
        return Jail(_cage(values["run"]), _cage(values["build"]), values["tree"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HostError(f"{VARIABLE}={path} describes no jail: {error}") from None


def the_jail() -> Jail | None:
    path = os.environ.get(VARIABLE)
    return read_jail(path) if path else None


def confined(command: Sequence[str], writes: Sequence[Path] = ()) -> list[str]:
    """The command in the jail, where there is one; it may write the files `writes` and no other."""
    jail = the_jail()
    return jail.run.words(command, writes) if jail else list(command)


def limited_to(memory: int, cpu: int, **more: int) -> list[str]:
    """Words before a command: no more bytes of address space and seconds; `more` as prlimit names them."""
    words = ["prlimit", "--core=0", f"--as={memory}", f"--cpu={cpu}:{cpu + 5}"]
    return words + [f"--{name}={most}" for name, most in more.items()]


def inside(path: Path) -> str:
    """The path as a confined command must be told it."""
    jail = the_jail()
    return jail.run.inside(str(path)) if jail else str(path)


def run_make(tree: Path, build: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs make for a test. A word NAME=PATH of a file that is not there names what make is to make.

    HostError if make or a program of it was killed from outside.
    """
    jail = the_jail()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    command = ["make", "--no-print-directory"]
    if jail is None:
        command += [f"B={build}", *words]
        return _not_killed(subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True))
    made: dict[str, Path] = {}
    for number, word in enumerate(words):
        match = re.fullmatch(r"(\w+)=(/.*)", word)
        if match and not Path(match[2]).exists():
            # Beside the jail's other products, under a name that no other test's make has.
            name = f"build/made-{os.getpid()}-{len(made)}"
            made[name] = Path(match[2])
            words = (*words[:number], f"{match[1]}={name}", *words[number + 1 :])
    command += ["-C", jail.tree, *words]
    done = subprocess.run(jail.build.words(command), capture_output=True, text=True, errors="replace")
    if _not_killed(done).returncode == 0:
        for name, target in made.items():
            copy_out(Path(jail.tree), name, target, STAGED_LIMIT)
    return done


def _not_killed(done: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
    if how := ended_from_outside(done.returncode, done.stdout + done.stderr):
        raise HostError(f"a build was ended from outside: {how}")
    return done


class NotPlain(Exception):
    """What a jail left where a file was expected: the message says what it is."""


def open_plain(base: Path, name: str) -> int:
    """Opens the plain file `name` below `base` to read. No step may be a link: NotPlain."""
    folder = os.open(base, os.O_RDONLY | os.O_DIRECTORY)
    try:
        *steps, last = Path(name).parts
        for step in steps:
            inner = os.open(step, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = inner
        file = os.open(last, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError as error:
        raise NotPlain(f"{name}: {error.strerror}") from None
    finally:
        os.close(folder)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise NotPlain(f"{name} is no plain file")
    return file


def copy_out(base: Path, name: str, target: Path, limit: int) -> None:
    """Copies what a jail made to a new file outside of it, following no link. NotPlain."""
    handle = open_plain(base, name)
    with os.fdopen(handle, "rb") as source:
        size = os.fstat(handle).st_size
        if size > limit:
            raise NotPlain(f"{name} has {size:,} bytes, more than {limit:,}")
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as out:
            left = limit
            while left > 0 and (piece := source.read(min(1 << 20, left))):
                left -= len(piece)
                # Images are mostly holes.
                out.write(piece) if piece.strip(b"\0") else out.seek(len(piece), os.SEEK_CUR)
            out.truncate(out.tell())

