"""The class list, and how a submission finds its student."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from grading.grader.roster import ClassError, Roster, file_key, load_roster

TEXT = """student,name,email,gradescope
ada,Ada Lovelace,ada@example.org,1815
alan,Alan Turing,alan@example.org,1912
al,Al Aho,al@example.org,1941
"""


def roster(tmp_path: Path, text: str = TEXT) -> Roster:
    path = tmp_path / "roster.csv"
    path.write_text(text, encoding="utf-8-sig")
    return load_roster(path)


@pytest.mark.parametrize("said", ["ada", "ADA", "Ada Lovelace", "ada@example.org", "1815", "Ada_Lovelace"])
def test_any_column_names_the_student(tmp_path: Path, said: str) -> None:
    found = roster(tmp_path).find(said)
    assert found and found.key == "ada" and found.name == "Ada Lovelace"


@pytest.mark.parametrize("said", ["lab1-ada", "ada_final(2)", "Submission of Ada Lovelace", "boot-1815.v2"])
def test_a_name_within_a_longer_text(tmp_path: Path, said: str) -> None:
    found = roster(tmp_path).find_within(said.replace("(", "_"))
    assert found and found.key == "ada"


@pytest.mark.parametrize("said", ["adam", "lab1-alanis", "ada-alan", "x1815"])
def test_no_student_or_two_is_nobody(tmp_path: Path, said: str) -> None:
    assert roster(tmp_path).find_within(said) is None


def test_umlauts_are_one_however_they_are_written(tmp_path: Path) -> None:
    known = roster(tmp_path, "student,name\njm,Jürgen Müller\n")
    for form in ("NFC", "NFD"):
        for said in ("JÜRGEN_MÜLLER", "lab1-Jürgen Müller (2)"):
            found = known.find_within(unicodedata.normalize(form, said))
            assert found and found.key == "jm"
        assert file_key(unicodedata.normalize(form, "müller")) == "müller"


def test_semicolons_and_names_turned_around(tmp_path: Path) -> None:
    found = roster(tmp_path, "student;name\nada;Lovelace, Ada\n").find("ada lovelace")
    assert found and found.key == "ada"


def test_two_of_one_name_are_found_by_other_names_only(tmp_path: Path) -> None:
    both = roster(tmp_path, "student,name\na1,Kim Lee\na2,Kim Lee\n")
    assert both.find("Kim Lee") is None
    assert both.find("a2")


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("login,name\nada,Ada\n", "no column `student`"),
        ("student\nada\nada\n", "3: ada is there already"),
        ("student,email\nada,x@y\nalan,x@y\n", "'x@y' is also a name of ada"),
        ("student\n../etc\n", "cannot be a student's key"),
    ],
)
def test_a_bad_file_is_refused_by_line(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ClassError, match=complaint.replace("(", r"\(")):
        roster(tmp_path, text)


def test_keys_of_files_never_meet_or_leave_their_folder() -> None:
    said = ["ada", "../ada", "ada ", "a/da", ".ada", "", "ädä", "..", "x" * 300, "字" * 80 + "1", "𠀀" * 90]
    keys = [file_key(text) for text in said]
    assert len(set(keys)) == len(said) and keys[0] == "ada"
    assert all("/" not in key and not key.startswith(".") and len(key.encode()) < 200 for key in keys)
