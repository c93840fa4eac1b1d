"""Text that somebody hostile may have written, made fit to be shown: of any length, on any report.

    clean("\\x1b[31mred\\x1b[0m\\0", most=10_000)     # "red␀"
    explain(test.text).seen                        # what a test saw, apart from what it expected

Escaping for HTML, XML or a terminal's markup is left to what writes these: jinja2's autoescape,
ElementTree, and rich's Text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

LINE_LIMIT = 600  # characters that are shown of a line
TEXT_LIMIT = 20_000  # and of a whole text

# Colours and cursor movements; then titles and links, which end in BEL or ESC \\.
ESCAPES = re.compile(r"\x1b\[[0-?]{0,64}[ -/]{0,8}[@-~]|\x1b\][^\x07\x1b]{0,512}(?:\x07|\x1b\\)")
# What may not stand in XML 1.0, shows nothing, or turns the direction of what follows.
UNFIT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ufffe\uffff\U000e0000-\U000e007f]"
)


def _picture(match: re.Match[str]) -> str:
    """Stands for a character that cannot be shown: its picture, if it has one."""
    code = ord(match[0])
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == 0x7F else "\ufffd"


def clean(text: str, most: int = TEXT_LIMIT, line: int = LINE_LIMIT) -> str:
    """The text without escape sequences and control characters, of at most about `most` characters.

    Of what is too long the beginning and the end stay, and a note between them says how much went.
    """
    text = _shorten(text, 2 * most, "characters")  # what follows takes time for each character
    text = ESCAPES.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    text = UNFIT.sub(_picture, text)
    return _shorten("\n".join(_shorten(row, line, "") for row in text.split("\n")), most, "characters")


def _shorten(text: str, most: int, what: str) -> str:
    if len(text) <= most:
        return text
    gone = len(text) - most
    if not what:
        return f"{text[:most]}… ({gone:,} more)"
    head = most * 2 // 3
    return f"{text[:head]}\n… {gone:,} {what} left out …\n{text[head - most:]}"


def one_line(text: str, most: int = 200) -> str:
    """The text's first line that says something, cleaned, of at most `most` characters."""
    for row in clean(text[: 20 * most], most=20 * most, line=20 * most).split("\n"):
        if row := row.strip():
            return row if len(row) <= most else f"{row[: most - 1].rstrip()}…"
    return ""


def tail(text: str, rows: int = 20) -> str:
    """The text's last rows, cleaned: what a console said before it failed stands at its end."""
    kept = clean(text, most=8000).strip("\n").split("\n")
    gone = len(kept) - rows
    return "\n".join(kept if gone <= 0 else [f"… {gone} lines before …", *kept[gone:]])


def first_error(log: str) -> str:
    """The first line of a compiler's log that tells of an error; the last of all if none does."""
    rows = [row for row in clean(log).split("\n") if row.strip()]
    return one_line(next((row for row in rows if "error" in row.lower()), rows[-1] if rows else ""))


def number(value: float) -> str:
    """Points as people write them: 7, 2.5, 3.33."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def when(text: str) -> str:
    """A time as ISO 8601 has it, for people: 20 Nov 2026, 21:14 +01:00."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return one_line(text, 60)
    zone = time.strftime("%z")
    return f"{time.day} {time:%b %Y, %H:%M}" + (f" {zone[:3]}:{zone[3:5]}" if zone else "")


@dataclass(frozen=True)
class Explanation:
    """A failed test's text, taken apart as labs/grade.py put it together. `rest` is all else."""

    what: str = ""
    expected: str = ""
    seen: str = ""
    why: str = ""
    rest: str = ""


LABELLED = re.compile(r"  (expected|seen|why):\s?(.*)")


def explain(text: str) -> Explanation:
    """Takes a test's text apart; a text of another form is all `what` and `rest`."""
    found: dict[str, list[str]] = {}
    rows = clean(text).strip("\n").split("\n")
    label = "rest"
    for row in rows[1:]:
        match = LABELLED.fullmatch(row)
        if match and match[1] not in found:
            label = match[1]
            row = match[2].strip()
        found.setdefault(label, []).append(row)
    parts = {key: "\n".join(value).strip("\n") for key, value in found.items()}
    return Explanation(what=rows[0], **parts)
