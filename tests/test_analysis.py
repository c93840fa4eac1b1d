"""The locks that annotations.h names are held where they must be, as far as clang can see.

`make analyze` has clang-tidy too, which takes minutes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.conftest import BUILD, ROOT, alone

from labs.parts import tree_files


def analyze(tree: Path, build: Path) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    command = ["make", "-k", "-j2", f"B={build}", "analyze-threads"]
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True)


def test_every_floor_holds_the_locks_that_it_must(build: Path) -> None:
    with alone(BUILD / "analyze.lock"):
        done = analyze(ROOT, build)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_lock_that_is_not_taken_is_found(tmp_path: Path) -> None:
    for path in tree_files(ROOT):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, tmp_path / path)
    file = tmp_path / "kernel/block/block_cache.cc"
    text = file.read_text()
    old = "    SpinGuard guard(lock_);\n    return statistics_;"
    assert text.count(old) == 1, "mend the fault: block_cache.cc has changed"
    file.write_text(text.replace(old, "    return statistics_;"))
    command = ["make", "-j2", "B=build", "build/analyze/block.threads"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode != 0
    assert "reading variable 'statistics_' requires holding spinlock 'lock_'" in done.stderr, done.stderr
