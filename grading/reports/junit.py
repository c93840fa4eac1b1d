"""JUnit XML, as Jenkins, GitLab and most others read it (their junit-10 schema).

    write_junit(results, Path("junit.xml"))

A suite is one submission, a case one test. What is the grader's fault is an `error`, never a
`failure`. A submission without tests has one case that says why.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from grading.grader.result import Result, Status, Test, Verdict
from grading.reports.figures import judged
from grading.reports.tables import write_text
from grading.reports.text import clean, number, one_line

OUTPUT_LIMIT = 8000  # characters of a console or a log


def _case(suite: ET.Element, one: Result, name: str, seconds: float) -> ET.Element:
    file, _, short = one_line(name, 300).rpartition("::")
    where = file.removesuffix(".py").replace("/", ".")
    classname = ".".join(filter(None, (one.lab, where)))
    return ET.SubElement(suite, "testcase", classname=classname, name=short, time=f"{seconds:.3f}")


def _add(case: ET.Element, kind: str, verdict: str, text: str) -> None:
    found = ET.SubElement(case, kind, type=verdict, message=one_line(text))
    found.text = clean(text)


def _add_test(suite: ET.Element, one: Result, test: Test) -> None:
    name = f"{test.name} ({test.kind})" if test.kind == "variant" else test.name
    case = _case(suite, one, name, test.seconds)
    says = f"{test.text}\nhint: {test.hint}" if test.hint else test.text
    if test.verdict is Verdict.SKIPPED:
        ET.SubElement(case, "skipped", message=one_line(says))
    elif test.verdict is Verdict.ERROR:
        _add(case, "error", test.verdict.value, says)
    elif test.verdict is not Verdict.PASS:
        _add(case, "failure", test.verdict.value, says)
    if test.console:
        ET.SubElement(case, "system-out").text = clean(test.console, most=OUTPUT_LIMIT)


def suite_of(one: Result) -> ET.Element:
    """The suite of one submission."""
    suite = ET.Element("testsuite", name=f"{one.lab}: {one_line(one.student)}")
    values = {
        "points": number(one.final),
        "of": number(one.points),
        "status": one.status.value,
        "seed": one.seed,
    }
    properties = ET.SubElement(suite, "properties")
    for key, value in values.items():
        ET.SubElement(properties, "property", name=key, value=one_line(value))
    for test in judged(one):
        _add_test(suite, one, test)
    notes = "\n".join(one.notes)
    if one.status is Status.NOT_BUILT:
        _add(_case(suite, one, "build", one.build.seconds), "failure", "not built", one.build.log or notes)
    elif one.status is Status.REJECTED:
        _add(_case(suite, one, "submission", 0.0), "failure", "rejected", notes)
    elif not judged(one):
        _add(_case(suite, one, "grading", 0.0), "error", "grader error", notes)
    cases = suite.findall("testcase")
    for kind, key in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(key, str(sum(case.find(kind) is not None for case in cases)))
    suite.set("tests", str(len(cases)))
    suite.set("time", f"{sum(float(case.get('time', '0')) for case in cases):.3f}")
    try:
        suite.set("timestamp", f"{datetime.fromisoformat(one.graded):%Y-%m-%dT%H:%M:%S}")
    except ValueError:
        pass  # the schema has no place for a time that is none
    return suite


def junit(results: Sequence[Result]) -> str:
    """The document of all results."""
    suites = [suite_of(one) for one in results]
    root = ET.Element("testsuites", name="goose")
    for key in ("tests", "failures", "errors"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in suites)))
    root.set("time", f"{sum(float(suite.get('time', '0')) for suite in suites):.3f}")
    root.extend(suites)
    ET.indent(root, space=" ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def write_junit(results: Sequence[Result], path: Path) -> None:
    write_text(path, junit(results))
