"""goose-grade's commands that render results: report, gradescope, classroom.

`add_commands(subparsers)` adds them to a parser of argparse; each sets `do`, a function of the
parsed arguments that returns the exit status. `python3 -m grading.reports.cli` has them alone.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from grading.reports.gather import Gathered, ReportError, gather, read_roster, roster_column
from grading.reports.hand import HandError
from grading.reports.text import clean


def _say(text: str) -> None:
    print(clean(text))


def _chosen(arguments: argparse.Namespace) -> Gathered:
    """The results that were asked for; none at all is an error."""
    found = gather(arguments.results, arguments.hand)
    wanted = [
        r
        for r in found.results
        if (not arguments.lab or r.lab in arguments.lab)
        and (not arguments.student or r.student in arguments.student)
    ]
    for fault in found.faults:
        print(f"goose-grade: {clean(fault)}", file=sys.stderr)
    if not wanted:
        where = ", ".join(map(str, arguments.results))
        chosen = " of those labs and students" if arguments.lab or arguments.student else ""
        raise ReportError(
            f"{where}: there is no result{chosen}: give the OUT of `goose-grade class`, or files"
        )
    roster = read_roster(arguments.roster) if arguments.roster else {}
    if arguments.student:
        roster = {key: name for key, name in roster.items() if key in arguments.student}
    return replace(found, results=wanted, roster=roster)


def _show(found: Gathered) -> None:
    """On the terminal: each result in full if all are one student's, else class by class."""
    from grading.reports.terminal import make_console, show_class, show_result

    console = make_console()
    if len({one.student for one in found.results}) == 1:
        for one in found.results:
            show_result(one, console)
        return
    for lab in found.labs:
        show_class(found.of_lab(lab), console)


def _moodle(found: Gathered, arguments: argparse.Namespace) -> None:
    from grading.reports.html import file_name
    from grading.reports.tables import MOODLE_KEYS, write_moodle

    key = arguments.moodle_key
    known = roster_column(arguments.roster, key, MOODLE_KEYS[key].casefold()) if key and arguments.roster else {}
    if key == "email" and (others := sorted({r.student for r in found.results if "@" not in known.get(r.student, r.student)})):
        raise ReportError(f"{others[0]} is no address: give a --roster with a column `email`, or another --moodle-key")
    for lab in found.labs:
        path = arguments.moodle / f"moodle-{file_name(lab)}.csv"
        write_moodle(found.of_lab(lab), path, key, arguments.decimal, known)
        _say(f"{path}: grades for Moodle's import from CSV")


def do_report(arguments: argparse.Namespace) -> int:
    """renders results: on the terminal, or as the files asked for"""
    found = _chosen(arguments)
    made = False
    if arguments.html:
        from grading.reports.html import write_pages

        write_pages(found, arguments.html, _say)
        made = True
    if arguments.csv:
        from grading.reports.tables import write_gradebook

        write_gradebook(found, arguments.csv)
        _say(f"{arguments.csv}: {len(found.students)} students, {len(found.labs)} labs")
        made = True
    if arguments.moodle:
        _moodle(found, arguments)
        made = True
    if arguments.junit:
        from grading.reports.junit import write_junit

        write_junit(found.results, arguments.junit)
        _say(f"{arguments.junit}: {len(found.results)} test suites")
        made = True
    if arguments.sheet:
        from grading.reports.hand import write_sheet

        count = write_sheet(found.results, arguments.sheet)
        _say(f"{arguments.sheet}: {count} answers; fill in `points` and `of`, and report again")
        made = True
    if not made:
        _show(found)
    return 1 if found.faults else 0


def do_gradescope(arguments: argparse.Namespace) -> int:
    """makes the zip to upload to Gradescope as a lab's autograder"""
    from grading.reports.gradescope_zip import main

    return main(arguments.lab, arguments.out, arguments.variants, arguments.secret)


def do_classroom(arguments: argparse.Namespace) -> int:
    """makes the workflow and the grader for a lab in GitHub Classroom"""
    from grading.reports.classroom_files import main

    return main(arguments.lab, arguments.out)


def _add_report(add: Callable[..., argparse.ArgumentParser]) -> None:
    report = add(do_report)
    report.add_argument("results", nargs="+", type=Path, help="a batch's OUT folder, or result files")
    report.add_argument("--lab", action="append", help="only this lab (again for more)")
    report.add_argument("--student", action="append", help="only this student (again for more)")
    report.add_argument("--roster", type=Path, help="the class's CSV: gradebook and pages list all of it")
    report.add_argument("--hand", type=Path, help="points given by hand; OUT/hand.csv if not given")
    report.add_argument("--html", type=Path, metavar="FOLDER", help="pages for the class and each student")
    report.add_argument("--csv", type=Path, metavar="FILE", help="the gradebook of all labs")
    report.add_argument("--junit", type=Path, metavar="FILE", help="JUnit XML")
    report.add_argument("--sheet", type=Path, metavar="FILE", help="the sheet to give points by hand in")
    report.add_argument("--moodle", type=Path, metavar="FOLDER", help="a CSV for each lab, for Moodle")
    report.add_argument(
        "--moodle-key",
        choices=["email", "id", "username"],
        default="",
        help="what Moodle knows students by: the key, or what the roster's column of that name has",
    )
    report.add_argument("--decimal", choices=[".", ","], default=".", help="Moodle's decimal mark")


def add_commands(subparsers: Any) -> None:
    """Adds the commands to what argparse's add_subparsers() returned."""

    def add(function: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        name = function.__name__.removeprefix("do_")
        parser: argparse.ArgumentParser = subparsers.add_parser(name, help=function.__doc__)
        parser.set_defaults(do=guarded(function))
        return parser

    _add_report(add)
    gradescope = add(do_gradescope)
    gradescope.add_argument("lab")
    gradescope.add_argument("out", type=Path, nargs="?", help="the zip; gradescope-LAB.zip if not given")
    gradescope.add_argument(
        "--variants",
        default="visible",
        help="who sees the tests on the grader's own inputs, in Gradescope's words",
    )
    gradescope.add_argument("--secret", type=Path, help="the class's secret; a new one if not given")
    classroom = add(do_classroom)
    classroom.add_argument("lab")
    classroom.add_argument("out", type=Path, help="a new folder")


def guarded(function: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """The command, with errors that a person can mend as one line on standard error."""
    from labs.course import CourseError

    def run(arguments: argparse.Namespace) -> int:
        try:
            return function(arguments)
        except BrokenPipeError:  # whoever reads has had enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        except (ReportError, HandError, CourseError, OSError) as error:
            print(f"goose-grade: {error}", file=sys.stderr)
            return 1

    return run


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="goose-grade", description="Renders the results of grading.")
    add_commands(parser.add_subparsers(dest="command", required=True))
    arguments = parser.parse_args(words)
    return int(arguments.do(arguments))


if __name__ == "__main__":
    sys.exit(main())
