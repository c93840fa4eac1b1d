"""QEMU's machine protocol (QMP) over a connected socket: commands, and the human monitor.

Reference: QEMU's docs/interop/qmp-spec. Events are read and dropped.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any

from grading.errors import HostError
from grading.timing import scaled


def _closed() -> Exception:
    return HostError("QEMU's monitor is closed: the machine has ended")


class Monitor:
    """One QMP session; the constructor does the greeting. Not for use by several threads."""

    def __init__(self, connection: socket.socket) -> None:
        # What a command raises when the machine has ended. Its owner knows more of why.
        self.closed: Callable[[], Exception] = _closed
        self._socket = connection
        self._lines = connection.makefile("rb")
        self._socket.settimeout(scaled(10))
        self._receive()  # the greeting
        self.execute("qmp_capabilities")

    def close(self) -> None:
        self._lines.close()
        self._socket.close()

    def _receive(self) -> dict[str, Any]:
        try:
            line = self._lines.readline()
        except ConnectionResetError:
            raise self.closed() from None
        except OSError as error:
            raise HostError(f"QEMU's monitor does not answer: {error}") from error
        if not line:
            raise self.closed()
        return json.loads(line)

    def execute(self, command: str, **arguments: Any) -> Any:
        """Runs one command and returns what it returned."""
        request = {"execute": command, "arguments": arguments}
        try:
            self._socket.sendall(json.dumps(request).encode() + b"\n")
        except OSError as error:
            raise self.closed() from error
        while True:
            answer = self._receive()
            if "error" in answer:
                raise HostError(f"QEMU refused {command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def human(self, line: str, cpu: int = 0) -> str:
        """Runs one line of the human monitor as seen from hart `cpu`."""
        arguments = {"command-line": line, "cpu-index": cpu}
        return self.execute("human-monitor-command", **arguments).replace("\r\n", "\n")
