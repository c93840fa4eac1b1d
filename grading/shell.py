"""Commands typed at a guest's shell, with their output and exit status told apart exactly.

Each command is framed by two random words. They are typed in two quoted halves, so the
terminal's echo of the typing never looks like the output.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from grading.console import Console

LINE_LIMIT = 1000  # a terminal line holds at least this much


@dataclass(frozen=True)
class Ran:
    """A finished command: what it printed (both streams) and its exit status."""

    output: str
    status: int


def run_shell(console: Console, command: str, timeout: float = 10) -> Ran:
    """Runs one line of shell at the prompt.

    The line needs `;`, quotes and `$?` of the shell. It may end in `&`; its last command must
    not be an open here-document or comment.
    """
    if "\n" in command:
        raise ValueError(f"one line at a time, not {command!r}")
    begin, end = "b" + secrets.token_hex(4), "e" + secrets.token_hex(4)
    separator = " " if command.rstrip().endswith("&") else "; "
    line = f"echo 'g''{begin}'; {command}{separator}echo 'g''{end}' $?\n"
    if len(line) > LINE_LIMIT:
        raise ValueError(f"a line of {len(line)} characters; put it into a script file")
    console.send(line)
    console.expect(f"g{begin}\n", timeout)
    found = console.expect(rf"g{re.escape(end)} (-?\d+)\n", timeout)
    return Ran(found.before, int(found.groups[0]))
