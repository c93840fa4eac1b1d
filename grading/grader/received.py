"""When submissions came, from a CSV file, where the files themselves do not tell.

Either Moodle's grading worksheet (`Identifier`, `Last modified (submission)`), which also says whose
a participant's number is; or a file of one's own with the columns `submission` (the name of the file
or folder) or `student`, perhaps `lab`, and `received`, as 2026-03-01 23:59.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from grading.grader.found import Found
from grading.grader.roster import ClassError, csv_rows, fold

WORKSHEET = "last modified (submission)"
# As Moodle writes times in English, here and in America.
FORMATS = ("%A, %d %B %Y, %I:%M %p", "%A, %B %d, %Y, %I:%M %p", "%A, %d %B %Y, %H:%M", "%d/%m/%Y, %H:%M")


@dataclass
class Times:
    """`when` by folded name, lab ("" = any); `people`: what else a participant is called."""

    when: dict[tuple[str, str], datetime] = field(default_factory=dict)
    people: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def apply(self, found: Found) -> Found:
        """The submission with all that the file knows of it."""
        more = [name for said in found.said for name in self.people.get(fold(said), ())]
        found = replace(found, said=tuple(dict.fromkeys([*more, *found.said])))
        for said in (found.name, found.path.name, *found.said):
            for lab in (found.lab, ""):
                if moment := self.when.get((fold(said), lab)):
                    return replace(found, received=moment)
        return found


def _moment(text: str, zone: tzinfo, where: str) -> datetime:
    text = re.sub(r"\s+", " ", text).strip()
    try:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)
    except ValueError:
        pass
    for form in FORMATS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=zone)
        except ValueError:
            continue
    raise ClassError(f"{where}: {text!r} is no time that is known; write it as 2026-03-01 23:59")


def load_times(path: Path, zone: tzinfo | None) -> Times:
    """Reads the file; times without an offset are of `zone`, else of UTC."""
    times = Times()
    for line, row in csv_rows(path):
        where = f"{path}:{line}"
        if WORKSHEET in row:
            names = [row.get(key, "") for key in ("email address", "id number", "full name")]
            number = row.get("identifier", "").removeprefix("Participant ").strip()
            names = [name for name in names if name]
            times.people[fold(f"Participant {number}")] = tuple(names)
            text = row[WORKSHEET]
            keys, lab = [f"Participant {number}"], ""
        elif "received" in row and ("submission" in row or "student" in row):
            text, lab = row["received"], row.get("lab", "")
            keys = [row[key] for key in ("submission", "student") if row.get(key)]
        else:
            raise ClassError(
                f"{path}: has the columns {', '.join(row)}; it is neither a grading worksheet of Moodle "
                "in English nor has it `submission` or `student`, and `received`"
            )
        if text and text != "-":
            moment = _moment(text, zone or UTC, where)
            times.when |= {(fold(key), lab): moment for key in keys}
    return times
