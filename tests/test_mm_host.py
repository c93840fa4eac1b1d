"""Floor mm's allocators and page tables on the host, under the sanitizers (kernel/mm/tests/host)."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MM = ROOT / "kernel/mm"
SOURCES = [
    MM / "tests/host/mm_host_test.cc",
    *(MM / name for name in ("buddy.cc", "frame.cc", "frame_init.cc", "heap.cc", "page_table.cc")),
    ROOT / "kernel/base/format.cc",
    ROOT / "kernel/base/string.cc",
]
FLAGS = [
    "-std=c++20", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-DGOOSE_HOST", "-DDEBUG=1",
    "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined",
    # The stand-ins for floor cpu hide the real headers.
    f"-I{MM / 'tests/host/fake'}", f"-I{ROOT / 'kernel'}",
]  # fmt: skip


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The test program, built anew."""
    compiler = shutil.which("clang++")
    if compiler is None:
        pytest.skip("clang++ is not installed (Debian package: clang)")
    path = tmp_path_factory.mktemp("mm_host") / "mm_host_test"
    build = subprocess.run([compiler, *FLAGS, *map(str, SOURCES), "-o", str(path)],
                           capture_output=True, text=True)  # fmt: skip
    assert build.returncode == 0, build.stderr
    return path


@pytest.mark.parametrize("first_seed", [1, 1001])
def test_random_machines(program: Path, first_seed: int) -> None:
    """Random memory maps full of junk, random traces against a model, and what must panic."""
    run = subprocess.run([program, "15", str(first_seed)], capture_output=True, text=True,
                         timeout=120)  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
