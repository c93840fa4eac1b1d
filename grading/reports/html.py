"""HTML pages: one for each student and lab, one for each lab's class, one for the course.

    write_pages(gathered, Path("pages"))

    pages/class/index.html, pages/class/LAB.html      for instructors
    pages/students/STUDENT/LAB.html                   one folder to hand to each student

A page is one file: no script, no request, and a policy in it that forbids both. All that it shows
of a result goes through `clean` and jinja2's escaping, whatever template prints it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from grading.grader.result import Result, Status, Verdict
from grading.reports import plots
from grading.reports.figures import figures_of, groups_of, judged
from grading.reports.gather import Gathered
from grading.reports.tables import write_text
from grading.reports.text import clean, explain, first_error, number, one_line, tail, when

TEMPLATES = Path(__file__).resolve().parent / "templates"
SLOWEST = 10  # tests in the table of the slowest
OPEN = 6  # failed tests that are unfolded on a student's page


def _fit(value: Any) -> Any:
    """What a template prints: text is cleaned unless it is markup of our own."""
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_fit,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    css = (TEMPLATES / "style.css").read_text()
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    made.globals |= {
        "css": Markup(css),
        "css_hash": f"sha256-{digest}",
        "verdicts": Verdict,
        "statuses": Status,
        "order": plots.ORDER,
        "share_bar": plots.share_bar,
        "verdict_bar": plots.verdict_bar,
        "time_bar": plots.time_bar,
        "test_strip": plots.test_strip,
        "histogram": plots.histogram,
    }
    made.filters |= {
        "number": number,
        "line": one_line,
        "when": when,
        "explain": explain,
        "tail": tail,
        "first_error": first_error,
        "excerpt": lambda text: clean(text, most=8000).strip("\n"),
    }
    return made


def file_name(text: str) -> str:
    """A file name for any text: the text itself where it is a plain one, else with a hash behind."""
    plain = re.sub(r"[^A-Za-z0-9@._-]+", "_", text)[:80].strip(".")
    if plain == text and plain:
        return plain
    return f"{plain}-{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()[:10]}"


def student_path(one: Result) -> Path:
    """Where the result's page stands among the pages."""
    return Path("students") / file_name(one.student) / f"{file_name(one.lab)}.html"


def student_page(one: Result, environment: jinja2.Environment | None = None) -> str:
    """The page of one student and lab."""
    groups = groups_of(one.tests) if one.build.built else []
    calm = (Verdict.PASS, Verdict.SKIPPED)
    failed = [t for group in groups for t in group.tests if t.verdict not in calm]
    return (
        (environment or _environment())
        .get_template("student.html")
        .render(
            r=one,
            groups=groups,
            opened=failed[:OPEN],
            errors=sum(t.verdict is Verdict.ERROR for t in one.tests),
            waiting=sum(a.points is None for a in one.answers if a.most),
        )
    )


def _remarks(one: Result) -> str:
    words = [] if one.status is Status.GRADED else [one.status.value]
    if one.has_errors and one.status is not Status.ERROR:
        words.append("grader error in a test")
    if one.late.days:
        words.append(
            f"{one.late.days} d late" + (f" × {number(one.late.factor)}" if one.late.factor != 1 else "")
        )
    words += [f"{len(one.notes)} notes"] if one.notes else []
    return ", ".join(words)


def _link(one: Result) -> str:
    return "../" + quote(str(student_path(one)))


def class_page(
    results: Sequence[Result], faults: Sequence[str] = (), environment: jinja2.Environment | None = None
) -> str:
    """The page of one lab's class."""
    figures = figures_of(results)
    slowest = sorted(figures.tests, key=lambda t: -t.slowest)[:SLOWEST]
    return (
        (environment or _environment())
        .get_template("class.html")
        .render(
            lab=results[0],
            f=figures,
            faults=faults,
            slowest=slowest,
            most_seconds=max((t.slowest for t in slowest), default=0.0),
            link=_link,
            remarks=_remarks,
            judged=judged,
            failed_tests=lambda one: [t for t in judged(one) if t.verdict is Verdict.ERROR],
        )
    )


def index_page(gathered: Gathered, environment: jinja2.Environment | None = None) -> str:
    """The page of the course: all labs, all students."""
    labs = [
        {"lab": rows[0], "figures": figures_of(rows), "file": quote(f"{file_name(lab)}.html")}
        for lab in gathered.labs
        if (rows := gathered.of_lab(lab))
    ]
    students = []
    for key in gathered.students:
        mine = {r.lab: r for r in gathered.of_student(key)}
        students.append(
            {
                "key": key,
                "name": gathered.name_of(key),
                "results": [mine.get(lab) for lab in gathered.labs],
                "total": sum(r.final for r in mine.values() if r.status is not Status.ERROR),
            }
        )
    return (
        (environment or _environment())
        .get_template("index.html")
        .render(labs=labs, students=students, faults=gathered.faults, link=_link)
    )


def write_pages(gathered: Gathered, out: Path, say: Callable[[str], None] = lambda _: None) -> int:
    """Writes all pages below `out`; returns how many."""
    environment = _environment()
    pages = {Path("class/index.html"): index_page(gathered, environment)}
    for lab in gathered.labs:
        path = Path("class") / f"{file_name(lab)}.html"
        pages[path] = class_page(gathered.of_lab(lab), gathered.faults, environment)
    for path, page in pages.items():
        write_text(out / path, page)
    for one in gathered.results:
        write_text(out / student_path(one), student_page(one, environment))
    say(f"{out / 'class/index.html'}: the class; {out / 'students'}: one folder for each student")
    return len(pages) + len(gathered.results)
