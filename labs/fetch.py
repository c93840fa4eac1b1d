"""Fetches a handout from wherever it is: a folder, a .tar.gz or .zip archive, or a git URL.

    with fetched("next.zip") as (tree, record):
        …          # `tree` holds exactly the handout's files, each as it was handed out
"""

from __future__ import annotations

import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from labs.course import CourseError
from labs.yours import RECORD, Record, blob_name, read_record

LIMIT = 64 << 20  # no handout unpacks to more


def _safe(name: str, archive: Path) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise CourseError(f"{archive}: refused: {name} would be written outside its folder")
    return path


def _write(target: Path, content: bytes, runs: bool) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    target.chmod(0o755 if runs else 0o644)


def unpack(archive: Path, into: Path) -> None:
    """Unpacks the plain files of an archive; anything else in it is refused."""
    total = 0
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as zipped:
                for info in zipped.infolist():
                    path = _safe(info.filename, archive)
                    total += info.file_size
                    if total > LIMIT:
                        raise CourseError(f"{archive} unpacks to more than {LIMIT >> 20} MiB")
                    if not info.is_dir():
                        _write(into / path, zipped.read(info), bool(info.external_attr >> 16 & 0o100))
            return
        with tarfile.open(archive) as tar:
            for member in tar:
                path = _safe(member.name, archive)
                total += member.size
                if total > LIMIT:
                    raise CourseError(f"{archive} unpacks to more than {LIMIT >> 20} MiB")
                if member.isfile():
                    content = tar.extractfile(member)
                    assert content is not None
                    _write(into / path, content.read(), bool(member.mode & 0o100))
                elif not member.isdir():
                    raise CourseError(f"{archive}: refused: {member.name} is no plain file")
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise CourseError(f"{archive} is no archive that can be read: {error}") from None


def top_of(folder: Path) -> Path:
    """The tree in `folder`: itself, or the one folder in it that is one (as archives have it)."""
    found = [folder, *(path for path in sorted(folder.iterdir()) if path.is_dir())]
    trees = [path for path in found if (path / RECORD).is_file()]
    if not trees:
        raise CourseError(f"{folder} holds no handout of a goose lab: there is no {RECORD}")
    return trees[0]


def _clone(source: str, into: Path) -> None:
    command = ["git", "clone", "--quiet", "--depth", "1", source, str(into)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        reason = done.stderr.strip().splitlines()
        raise CourseError(
            f"{source} is no folder and no archive here, and git cannot clone it: "
            f"{reason[-1] if reason else 'no reason given'}"
        )


def _check(tree: Path, record: Record, source: str) -> None:
    """The handout must be as it was made, or what students do would be compared to anything."""
    for name, blob in record.files.items():
        path = tree / name
        if not path.is_file():
            raise CourseError(f"{source}: {name} is missing: take the handout anew")
        if blob_name(path.read_bytes()) != blob:
            raise CourseError(f"{source}: {name} is not as it was handed out: take it anew")


@contextmanager
def fetched(source: str) -> Iterator[tuple[Path, Record]]:
    """A copy of the handout at `source`: its files and no others, without a git repository."""
    with tempfile.TemporaryDirectory(prefix="handout.") as temporary:
        place = Path(source)
        raw = Path(temporary) / "raw"
        if place.is_file():
            raw.mkdir()
            unpack(place, raw)
        elif place.is_dir() and not (place / "HEAD").is_file():
            raw = place
        else:
            _clone(source, raw)
        top = top_of(raw)
        record = read_record(top)
        _check(top, record, source)
        tree = Path(temporary) / "tree"
        for name in [*record.files, str(RECORD)]:
            target = tree / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(top / name, target)
        yield tree, record
