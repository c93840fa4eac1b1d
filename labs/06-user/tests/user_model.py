"""What the host needs to foretell the probes and programs of lab 6: the log of the probes, archives to
boot from, and user memory read through the page tables."""

from __future__ import annotations

from pathlib import Path

from grading.cpio import pack
from grading.errors import GuestError
from grading.machine import Machine
from grading.symbols import Symbols
from grading.sv39 import Walker
from grading.tree import Tree
from labs.probe import Words, log_words

USER_END = 1 << 38
STACK_TOP = USER_END - 16 * 4096
STACK_LIMIT = 8 << 20
PAGE = 4096
EFAULT, ENOENT, ENOEXEC, EBADF, E2BIG = 14, 2, 8, 9, 7


def archive(folder: Path, tree: Tree) -> Path:
    """An initial archive with these files."""
    path = folder / "initramfs.cpio"
    path.write_bytes(pack(tree))
    return path


def read_log(machine: Machine, symbols: Symbols, timeout: float = 10) -> Words:
    """Waits for the probe to complete its log, and reads it."""
    machine.expect(r"^probe: done", timeout)
    machine.stop()
    return log_words(machine, symbols, "user_log")


class Space:
    """The user half of an address space of a stopped machine."""

    def __init__(self, machine: Machine, root: int) -> None:
        self.machine = machine
        self.walker = Walker(machine.read_memory, root)
        found = self.walker.mappings()
        self.pages = {m.virtual: m for m in found if m.virtual < USER_END}
        self._bytes: dict[int, bytes] = {}

    def page(self, virtual: int) -> bytes | None:
        """The page's bytes; nothing where none is mapped."""
        if virtual not in self.pages:
            return None
        if virtual not in self._bytes:
            self._bytes[virtual] = self.machine.read_memory(self.pages[virtual].physical, PAGE)
        return self._bytes[virtual]

    def read(self, address: int, size: int) -> bytes:
        """Bytes at a user address; those that are not mapped are left out at the end."""
        data = b""
        while size > 0:
            page = self.page(address & -PAGE)
            if page is None:
                break
            part = page[address % PAGE :][:size]
            data += part
            address, size = address + len(part), size - len(part)
        return data

    def whole(self, address: int, size: int) -> bytes:
        """Bytes at a user address, which must be mapped."""
        data = self.read(address, size)
        if len(data) < size:
            raise GuestError(f"user memory from {address:#x} on ends after {len(data)} bytes of {size}")
        return data

    def word(self, address: int) -> int:
        return int.from_bytes(self.read(address, 8), "little")

    def text(self, address: int) -> bytes:
        """The bytes at an address up to a NUL."""
        data = b""
        while b"\0" not in data:
            part = self.read(address + len(data), 512)
            if not part:
                break
            data += part
        return data.split(b"\0")[0]
