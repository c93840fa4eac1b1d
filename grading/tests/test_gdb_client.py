"""The gdb client against a stub that behaves as QEMU's does now and then."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator

import pytest

from grading.gdb import Gdb

TARGET = '<target><feature><reg name="pc" bitsize="64" regnum="32"/></feature></target>'


class Stub:
    """One hart that runs through addresses; the first `idle` steps are reported and not made."""

    def __init__(self, connection: socket.socket, idle: int) -> None:
        self.connection, self.idle = connection, idle
        self.pc, self.breakpoints = 0x1000, set[int]()

    def answer(self, packet: str) -> str:
        if packet.startswith("qXfer:features:read:target.xml"):
            return "l" + TARGET
        if packet == "p20":
            return self.pc.to_bytes(8, "little").hex()
        if packet[:2] in ("Z0", "z0"):
            address = int(packet.split(",")[1], 16)
            (self.breakpoints.add if packet[0] == "Z" else self.breakpoints.discard)(address)
            return "OK"
        if packet.startswith("vCont;s"):
            self.pc += 0 if self.idle > 0 else 4
            self.idle -= 1
        if packet == "c":
            while self.pc not in self.breakpoints:
                self.pc += 4
        return "T05thread:01;" if packet[0] in "?vc" else "OK"

    def serve(self) -> None:
        buffer = b""
        while data := self.connection.recv(4096):
            buffer += data
            while match := re.search(rb"\$([^#]*)#..", buffer):
                buffer = buffer[match.end() :]
                body = self.answer(match[1].decode()).encode()
                self.connection.sendall(b"+$%s#%02x" % (body, sum(body) & 0xFF))


@pytest.fixture(params=[0, 1, 2])
def gdb(request: pytest.FixtureRequest) -> Iterator[Gdb]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        thread = threading.Thread(target=Stub(theirs, request.param).serve)
        thread.start()
        yield Gdb(ours)
        ours.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_step_moves_though_the_stub_says_so_too_early(gdb: Gdb) -> None:
    gdb.step()
    assert gdb.read_register("pc") == 0x1004


def test_going_on_from_a_breakpoint_does_not_come_to_it_again(gdb: Gdb) -> None:
    seen = []
    for address in (0x1000, 0x1010, 0x1020):
        gdb.set_breakpoint(address)
    for _ in range(2):
        gdb.resume_until_stop()
        seen.append(gdb.read_register("pc"))
    assert seen == [0x1010, 0x1020]
