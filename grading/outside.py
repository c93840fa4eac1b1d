"""Who ended a process: what it ran, a limit, or somebody outside, as a system whose memory ran out does.

A compiler or a QEMU that was killed from outside says nothing of the code under test.
"""

from __future__ import annotations

import re
import signal
from pathlib import Path

# Signals that no limit of a jail sends: those end a process by SIGXCPU or SIGXFSZ, or make it fail, and
# what a compiler does to itself is SIGSEGV or SIGABRT.
FOREIGN = {"SIGHUP": "Hangup", "SIGINT": "Interrupt", "SIGQUIT": "Quit", "SIGKILL": "Killed", "SIGTERM": "Terminated"}
_WORDS = "|".join(FOREIGN.values())
_NUMBERS = "|".join(str(signal.Signals[name].value) for name in FOREIGN)
_STATUS = "|".join(str(128 + signal.Signals[name]) for name in FOREIGN)
# How compilers, make and the shell say so.
KILLED = re.compile(
    rf"^\S+: (?:fatal|internal compiler) error: (?:{_WORDS}) signal terminated program \S+$"
    rf"|^\S+: fatal error: \S+ terminated with signal (?:{_NUMBERS}) \[.*$"
    rf"|^make(?:\[\d+\])?: \*\*\* \[.*\] (?:(?:{_WORDS})(?: \(core dumped\))?|Error (?:{_STATUS}))$",
    re.MULTILINE,
)
# How they say what is wrong with the code.
COMPLAINT = re.compile(r"\berror: |^\S*\bld: (?!warning: )", re.IGNORECASE | re.MULTILINE)


def foreign_signal(status: int) -> str:
    """The name of the signal from outside that an exit status tells of; "" if none.

    The status is Python's (-9), or that of a program which passes on another's (137).
    """
    number = -status if status < 0 else status - 128
    return next((name for name in FOREIGN if signal.Signals[name] == number), "")


def memory_kills() -> int:
    """How many processes this system has killed since it runs because memory ran out."""
    try:
        found = re.search(r"^oom_kill (\d+)$", Path("/proc/vmstat").read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) if found else 0


def ended_from_outside(status: int, log: str) -> str:
    """How make (its status, negative for a signal, and its log) or a program of it was killed by somebody
    who is no part of the build: the system that ran out of memory, an operator. "" if it was not.

    An error that a compiler has found is the code's own, whatever was killed beside it.
    """
    if name := foreign_signal(status):
        return f"make was ended by {name}"
    found = KILLED.search(log) if status else None
    return found[0] if found and not COMPLAINT.search(KILLED.sub("", log)) else ""
