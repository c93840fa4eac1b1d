"""What of a submission is graded: the files that the lab lists, and new ones in the folders it opens.

    chosen = choose(intake, lab_record, pristine)
    chosen.files, chosen.answers, chosen.notes, chosen.content
    lay(chosen, tree)

Everything else (makefiles, linker scripts, tests, manifests) is the pristine tree's; where the
submission has it otherwise, a note says so. What stands in the files is looked at for things that a
compiler in a jail will not find, so that the report can say what was tried.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from grading.grader.intake import Intake, Unreadable, show
from labs.yours import RECORD, blob_name, questions

# What a new file may be: what the build or an #include takes. (Not .gch, which g++ would run.)
SUFFIXES = {".h", ".hh", ".hpp", ".inc", ".def", ".cc", ".c", ".S", ".s", ".md", ".txt"}
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
OUTSIDE = re.compile(
    rb"""^[ \t]*\#[ \t]*(?:include|include_next|import|embed)[ \t]*[<"](?P<include>(?:/|\.\./)[^>"\n]*)[>"]
    |\.(?:incbin|include)\b[ \t]*\\?"(?P<incbin>[^"\\\n]*)""",
    re.MULTILINE | re.VERBOSE,
)
NEW_LIMIT = 200  # new files of a submission


@dataclass(frozen=True)
class Keep:
    """What students of the lab may change: files, and folders for new ones."""

    listed: frozenset[str]
    open: tuple[str, ...]


@dataclass
class Chosen:
    """The files that are graded, with clean paths of the lab's tree."""

    files: dict[str, bytes] = field(default_factory=dict)
    new: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    answers_text: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def content(self) -> str:
        """SHA-256 over the files and the answers: the same work has the same, however it came."""
        total = hashlib.sha256()
        files = self.files | {"answers.md": self.answers_text.encode(errors="surrogateescape")}
        for name in sorted(files):
            total.update(f"{name}\0{hashlib.sha256(files[name]).hexdigest()}\n".encode())
        return total.hexdigest()


def find_top(names: list[str], listed: frozenset[str]) -> str:
    """The folder of the submission that is the tree's top: where most listed files lie. Ends in /."""
    counts: dict[str, int] = {}
    for name in names:
        steps = name.split("/")
        for depth in range(len(steps)):
            if "/".join(steps[depth:]) in listed:
                top = "".join(f"{step}/" for step in steps[:depth])
                counts[top] = counts.get(top, 0) + 1
    return max(counts, key=lambda top: (counts[top], -len(top)), default="")


def choose(intake: Intake, keep: Keep, pristine: dict[str, bytes]) -> Chosen:
    """Picks the student's files. `pristine` are the files of the lab's tree, for comparison.

    Unreadable if the submission has none of them.
    """
    chosen = Chosen(notes=list(intake.notes))
    top = find_top(list(intake.files), keep.listed)
    ignored: list[str] = []
    older = 0  # as the submission's own handout had them, by its own word
    handed_out = _handed_out(intake.files.get(f"{top}{RECORD}", b""))
    letters = {name.casefold(): name for name in pristine}
    own = [content for name, content in pristine.items() if PurePosixPath(name).name == "answers.md"]
    handout = own[0].decode() if own else ""
    for full, content in sorted(intake.files.items()):
        name = full.removeprefix(top)
        if not full.startswith(top):
            continue
        if name in keep.listed:
            chosen.files[name] = content
        elif name == "answers.md":
            chosen.answers_text = content.decode(errors="replace")
            chosen.answers = split_answers(chosen.answers_text, handout)
        elif name in pristine:
            # (The book's pages are for reading; a handout has links mended in them.)
            if pristine[name] == content or name.startswith("docs/"):
                continue
            if handed_out.get(name) == blob_name(content):
                older += 1
            else:
                ignored.append(name)
        elif fault := _new_fault(name, keep, letters) or _in_a_file(name, pristine, chosen.files):
            if fault != "-":
                chosen.notes.append(f"{show(name)}: not taken: {fault}")
        elif len(chosen.new) >= NEW_LIMIT:
            chosen.notes.append(f"{show(name)}: not taken: more than {NEW_LIMIT} new files")
        else:
            chosen.files[name] = content
            chosen.new.append(name)
    for name in ignored[:10]:
        chosen.notes.append(f"{name}: edited, and not the student's to edit: the lab's own is used")
    if len(ignored) > 10:
        chosen.notes.append(f"… and {len(ignored) - 10} more edited files that are not the student's")
    if older:
        chosen.notes.append(f"{older} files are those of another handout: the lab's own are used")
    if not chosen.files:
        raise Unreadable("it has none of the files that the lab lists: " + ", ".join(sorted(keep.listed)[:5]))
    for name in sorted(keep.listed - chosen.files.keys()):
        if name in pristine:
            chosen.notes.append(f"{name}: missing: the handout's is used")
    chosen.notes += look_inside(chosen.files)
    return chosen


def _handed_out(record: bytes) -> dict[str, str]:
    """What a submission says that its handout was: good for notes alone."""
    try:
        files = json.loads(record)["files"]
        return {str(name): str(blob) for name, blob in files.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _new_fault(name: str, keep: Keep, letters: dict[str, str]) -> str:
    """Why a file that the lab does not have is not taken; "-" where nobody needs to know."""
    path = PurePosixPath(name)
    if not any(path.is_relative_to(folder) for folder in keep.open):
        source = path.suffix in SUFFIXES - {".md", ".txt"} and path.parts[0] in ("boot", "kernel", "user")
        return "a new file outside of the folders that the lab opens" if source else "-"
    if not all(NAME.fullmatch(step) for step in path.parts):
        return "new files have names of letters, digits and _ . + -"
    if path.suffix not in SUFFIXES:
        return f"a new file is source code, not {path.suffix or 'without suffix'}"
    if other := letters.get(name.casefold()):
        return f"its name has the same letters as {other}"
    return ""


def _in_a_file(name: str, *trees: dict[str, bytes]) -> str:
    """Whether a folder of the name is a file already."""
    for folder in PurePosixPath(name).parents:
        if any(str(folder) in tree for tree in trees):
            return f"{folder} is a file"
    return ""


def _bodies(text: str) -> dict[str, str]:
    pieces = re.split(r"^#{2,}[ \t]+(.+)$", text, flags=re.MULTILINE)
    if len(pieces) == 1:
        return {title: text.strip() for title in questions(text)}
    pairs = zip(pieces[1::2], pieces[2::2], strict=True)
    return {title.strip(): body.strip() for title, body in pairs}


def split_answers(text: str, handout: str = "") -> dict[str, str]:
    """Each question of an answers.md, and what stands below it that is not the handout's own text."""
    asked = _bodies(handout)
    return {title: _without(body, asked.get(title, "")) for title, body in _bodies(text).items()}


def _without(body: str, question: str) -> str:
    """The text without the question's lines, as far as they are there in their order."""
    left = [line.strip() for line in question.splitlines() if line.strip()]
    kept = []
    for line in body.splitlines():
        if left and line.strip() == left[0]:
            del left[0]
        else:
            kept.append(line)
    return "\n".join(kept).strip()


def look_inside(files: dict[str, bytes]) -> list[str]:
    """What the files name that lies outside of the tree."""
    notes = []
    for name, content in files.items():
        for match in OUTSIDE.finditer(content):
            line = content.count(b"\n", 0, match.start()) + 1
            word = "#include" if match["include"] is not None else ".incbin"
            what = (match["include"] or match["incbin"] or b"").decode(errors="replace")
            if word == "#include" and not _leaves(name, what):
                continue
            notes.append(f"{name}:{line}: {word} of {show(what)}: the jail has nothing outside of the tree")
            if len(notes) >= 10:
                return notes
    return notes


def _leaves(name: str, included: str) -> bool:
    """Whether an include's path leads out of the tree from where the file stands."""
    if included.startswith("/"):
        return True
    depth = len(PurePosixPath(name).parts) - 1
    for step in PurePosixPath(included).parts:
        depth += -1 if step == ".." else 1
        if depth < 0:
            return True
    return False


def lay(chosen: Chosen, tree: Path) -> list[str]:
    """Writes the files into the tree, which nobody else can change meanwhile; returns those that differ.

    Files that are as they were keep their times, so that nothing is compiled for them.
    """
    changed = []
    for name, content in chosen.files.items():
        target = tree / name
        if target.is_file() and target.read_bytes() == content:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        changed.append(name)
    return changed
