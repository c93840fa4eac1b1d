"""A small client of GDB's remote protocol, enough to test a kernel from outside.

Breakpoints, registers (also CSRs, by name), memory by virtual or physical address, one step,
continue, interrupt. Harts are numbered from 0 here; QEMU's stub numbers them from 1.
Reference: "Remote Serial Protocol", appendix E of the GDB manual.
"""

from __future__ import annotations

import contextlib
import re
import select
import socket
import struct
from dataclasses import dataclass

from grading.errors import GuestEnded, GuestError, GuestTimeout, HostError
from grading.timing import Deadline

ABI_NAMES = (
    "zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 "
    "s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6 pc"
).split()
CHUNK = 0x400  # bytes of memory a packet may carry
AT_ONCE = 0.01  # seconds
# QEMU 7.2's stub says of some steps that they are done before they have begun: one in a thousand on a
# busy machine. Who went on from a breakpoint would then come to it again at once.
STEPS_TO_MOVE = 3


@dataclass(frozen=True)
class Stop:
    """Why the machine stopped: the signal (5: breakpoint or step, 2: interrupt) and the hart."""

    signal: int
    hart: int


class Gdb:
    """A session on a connected socket. The machine stops at the first packet.

    A machine that is to be watched from its first instruction is started with -S. `process` is
    QEMU's: while it waits for a core no time-out runs.
    """

    def __init__(self, connection: socket.socket, process: int | None = None) -> None:
        self._socket, self._process = connection, process
        self._buffer = b""
        self._numbers: dict[str, int] = {}
        self._breakpoints: set[int] = set()
        self.running = False
        self.hart = self._stop_reply(self._ask("?")).hart
        self._ask("qSupported:xmlRegisters=riscv")
        self._load_numbers("target.xml")  # the stub reads single registers only after this
        self._select(self.hart)

    def close(self) -> None:
        self._socket.close()

    # Packets.

    def _send(self, packet: str) -> None:
        body = packet.encode()
        try:
            self._socket.sendall(b"$%s#%02x" % (body, sum(body) & 0xFF))
        except OSError:
            raise GuestEnded("the machine ended while gdb was attached") from None

    def _more(self, seconds: float) -> bool:
        """Takes what comes within so many seconds; says whether anything did."""
        if not select.select([self._socket], [], [], seconds)[0]:
            return False
        try:
            data = self._socket.recv(1 << 16)
        except OSError:
            data = b""
        if not data:
            raise GuestEnded("the machine ended while gdb was attached")
        self._buffer += data
        return True

    def _receive(self, timeout: float) -> str:
        deadline: Deadline | None = None  # most answers come before it is worth making one
        while not (match := re.search(rb"\$([^#]*)#[0-9a-f]{2}", self._buffer)):
            left = deadline.left() if deadline else AT_ONCE
            if not left:
                raise GuestTimeout("the gdb stub did not answer in time")
            if not self._more(left) and not deadline:
                deadline = Deadline(timeout, self._process)
        self._buffer = self._buffer[match.end() :]
        with contextlib.suppress(OSError):  # a machine that has ended needs no acknowledgement
            self._socket.sendall(b"+")
        # "}" escapes the next byte; "*" repeats the byte before it.
        body = re.sub(rb"\}(.)", lambda m: bytes([m[1][0] ^ 0x20]), match[1], flags=re.DOTALL)
        runs = re.sub(rb"(.)\*(.)", lambda m: m[1] * (m[2][0] - 28), body, flags=re.DOTALL)
        return runs.decode("latin-1")

    def _ask(self, packet: str) -> str:
        self._send(packet)
        return self._receive(10)

    def _demand(self, packet: str) -> None:
        answer = self._ask(packet)
        if answer != "OK":
            raise HostError(f"the gdb stub answered {answer!r} to {packet!r}")

    def _select(self, hart: int) -> None:
        self._demand(f"Hg{hart + 1:x}")
        self.hart = hart

    # Registers.

    def select(self, hart: int) -> None:
        """Chooses the hart whose registers and address space the next calls mean."""
        if hart != self.hart:
            self._select(hart)

    def registers(self) -> dict[str, int]:
        """The integer registers by ABI name, and pc."""
        values = struct.unpack("<33Q", bytes.fromhex(self._ask("g"))[: 33 * 8])
        return dict(zip(ABI_NAMES, values))

    def read_register(self, name: str) -> int:
        """One register by name: `a0`, `pc`, or a CSR such as `satp`."""
        answer = self._ask(f"p{self._number(name):x}")
        if not answer or answer.startswith("E"):
            raise HostError(f"the gdb stub cannot read register {name}: it says {answer!r}")
        return int.from_bytes(bytes.fromhex(answer), "little")

    def write_register(self, name: str, value: int) -> None:
        self._demand(f"P{self._number(name):x}={value.to_bytes(8, 'little').hex()}")

    def _number(self, name: str) -> int:
        if name in ABI_NAMES:
            return ABI_NAMES.index(name)
        if name not in self._numbers:
            raise HostError(f"the gdb stub knows no register {name!r}")
        return self._numbers[name]

    def _load_numbers(self, document: str, following: int = 0) -> int:
        """Collects register numbers from a target description and the ones it includes.

        A register without a number has the one after the register before it, be that in another
        document; returns the number after the last one.
        """
        text = self._document(document)
        for match in re.finditer(r'<xi:include href="([^"]+)"', text):
            following = self._load_numbers(match[1], following)
        for match in re.finditer(r"<reg ([^>]*)>", text):
            fields = dict(re.findall(r'(\w+)="([^"]*)"', match[1]))
            following = int(fields.get("regnum", following))
            self._numbers.setdefault(fields["name"], following)
            following += 1
        return following

    def _document(self, name: str) -> str:
        text = ""
        while True:
            answer = self._ask(f"qXfer:features:read:{name}:{len(text):x},{CHUNK:x}")
            text += answer[1:]
            if not answer.startswith("m"):
                return text

    # Memory.

    def read(self, address: int, size: int) -> bytes:
        """Memory at a virtual address, as the selected hart sees it."""
        data = b""
        while len(data) < size:
            part = min(CHUNK, size - len(data))
            answer = self._ask(f"m{address + len(data):x},{part:x}")
            if answer.startswith("E") or not answer:
                raise GuestError(f"no memory is mapped at {address + len(data):#x}")
            data += bytes.fromhex(answer)
        return data

    def read_physical(self, address: int, size: int) -> bytes:
        self._demand("Qqemu.PhyMemMode:1")
        try:
            return self.read(address, size)
        finally:
            self._demand("Qqemu.PhyMemMode:0")

    def write(self, address: int, data: bytes) -> None:
        for at in range(0, len(data), CHUNK):
            part = data[at : at + CHUNK]
            if self._ask(f"M{address + at:x},{len(part):x}:{part.hex()}") != "OK":
                raise GuestError(f"no memory is mapped at {address + at:#x}")

    def read_u64(self, address: int) -> int:
        return int.from_bytes(self.read(address, 8), "little")

    # Running.

    def set_breakpoint(self, address: int) -> None:
        """Stops any hart before it executes `address`. QEMU changes no memory for it."""
        if address not in self._breakpoints:  # the stub would keep two
            self._demand(f"Z0,{address:x},2")
            self._breakpoints.add(address)

    def clear_breakpoint(self, address: int) -> None:
        self._demand(f"z0,{address:x},2")
        self._breakpoints.discard(address)

    def resume(self) -> None:
        """Lets all harts run; `wait` tells when they stop."""
        pc = self.read_register("pc")
        if pc in self._breakpoints:  # the stub would stop here again at once
            self.clear_breakpoint(pc)
            self.step()
            self.set_breakpoint(pc)
        self._send("c")
        self.running = True

    def wait(self, timeout: float = 10) -> Stop:
        """Waits for the machine to stop; raises GuestEnded if it ends instead."""
        stop = self._stop_reply(self._receive(timeout))
        self.running = False
        self._select(stop.hart)
        return stop

    def resume_until_stop(self, timeout: float = 10) -> Stop:
        self.resume()
        return self.wait(timeout)

    def interrupt(self, timeout: float = 10) -> Stop:
        """Stops a running machine."""
        try:
            self._socket.sendall(b"\x03")
        except OSError:
            raise GuestEnded("the machine ended while gdb was attached") from None
        return self.wait(timeout)

    def step(self) -> Stop:
        """One instruction of the selected hart, the others standing still; one that jumps to itself may run again."""
        before = self.read_register("pc")
        for _ in range(STEPS_TO_MOVE):
            self._send(f"vCont;s:{self.hart + 1:x}")
            stop = self.wait()
            if self.read_register("pc") != before:
                break
        return stop

    def run_to(self, address: int, timeout: float = 10) -> Stop:
        """Continues until a hart comes to `address`; if one stands there, until it comes again."""
        kept = address in self._breakpoints
        self.set_breakpoint(address)
        try:
            while True:
                stop = self.resume_until_stop(timeout)
                if self.read_register("pc") == address:
                    return stop
        finally:
            if not self.running and not kept:
                self.clear_breakpoint(address)

    def detach(self) -> None:
        """Ends the session; the machine runs on."""
        self._demand("D")
        self.close()

    @staticmethod
    def _stop_reply(answer: str) -> Stop:
        if answer.startswith("W") or answer.startswith("X"):
            raise GuestEnded(f"the machine ended: gdb says {answer}")
        match = re.match(r"T([0-9a-f]{2})(?:.*?thread:(?:p[0-9a-f]+\.)?([0-9a-f]+))?", answer)
        if not match:
            raise HostError(f"the gdb stub gave no stop reply but {answer!r}")
        return Stop(int(match[1], 16), int(match[2] or "1", 16) - 1)
