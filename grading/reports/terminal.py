"""Results in a terminal, in colours; plain lines where there is none.

    show_result(result, console)        # one submission, each failure in full
    show_class(results, console)        # one lab's class, in a screen or two
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grading.grader.result import Result, Status, Test, Verdict
from grading.reports.figures import figures_of, groups_of, judged
from grading.reports.text import clean, first_error, number, one_line, tail

STYLES = {
    Verdict.PASS: "green",
    Verdict.PARTIAL: "yellow",
    Verdict.FAIL: "red",
    Verdict.PANIC: "magenta",
    Verdict.TIMEOUT: "dark_orange",
    Verdict.SKIPPED: "bright_black",
    Verdict.ERROR: "blue",
}
PLAIN_WIDTH = 110  # columns where there is no terminal
CONSOLE_LINES = 12  # of a failed test's console


def make_console() -> Console:
    """A console on standard output."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PLAIN_WIDTH, no_color=True)


def _say(console: Console, text: str, style: str = "") -> None:
    """One paragraph, in which nothing is markup."""
    console.print(Text(clean(text), style=style), soft_wrap=True)


def _table(console: Console, *columns: str) -> Table:
    """A table with a rule below its head in a terminal, and with none elsewhere."""
    from rich import box

    table = Table(box=box.SIMPLE_HEAD if console.is_terminal else None, pad_edge=False)
    for column in columns:
        table.add_column(column.removeprefix(">"), justify="right" if column.startswith(">") else "left")
    return table


def _cell(text: str, style: str = "") -> Text:
    return Text(one_line(text, 60), style=style)


def _points(earned: float, points: float) -> str:
    return f"{number(earned)} of {number(points)}"


def _show_failure(test: Test, console: Console) -> None:
    console.print()
    head = Text(f"  {test.verdict.value.upper()}  ", style=STYLES[test.verdict])
    head.append(f"{one_line(test.name)}: {one_line(test.title)}", style="bold")
    console.print(head, soft_wrap=True)
    rows = clean(test.text).strip("\n").split("\n")
    rows += [f"hint: {row}" for row in clean(test.hint).strip().split("\n") if row]
    if test.console:
        excerpt = tail(test.console, CONSOLE_LINES).split("\n")
        rows += ["the kernel printed, at its end:", *(f"  | {row}" for row in excerpt)]
    if test.reproduce:
        rows.append(f"again: {one_line(test.reproduce, 400)}")
    for row in rows:
        _say(console, f"      {row}")


def show_result(one: Result, console: Console) -> None:
    """One submission: failures in full, then the points by exercise."""
    for test in judged(one) if one.build.built else ():
        if test.verdict not in (Verdict.PASS, Verdict.SKIPPED):
            _show_failure(test, console)
    if one.status is Status.NOT_BUILT:
        _say(console, one.build.log.rstrip())
    console.print()
    who = one.name or one.student
    _say(console, f"Lab {one.lab_number}: {one_line(one.lab_title)}: {one_line(who)}", "bold")
    for note in one.notes:
        _say(console, f"  note: {one_line(note, 400)}", "yellow")
    table = _table(console, "", "", ">points")
    for group in groups_of(judged(one)):
        passed = sum(t.verdict is Verdict.PASS for t in group.tests)
        count = f"{passed} of {len(group.tests)} tests"
        table.add_row(Text(f"  {group.title}"), Text(count), Text(_points(group.earned, group.points)))
    for answer in one.answers:
        waits = answer.points is None
        shown = "not looked at yet" if waits else _points(answer.points or 0.0, answer.most)
        table.add_row(Text(f"  {one_line(answer.question, 60)}"), Text("answer"), Text(shown))
    if table.row_count:
        console.print(table)
    if one.status is Status.ERROR:
        _say(console, "  grader error: no points yet, to be graded again; not the student's fault", "blue")
        return
    if one.status is not Status.GRADED:
        _say(console, f"  {one.status.value}", "red")
    late = one.late
    if late.days:
        spent = f", {late.days_spent} of them free" if late.days_spent else ""
        cost = f": {number(one.earned)} × {number(late.factor)}" if late.factor != 1 else ""
        _say(console, f"  {late.days} days late{spent}{cost}")
    _say(console, f"  total: {_points(one.final, one.points)} points", "bold")


def show_class(results: Sequence[Result], console: Console) -> None:
    """One lab's class: figures, tests, failures, and who must be graded again."""
    figures = figures_of(results)
    first = results[0]
    console.print()
    _say(console, f"Lab {first.lab_number}: {one_line(first.lab_title)}", "bold")
    _say(
        console,
        f"  {len(results)} submissions, median {number(figures.median)}, mean {number(figures.mean)} of "
        f"{number(figures.points)} points, {figures.full} with all",
    )
    high = max(figures.histogram, default=0) or 1
    for index, count in enumerate(figures.histogram):
        low = number(figures.points * index / len(figures.histogram))
        bar = "#" * round(40 * count / high)
        _say(console, f"  {low:>6} {bar:<40} {count or ''}".rstrip())
    table = _table(console, "test", ">pass", ">points", ">median s", ">slowest s")
    for test in figures.tests:
        kind = "" if test.kind == "new" else f" ({test.kind})"
        style = "green" if test.passed > 0.9 else "yellow" if test.passed > 0.5 else "red"
        share = Text(f"{100 * test.passed:.0f} %", style=style)
        row = (Text(number(test.points)), Text(f"{test.median:.1f}"), Text(f"{test.slowest:.1f}"))
        table.add_row(_cell(f"{test.title}{kind}"), share, *row)
    if table.row_count:
        console.print(table)
    if figures.failures:
        _say(console, "most common failures", "bold")
    for failure in figures.failures[:8]:
        head = f"  {len(failure.students):>4} × {failure.verdict.value}"
        _say(console, f"{head}: {one_line(failure.title, 60)}: {one_line(failure.says, 160)}")
    for one in results:
        if one.status in (Status.NOT_BUILT, Status.REJECTED):
            why = first_error(one.build.log) or "; ".join(map(one_line, one.notes[-1:]))
            _say(console, f"  {one.status.value}: {one_line(one.student, 80)}: {why}", "red")
    for one in figures.errors:
        bad = [f"{t.name}: {one_line(t.text)}" for t in one.tests if t.verdict is Verdict.ERROR]
        why = "; ".join(bad) or "; ".join(map(one_line, one.notes))
        _say(console, f"  grader error, to be graded again: {one_line(one.student, 80)}: {why}", "blue")
