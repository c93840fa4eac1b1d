"""Plots as inline SVG. Widths are percentages, so that labels keep their size on a phone.

Each function returns markup; colours come from the page's style sheet by class.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from grading.grader.result import Test, Verdict
from grading.reports.text import number, one_line


def _svg(kind: str, height: int, label: str, body: Iterable[Markup]) -> Markup:
    start = Markup('<svg class="{}" width="100%" height="{}" role="img" aria-label="{}">')
    return start.format(kind, height, label) + Markup("").join(body) + Markup("</svg>")


def _rect(x: float, width: float, y: float, height: float, kind: str, title: str = "") -> Markup:
    told = Markup("<title>{}</title>").format(title) if title else Markup("")
    return Markup(
        '<rect class="{}" x="{:.2f}%" width="{:.2f}%" y="{:.1f}" height="{:.1f}">{}</rect>'
    ).format(kind, x, width, y, height, told)


def _text(x: float, y: float, anchor: str, text: str) -> Markup:
    return Markup('<text x="{:.2f}%" y="{}" text-anchor="{}">{}</text>').format(x, y, anchor, text)


def histogram(bins: Sequence[int], points: float, median: float) -> Markup:
    """How many have how many points: a column for each bin from 0 to `points`."""
    high, foot, top = 150.0, 24, 22
    width = 100 / len(bins)
    most = max(bins, default=0) or 1
    body: list[Markup] = []
    base = top + high
    for index, count in enumerate(bins):
        x = index * width
        tall = max(high * count / most, 2.0 if count else 0.0)
        low, up = points * index / len(bins), points * (index + 1) / len(bins)
        told = f"{number(low)} to {number(up)} points: {count}"
        body.append(_rect(x + width * 0.08, width * 0.84, base - tall, tall, "bar", told))
        if count:
            body.append(_text(x + width / 2, round(base - tall - 6), "middle", str(count)))
    body.append(Markup('<line class="axis" x1="0" x2="100%" y1="{0}" y2="{0}"/>').format(base + 0.5))
    for index in range(len(bins) + 1):
        if index % 2 == 0 or index == len(bins):
            anchor = "start" if index == 0 else "end" if index == len(bins) else "middle"
            body.append(_text(index * width, round(base + 18), anchor, number(points * index / len(bins))))
    if points:
        at = min(100.0, 100 * median / points)
        line = '<line class="median" x1="{0:.2f}%" x2="{0:.2f}%" y1="4" y2="{1}"><title>{2}</title></line>'
        body.append(Markup(line).format(at, base, f"median: {number(median)}"))
    told = f"distribution of points, median {number(median)} of {number(points)}"
    return _svg("histogram", round(base + foot), told, body)


# In which order the parts of a bar stand.
ORDER = (
    Verdict.PASS,
    Verdict.PARTIAL,
    Verdict.FAIL,
    Verdict.PANIC,
    Verdict.TIMEOUT,
    Verdict.SKIPPED,
    Verdict.ERROR,
)


def verdict_bar(verdicts: dict[Verdict, int]) -> Markup:
    """One bar, divided among the verdicts."""
    total = sum(verdicts.values()) or 1
    body, x = [], 0.0
    for verdict in ORDER:
        if count := verdicts.get(verdict, 0):
            width = 100 * count / total
            body.append(_rect(x, width, 0, 14, f"v-{verdict.value}", f"{verdict.value}: {count}"))
            x += width
    told = ", ".join(f"{v.value} {verdicts[v]}" for v in ORDER if verdicts.get(v))
    return _svg("strip", 14, told, body)


def share_bar(part: float, whole: float, kind: str = "bar") -> Markup:
    """One bar that is full as far as `part` is of `whole`."""
    share = 100 * min(1.0, max(0.0, part / whole)) if whole else 0.0
    told = f"{number(part)} of {number(whole)}"
    return _svg("strip", 14, told, [_rect(0, 100, 0, 14, "empty"), _rect(0, share, 0, 14, kind)])


def time_bar(median: float, slowest: float, most: float) -> Markup:
    """The median as a bar and the slowest run as a mark, on a scale up to `most` seconds."""
    scale = 100 / most if most else 0.0
    body = [
        _rect(0, 100, 0, 14, "empty"),
        _rect(0, slowest * scale, 5, 4, "range"),
        _rect(0, median * scale, 0, 14, "bar"),
        _rect(max(0.0, slowest * scale - 0.8), 0.8, 0, 14, "mark"),
    ]
    return _svg("strip", 14, f"median {median:.1f} s, slowest {slowest:.1f} s", body)


def test_strip(tests: Sequence[Test]) -> Markup:
    """One cell for each test, in their order."""
    if not tests:
        return Markup("")
    width = 100 / len(tests)
    body = [
        _rect(
            i * width,
            width * 0.86,
            0,
            14,
            f"v-{t.verdict.value}",
            f"{one_line(t.title)}: {t.verdict.value}",
        )
        for i, t in enumerate(tests)
    ]
    passed = sum(t.verdict is Verdict.PASS for t in tests)
    return _svg("strip", 14, f"{passed} of {len(tests)} tests pass", body)
