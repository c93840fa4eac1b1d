"""Grades one submission where a service has put it, and answers in the service's words.

    python3 -m grading.reports.service --top /autograder prepare
    python3 -m grading.reports.service --top /autograder gradescope
    python3 -m grading.reports.service --top FOLDER classroom --submission CHECKOUT --student LOGIN

It runs in a bundle (grading/reports/bundle.py): the lab, the secret and who sees what are in its
service.json. TOP holds what is kept between submissions, and for Gradescope its layout.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import cast

from grading.grader.result import Result
from grading.reports.bundle import Settings, read_settings
from labs.course import ROOT, CourseError

# (root, lab, student, submission, name, secret, work) -> Result
Grade = Callable[[Path, str, str, Path, str, str, Path], Result]


def grade_by_core(
    root: Path, lab: str, student: str, submission: Path, name: str, secret: str, work: Path
) -> Result:
    """Grades with the grader's core, which tries again where it finds a fault of its own."""
    from grading.grader.one import Job, grade_one

    jobs = len(os.sched_getaffinity(0))
    return grade_one(Job(root, lab, submission, student, secret.encode(), work, shown=name, jobs=jobs))


def warm_up(root: Path, lab: str, work: Path) -> None:
    """Builds the lab's own tree, which every submission's build starts from."""
    from grading.grader.pristine import PristineError, prepare
    from labs.course import find_lab

    try:
        prepare(root, find_lab(lab, root), work / "cache")
    except PristineError as error:
        raise CourseError(str(error)) from None


def _grade(settings: Settings) -> Grade:
    module, _, name = settings.entry.partition(":")
    return cast(Grade, getattr(import_module(module), name))


def _mark_programs(root: Path) -> None:
    """A bundle may have been unpacked without its files' modes."""
    for path in root.rglob("*"):
        if path.is_file() and path.open("rb").read(2) == b"#!":
            path.chmod(0o755)


def make_ready(settings: Settings, top: Path) -> int:
    """Makes what all submissions share, so that none of them pays for it."""
    _mark_programs(ROOT)
    work = top / "work"
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    import_module(settings.entry.partition(":")[0]).warm_up(ROOT, settings.lab, work)
    print(f"goose: ready to grade lab {settings.lab}")
    return 0


def _tell(one: Result) -> int:
    """Says on standard output, which only instructors read, why there are no points."""
    from grading.reports.terminal import make_console, show_result

    show_result(one, make_console())
    print("grader error: no points are given; run the submission again", file=sys.stderr)
    return 1


def gradescope(settings: Settings, top: Path) -> int:
    """Gradescope: from submission/ to results/results.json, or a failing status and no file."""
    from grading.reports.gradescope import gradescope_document, is_gradable, read_metadata, write_results

    told = read_metadata(top / "submission_metadata.json")
    name = f"gradescope submission {told.submission}".strip()
    student = told.student or "unknown"
    one = _grade(settings)(
        ROOT, settings.lab, student, top / "submission", name, settings.secret, top / "work"
    )
    if not is_gradable(one):
        return _tell(one)
    write_results(gradescope_document(one, settings.variants), top / "results" / "results.json")
    print(f"goose: {len(one.tests)} tests, jail: {one.jail}")
    return 0


def classroom(settings: Settings, top: Path, submission: Path, student: str) -> int:
    """GitHub: grades a checkout, prints it, and gives the result to the reporter's step.

    A grader error is reported as such: the check fails with it, and shows no points.
    """
    from grading.reports.classroom import encoded_result, set_output
    from grading.reports.terminal import make_console, show_result

    _mark_programs(ROOT)
    one = _grade(settings)(
        ROOT, settings.lab, student, submission, submission.name, settings.secret, top / "work"
    )
    show_result(one, make_console())
    if "GITHUB_OUTPUT" in os.environ:
        set_output(one)
    else:
        print(encoded_result(one))
    return 1 if one.has_errors else 0


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m grading.reports.service")
    parser.add_argument("--top", type=Path, required=True)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("prepare")
    commands.add_parser("gradescope")
    github = commands.add_parser("classroom")
    github.add_argument("--submission", type=Path, required=True)
    github.add_argument("--student", required=True)
    arguments = parser.parse_args(words)
    try:
        settings = read_settings(ROOT)
        if arguments.command == "prepare":
            return make_ready(settings, arguments.top)
        if arguments.command == "gradescope":
            return gradescope(settings, arguments.top)
        return classroom(settings, arguments.top, arguments.submission, arguments.student)
    except CourseError as error:
        print(f"goose: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
