"""The zip that is uploaded to Gradescope as a lab's autograder (make gradescope LAB=paging).

    write_zip(ROOT, lab, settings, Path("gradescope-paging.zip"))

At its top stand setup.sh, run_autograder, enter (which both use) and README.txt; in goose/ the bundle
(grading/reports/bundle.py). The same tree and settings give the same bytes.
"""

from __future__ import annotations

import secrets
import zipfile
from pathlib import Path

from grading.reports.bundle import PACKAGES, Settings, bundle, is_executable
from grading.reports.gradescope import VISIBILITY
from labs.course import ROOT, CourseError, Lab, find_lab

FILES = Path(__file__).resolve().parent / "service_files"
PROGRAMS = ("setup.sh", "run_autograder", "enter")
EPOCH = (2026, 1, 1, 0, 0, 0)


def zip_files(root: Path, lab: Lab, settings: Settings) -> dict[str, tuple[bytes, bool]]:
    """Path: content, and whether it is a program."""
    values = {
        "@PACKAGES@": " ".join(PACKAGES),
        "@NUMBER@": str(lab.number),
        "@TITLE@": lab.title,
        "@LAB@": lab.name,
    }
    files: dict[str, tuple[bytes, bool]] = {}
    for name in (*PROGRAMS, "README.txt"):
        text = (FILES / name).read_text()
        for place, value in values.items():
            text = text.replace(place, value)
        files[name] = (text.encode(), name in PROGRAMS)
    for name, content in bundle(root, lab, settings).items():
        files[f"goose/{name}"] = (content, is_executable(root, name))
    return files


def write_zip(root: Path, lab: Lab, settings: Settings, out: Path) -> int:
    """Writes the zip in one step; returns its size."""
    draft = out.with_name(f".{out.name}.new")
    out.absolute().parent.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, (content, runs) in sorted(zip_files(root, lab, settings).items()):
                info = zipfile.ZipInfo(name, EPOCH)
                info.external_attr = (0o100755 if runs else 0o100644) << 16
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, content)
        draft.chmod(0o600)
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)
    return out.stat().st_size


def read_secret(path: Path | None) -> str:
    """The class's secret from a file, or a new one."""
    if path is None:
        return secrets.token_hex(32)
    text = path.read_text().strip()
    if len(text) < 16:
        raise CourseError(f"{path}: holds no secret of 16 letters or more")
    return text


def main(name: str, out: Path | None, variants: str, secret: Path | None) -> int:
    """The command."""
    if variants not in VISIBILITY:
        raise CourseError(f"--variants {variants}: Gradescope knows {', '.join(VISIBILITY)}")
    lab = find_lab(name, ROOT)
    target = out or Path(f"gradescope-{lab.name}.zip")
    settings = Settings(lab.name, read_secret(secret), variants)
    size = write_zip(ROOT, lab, settings, target)
    print(
        f"{target}: the autograder of Lab {lab.number}, {size:,} bytes. At Gradescope: Configure Autograder, "
        "base image Ubuntu 22.04, upload it. Keep it to yourself: it holds the class's secret"
    )
    return 0
