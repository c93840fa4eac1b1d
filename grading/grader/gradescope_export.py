"""submission_metadata.yml of a Gradescope export: who handed in which folder, and when.

    submission_123:
      :submitters:
      - :name: Ada Lovelace
        :sid: '1815'
        :email: ada@example.org
      :created_at: 2026-03-01 22:59:03.123456000 Z

A group's submission has several submitters; each of them gets it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

from grading.grader.roster import ClassError

METADATA = "submission_metadata.yml"


@dataclass(frozen=True)
class Entry:
    """`submitters` holds for each student the names under which the roster may have them."""

    submitters: tuple[tuple[str, ...], ...]
    received: datetime | None = None


def _get(values: Any, name: str) -> Any:
    """The service writes Ruby's symbols: `:name`."""
    return values.get(f":{name}", values.get(name)) if isinstance(values, dict) else None


def _moment(value: Any) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, date) and not isinstance(value, datetime):
        return None
    if not isinstance(value, datetime):
        return None
    return value.replace(microsecond=0) if value.tzinfo else value.replace(microsecond=0, tzinfo=UTC)


def read(path: Path) -> dict[str, Entry]:
    """The entries by the names of their folders."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        values = yaml.load(path.read_text(), Loader=loader)  # noqa: S506  (a safe loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ClassError(f"{path}: is no metadata of Gradescope: {error}") from None
    if not isinstance(values, dict):
        raise ClassError(f"{path}: is no metadata of Gradescope: it has no submissions")
    entries: dict[str, Entry] = {}
    for folder, entry in values.items():
        if "/" in str(folder) or str(folder) in ("", ".", ".."):
            raise ClassError(f"{path}: {folder!r} is no folder of an export")
        people = _get(entry, "submitters") or []
        said = [tuple(str(_get(one, key)) for key in ("email", "sid", "name") if _get(one, key)) for one in people]
        entries[str(folder)] = Entry(tuple(filter(None, said)), _moment(_get(entry, "created_at")))
    return entries
