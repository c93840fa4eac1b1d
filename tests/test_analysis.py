"""What clang sees without running anything: locks that are not held, and what `.clang-tidy` looks for.

`make analyze` looks at every source, which takes minutes. Here it takes seconds: the locks of the whole
kernel, that every source has its turn in `make analyze`, and that planted faults are found.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.conftest import BUILD, ROOT, alone

from labs.parts import tree_files


def make(tree: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    return subprocess.run(
        ["make", *words], cwd=tree, env=environment, capture_output=True, text=True
    )


def test_every_floor_holds_the_locks_that_it_must(build: Path) -> None:
    with alone(BUILD / "analyze.lock"):
        done = make(ROOT, "-k", "-j2", f"B={build}", "analyze-threads")
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_source_is_analyzed(tmp_path: Path) -> None:
    done = make(ROOT, "-n", f"B={tmp_path}", "analyze")
    assert done.returncode == 0, done.stderr
    seen = set(re.findall(r"^clang-tidy .* (\S+) -- ", done.stdout, re.MULTILINE))
    batch = r"^printf '#include \"%s\"\\n' (.*) > (\S+/gen/(kernel|user)/\S+)$"
    for members, file, folder in re.findall(batch, done.stdout, re.MULTILINE):
        if file in seen:
            seen |= {f"{folder}/{member}" for member in members.split()}
    sources = [path for path in tree_files(ROOT) if path.suffix in (".c", ".cc")]
    missing = {str(path) for path in sources} - seen
    # What tests compile, for the host or with other libraries; and what has assembly in raw strings.
    missing = {path for path in missing if not re.match(r"(boot/|labs/)?tests/|.*/host/", path)}
    raw = {path for path in missing if re.search(r'asm\(R"|"registers\.h"', (ROOT / path).read_text())}
    assert missing == raw
    assert len(raw) < 12, "so many would rather have their assembly in ordinary strings"


@dataclass(frozen=True)
class Fault:
    """A planted fault: `new` for `old` in `file` (at its end if there is no `old`)."""

    file: str
    old: str
    new: str
    unit: str
    says: str


NULL = "int planted(const int *number);\nint planted(const int *number) { return number ? 0 : *number; }\n"
FOUND = "Dereference of null pointer (loaded from variable 'number')"
FAULTS = {
    "lock": Fault(
        "kernel/block/block_cache.cc",
        "    SpinGuard guard(lock_);\n    return statistics_;",
        "    return statistics_;",
        "kernel/block/block_cache.clang",
        "reading variable 'statistics_' requires holding spinlock 'lock_'",
    ),
    # In a batch, behind another source: a header of the unit for all that clang-tidy knows.
    "kernel": Fault("kernel/thread/mutex.cc", "", NULL, "kernel/thread/idle.tidy", FOUND),
    "user": Fault("user/bin/find/expression.c", "", NULL, "user/bin/find/actions.tidy", FOUND),
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("analysis")
    for path in tree_files(ROOT):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, folder / path)
    return folder


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_planted_fault_is_found(tree: Path, fault: Fault) -> None:
    file = tree / fault.file
    text = file.read_text()
    assert text.count(fault.old) == 1 or not fault.old, f"mend the fault: {file.name} has changed"
    file.write_text(text.replace(fault.old, fault.new) if fault.old else text + fault.new)
    done = make(tree, "B=build", "BATCH=2", f"build/analyze/{fault.unit}")
    assert done.returncode != 0
    assert fault.says in done.stdout + done.stderr, done.stdout + done.stderr
