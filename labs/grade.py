"""The pytest plugin of the labs' tests: points, and a verdict for each test. (The fixtures: fixtures.py.)

    from labs.grade import check

    @pytest.mark.points(6, exercise=1)
    def test_walk_finds_what_was_mapped(start, rng):
        \"\"\"A walk finds the entry that map() made.\"\"\"
        …
        check("the leaf of 0x1000", seen=leaf, expected=entry, why="often: the index of level 1")

`python3 -m labs grade` (make grade) runs it. The points of a test that is parametrised are shared
by its cases. Verdicts are those of the grader: pass, fail, panic, timeout, skipped, and error,
which is the grader's own fault and never the student's. Everything is also written to
BUILD/grade.json (`SCHEMA` is its version).
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grading.errors import GuestError, GuestPanic, GuestTimeout
from grading.machine import Machine
from labs.course import Lab, load_course
from labs.debug import write_debug_script
from labs.report import Outcome, print_report

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("GOOSE_BUILD", ROOT / "build")).absolute()
SEED = os.environ.get("GOOSE_SEED", "0")
SCHEMA = 1
CONSOLE_LINES, CONSOLE_LETTERS = 60, 32_000
PLAN = pytest.StashKey[dict[str, Any]]()
FOLDER = pytest.StashKey[Path]()
MACHINES = pytest.StashKey[list[Machine]]()
FAILED = pytest.StashKey[bool]()
BOOT = pytest.StashKey[float]()  # seconds that starting machines took
# (From a word's beginning only: else a console of one long word takes the square of its length.)
NOT_WRITTEN = re.compile(r"(?<![a-z0-9])([a-z0-9]+\.[a-z0-9_]+): exercise (\d+): yours to write")


class Fail(AssertionError):
    """A test's verdict on the code under test; the message is for the student."""


def fail(what: str, why: str = "") -> None:
    """Fails the test with what was seen and, where it is known, why that usually happens."""
    raise Fail(f"{what}\n  why: {why}" if why else what)


def check(what: str, *, seen: object, expected: object, why: str = "") -> None:
    """Fails the test unless `seen` equals `expected`. `why` names the usual cause."""
    if seen != expected:
        fail(f"{what}\n  expected: {_show(expected)}\n  seen:     {_show(seen)}", why)


def _show(value: object) -> str:
    """As people read it: an address in hexadecimal, what may be a count or a pattern in both."""
    text = repr(value)
    if type(value) is int and value > 255:
        text = f"{value} ({value:#x})" if value < 1 << 24 else f"{value:#x}"
    return text if len(text) <= 400 else f"{text[:400]}… ({len(text)} characters)"


def the_lab() -> Lab:
    """The lab whose tree this is: the only one with a manifest in it."""
    course = load_course(ROOT)
    if len(course) != 1:
        raise pytest.UsageError(f"{ROOT} is not one lab's tree: it has {len(course)} manifests")
    return course[0]


# What each test is worth.


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--variants", action="store_true", help="also with the grader's own inputs")
    parser.addoption("--grade-json", type=Path, default=BUILD / "grade.json")
    parser.addoption("--plan", type=Path, help="with --collect-only: write what each test is worth")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """With --variants, a variant's test runs again: case 0 is the one that students see."""
    if not metafunc.config.getoption("--variants") or "variant" not in metafunc.fixturenames:
        return
    key = f"{metafunc.definition.path.name}::{metafunc.definition.name}"
    for variant in the_lab().variants:
        if variant.test == key:
            cases = range(variant.runs + 1)
            metafunc.parametrize("variant", cases, ids=[f"variant{n}" for n in cases])


def _plan(item: pytest.Item, lab: Lab) -> dict[str, Any]:
    """What the item is worth, before cases share it."""
    name = getattr(item, "originalname", item.name)
    key = f"{item.path.name}::{name}"
    folder = item.path.parent.parent.name
    title = (getattr(item, "function").__doc__ or name).strip().split("\n")[0]
    plan = {"test": key, "title": title, "kind": "new", "exercise": 0, "points": 0.0, "stays": ""}
    variant = getattr(item, "callspec", None) and item.callspec.params.get("variant")  # type: ignore
    mark = item.get_closest_marker("points")
    if folder != lab.folder:
        key = f"{folder}/tests/{key}"
        points = sum(e.points for e in lab.earlier if e.test == key)
        return plan | {"test": key, "kind": "earlier", "points": points}
    if mark is None:
        return plan
    plan |= {"exercise": mark.kwargs.get("exercise", 0), "stays": mark.kwargs.get("stays", "")}
    if variant:
        points = sum(v.points for v in lab.variants if v.test == key)
        return plan | {"kind": "variant", "points": points}
    return plan | {"points": float(mark.args[0])}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    lab = the_lab()
    for item in items:
        item.stash[PLAN] = _plan(item, lab)
    cases = Counter((item.stash[PLAN]["test"], item.stash[PLAN]["kind"]) for item in items)
    for item in items:
        plan = item.stash[PLAN]
        plan["points"] /= cases[plan["test"], plan["kind"]]


def pytest_collection_finish(session: pytest.Session) -> None:
    if target := session.config.getoption("--plan"):
        rows = [item.stash[PLAN] | {"id": item.nodeid} for item in session.items]
        for row in rows:
            del row["stays"]
        target.write_text(json.dumps(rows, indent=1) + "\n")


# What became of each test.


def _verdict(error: BaseException) -> str:
    if isinstance(error, GuestPanic):
        return "panic"
    if isinstance(error, GuestTimeout):
        return "timeout"
    if isinstance(error, (GuestError, AssertionError, pytest.fail.Exception)):
        return "fail"
    return "error"


def _message(item: pytest.Item, call: pytest.CallInfo[None]) -> tuple[str, str]:
    """The verdict and its text."""
    assert call.excinfo
    error = call.excinfo.value
    consoles = [m.console.text for m in item.stash.get(MACHINES, []) if hasattr(m, "console")]
    for text in [str(error), *consoles]:
        if missing := NOT_WRITTEN.search(text):
            return "fail", f"{missing[1]} is not written yet: exercise {missing[2]}"
    verdict = _verdict(error)
    text = str(error) or type(error).__name__
    if killed := [how for m in item.stash.get(MACHINES, []) if (how := m.killed())]:
        return "error", f"QEMU was ended from outside, by {killed[0]}: {text}"
    if verdict == "error":
        entry = call.excinfo.traceback[-1]
        text = f"{type(error).__name__}: {text} ({entry.path.name}:{entry.lineno + 1})"
    return verdict, text


def _ran_out(call: pytest.CallInfo[None]) -> bool:
    """Whether a wait that ran out is behind the failure, whatever the test made of it."""
    error = call.excinfo.value if call.excinfo else None
    while error and not isinstance(error, GuestTimeout):
        error = error.__cause__ or error.__context__
    return error is not None


def _last_console(item: pytest.Item) -> str:
    """What the machine of the failure printed last."""
    consoles = [m.console for m in item.stash.get(MACHINES, []) if hasattr(m, "console")]
    return "\n".join(consoles[-1].text.splitlines()[-CONSOLE_LINES:])[-CONSOLE_LETTERS:] if consoles else ""


def _ways_back(item: pytest.Item) -> list[str]:
    """Commands that run the test again and that open gdb where it failed."""
    name = getattr(item, "originalname", item.name)
    seed = "" if SEED == "0" else f" SEED={SEED}"
    lines = [f"again: make grade TEST={name}{seed}"]
    folder = item.stash.get(FOLDER, None)
    if folder and folder.exists():
        scripts = sorted(folder.glob("*/debug.sh"), key=lambda path: (len(str(path)), path))
        lines += [f"gdb:   {_short(scripts[-1])}"] if scripts else []
        lines += [f"files: {_short(folder)}"]
    return lines


def _short(path: Path) -> str:
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.when == "teardown" and not report.failed:
        return
    if report.when == "setup" and report.passed:
        return
    plan = item.stash[PLAN]
    verdict, text = "pass", ""
    if report.failed:
        item.stash[FAILED] = True
        for machine in item.stash.get(MACHINES, []):
            write_debug_script(machine, ROOT, BUILD)
        verdict, text = _message(item, call)
    elif report.skipped:
        verdict, text = "skipped", str(call.excinfo.value) if call.excinfo else ""
    record = plan | {"verdict": verdict, "text": text, "seconds": round(report.duration, 2)}
    record["id"] = item.nodeid
    record["ways_back"] = _ways_back(item) if report.failed else []
    record["console"] = _last_console(item) if report.failed else ""
    record["boot"] = round(item.stash.get(BOOT, 0.0), 3)
    record["waited"] = report.failed and _ran_out(call)
    report.user_properties.append(("grade", record))


class Collector:
    """Gathers the outcomes where all reports arrive, and closes with the points."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.outcomes: list[Outcome] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for key, record in report.user_properties:
            known = any(o.id == record["id"] for o in self.outcomes) if key == "grade" else True
            if not known:
                self.outcomes.append(Outcome(**record))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """What xdist says of its workers is no student's business."""
        plugins = self.config.pluginmanager
        if session := plugins.get_plugin("dsession"):
            session.terminal = None
            plugins.unregister(name="terminaldistreporter")

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        lab = the_lab()
        outcomes = sorted(self.outcomes, key=lambda o: (o.kind != "new", o.exercise, o.id))
        path = self.config.getoption("--grade-json")
        path.parent.mkdir(parents=True, exist_ok=True)
        document = {"schema": SCHEMA, "lab": lab.name, "seed": SEED}
        document["tests"] = [vars(outcome) for outcome in outcomes]
        temporary = path.with_suffix(".tmp")
        temporary.write_text(json.dumps(document, indent=1) + "\n")
        temporary.replace(path)
        print_report(lab, outcomes, terminalreporter.write_line)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # workers send their reports to the controller
        config.pluginmanager.register(Collector(config))


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """Failures that are the grader's are not shown as the student's."""
    for key, record in report.user_properties:
        if key == "grade" and record["verdict"] == "error":
            return "error", "E", "ERROR"
    return None
