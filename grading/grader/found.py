"""Submissions in a folder, as teachers and services lay them out.

    class/ada.tar.gz  class/ada-paging.tar.gz  class/ada/…  class/paging/ada.zip      by hand, by git
    export/submission_metadata.yml  export/submission_123/…                           Gradescope
    export/Ada Lovelace_4711_assignsubmission_file_/submission-paging.tar.gz          Moodle

Nothing that students wrote is unpacked or believed here; the grader does that, in its own time.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from grading.grader import gradescope_export, git_time
from grading.grader.peek import peek_lab
from grading.grader.roster import ClassError

SUFFIXES = (".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".tar.zst", ".tar", ".zip", ".gz", ".7z", ".rar")
# The first number is Moodle's; what follows is the student's, who may write another's name and number there.
MOODLE = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_(?P<kind>file|onlinetext)_?(?P<rest>.*)")
# What shows that a folder is a tree and not a folder of submissions.
TREE = ("labs/handout.json", "submission.json", "lab.mk", ".git", "kernel", "boot")
NO_SUBMISSION = {".csv", ".toml", ".md", ".secret", ".yml", ".yaml", ".html", ".log"}


@dataclass(frozen=True)
class Found:
    """A submission: `path` is an archive, a file that calls itself one, or a folder.

    `said` may name the student, best first. `lab` is what the place says ("" if nothing). `received`
    is None where nothing but the file itself tells. `exact`: the names are a service's, and no piece of
    them is a name by itself: Moodle's numbers are not those of anybody else.
    """

    path: Path
    name: str  # relative to the folder that was searched
    said: tuple[str, ...]
    lab: str = ""
    received: datetime | None = None
    exact: bool = False


@dataclass
class Search:
    """What was found, and a sentence for each thing that was not taken for a submission."""

    found: list[Found] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def bare_name(name: str) -> str:
    """The name of an archive without its endings."""
    lower = name.lower()
    ending = next((suffix for suffix in SUFFIXES if lower.endswith(suffix)), "")
    return name[: len(name) - len(ending)] if ending else name


def is_archive(path: Path) -> bool:
    """By its name: what is in it may be anything."""
    return path.is_file() and not path.is_symlink() and path.name.lower().endswith(SUFFIXES)


def is_tree(folder: Path) -> bool:
    return any((folder / name).exists() for name in TREE)


class Searcher:
    """Looks through one folder; `labs` are the names under which each lab is known."""

    def __init__(self, top: Path, labs: dict[str, Sequence[str]]) -> None:
        self.top = top
        self.names = {name.casefold(): lab for lab, names in labs.items() for name in names}
        self.search = Search()

    def lab_in(self, text: str) -> str:
        """The lab that is a piece of the text: `ada-paging`, `submission-paging (2)`; "" if none."""
        whole = self.names.get(text.casefold())
        pieces = re.split(r"[-_\s.()]+", text.casefold())
        found = {self.names[piece] for piece in pieces if piece in self.names}
        return whole or (found.pop() if len(found) == 1 else "")

    def without_lab(self, text: str) -> str:
        """The text less the words that name the lab or the archive itself."""
        words = [*map(re.escape, self.names), "submission"]
        pattern = rf"(?:^|[-_\s.]+)(?:{'|'.join(words)})(?=$|[-_\s.(])"
        return re.sub(pattern, "", text, flags=re.IGNORECASE).strip("-_. ")

    def add(
        self, path: Path, said: Sequence[str], lab: str, received: datetime | None = None, exact: bool = False
    ) -> None:
        name = str(path.relative_to(self.top)) if path != self.top else path.name
        texts = tuple(dict.fromkeys(text for text in said if text))
        lab = lab or self.lab_in(bare_name(path.name))
        self.search.found.append(Found(path, name, texts, lab, received, exact))

    def add_inside(
        self, folder: Path, said: Sequence[str], lab: str = "", received: datetime | None = None,
        exact: bool = False,
    ) -> None:  # fmt: skip
        """What one student handed in: a tree, archives, or files without a tree around them."""
        entries = sorted(folder.iterdir())
        archives = [path for path in entries if is_archive(path)]
        trees = [path for path in entries if path.is_dir() and not path.is_symlink() and is_tree(path)]
        if is_tree(folder) or not (archives or trees):
            self.add(folder, said, lab, received, exact)
            return
        for path in [*archives, *trees]:
            self.add(path, said, lab, received, exact)

    def plain(self, folder: Path, lab: str = "") -> None:
        """A teacher's own folder."""
        for path in sorted(folder.iterdir()):
            if path.name.startswith(".") or path.name == "__MACOSX":
                continue
            bare = bare_name(path.name)
            if path.is_symlink():
                self.leave_out(path, "is a symbolic link: put the submission itself there")
            elif path.is_dir():
                if path.name.casefold() in self.names and not lab and not is_tree(path):
                    self.plain(path, self.names[path.name.casefold()])
                else:
                    self.add_inside(path, [path.name, self.without_lab(path.name)], lab)
            elif is_archive(path):
                self.add(path, [bare, self.without_lab(bare)], lab)
            elif path.suffix.lower() not in NO_SUBMISSION:
                self.leave_out(path, "is no archive by its name")

    def moodle(self, folder: Path) -> None:
        """Moodle, with or without `Download submissions in folders`."""
        for path in sorted(folder.iterdir()):
            match = MOODLE.fullmatch(path.name)
            if match is None:
                if not path.name.startswith(".") and path.suffix.lower() not in NO_SUBMISSION:
                    self.leave_out(path, "has no name as Moodle gives them")
            elif match["kind"] == "file" and not path.is_symlink():
                name, number = match["name"], match["number"]
                said = [f"{re.sub(r'[^A-Za-z0-9]+', '_', name)}_{number}", f"Participant {number}", name]
                if path.is_dir():
                    self.add_inside(path, said, exact=True)
                else:
                    self.add(path, said, self.lab_in(bare_name(match["rest"])), exact=True)

    def gradescope(self, folder: Path) -> None:
        """Gradescope's `Export Submissions`: who and when stand in the metadata."""
        listed = gradescope_export.read(folder / gradescope_export.METADATA)
        for name, entry in sorted(listed.items()):
            place = folder / name
            if not place.is_dir():
                self.leave_out(place, "is in the metadata, and is not there")
                continue
            for said in entry.submitters:
                self.add_inside(place, said, received=entry.received, exact=True)
            if not entry.submitters:
                self.leave_out(place, "has no submitter in the metadata")
        for path in sorted(folder.iterdir()):
            if path.is_dir() and path.name not in listed:
                self.leave_out(path, "is not in the metadata")

    def leave_out(self, path: Path, why: str) -> None:
        self.search.left_out.append(f"{path.relative_to(self.top)} {why}")


def _export_top(folder: Path) -> Path:
    """Exports have one folder around everything; __MACOSX comes along where a Mac packed them."""
    inside = [path for path in folder.iterdir() if path.name not in ("__MACOSX", ".DS_Store")]
    if len(inside) == 1 and inside[0].is_dir() and (inside[0] / gradescope_export.METADATA).is_file():
        return inside[0]
    return folder


def _is_moodles(folder: Path) -> bool:
    """Whether most names are as Moodle gives them: one alone is a student's idea."""
    named = [bool(MOODLE.fullmatch(path.name)) for path in folder.iterdir() if path.suffix not in NO_SUBMISSION]
    return 2 * sum(named) > len(named)


def find_submissions(top: Path, labs: dict[str, Sequence[str]]) -> Search:
    """All submissions below `top`. `labs` maps a lab's name to all names under which it is known."""
    if not top.is_dir():
        raise ClassError(f"{top}: no such folder of submissions")
    searcher = Searcher(top, labs)
    folder = _export_top(top)
    if (folder / gradescope_export.METADATA).is_file():
        searcher.gradescope(folder)
    elif _is_moodles(folder):
        searcher.moodle(folder)
    else:
        searcher.plain(folder)
    return searcher.search


def lab_of(found: Found, asked: Sequence[str], known: Collection[str]) -> str:
    """The lab that a submission is of: as its place says, else as it says itself.

    Where neither names a lab that is `known` it is of the one asked for; "" if more were asked.
    """
    if found.lab:
        return found.lab
    said = peek_lab(found.path)
    if said in known:
        return said
    return asked[0] if len(asked) == 1 else ""


def received_at(found: Found) -> datetime:
    """When the submission came: as the service says, as the last commit says, or the file's time."""
    if found.received:
        return found.received
    if found.path.is_dir() and (when := git_time.last_commit(found.path)):
        return when
    return datetime.fromtimestamp(int(found.path.stat().st_mtime), UTC)
