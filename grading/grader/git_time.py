"""When the last commit of a checkout was made, without obeying anything that stands in it.

A repository's own configuration can make git run programs. So git is started on an empty
repository of ours, which borrows the objects of the student's. The time is the committer's word:
where it matters, fetch the class's repositories at the deadline (docs/class.md).
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from grading.confine import limited_to

# A commit may say that it has any number of bytes, and git takes memory for them all.
LIMITS = limited_to(memory=512 << 20, cpu=10, fsize=1 << 16)
NAME = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def _text(path: Path) -> str:
    """A small plain file of the repository; "" if there is none."""
    if path.is_symlink() or not path.is_file() or path.stat().st_size > 1 << 20:
        return ""
    return path.read_text(errors="replace")


def _head(git: Path) -> str:
    """The name of the commit that is checked out; "" if there is none."""
    head = _text(git / "HEAD").strip()
    if not head.startswith("ref: "):
        return head if NAME.fullmatch(head) else ""
    reference = head.removeprefix("ref: ").strip()
    if not reference.startswith("refs/") or ".." in reference:
        return ""
    loose = _text(git / reference).strip()
    packed = re.search(rf"^([0-9a-f]+) {re.escape(reference)}$", _text(git / "packed-refs"), re.MULTILINE)
    name = loose or (packed[1] if packed else "")
    return name if NAME.fullmatch(name) else ""


def last_commit(tree: Path) -> datetime | None:
    """The committer's time of HEAD; None where `tree` is no checkout with a commit."""
    git = tree / ".git"
    objects = git / "objects"
    if git.is_symlink() or objects.is_symlink() or not objects.is_dir():
        return None
    name = _head(git)
    if not name:
        return None
    with tempfile.TemporaryDirectory(prefix="goose-git-") as empty:
        clean = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
        clean |= {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
        try:
            subprocess.run(
                ["git", "init", "--quiet", "--bare", "--template=", empty], env=clean, check=True
            )
            clean["GIT_OBJECT_DIRECTORY"] = str(objects.absolute())
            words = ["git", "-c", "core.packedGitWindowSize=16m", "--git-dir", empty, "cat-file", "commit", name]
            with Path(empty, "commit").open("w+b") as said:
                subprocess.run(
                    [*LIMITS, *words], env=clean, stdin=subprocess.DEVNULL, stdout=said,
                    stderr=subprocess.DEVNULL, timeout=20,
                )  # fmt: skip
                said.seek(0)
                head = said.read()
        except (OSError, subprocess.SubprocessError):
            return None
    match = re.search(rb"^committer .* (\d{1,11}) [+-]\d{4}$", head, re.MULTILINE)
    return datetime.fromtimestamp(int(match[1]), UTC) if match else None
