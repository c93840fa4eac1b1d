"""Runs one command, and leaves no process of it: not when it ends, and not when whoever asked is gone.

    python3 -I -S warden.py COMMAND…       stdin: a pipe whose other end the asker holds as long as it lives

All that the command starts is below the warden, whatever sessions and namespaces it makes: the system
gives orphans to the warden, their "subreaper" (man 2 PR_SET_CHILD_SUBREAPER), and it ends when it has no
child left. This does not hang on a moment, as death signals do: a process that asks for one when its
parent is already dead never gets it. A process is below the warden from its birth, and the pipe of an
asker who died before anybody looked is at its end.

Exit status: the command's; 128 + N if signal N ended it. Only the standard library, for a quick start.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

SET_CHILD_SUBREAPER = 36
PATIENCE = 60.0  # seconds for processes to end that are killed again and again: some wait for a disk


def words(command: list[str]) -> list[str]:
    """The command under a warden of its own."""
    return [sys.executable, "-B", "-I", "-S", str(Path(__file__).resolve()), *command]


def _parents() -> dict[int, int]:
    found = {}
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            with open(f"/proc/{entry.name}/stat", "rb") as file:
                found[int(entry.name)] = int(file.read().rpartition(b")")[2].split()[1])
        except (OSError, IndexError):
            continue
    return found


def _below(top: int) -> set[int]:
    """The processes whose chain of parents leads to `top`."""
    parents, found = _parents(), {top}
    grown = True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        found, grown = found | more, bool(more)
    return found - {top}


def _end_all() -> bool:
    """Kills all that is below until nothing is; says whether that worked."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return True
        for pid in _below(os.getpid()):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.005)
    return False


def main() -> int:
    if ctypes.CDLL(None, use_errno=True).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        print(f"warden: this system has no subreapers: {os.strerror(ctypes.get_errno())}", file=sys.stderr)
        return 125
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)

    def watch() -> None:
        os.read(0, 1)  # nobody ever writes: this is the asker's end
        child.kill()

    threading.Thread(target=watch, daemon=True).start()
    status = child.wait()
    if not _end_all():
        print(f"warden: processes that no signal ends: {sorted(_below(os.getpid()))}", file=sys.stderr)
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main())
