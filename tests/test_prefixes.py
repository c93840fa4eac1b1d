"""Every prefix of the tower builds, boots and passes its kernel tests; endings are told apart."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import BUILD, ROOT, Start, alone, make

from grading.qemu import PANICKED, POWER_OFF, TEST_FAILED, Disk
from labs.parts import Form, render_tree

sys.path.insert(0, str(ROOT / "tools"))
from tower import floors  # noqa: E402

FLOORS = [floor for floor in floors() if floor != "base"]  # base alone has no entry: no hardware

PLANTED = """\
#include "base/ktest.h"
#include "base/panic.h"

[[gnu::noinline]] static void planted_deeply() { panic("planted"); }
[[gnu::noinline]] static void planted_above() {
    planted_deeply();
    asm volatile("");
}

KTEST(planted_pass) { EXPECT(1 + 1 == 2); }
KTEST(planted_failure) { EXPECT(1 + 1 == 3); }
KTEST(planted_panic) { planted_above(); }
"""


@pytest.mark.slow
@pytest.mark.parametrize("floor", FLOORS)
def test_prefix_builds_boots_and_passes_its_tests(
    start: Start, folder: Path, floor: str
) -> None:
    build, kernel = BUILD / "prefixes", BUILD / f"prefixes/upto-{floor}.elf"
    with alone(BUILD / "prefixes.lock"):  # one folder for all: they have their objects in common
        make(f"LAYERS={floor}", f"B={build}", f"{build}/goose.elf")
        shutil.copy(build / "goose.elf", kernel)
    # A scratch disk, for the tests of `block`.
    scratch = folder / "scratch.img"
    scratch.write_bytes(bytes(8 << 20))
    for smp in (1, 4):
        disks = [Disk(scratch, mode="snapshot")]
        run = start(kernel=kernel, smp=smp, append="ktest=*", disks=disks)
        found = run.expect(r"^ktest: (\d+) passed, (\d+) failed\n", 120)
        assert int(found.groups[0]) > 0 and found.groups[1] == "0", run.console.text
        assert run.wait_exit() == POWER_OFF


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A kernel of the lowest floors with tests that pass, fail and panic."""
    folder = tmp_path_factory.mktemp("planted")
    render_tree(ROOT, folder / "tree", lambda part: Form.SOLUTION)
    (folder / "tree/kernel/cpu/tests/planted.cc").write_text(PLANTED)
    command = ["make", "-j2", "-C", str(folder / "tree"), "LAYERS=cpu", f"B={folder / 'build'}"]
    subprocess.run([*command, f"{folder / 'build'}/goose.elf"], check=True, capture_output=True)
    return folder / "build/goose.elf"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("glob", "status"),
    [("planted_pass", POWER_OFF), ("planted_f*", TEST_FAILED), ("no_such_test", TEST_FAILED)],
)
def test_kernel_tests_end_with_their_status(
    start: Start, planted: Path, glob: str, status: int
) -> None:
    run = start(kernel=planted, append=f"ktest={glob}")
    assert run.wait_exit(20) == status


@pytest.mark.slow
def test_panic_has_its_status_and_a_backtrace_by_name(start: Start, planted: Path) -> None:
    run = start(kernel=planted, append="ktest=planted_panic", smp=2)
    assert run.wait_exit(20) == PANICKED
    text = run.console.text
    assert "panic: hart" in text and "planted" in text
    assert text.index("planted_deeply") < text.index("planted_above") < text.index("kernel_main")


def test_a_floor_that_does_not_exist_is_named() -> None:
    command = ["make", "LAYERS=cellar"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode != 0 and "LAYERS=cellar: no such floor" in done.stderr
