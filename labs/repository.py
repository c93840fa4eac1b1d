"""Folders that take their place only when they are complete, and commits that tell of no machine.

The commit of a handout has a fixed author and date: the same files give the same commit everywhere.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from labs.course import CourseError, Lab
from labs.yours import Record

AUTHOR = "goose labs"
DATE = "2026-01-01T00:00:00Z"
IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", AUTHOR), ("EMAIL", "labs@goose.invalid"), ("DATE", DATE))
}



def commit_all(folder: Path, message: str) -> None:
    """One commit of all files, the same on every machine; makes the repository if need be."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | IDENTITY
    environment |= {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    commands = [["add", "--all", "--force", "."], ["commit", "--quiet", "--message", message]]
    if not (folder / ".git").exists():
        commands.insert(0, ["init", "--quiet", "--template=", "--initial-branch=main"])
    for command in commands:
        done = subprocess.run(
            ["git", *command], cwd=folder, env=environment, capture_output=True, text=True
        )
        if done.returncode:
            raise CourseError(f"git {' '.join(command)} in {folder} failed: {done.stderr.strip()}")


def set_modes(folder: Path) -> None:
    """Gives files the same permissions whatever this machine's umask is."""
    for path in [folder, *folder.rglob("*")]:
        if ".git" not in path.parts and (path.is_dir() or path.is_file()):
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)


def first_message(lab: Record | Lab) -> str:
    """The message of a handout's one commit."""
    return f"Lab {lab.number}: {lab.title}"


def new_folder(out: Path, instead: bool = False) -> Path:
    """A folder beside `out`, to be renamed to it when it is complete.

    `out` must not exist or be empty, but for `instead`, where the caller has looked at it.
    """
    if not instead and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise CourseError(f"{out} exists already and is not empty: name a new folder")
    out.absolute().parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.absolute().parent))
