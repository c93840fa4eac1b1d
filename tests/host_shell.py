"""goose's shell built for the host, as the plain POSIX C that it is; and files for it to work on."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from tests.conftest import ROOT


@pytest.fixture(scope="session")
def goose_shell(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program = tmp_path_factory.mktemp("shell") / "sh"
    sources = sorted((ROOT / "user/bin/sh").glob("*.c"))
    subprocess.run(
        ["gcc", "-std=gnu11", "-D_GNU_SOURCE", "-g", "-Wall", "-Wextra", "-Werror", "-o", program,
         *sources],
        check=True,
    )
    return program


def fill(folder: Path) -> None:
    for name in ("a.c", "b.c", "x.h", ".hidden"):
        (folder / name).write_text(f"this is {name}\n")
    (folder / "three").write_text("1\n2\n3\n")
    (folder / "d").mkdir()
    (folder / "d/inner").write_text("")
    (folder / "link").symlink_to("a.c")
