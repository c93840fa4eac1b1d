"""User tests fail on kernels in which the fact in their name is broken, each for its own reason.

Each fault is planted in a copy of the tree, which compiles one file anew. On the kernel with the
fault exactly its own test fails, of all the tests named here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.conftest import ROOT, Start

from grading.errors import GuestError
from grading.machine import Machine
from grading.qemu import Disk
from labs.parts import tree_files

TIME_LIMIT = 10


@dataclass(frozen=True)
class Fault:
    """What is wrong with a kernel: in `file`, `new` stands where `old` (there once) should."""

    says: str
    test: str
    file: str
    old: str
    new: str

    def plant(self, tree: Path) -> None:
        path = tree / self.file
        text = path.read_text()
        found = text.count(self.old)
        assert found == 1, f"{self.file} has {found} places like {self.old!r}; mend the fault"
        path.write_text(text.replace(self.old, self.new))


FAULTS = [
    Fault(
        "fork leaves areas of 64 pages writable",
        "cow_write_in_child_leaves_parent",
        "kernel/process/fork_space.cc",
        "pte.set(Pte{pte.bits & ~PTE_W});",
        "if (area.size() != 64 * kPageSize) pte.set(Pte{pte.bits & ~PTE_W});",
    ),
    Fault(
        "the kernel writes into shared pages without copying them",
        "read_into_shared_page_copies_it",
        "kernel/process/fault.cc",
        "pte->has(PTE_V | PTE_U | needed_bit(access))",
        "pte->has(PTE_V | PTE_U) && find_area(address)->allows(access)",
    ),
    Fault(
        "the frame that copy-on-write leaves is never given back",
        "exec_leaks_nothing",
        "kernel/process/fault.cc",
        "    old->release();\n",
        "",
    ),
    Fault(
        "mmap disregards the offset",
        "mapping_offset_selects_the_page",
        "kernel/process/sys_memory.cc",
        "move(pager), offset / kPageSize, placement",
        "move(pager), 0, placement",
    ),
    Fault(
        "brk keeps the pages that it should give back",
        "brk_grows_with_zeroes",
        "kernel/process/address_space.cc",
        "!unmap(new_end, old_end - new_end).ok()",
        "false",
    ),
    Fault(
        "clock_gettime does not look whether the time was stored",
        "bad_pointers_are_efault",
        "kernel/process/sys_time.cc",
        "return time.write(to_timespec(TRY(read_clock(clock))));",
        "return static_cast<void>(time.write(to_timespec(TRY(read_clock(clock))))), Result<void>();",
    ),
    Fault(
        "wait4 does not tell the signal",
        "wait_reports_signal",
        "kernel/process/wait.cc",
        "news.status = child.wait_status;",
        "news.status = child.wait_status & 0xff00;",
    ),
    Fault(
        "sigreturn leaves t4 as the handler left it",
        "signal_handler_keeps_all_registers",
        "kernel/process/signal_delivery.cc",
        "frame.x(i) = context.gregs[i];",
        "if (i != 29) frame.x(i) = context.gregs[i];",
    ),
    Fault(
        "a handler runs without its own signal blocked",
        "handler_runs_with_its_signals_blocked",
        "kernel/process/signal_delivery.cc",
        "signals.block(delivery.mask_before | action.sa_mask | own);",
        "signals.block(delivery.mask_before | action.sa_mask | (own & 0));",
    ),
    Fault(
        "an empty pipe looks like one whose writers are gone",
        "pipe_read_returns_zero_when_writers_are_gone",
        "kernel/io/pipe.cc",
        "return ring_.bytes() > 0 || writers_.open == 0 || to.empty();",
        "return true;",
    ),
    Fault(
        "O_APPEND is disregarded",
        "o_append_appends",
        "kernel/io/inode_file.cc",
        "if (appending())",
        "if (false)",
    ),
    Fault(
        "dup copies close-on-exec as if it belonged to the file",
        "dup_does_not_copy_close_on_exec",
        "kernel/io/sys_descriptor.cc",
        "return TRY(descriptors().install(move(file), CloseOnExec::kNo));",
        "return TRY(descriptors().install(move(file), TRY(descriptors().close_on_exec(fd))));",
    ),
    Fault(
        "rename refuses where the new name exists",
        "rename_replaces_what_exists",
        "kernel/io/rename.cc",
        "if (existing.ok() && (flags & RENAME_NOREPLACE) != 0)",
        "if (existing.ok())",
    ),
]
TESTS = [fault.test for fault in FAULTS]


@pytest.fixture(scope="session")
def copy(build: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree with the objects of its kernel, as new as they are."""
    tree = tmp_path_factory.mktemp("tree")
    for path in tree_files(ROOT):
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, tree / path)
    (tree / "build").mkdir()
    for name in ("kernel", "gen", "boot", "flags.kernel", "flags.layers", "flags.batches"):
        if (build / name).exists():
            subprocess.run(["cp", "-a", str(build / name), str(tree / "build")], check=True)
    return tree


def make_kernel(tree: Path, fault: Fault) -> Path:
    """Builds the kernel with the fault, and puts its source back; the next make sees that."""
    path = tree / fault.file
    sound = path.read_text()
    fault.plant(tree)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    command = ["make", "-j2", "B=build", "build/goose.elf"]
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True)
    path.write_text(sound)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return tree / "build/goose.elf"


def passes(run: Machine, test: str) -> bool:
    """Also a kernel that panics or hangs has failed the test."""
    try:
        return run.run(f"cd /tmp && /tests/{test}", TIME_LIMIT).status == 0
    except GuestError:
        return False


@pytest.mark.slow
@pytest.mark.unsanitized("it is about the user tests")
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.test)
def test_fails_on_a_kernel_in_which_its_fact_is_broken(
    start: Start, build: Path, copy: Path, fault: Fault
) -> None:
    kernel = make_kernel(copy, fault)
    disk = Disk(build / "tests.img", mode="snapshot")
    run = start(kernel=kernel, disks=[disk], append="root=/dev/vda")
    run.wait_prompt()
    for test in TESTS:
        assert test == fault.test or passes(run, test), f"where {fault.says}, {test} fails"
    assert not passes(run, fault.test), f"where {fault.says}, {fault.test} passes"


def test_there_are_ten_faults() -> None:
    assert len({fault.test for fault in FAULTS}) >= 10
