"""Which lab an archive is of, whatever stands in it."""

from __future__ import annotations

import io
import os
import tarfile
import time
import zipfile
from pathlib import Path

import pytest

from grading.grader import peek
from grading.grader.peek import peek_lab
from grading.tests.submitted import archive


def test_the_lab_is_told_by_the_archive_itself(tmp_path: Path) -> None:
    assert peek_lab(archive(tmp_path / "a.tar.gz", "paging")) == "paging"
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as zipped:
        zipped.writestr("lab4/labs/handout.json", '{"lab": "paging"}')
    assert peek_lab(tmp_path / "a.zip") == "paging"
    (tmp_path / "bad.tar.gz").write_bytes(os.urandom(3000))
    assert peek_lab(tmp_path / "bad.tar.gz") == ""
    cut = (tmp_path / "a.tar.gz").read_bytes()
    (tmp_path / "cut.tar.gz").write_bytes(cut[: len(cut) // 2])
    assert peek_lab(tmp_path / "cut.tar.gz") == ""


def test_a_bomb_is_not_unpacked_to_find_its_lab(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "bomb.tar.gz", "w:gz", compresslevel=1) as tar:
        info = tarfile.TarInfo("zeros")
        info.size = 1 << 28
        with open("/dev/zero", "rb") as zeros:
            tar.addfile(info, zeros)
        info = tarfile.TarInfo("submission.json")
        text = b'{"lab": "boot"}'
        info.size = len(text)
        tar.addfile(info, io.BytesIO(text))
    assert peek_lab(tmp_path / "bomb.tar.gz") == ""


def test_headers_that_grow_with_each_member_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A global header of many lines, which tarfile copies for every member; a zip's list of members."""
    lines = b"".join(b"15 k%06d=12\n" % n for n in range(200_000))
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w:gz", format=tarfile.USTAR_FORMAT, compresslevel=1) as tar:
        for name, kind, content in (
            ("pax", tarfile.XGLTYPE, lines), *((f"f{n}", tarfile.REGTYPE, b"") for n in range(10_000)),
            ("lab1/labs/handout.json", tarfile.REGTYPE, b'{"lab": "boot"}'),
        ):  # fmt: skip
            member = tarfile.TarInfo(name)
            member.type, member.size = kind, len(content)
            tar.addfile(member, io.BytesIO(content))
    began = time.monotonic()
    assert peek_lab(path) == "boot"
    assert time.monotonic() - began < 20
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as zipped:
        zipped.writestr("submission.json", '{"lab": "boot"}')
    assert peek_lab(tmp_path / "a.zip") == "boot"
    monkeypatch.setattr(peek, "DIRECTORY_LIMIT", 10)
    assert peek_lab(tmp_path / "a.zip") == ""
