"""The terms of a class: deadlines, late days, extensions. A TOML file; docs/class.md has one.

    terms = load_terms(Path("class.toml"), {"boot", "console"})
    terms.due("ada", "boot")                    # her extension included
    terms.lateness("ada", "boot", received, free=2)
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Collection
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from grading.grader.result import Late
from grading.grader.roster import ClassError, Roster, load_roster

DAY = timedelta(days=1)


@dataclass(frozen=True)
class LateRules:
    """What lateness costs."""

    free_days: int = 0  # of each student, for all labs together
    free_days_per_lab: int = 0  # at the most; 0: as many as are left
    per_day: float = 0.1  # of the points, for each day that is not free
    lowest: float = 0.0  # what the factor never falls below, until last_day
    last_day: int = 0  # after so many days nothing counts; 0: there is no such day
    grace_minutes: float = 0  # that nobody counts


@dataclass(frozen=True)
class Extension:
    """More time for one student, for one lab or (lab = "") for all: days, or a date."""

    student: str
    lab: str = ""
    days: float = 0
    until: datetime | None = None
    reason: str = ""


@dataclass
class Terms:
    """A class file. Without one there are no deadlines, and the latest submission counts."""

    path: Path | None = None
    roster: Roster = field(default_factory=Roster)
    counts: str = "latest"  # or "best"
    zone: tzinfo | None = None
    secret: Path | None = None
    unsolved: bool = False  # handouts were made with SOLVED=no: parts of earlier labs are stubs
    late: LateRules = LateRules()
    deadlines: dict[str, datetime] = field(default_factory=dict)
    extensions: list[Extension] = field(default_factory=list)

    def due(self, student: str, lab: str) -> datetime | None:
        """The last moment in time; of several extensions the one that gives most counts."""
        due = self.deadlines.get(lab)
        if due is None:
            return None
        given = [e for e in self.extensions if e.student == student and e.lab in ("", lab)]
        return max([due, *(e.until or due + e.days * DAY for e in given)])

    def lateness(self, student: str, lab: str, received: datetime | None, free: int) -> Late:
        """What becomes of a submission of that moment, with `free` late days left."""
        due = self.due(student, lab)
        if due and received:  # one clock for both, in the reports too
            received = received.astimezone(due.tzinfo)
        times = {"due": due.isoformat() if due else "", "received": received.isoformat() if received else ""}
        if due is None or received is None:
            return Late(**times)
        rules = self.late
        # In UTC: two times of one zone are subtracted as clocks show them, summer time or not.
        over = received.astimezone(UTC) - due.astimezone(UTC)
        if over <= timedelta(minutes=rules.grace_minutes):
            return Late(**times)
        days = math.ceil(over / DAY)
        most = min(free, rules.free_days_per_lab or free, days)
        if rules.last_day and days > rules.last_day:
            return Late(**times, days=days, factor=0.0)

        def factor(paid: int) -> float:
            return round(max(rules.lowest, 1.0 - rules.per_day * paid, 0.0), 6)

        if factor(days - most) == factor(days):  # so late that free days would be lost on it
            most = 0
        return Late(**times, days=days, days_spent=most, factor=factor(days - most))


def _take(path: Path, table: str, kind: type, row: Any) -> Any:
    """The dataclass of a table; a key that it does not have is refused, because it would be a typo."""
    known = {f.name: f for f in fields(kind)}
    if not isinstance(row, dict):
        raise ClassError(f"{path}: {table} is {row!r}, and should be a table")
    for key in row:
        if key not in known:
            raise ClassError(f"{path}: {table} has no {key!r}; it has {', '.join(known)}")
    try:
        return kind(**row)
    except TypeError as error:
        raise ClassError(f"{path}: {table}: {str(error).split('() ')[-1]}") from None


def _moment(path: Path, what: str, value: Any, zone: tzinfo) -> datetime:
    if not isinstance(value, datetime):
        raise ClassError(f"{path}: {what} is {value!r}; write a date and time: 2026-03-01T23:59:00")
    return value if value.tzinfo else value.replace(tzinfo=zone)


def _number(path: Path, table: str, row: object, whole: Collection[str]) -> None:
    for f in fields(row):  # type: ignore[arg-type]
        value = getattr(row, f.name)
        if not isinstance(value, int if f.name in whole else (int, float)) or value < 0:
            raise ClassError(f"{path}: {table}.{f.name} is {value!r}, and should be a number from 0 on")


def _extensions(path: Path, rows: Any, terms: Terms, labs: Collection[str], zone: tzinfo) -> None:
    for row in rows:
        given: Extension = _take(path, "extension", Extension, row)
        what = f"extension of {given.student}"
        if terms.roster.closed and given.student not in terms.roster.students:
            raise ClassError(f"{path}: {what}: no such student in the roster")
        if given.lab and given.lab not in labs:
            raise ClassError(f"{path}: {what}: there is no lab {given.lab!r}; {', '.join(sorted(labs))}")
        if (given.until is None) == (not given.days):
            raise ClassError(f"{path}: {what}: give either days or until")
        until = _moment(path, f"{what}: until", given.until, zone) if given.until else None
        terms.extensions.append(Extension(given.student, given.lab, given.days, until, given.reason))


def load_terms(path: Path, labs: Collection[str]) -> Terms:
    """Reads a class file; `labs` are the names of the course's labs."""
    try:
        values = tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ClassError(f"{path}: {error}") from None
    known = {"roster", "counts", "timezone", "secret", "unsolved", "late", "lab", "extension"}
    for key in values:
        if key not in known:
            raise ClassError(f"{path}: has {key!r}, and knows {', '.join(sorted(known))}")
    terms = Terms(path, counts=values.get("counts", "latest"))
    if terms.counts not in ("latest", "best"):
        raise ClassError(f"{path}: counts is {terms.counts!r}, and should be \"latest\" or \"best\"")
    try:
        zone = terms.zone = ZoneInfo(values.get("timezone", "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        raise ClassError(f"{path}: no timezone {values['timezone']!r}; as in Europe/Berlin") from None
    if "roster" in values:
        terms.roster = load_roster(path.parent / values["roster"])
    terms.secret = path.parent / values.get("secret", f"{path.stem}.secret")
    terms.unsolved = values.get("unsolved", False)
    if not isinstance(terms.unsolved, bool):
        raise ClassError(f"{path}: unsolved is {terms.unsolved!r}, and should be true or false")
    terms.late = _take(path, "late", LateRules, values.get("late", {}))
    _number(path, "late", terms.late, ("free_days", "free_days_per_lab", "last_day"))
    for lab, row in values.get("lab", {}).items():
        if lab not in labs:
            raise ClassError(f"{path}: there is no lab {lab!r}; there are {', '.join(sorted(labs))}")
        if not isinstance(row, dict) or set(row) != {"due"}:
            raise ClassError(f"{path}: lab.{lab} should have one line: due = 2026-03-01T23:59:00")
        terms.deadlines[lab] = _moment(path, f"lab.{lab}.due", row["due"], zone)
    _extensions(path, values.get("extension", []), terms, labs, zone)
    return terms
