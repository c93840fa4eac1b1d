"""Where student code is compiled and run. Two jails; the machine decides which one is possible.

    kind = choose_jail("auto")                  # by trying; JailError where there is none
    with Cell(kind, work) as cell:              # one submission's: a folder, and a user of its own
        cell.jail().write(cell.private / "jail.json")

**bubblewrap**: namespaces. No network, the toolchain read-only, a /tmp and /proc of its own, of the
rest of the machine nothing but the submission's folder. As root inside under a separate user.

**user**: where namespaces are refused, as in the containers of grading services, with the grader as
root: another user for each submission, in a root folder with the toolchain and the submissions' own
folders, which no other submission's user can enter. The network is not cut off there.

Both: no new privileges, no environment, limits on time, memory, processes and files.
"""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import TracebackType

from grading.confine import Cage, Jail, limited_to
from grading.grader.toolchain import make_root

FIRST_USER, USERS = 64001, 400  # no system gives these out to people
PROBE_USER = FIRST_USER - 1  # for trying: all processes of the others may be killed at any moment
LOCKS = Path("/run/goose-grade")  # which of them are taken; root's
# What the toolchain and QEMU need of a system. Nothing of it may hold what must stay hidden.
SYSTEM = ("/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec",
          "/usr/riscv64-linux-gnu", "/usr/share/qemu", "/usr/share/opensbi", "/usr/share/seabios",
          "/etc/alternatives", "/etc/ld.so.cache", "/etc/mke2fs.conf")  # fmt: skip
SHORT = ("bin", "sbin", "lib", "lib32", "lib64")  # links into /usr on merged systems
SEARCH = "/usr/bin:/usr/sbin:/bin:/sbin"


class JailError(Exception):
    """No jail can be made here: the message says why, and the way out."""


class Kind(StrEnum):
    """Which jail."""

    BUBBLEWRAP = "bubblewrap"
    USER = "user"
    NONE = "none"  # only where it is asked for: the student's code may then do what the grader may


SAYS = {
    Kind.BUBBLEWRAP: "bubblewrap (namespaces)",
    Kind.USER: "separate user (this machine refuses namespaces; the network is not cut off)",
    Kind.NONE: "NONE: student code ran with the rights of the grader",
}


@dataclass(frozen=True)
class Limits:
    """For each process but where it says otherwise. Sizes are bytes."""

    cpu: int = 120  # seconds
    memory: int = 2 << 30  # address space
    processes: int = 200  # of the submission's user together
    file: int = 256 << 20
    temporary: int = 256 << 20  # of /tmp together

    def words(self) -> list[str]:
        return limited_to(self.memory, self.cpu, nproc=self.processes, fsize=self.file, nofile=1024)


BUILD = Limits()
# QEMU translates into up to 1 GiB beside the guest's memory; a dump of that is a file.
RUN = Limits(cpu=3600, memory=8 << 30, processes=200, file=1 << 30)


class Cell:
    """One submission's place: `folder`, which goes with it, and the user its code runs as.

    tree/ is what is built and tree/build alone can be written from inside; run/ is what tests use,
    and private/ what no jail shows.
    """

    def __init__(self, kind: Kind, work: Path) -> None:
        self.kind, self.work = kind, work.absolute()
        self.root = self.work / "jail-root" if kind is Kind.USER else None
        self.user: int | None = None
        self._lock = -1
        if os.geteuid() == 0 and kind is not Kind.NONE:
            self.user, self._lock = _take_user()
        cells = (self.root or self.work) / "cells"
        if self.root:
            make_root(self.root)
        cells.mkdir(parents=True, exist_ok=True)
        self.sweep()  # what a grader left that was killed
        _remove_stale(cells)
        self.folder = Path(tempfile.mkdtemp(prefix=f"cell-{platform.node()}-{os.getpid()}-", dir=cells))
        self.tree, self.build, self.run = (self.folder / name for name in ("tree", "tree/build", "run"))
        self.temporary = self.folder / "tmp"
        self.private = self.folder / "private"
        for folder in (self.tree, self.run, self.run / "tmp", self.temporary, self.private):
            folder.mkdir()
        self.private.chmod(0o700)
        if self.user is not None:
            os.chown(self.folder, 0, self.user)
            os.chown(self.temporary, self.user, self.user)
        self.folder.chmod(0o710 if self.user is not None else 0o700)
        self.temporary.chmod(0o700)

    def __enter__(self) -> Cell:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends what still runs, gives the user back, and removes the folder."""
        self.sweep()
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def sweep(self) -> None:
        """Kills every process of the submission's user, and removes what it left in shared folders."""
        if self.user is None:
            return
        words = ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups"]
        words += ["/bin/kill", "-KILL", "-1"]
        for _ in range(100):
            if not _has_processes(self.user):
                break
            subprocess.run(words, stderr=subprocess.DEVNULL)
            time.sleep(0.05)  # a loaded machine takes its time to end them
        if self.root is None:
            return
        shared = [name for name in ("/tmp", "/var/tmp", "/dev/shm") if Path(name).is_dir()]
        find = ["find", *shared, "-xdev", "-maxdepth", "1", "-user", str(self.user)]
        subprocess.run([*find, "-exec", "rm", "-rf", "--", "{}", "+"], stderr=subprocess.DEVNULL)

    def shown(self, text: str) -> str:
        """A text for people: the folder is this run's alone, and none of their business."""
        folder = str(self.folder)
        inside = folder.removeprefix(str(self.root)) if self.root else folder
        for name in dict.fromkeys((folder, inside)):
            text = text.replace(f"{name}/tree/", "").replace(f"{name}/run/", "build/").replace(name, ".")
        return text

    def own_build(self) -> None:
        """Gives tree/build to the submission's user."""
        if self.user is None:
            return
        subprocess.run(["chown", "-R", "-h", f"{self.user}:{self.user}", str(self.build)], check=True)

    def jail(self, build: Limits = BUILD, run: Limits = RUN) -> Jail:
        """The words around commands."""
        if self.kind is Kind.NONE:
            return Jail(Cage(()), Cage(()), str(self.tree))
        if self.kind is Kind.USER:
            return Jail(self._as_user(run), self._as_user(build), str(self.tree))
        running = ["--ro-bind", str(self.run), str(self.run)]
        building = ["--ro-bind", str(self.tree), str(self.tree), "--bind", str(self.build), str(self.build)]
        return Jail(
            self._bubble(run, running), self._bubble(build, [*building, *running]), str(self.tree)
        )

    def _owner(self) -> tuple[int, int] | None:
        return None if self.user is None else (self.user, self.user)

    def _bubble(self, limits: Limits, binds: list[str]) -> Cage:
        words = bubble_words(limits.temporary)
        for parent in reversed(self.run.parents[:-1]):
            words += ["--perms", "0755", "--dir", str(parent)]
        return Cage(
            before=(*words, *binds, "--remount-ro", "/"),
            writes=("--bind", "{}", "{}"),
            after=("--", *_drop_words(self.user), *limits.words()),
            owner=self._owner(),
        )

    def _as_user(self, limits: Limits) -> Cage:
        assert self.root and self.user is not None
        temporary = str(self.temporary).removeprefix(str(self.root))
        words = ["env", "-i", f"PATH={SEARCH}", f"TMPDIR={temporary}", f"HOME={temporary}", "LC_ALL=C.UTF-8"]
        words += ["setpriv", "--no-new-privs", "--inh-caps=-all"]
        words += ["--bounding-set=-all,+setuid,+setgid,+sys_chroot"]
        words += ["chroot", f"--userspec={self.user}:{self.user}", f"--groups={self.user}", str(self.root)]
        return Cage(
            # Once more after the change of user, which makes the kernel forget it.
            before=tuple(words), after=(*limits.words(), "setpriv", "--pdeathsig", "KILL"),
            owner=self._owner(), root=str(self.root),
        )


def _remove_stale(cells: Path) -> None:
    """Removes cells of graders of this machine that are no more."""
    for folder in cells.glob(f"cell-{platform.node()}-*-*"):
        pid = folder.name.split("-")[-2]
        if pid.isdigit() and not Path("/proc", pid).exists():
            shutil.rmtree(folder, ignore_errors=True)


def _take_user() -> tuple[int, int]:
    """A user id that no other grader on this machine has now, and the descriptor that holds it."""
    LOCKS.mkdir(mode=0o700, parents=True, exist_ok=True)
    for user in range(FIRST_USER, FIRST_USER + USERS):
        handle = os.open(LOCKS / str(user), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return user, handle
        except BlockingIOError:
            os.close(handle)
    raise JailError(f"all {USERS} users for submissions are taken: {LOCKS} says by whom")


def _has_processes(user: int) -> bool:
    """Whether the user has a process that is more than a name for whoever started it."""
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        with suppress(OSError):
            if entry.stat().st_uid == user:
                if Path(entry.path, "stat").read_text().rpartition(")")[2].split()[0] not in "ZX":
                    return True
    return False


def _drop_words(user: int | None) -> list[str]:
    """From root to the submission's user, inside of the jail."""
    if user is None:
        return []
    words = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs"]
    return [*words, "--inh-caps=-all", "--bounding-set=-all"]


@cache
def _bubble_help() -> str:
    try:
        return subprocess.run(["bwrap", "--help"], capture_output=True, text=True).stdout
    except FileNotFoundError:
        return ""


def bubble_words(temporary: int) -> list[str]:
    """bubblewrap with the system read-only and nothing of anybody's."""
    words = ["bwrap", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    words += ["--unshare-cgroup-try", "--die-with-parent", "--new-session", "--hostname", "jail"]
    if os.geteuid() != 0:
        words += ["--unshare-user"]
        words += ["--disable-userns"] if "--disable-userns" in _bubble_help() else []
    words += ["--clearenv"]
    for name, value in (("PATH", SEARCH), ("HOME", "/tmp"), ("TMPDIR", "/tmp"), ("LC_ALL", "C.UTF-8")):
        words += ["--setenv", name, value]
    for name in ("/usr", "/usr/share", "/etc"):  # else bwrap makes them for root alone
        words += ["--perms", "0755", "--dir", name]
    for path in SYSTEM:
        if os.path.exists(path) and not os.path.islink(path):
            words += ["--ro-bind", path, path]
    for name in SHORT:
        if os.path.islink(f"/{name}"):
            words += ["--symlink", os.readlink(f"/{name}"), f"/{name}"]
        elif os.path.isdir(f"/{name}"):
            words += ["--ro-bind", f"/{name}", f"/{name}"]
    words += ["--proc", "/proc", "--dev", "/dev"]
    for name in ("/tmp", "/dev/shm"):
        words += ["--perms", "1777"]
        words += ["--size", str(temporary)] if "--size" in _bubble_help() else []
        words += ["--tmpfs", name]
    return words


# Which one.


def _tries(words: list[str]) -> str:
    """Why the command does not work; "" if it does."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return "" if done.returncode == 0 else (done.stderr.strip() or f"status {done.returncode}")


@cache
def why_no_bubblewrap() -> str:
    """What this machine refuses; "" if bubblewrap works here."""
    if not shutil.which("bwrap"):
        return "bwrap is not installed (package bubblewrap)"
    user = PROBE_USER if os.geteuid() == 0 else None
    return _tries([*bubble_words(1 << 20), "--", *_drop_words(user), *RUN.words(), "true"])


@cache
def why_no_user() -> str:
    """What this machine refuses; "" if a separate user can be had."""
    if os.geteuid() != 0:
        return "only root can start programs as another user"
    words = ["setpriv", "--no-new-privs", "--bounding-set=-all,+setuid,+setgid,+sys_chroot", "chroot"]
    return _tries([*words, f"--userspec={PROBE_USER}:{PROBE_USER}", f"--groups={PROBE_USER}", "/", "true"])


def choose_jail(wanted: str = "auto") -> Kind:
    """The jail `wanted` if it works here, or the best that does. Never none unless that was said."""
    reasons = {}
    for kind, why in ((Kind.BUBBLEWRAP, why_no_bubblewrap), (Kind.USER, why_no_user)):
        if wanted in ("auto", kind.value):
            if not (reason := why()):
                return kind
            reasons[kind] = reason
    if wanted == Kind.NONE:
        return Kind.NONE
    if not reasons:
        raise JailError(f"there is no jail {wanted!r}: auto, {', '.join(Kind)}")
    text = "; ".join(f"{kind}: {reason}" for kind, reason in reasons.items())
    raise JailError(
        f"no jail can be made on this machine ({text}). Install bubblewrap, allow user namespaces, or "
        "run the grader as root in a container; --jail none grades without one, which only code that "
        "you trust deserves"
    )


def check_hidden(*paths: Path) -> None:
    """JailError if one of these lies where every jail can look."""
    for path in paths:
        for seen in SYSTEM:
            with suppress(OSError):
                if path.resolve().is_relative_to(Path(seen).resolve()):
                    raise JailError(f"{path} lies in {seen}, which the jail shows: put it elsewhere")
