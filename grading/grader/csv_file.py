"""CSV files as people's spreadsheets save them: UTF-8, and commas, semicolons or tabs between the fields."""

from __future__ import annotations

import csv
import io
from pathlib import Path


def csv_reader(path: Path) -> csv.DictReader[str]:
    """The rows of the file by the names in its first line. OSError or UnicodeDecodeError as it is read now."""
    text = path.read_text(encoding="utf-8-sig")
    head = text.split("\n", 1)[0]
    return csv.DictReader(io.StringIO(text), delimiter=max(",;\t", key=head.count))
