"""Which files of a submission are graded."""

from __future__ import annotations

from pathlib import Path

import pytest

from grading.grader.intake import Intake, Unreadable
from grading.grader.overlay import Chosen, Keep, choose, find_top, lay, look_inside, split_answers

KEEP = Keep(frozenset({"kernel/mm/buddy.cc", "kernel/mm/frame.cc"}), ("kernel/mm",))
PRISTINE = {"kernel/mm/buddy.cc": b"stub", "kernel/mm/frame.cc": b"stub", "kernel/mm/frame.h": b"given",
            "Makefile": b"all:", "labs/03-frames/tests/test_frames.py": b"tests",
            "docs/mm.md": b"see [locks](locks.md)"}  # fmt: skip
WORK = {"kernel/mm/buddy.cc": b"mine", "kernel/mm/frame.cc": b"too"}


def chosen(files: dict[str, bytes]) -> Chosen:
    return choose(Intake(files=dict(files)), KEEP, PRISTINE)


@pytest.mark.parametrize("top", ["", "lab3/", "deep/in/it/"])
def test_the_tree_is_found_wherever_it_lies(top: str) -> None:
    taken = chosen({f"{top}{name}": content for name, content in WORK.items()})
    assert taken.files == WORK and taken.notes == []


def test_the_folder_with_most_of_the_work_is_the_tree() -> None:
    names = ["old/kernel/mm/buddy.cc", "new/kernel/mm/buddy.cc", "new/kernel/mm/frame.cc"]
    assert find_top(names, KEEP.listed) == "new/"


def test_only_listed_and_new_files_are_taken() -> None:
    files = WORK | {"kernel/mm/mine.h": b"new", "kernel/mm/frame.h": b"edited", "Makefile": b"owned:",
                    "labs/03-frames/tests/test_frames.py": b"pass", "kernel/cpu/mine.cc": b"", "notes.txt": b"",
                    "docs/mm.md": b"see locks"}  # fmt: skip
    taken = chosen(files)
    assert taken.files == WORK | {"kernel/mm/mine.h": b"new"} and taken.new == ["kernel/mm/mine.h"]
    text = "\n".join(taken.notes)
    for name in ("kernel/mm/frame.h: edited", "Makefile: edited", "test_frames.py: edited",
                 "kernel/cpu/mine.cc: not taken: a new file outside"):  # fmt: skip
        assert name in text
    assert "notes.txt" not in text and "docs" not in text


@pytest.mark.parametrize(
    "name, why",
    [
        ("kernel/mm/x.h.gch", "not .gch"),
        ("kernel/mm/x.mk", "not .mk"),
        ("kernel/mm/Makefile", "without suffix"),
        ("kernel/mm/$(x).cc", "letters, digits"),
        ("kernel/mm/a b.cc", "letters, digits"),
        ("kernel/mm/.hidden.h", "letters, digits"),
        ("kernel/mm/-x.cc", "letters, digits"),
        ("kernel/mm/BUDDY.cc", "same letters as kernel/mm/buddy.cc"),
        ("kernel/mm/frame.h/x.h", "kernel/mm/frame.h is a file"),
    ],
)
def test_a_new_file_that_is_no_source_is_not_taken(name: str, why: str) -> None:
    taken = chosen(WORK | {name: b"x"})
    assert taken.files == WORK and why in taken.notes[0]


def test_a_missing_file_is_the_handouts(tmp_path: Path) -> None:
    taken = chosen({"kernel/mm/buddy.cc": b"mine"})
    assert taken.notes == ["kernel/mm/frame.cc: missing: the handout's is used"]
    with pytest.raises(Unreadable, match="none of the files"):
        chosen({"readme.txt": b""})


def test_the_same_work_has_the_same_content_however_it_came() -> None:
    whole = chosen({f"lab3/{name}": content for name, content in (PRISTINE | WORK).items()})
    assert whole.content == chosen(WORK).content
    assert whole.content != chosen(WORK | {"kernel/mm/frame.cc": b"other"}).content
    assert whole.content != chosen(WORK | {"answers.md": b"## One\nyes"}).content


def test_laying_touches_only_what_differs(tmp_path: Path) -> None:
    for name, content in PRISTINE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    before = (tmp_path / "kernel/mm/frame.cc").stat().st_mtime_ns
    taken = chosen({"kernel/mm/buddy.cc": b"mine", "kernel/mm/frame.cc": b"stub", "kernel/mm/deep/new.h": b"n"})
    assert sorted(lay(taken, tmp_path)) == ["kernel/mm/buddy.cc", "kernel/mm/deep/new.h"]
    assert (tmp_path / "kernel/mm/frame.cc").stat().st_mtime_ns == before


@pytest.mark.parametrize(
    "line, says",
    [
        (b'#include "/etc/passwd"', "#include of /etc/passwd"),
        (b"  #  include </etc/shadow>", "#include of /etc/shadow"),
        (b'#include "../../../secret.h"', "#include of ../../../secret.h"),
        (b'asm(".incbin \\"/etc/passwd\\"");', ".incbin of /etc/passwd"),
        (b'    .incbin "../tests.py"', ".incbin of ../tests.py"),
        (b'#include "../cpu/cpu.h"', ""),
        (b'#include "mm/frame.h"', ""),
        (b"// nothing", ""),
    ],
)
def test_what_leads_out_of_the_tree_is_seen(line: bytes, says: str) -> None:
    found = look_inside({"kernel/mm/x.cc": b"int x;\n" + line + b"\n"})
    assert len(found) == (1 if says else 0)
    assert not says or (found[0].startswith("kernel/mm/x.cc:2: ") and says in found[0])


def test_answers_are_taken_apart_by_their_questions() -> None:
    assert split_answers("# Lab\n\n## One\n\nyes\n\n## Two\nno\n") == {"One": "yes", "Two": "no"}


def test_an_answer_is_without_its_question() -> None:
    handout = "# Lab\n\n## One\n\nWhat is it?\nAnd why?\n\n\n\n## Two\n\nHow much?\n"
    assert split_answers(handout, handout) == {"One": "", "Two": ""}
    written = handout.replace("it?\nAnd", "it?  \nA goose.\nAnd").replace("why?\n", "why?\nBecause.\n\nHow much?\n")
    assert split_answers(written, handout) == {"One": "A goose.\nBecause.\n\nHow much?", "Two": ""}
    reworded = handout.replace("What is it?", "What is a goose? A bird.")
    assert split_answers(reworded, handout)["One"] == "What is a goose? A bird.\nAnd why?"
    assert split_answers("all in one\n", "# Lab\n\n## One\n\nWhat is it?\n") == {"answers": "all in one"}


def test_an_answer_that_was_not_written_is_empty_in_a_result() -> None:
    pristine = PRISTINE | {"labs/03-frames/answers.md": b"# Lab\n\n## One\n\nWhat is it?\n"}
    taken = choose(Intake(WORK | {"answers.md": b"# Lab\n\n## One\n\nWhat is it?\n"}), KEEP, pristine)
    assert taken.answers == {"One": ""} and taken.answers_text.startswith("# Lab")
