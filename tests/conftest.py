"""Fixtures of the system's tests: ask for a state (`booted`, `shell`), not for a procedure.

The tree under test is the build folder named by GOOSE_BUILD (build by default), which `make test`
has just built. A test that fails leaves its folder under failures/ in there, with all machines it
ran and report.txt: what pytest said of it, and the commands that run it, or one of its machines, again.
When the test runs again, the folder becomes NAME.before.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from grading import timing
from grading.machine import Machine
from grading.qemu import Disk
from grading.shell import Ran
from labs.fixtures import folder, start
from labs.grade import FAILED, FOLDER

pytest.register_assert_rewrite("tests.utilities")  # what differs is shown

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("GOOSE_BUILD", ROOT / "build")).absolute()
SEED = os.environ.get("GOOSE_SEED", "0")
# Whether the kernel under test was made with SAN=1, and how many times as long it may take (it takes
# several times as many instructions: docs/debugging.md has what was measured).
FLAGS = BUILD / "flags.kernel"
SANITIZED = FLAGS.exists() and "-fsanitize" in FLAGS.read_text()
SLOWER = 8
if SANITIZED and timing.VARIABLE not in os.environ:
    os.environ[timing.VARIABLE] = f"{SLOWER * timing.scale():.2f}"
    timing.scale.cache_clear()


def pytest_report_header() -> list[str]:
    return ["the kernel under test is sanitized (SAN=1): KASan and UBSan"] if SANITIZED else []


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for line in pytest_report_header():
        terminalreporter.write_line(line)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests first, so that the workers end together."""
    for item in items:
        mark = item.get_closest_marker("unsanitized")
        if SANITIZED and mark:
            item.add_marker(pytest.mark.skip(reason=f"SAN=1: {mark.args[0]}"))
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.failed:
        item.stash[FAILED] = True
        command = f"GOOSE_SEED={SEED} /usr/bin/python3 -m pytest '{item.nodeid}'"
        if SANITIZED:
            command = f"SAN=1 GOOSE_BUILD={os.path.relpath(BUILD, ROOT)} {command}"
        report.sections.append(("run it again", command))
        folder = item.stash.get(FOLDER, None)
        if folder and folder.exists():
            scripts = sorted(str(script) for script in folder.glob("*/rerun.sh"))
            report.sections.append(("its machines", "\n".join([str(folder), *scripts])))
            text = [report.longreprtext, *(f"---- {name} ----\n{said}" for name, said in report.sections)]
            (folder / "report.txt").write_text("\n".join(text))


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """One worker at a time in here: they share the build folders."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def make(*words: str) -> None:
    """Runs make at the top of the tree, quietly unless it fails."""
    command = ["make", f"-j{os.cpu_count()}", *words]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-4000:]}"


@pytest.fixture(scope="session")
def build() -> Path:
    """The build folder, with a kernel, a boot stage, an initramfs and a disk in it."""
    for name in ("goose.elf", "kernel.elf", "initramfs.cpio", "disk.img"):
        if not (BUILD / name).exists():
            pytest.fail(f"{BUILD / name} is missing: run `make` or `make test`", pytrace=False)
    return BUILD


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """A number of this test's own: the same in every run with the same GOOSE_SEED."""
    text = f"{SEED} {request.node.nodeid}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def place(name: str) -> Path:
    """One under failures/; what a test that failed has left there stays once more."""
    path = BUILD / "failures" / name
    if (path / "report.txt").exists():
        before = path.with_name(f"{name}.before")
        shutil.rmtree(before, ignore_errors=True)
        path.rename(before)
        for script in before.glob("*/rerun.sh"):
            script.write_text(script.read_text().replace(f"{path}/", f"{before}/"))
    return path


@pytest.fixture
def folder_path(request: pytest.FixtureRequest) -> Path:
    return place(re.sub(r"[^\w.-]+", "_", request.node.nodeid.removeprefix("tests/")))


Start = Callable[..., Machine]


def flusher_turns(since: float) -> int:
    """How often goose's flusher may have come since then, by time.monotonic(): every 5 s."""
    return 1 + int(time.monotonic() - since) // 5


@pytest.fixture
def machine(start: Start, build: Path) -> Start:
    """machine(**options) boots goose from a throw-away view of its disk.

    Besides the options of grading.qemu.Options: root="initramfs" boots without the disk, and
    image=PATH boots from another image, written in place.
    """

    def boot(root: str = "/dev/vda", image: Path | None = None, **options: Any) -> Machine:
        options.setdefault("kernel", build / "goose.elf")
        if root == "initramfs":
            options.setdefault("initrd", build / "initramfs.cpio")
        elif image:
            options.setdefault("disks", [Disk(image, mode="direct")])
        else:
            options.setdefault("disks", [Disk(build / "disk.img", mode="snapshot")])
        append = f"root={root} {options.pop('append', '')}".strip()
        return start(append=append, **options)

    return boot


@pytest.fixture
def booted(machine: Start) -> Machine:
    """goose at its prompt, on one hart."""
    run = machine()
    run.wait_prompt()
    return run


@pytest.fixture
def shell(booted: Machine) -> Callable[..., Ran]:
    """shell(line) runs a line at the prompt and gives its output and status."""
    return booted.run


@pytest.fixture
def image(build: Path, folder: Path) -> Path:
    """A copy of goose's disk to write to."""
    copy = folder / "disk.img"
    subprocess.run(["cp", "--sparse=always", str(build / "disk.img"), str(copy)], check=True)
    return copy
