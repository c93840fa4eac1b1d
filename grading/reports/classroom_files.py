"""The template repository of a lab for GitHub Classroom (make classroom LAB=paging OUT=folder).

    make_template(ROOT, lab, Path("lab4"))

The lab's handout with two files more: the workflow, and the grader cut for this lab. Its inputs are
drawn from a secret of its own, which students can read there: what it says is feedback.
"""

from __future__ import annotations

import gzip
import io
import secrets
import tarfile
from pathlib import Path

from grading.reports.bundle import PACKAGES, Settings, bundle, is_executable
from labs.course import ROOT, Lab, find_lab
from labs.handout import make_handout
from labs.repository import commit_all

TEMPLATE = Path(__file__).resolve().parent / "templates" / "classroom.yml"
WORKFLOW = Path(".github/workflows/classroom.yml")
GRADER = Path(".github/goose/grader.tar.gz")


def workflow(lab: Lab) -> str:
    """The workflow's text."""
    text = TEMPLATE.read_text()
    for place, value in (("@NUMBER@", str(lab.number)), ("@PACKAGES@", " ".join(PACKAGES))):
        text = text.replace(place, value)
    return text


def packed_bundle(root: Path, lab: Lab, settings: Settings) -> bytes:
    """The bundle as tar.gz: the same files give the same bytes."""
    plain, packed = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in sorted(bundle(root, lab, settings).items()):
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), 0o755 if is_executable(root, name) else 0o644
            archive.addfile(info, io.BytesIO(content))
    with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as zipped:
        zipped.write(plain.getvalue())
    return packed.getvalue()


def add_autograding(root: Path, lab: Lab, handout: Path, settings: Settings) -> None:
    """Adds the workflow and the grader to a handout, as a commit of its own."""
    files = {WORKFLOW: workflow(lab).encode(), GRADER: packed_bundle(root, lab, settings)}
    for path, content in files.items():
        target = handout / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        target.chmod(0o644)
    commit_all(handout, "Grade each push")


def make_template(root: Path, lab: Lab, out: Path) -> None:
    """Makes the template repository in the new folder `out`."""
    settings = Settings(lab.name, secrets.token_hex(32))
    bundle(root, lab, settings)  # what cannot be graded is refused before anything is written
    make_handout(root, lab, out)
    add_autograding(root, lab, out, settings)


def main(name: str, out: Path) -> int:
    """The command."""
    lab = find_lab(name, ROOT)
    make_template(ROOT, lab, out)
    print(
        f"{out}: the template repository of Lab {lab.number} for GitHub Classroom. Push it, choose it as the "
        "assignment's template, and protect .github/**/* in the assignment's settings"
    )
    return 0
