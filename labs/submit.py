"""Packs what a student wrote into one small archive to hand in (make submit).

    submission = gather(tree)
    size = write_archive(submission, "submission-paging.tar.gz")

The archive holds the listed files, new files in the open folders, answers.md, and submission.json,
which names the lab and each file with its SHA-256. The same files give the same archive, byte for
byte.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

from labs.course import CourseError
from labs.yours import (
    RECORD,
    Record,
    blob_name,
    code_name,
    find_parts,
    questions,
    read_record,
    tree_files,
)

SCHEMA = 1
TOOL = "goose labs 1"
FILE_LIMIT = 1 << 20
TOTAL_LIMIT = 4 << 20


@dataclass
class Submission:
    """What goes into the archive, and what the student should know about it."""

    record: Record
    files: dict[str, bytes] = field(default_factory=dict)
    edited: set[str] = field(default_factory=set)
    new: set[str] = field(default_factory=set)
    written: list[str] = field(default_factory=list)
    stubs: list[str] = field(default_factory=list)
    answered: int = 0
    warnings: list[str] = field(default_factory=list)

    def document(self) -> bytes:
        """submission.json."""
        sums = {name: hashlib.sha256(content).hexdigest() for name, content in self.files.items()}
        value = {"schema": SCHEMA, "tool": TOOL, "lab": self.record.lab, "files": sums}
        value |= {"written": self.written, "stubs": self.stubs}
        return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()


def _inside(tree: Path, path: Path) -> bool:
    """Whether no step of the path is a symbolic link."""
    steps = [tree.joinpath(*path.parts[:length]) for length in range(1, len(path.parts) + 1)]
    return not any(step.is_symlink() for step in steps)


def _take(tree: Path, path: Path, submission: Submission) -> bytes:
    if not _inside(tree, path):
        raise CourseError(f"{path} is a symbolic link or stands behind one: put the file itself there")
    if not (tree / path).is_file():
        raise CourseError(f"{path} is no plain file: remove it")
    size = (tree / path).stat().st_size
    total = size + sum(map(len, submission.files.values()))
    if size > FILE_LIMIT or total > TOTAL_LIMIT:
        limit = FILE_LIMIT if size > FILE_LIMIT else TOTAL_LIMIT
        raise CourseError(
            f"{path} has {size:,} bytes; a submission takes {limit:,} "
            f"{'for a file' if limit == FILE_LIMIT else 'in all'}: remove what is not source"
        )
    content = (tree / path).read_bytes()
    submission.files[str(path)] = content
    return content


def gather(tree: Path) -> Submission:
    """Reads the student's files. What cannot be handed in is a CourseError that says why."""
    record = read_record(tree)
    submission = Submission(record)
    here = tree_files(tree)
    for path in here:
        name = str(path)
        handed_out = record.files.get(name)
        if name in record.listed or name == "answers.md":
            if blob_name(_take(tree, path, submission)) != handed_out:
                submission.edited.add(name)
        elif handed_out is None and record.is_open(path):
            _take(tree, path, submission)
            submission.new.add(name)
        elif name != str(RECORD) and not _unchanged(tree, path, handed_out):
            kind = "edited" if handed_out else "new"
            submission.warnings.append(f"{name} is {kind} and will not be graded: no listed file")
    missing = [name for name in record.listed if Path(name) not in here]
    submission.warnings += [f"{name} is missing: the grader takes the handout's" for name in missing]
    _look_at_parts(tree, submission)
    answers = submission.files.get("answers.md", b"").decode(errors="replace")
    asked = questions(answers)
    same = sum(asked.get(title) == empty for title, empty in record.answers.items())
    submission.answered = len(record.answers) - same if answers else 0
    return submission


def _unchanged(tree: Path, path: Path, handed_out: str | None) -> bool:
    if handed_out is None:
        # Answers to earlier labs stay for the student's own use.
        return path.parts[0].startswith(("answers-", "not-carried", "."))
    if (tree / path).is_symlink() or not (tree / path).is_file():
        return False
    return blob_name((tree / path).read_bytes()) == handed_out


def _look_at_parts(tree: Path, submission: Submission) -> None:
    parts, faults = find_parts(tree, submission.record)
    submission.warnings += [f"damaged brackets: {fault}" for fault in faults]
    for name, record in submission.record.parts.items():
        if not record.stub or name not in parts:
            continue
        part = parts[name]
        is_stub = code_name(part.code) == record.stub
        (submission.stubs if is_stub else submission.written).append(name)
        if str(part.path) not in submission.files:
            submission.warnings.append(f"{part.where}: {name} stands in a file that is not graded")


def write_archive(submission: Submission, target: Path) -> int:
    """Writes the archive; returns its size."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        members = {"submission.json": submission.document(), **submission.files}
        for name in sorted(members):
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(members[name]), 0o644
            tar.addfile(info, io.BytesIO(members[name]))
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as zipped:
        zipped.write(buffer.getvalue())
    temporary = target.with_name(f".{target.name}.new")
    try:
        temporary.write_bytes(packed.getvalue())
        temporary.replace(target)
    except OSError as error:
        raise CourseError(f"cannot write {target}: {error.strerror}") from None
    return len(packed.getvalue())


def summary(submission: Submission, target: Path, size: int) -> list[str]:
    """What the student reads."""
    lines = [f"Lab {submission.record.number}: {submission.record.title}"]
    for name, content in sorted(submission.files.items()):
        kind = "new" if name in submission.new else "edited" if name in submission.edited else ""
        lines.append(f"  {name:<44} {len(content):>8,} bytes  {kind}".rstrip())
    total = len(submission.written) + len(submission.stubs)
    lines.append(f"parts written: {len(submission.written)} of {total}")
    lines += [f"  still a stub: {name}" for name in submission.stubs]
    lines.append(f"answers: {submission.answered} of {len(submission.record.answers)} questions")
    lines += [f"WARNING: {warning}" for warning in submission.warnings]
    lines.append(f"{target}: {len(submission.files)} files, {size:,} bytes: this is what you hand in")
    return lines


def main(tree: Path, out: Path | None) -> int:
    """The command."""
    submission = gather(tree)
    target = out or tree / f"submission-{submission.record.lab}.tar.gz"
    size = write_archive(submission, target)
    shown = target.relative_to(tree) if target.is_relative_to(tree) else target
    print("\n".join(summary(submission, shown, size)))
    return 0
