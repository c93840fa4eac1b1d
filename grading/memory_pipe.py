"""Guest memory through a pipe: QEMU's monitor saves it to a file's name, and no disk is written for that."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from grading.confine import inside
from grading.errors import HostError
from grading.qmp import Monitor

WINDOW = 1 << 20  # bytes that are read at once; no user may have a larger pipe


class MemoryPipe:
    """The pipe `path`, which is made now and is gone after close(). QEMU must be allowed to write to it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.unlink(missing_ok=True)
        os.mkfifo(path, 0o600)
        # For both directions, so that it is never without a reader, nor at its end without a writer.
        self._pipe = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        try:
            self._window = fcntl.fcntl(self._pipe, fcntl.F_SETPIPE_SZ, WINDOW)
        except PermissionError:  # this user has many pipes
            self._window = fcntl.fcntl(self._pipe, fcntl.F_GETPIPE_SZ)

    def read(self, monitor: Monitor, address: int, size: int) -> bytes:
        """So many bytes from a physical address, device registers included."""
        data = bytearray()
        while (left := size - len(data)) > 0:
            part = min(left, self._window)
            place = {"val": address + len(data), "size": part, "filename": inside(self.path)}
            monitor.execute("pmemsave", **place)
            try:
                piece = os.read(self._pipe, part)
            except BlockingIOError:
                piece = b""
            if len(piece) != part:
                raise HostError(f"QEMU saved {len(piece)} bytes of memory at {address:#x}, not {part}")
            data += piece
        return bytes(data)

    def close(self) -> None:
        os.close(self._pipe)
        self.path.unlink(missing_ok=True)
