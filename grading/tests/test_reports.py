"""What is rendered from results: tables, JUnit, the terminal, points by hand; hostile text in all."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import time
from dataclasses import fields, replace
from pathlib import Path

import pytest
from junitparser import JUnitXml
from rich.console import Console

from grading.grader import result as document
from grading.grader.result import Answer, Build, Late, Result, Status, Verdict, write
from grading.reports import cli, figures, junit, tables, terminal
from grading.reports.gather import ReportError, gather
from grading.reports.text import clean, explain, first_error, number, one_line, tail, when
from grading.tests.sample_results import HOSTILE, hostile_result, one_result, sample_class, write_class

JUNIT = Path(__file__).with_name("junit.xsd")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A batch's folder: two labs."""
    write_class([*sample_class(12), *sample_class(8, "frames", 2)], tmp_path / "results")
    return tmp_path


def rows_of(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))


# Text.


def test_clean_takes_away_what_a_terminal_or_a_browser_would_obey() -> None:
    assert clean("a\x1b[31mred\x1b[0m\x1b]0;title\x07b\x1b]8;;http://x\x1b\\c") == "aredbc"
    assert clean("\x00\x1b\x7f\x9b\u202e\udc80\ufffe") == "␀␛␡\ufffd\ufffd\ufffd\ufffd"
    assert clean("one\r\ntwo\rthree\tfour") == "one\ntwo\nthree\tfour"
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", clean(HOSTILE))


def test_clean_keeps_both_ends_of_what_is_too_long() -> None:
    text = clean("begin\n" + "x" * 100 + "\n" * 50_000 + "end", most=1000)
    assert text.startswith("begin") and text.endswith("end") and len(text) < 1100
    assert "left out" in text


@pytest.mark.parametrize("piece", ["A", "\x1b]", "\x1b[", "<b>\n", "\u202e", "\udcff"])
def test_clean_takes_no_longer_for_ten_megabytes(piece: str) -> None:
    text = piece * (10_000_000 // len(piece))
    started = time.process_time()
    assert len(clean(text)) < 30_000
    assert len(one_line(text)) <= 200
    assert time.process_time() - started < 2


def test_explain_tells_expected_seen_and_why_apart() -> None:
    told = explain("the leaf\n  expected: 0x1\n  seen:     0x2\n    0x3\n  why: often this")
    assert (told.what, told.expected, told.seen, told.why) == (
        "the leaf",
        "0x1",
        "0x2\n    0x3",
        "often this",
    )
    assert explain("a panic\nbacktrace\n  #0 walk").rest == "backtrace\n  #0 walk"


def test_of_a_console_and_a_log_what_matters_is_shown() -> None:
    told = tail("\n".join(f"line {n}" for n in range(100)) + "\npanic: here\n\n", 3)
    assert told == "… 98 lines before …\nline 98\nline 99\npanic: here" and tail("one\n") == "one"
    assert first_error("  CXX a.cc\na.cc:1:2: error: no\nmake: Error 1") == "a.cc:1:2: error: no"
    assert (first_error("stopped\n"), first_error("")) == ("stopped", "")


def test_numbers_and_times_are_those_of_people() -> None:
    assert [number(v) for v in (7.0, 2.5, 10 / 3, 100, 0, -0.0, 1e-9)] == [
        "7",
        "2.5",
        "3.33",
        "100",
        "0",
        "0",
        "0",
    ]
    assert when("2026-11-20T21:14:05+01:00") == "20 Nov 2026, 21:14 +01:00"
    assert when("<soon>") == "<soon>"


# The document.


def test_every_field_is_described() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "result.md").read_text()
    sections = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", text, re.M | re.S))
    for heading, kind in (
        ("Result", Result),
        ("tests", document.Test),
        ("build", Build),
        ("answers", Answer),
        ("late", Late),
    ):
        described = re.findall(
            r"^\| `(\w+)` \| (?:text|list|object|boolean|(?:two )?number)[a-z ]* \| \S",
            sections[heading],
            re.M,
        )
        assert sorted(described) == sorted(field.name for field in fields(kind)), heading
    assert f"schema {document.SCHEMA}**" in text
    for word in (*Status, *Verdict):
        assert f"`{word}`" in text


# Finding results.


def test_gather_reads_a_batch_folder_in_the_order_of_labs(out: Path) -> None:
    found = gather([out])
    assert found.labs == ["frames", "paging"]
    assert len(found.results) == 20 and not found.faults
    write(found.results[0], out / "runs" / "frames" / "an-older-one.json")
    assert gather([out]) == found, "what a batch keeps beside results/ does not count"


def test_gather_names_what_is_no_result_and_goes_on(out: Path) -> None:
    for name, text in (
        ("a.json", "{"),
        ("b.json", '{"schema": 99}'),
        ("c.json", "[]"),
        ("d.json", '{"schema": 1}'),
    ):
        (out / "results" / name).write_text(text)
    (out / "results" / "e.json").write_bytes(b"\xff\xfe")
    found = gather([out])
    assert len(found.results) == 20
    assert [Path(fault.split(": ")[0]).name for fault in found.faults] == [f"{c}.json" for c in "abcde"]


def test_gather_does_not_choose_between_two_results_of_one_student(out: Path) -> None:
    write(one_result(0, 1.0), out / "results" / "paging" / "again.json")
    with pytest.raises(
        ReportError, match=r"'ada00@example.org' has two results for lab paging: .*again.json"
    ):
        gather([out])


# Tables.


def test_gradebook_has_all_labs_and_no_zero_for_a_grader_error(out: Path) -> None:
    tables.write_gradebook(gather([out]), out / "grades.csv")
    head, *rows = rows_of(out / "grades.csv")
    assert head[:2] == ["student", "name"] and head[-2:] == ["total", "of"]
    book = {row[0]: dict(zip(head, row, strict=True)) for row in rows}
    assert len(book) == 12
    elif_ = book["elif04@example.org"]
    assert (elif_["paging"], elif_["paging remark"]) == ("", "grader error")
    assert book["farid05@example.org"]["paging remark"] == "grader error"
    assert (book["chiara02@example.org"]["paging"], book["chiara02@example.org"]["paging remark"]) == (
        "0",
        "not built",
    )
    assert book["ivo08@example.org"]["frames remark"] == "not handed in"
    ben = next(r for r in sample_class(12) if r.student.startswith("ben"))
    assert book["ben01@example.org"]["paging"] == number(sum(t.earned for t in ben.tests) * 0.9)
    assert book["ben01@example.org"]["paging late days"] == "2"


def test_the_roster_brings_in_who_never_handed_in(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (out / "class.csv").write_text("student;name;email\nzoe;Zoe Zorn;z@example.org\nben01@example.org;B;\n")
    words = ["report", str(out), "--roster", str(out / "class.csv"), "--csv", str(out / "g.csv")]
    assert cli.main([*words, "--html", str(out / "pages")]) == 0
    head, *rows = rows_of(out / "g.csv")
    assert len(rows) == 13
    zoe = dict(zip(head, rows[-1], strict=True))
    assert (zoe["name"], zoe["paging"], zoe["paging remark"], zoe["total"]) == (
        "Zoe Zorn",
        "",
        "not handed in",
        "0",
    )
    assert "Zoe Zorn" in (out / "pages/class/index.html").read_text()
    (out / "class.csv").write_text("key,name\nzoe,Zoe\n")
    assert cli.main(words) == 1
    assert "class.csv: has no column `student`" in capsys.readouterr().err
    (out / "class.csv").write_text("student,name\nzoe,Zoe\nzoe,Zoe\n")
    assert cli.main(words) == 1 and "class.csv:3: zoe is there already" in capsys.readouterr().err


def test_no_cell_is_a_formula_and_cells_come_back() -> None:
    for text in ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "'=1", "'", "plain"):
        assert not tables.cell(text).startswith(tables.FORMULA)
        assert tables.uncell(tables.cell(text)) == text
    book = tables.gradebook(gather_of([hostile_result()]))
    assert not any(cell.startswith(tables.FORMULA) or "\n" in cell for row in book for cell in row)


def gather_of(results: list[Result]):  # type: ignore[no-untyped-def]
    from grading.reports.gather import Gathered

    return Gathered(list(results))


def test_moodle_has_a_row_for_each_grade_and_none_where_the_grader_failed(out: Path) -> None:
    tables.write_moodle(gather([out]).of_lab("paging"), out / "moodle.csv", decimal=",")
    head, *rows = rows_of(out / "moodle.csv")
    assert head == ["Email address", "Lab 4: Sv39 page tables", "Lab 4: Sv39 page tables (feedback)"]
    grades = {row[0]: row[1] for row in rows}
    assert len(rows) == 10 and not {"elif04@example.org", "farid05@example.org"} & set(grades)
    assert all(re.fullmatch(r"\d+(,\d+)?", grade) for grade in grades.values())
    assert tables.moodle_key(["123", "456"]) == "id" and tables.moodle_key(["ada", "1"]) == "username"
    with pytest.raises(ValueError):
        tables.moodle(gather([out]).results)


def test_moodle_knows_students_by_a_column_of_the_roster(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = next(one for one in gather([out]).results if not one.has_errors)
    (out / "class").mkdir()
    write(replace(one, student="ada", status=Status.REJECTED, notes=("not graded: the file is empty",)),
          out / "class" / "ada.json")  # fmt: skip
    words = ["report", str(out / "class"), "--moodle", str(out / "m"), "--moodle-key", "email"]
    assert cli.main(words) == 1 and "ada is no address: give a --roster" in capsys.readouterr().err
    (out / "roster.csv").write_text("student;email\nada;ada@example.org\n")
    assert cli.main([*words, "--roster", str(out / "roster.csv")]) == 0
    (row,) = rows_of(out / "m" / f"moodle-{one.lab}.csv")[1:]
    assert row[0] == "ada@example.org" and row[2].endswith("; not graded: the file is empty")


# The class's figures.


def test_figures_count_what_a_table_written_by_hand_says() -> None:
    good, bad = one_result(0, 1.0), one_result(1, 0.0)
    third = replace(one_result(2, 1.0), status=Status.ERROR)
    tests = (
        replace(good.tests[0], verdict=Verdict.FAIL, earned=0.0, text="the leaf of 0x12\n  why: this"),
    )
    fourth = replace(one_result(3, 1.0), tests=tests + good.tests[1:])
    fifth = replace(
        fourth, student="five", tests=(replace(tests[0], text="the leaf of 0xff\n  why: this"),)
    )
    f = figures.figures_of([good, bad, third, fourth, fifth])
    assert len(f.final) == 4 and f.errors == [third]
    assert f.histogram == [2 if f.final[1] < 11 else 1, *f.histogram[1:]] and sum(f.histogram) == 4
    first = f.tests[0]
    assert first.verdicts[Verdict.PASS] == 2 and first.verdicts[Verdict.FAIL] >= 2 and first.runs == 5
    alike = next(x for x in f.failures if x.says == "the leaf of … this")
    assert alike.students == [fourth.student, "five"]
    stub = "boot.stack is not written yet: exercise 1"
    tests = tuple(replace(t, verdict=Verdict.FAIL, earned=0.0, text=stub) for t in good.tests[:3])
    f = figures.figures_of([replace(good, tests=tests), replace(good, tests=tests, student="two")])
    assert [(x.title, x.says, len(x.students)) for x in f.failures] == [("Not written yet", stub, 2)]


def test_full_marks_are_those_of_tests_and_answers() -> None:
    f = figures.figures_of([one_result(0, 1.0)])
    assert f.full == 0, "answers that nobody looked at are not full marks"


def test_tests_that_never_ran_are_nobodys_failures() -> None:
    few = sample_class(6)[2:5]
    f = figures.figures_of(few)
    assert f.tests == [] and f.failures == [] and f.final == [0.0, 0.0]
    assert f.points == sum(t.points for t in few[0].tests)


# JUnit.


@pytest.mark.parametrize("results", [sample_class(8), [hostile_result()]], ids=["class", "hostile"])
def test_junit_is_valid_and_counts_right(results: list[Result], tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    junit.write_junit(results, path)
    done = subprocess.run(
        ["xmllint", "--noout", "--schema", str(JUNIT), str(path)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[:2000]
    xml = JUnitXml.fromfile(str(path))
    # Elif's submission met a fault of the grader's before any test ran: one error, no failure.
    tests = [t for r in results for t in r.tests if not r.student.startswith("elif")]
    bare = [r for r in results if r.status in (Status.NOT_BUILT, Status.REJECTED)]
    elif_ = [r for r in results if r.student.startswith("elif")]
    assert xml.tests == len(tests) + len(bare) + len(elif_)
    failed = (Verdict.FAIL, Verdict.PANIC, Verdict.TIMEOUT, Verdict.PARTIAL)
    assert xml.failures == sum(t.verdict in failed for t in tests) + len(bare)
    assert xml.errors == sum(t.verdict is Verdict.ERROR for t in tests) + len(elif_)


# The terminal.


def shown(one: Result | list[Result], is_terminal: bool) -> str:
    console = Console(file=io.StringIO(), force_terminal=is_terminal, width=100, highlight=False)
    if isinstance(one, list):
        terminal.show_class(one, console)
    else:
        terminal.show_result(one, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_terminal_shows_failures_in_full_and_the_points() -> None:
    one = replace(one_result(1, 1.0), answers=())
    failed = replace(
        one.tests[0],
        verdict=Verdict.FAIL,
        earned=0.0,
        text="a leaf [red]\n  seen:     [0x0]",
        reproduce="again",
    )
    text = shown(replace(one, tests=(failed, *one.tests[1:])), is_terminal=False)
    assert "FAIL  test_paging.py::test_walk_finds_what_was_mapped" in text
    assert "      a leaf [red]\n        seen:     [0x0]\n" in text, "nothing in it is markup"
    assert re.search(r"Exercise 1 +1 of 2 tests +6 of 14", text)
    assert "total: 92 of 100 points" in text
    assert "\x1b" not in text
    assert "\x1b[" in shown(one, is_terminal=True)


@pytest.mark.parametrize("is_terminal", [False, True])
def test_hostile_text_moves_no_cursor(is_terminal: bool) -> None:
    one = hostile_result()
    for text in (shown(one, is_terminal), shown([one, *sample_class(6)], is_terminal)):
        text = re.sub(r"\x1b\[[0-9;]*m", "", text) if is_terminal else text
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)
        text.encode()


# The commands.


def test_the_command_writes_what_is_asked_for(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["report", str(out), "--csv", str(out / "g.csv"), "--junit", str(out / "j.xml")]
    words += ["--moodle", str(out), "--sheet", str(out / "hand.csv"), "--html", str(out / "pages")]
    assert cli.main(words) == 0
    made = [
        "g.csv",
        "j.xml",
        "moodle-paging.csv",
        "moodle-frames.csv",
        "hand.csv",
        "pages/class/index.html",
    ]
    assert all((out / name).is_file() for name in made)
    assert (out / "pages/students/ben01@example.org/paging.html").is_file()
    capsys.readouterr()
    assert cli.main(["report", str(out), "--student", "ben01@example.org"]) == 0
    assert "Lab 4: Sv39 page tables: Ben Example" in capsys.readouterr().out


def test_the_command_says_what_is_wrong_in_one_line(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["report", str(out / "nowhere")]) == 1
    assert "there is no such file or folder" in capsys.readouterr().err
    assert cli.main(["report", str(out), "--lab", "boot"]) == 1
    assert "there is no result of those labs and students" in capsys.readouterr().err
    (out / "results" / "bad.json").write_text("{")
    assert cli.main(["report", str(out), "--csv", str(out / "g.csv")]) == 1
    assert "bad.json" in capsys.readouterr().err
