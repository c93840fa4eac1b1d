"""The time of a checkout's last commit, whatever stands in it."""

from __future__ import annotations

import hashlib
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grading.grader import git_time
from grading.grader.git_time import last_commit


def test_a_commit_without_end_takes_no_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit of any size is small when it is packed: git would take memory for all of it."""
    objects = tmp_path / ".git" / "objects"

    def commit(size: int) -> None:
        head = b"tree %s\ncommitter Ada <a@b> 1772359200 +0100\n\n" % (b"0" * 40)
        content = b"commit %d\0" % (len(head) + size) + head + b"a" * size
        name = hashlib.sha1(content).hexdigest()
        (objects / name[:2]).mkdir(parents=True, exist_ok=True)
        (objects / name[:2] / name[2:]).write_bytes(zlib.compress(content, 1))
        (tmp_path / ".git" / "HEAD").write_text(name)

    commit(1 << 20)
    assert last_commit(tmp_path) == datetime(2026, 3, 1, 10, tzinfo=UTC)
    monkeypatch.setattr(git_time, "LIMITS", [word.replace(str(512 << 20), str(64 << 20)) for word in git_time.LIMITS])
    commit(100 << 20)
    assert last_commit(tmp_path) is None


@pytest.mark.parametrize("head", ["ref: ../../secret", "nonsense", "", "0" * 40])
def test_a_damaged_repository_has_no_time(tmp_path: Path, head: str) -> None:
    (tmp_path / ".git" / "objects").mkdir(parents=True)
    (tmp_path / ".git" / "HEAD").write_text(head)
    assert last_commit(tmp_path) is None
