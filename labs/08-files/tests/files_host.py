"""What the host needs to foretell the programs of lab 8: machines that start one of them as
process 1, and comparing what they say line by line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from grading.cpio import pack, unpack
from grading.machine import Machine
from grading.symbols import Symbols
from grading.tree import Tree, file
from labs.grade import check

LINEAR = 0xFFFFFFC000000000
EPERM, ESRCH, EINTR, EBADF, EAGAIN, EACCES, EFAULT, EINVAL, EPIPE = 1, 3, 4, 9, 11, 13, 14, 22, 32
SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGKILL, SIGUSR1, SIGSEGV, SIGUSR2 = 1, 2, 3, 4, 9, 10, 11, 12
SIGPIPE, SIGTERM, SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP = 13, 15, 17, 18, 19, 20
SIGTTIN, SIGTTOU = 21, 22
SIGURG, SIGWINCH, SIGIO = 23, 28, 29
UNBLOCKABLE = 1 << SIGKILL - 1 | 1 << SIGSTOP - 1


def bit(signal: int) -> int:
    return 1 << signal - 1


class Launcher:
    """Boots goose with a program of this lab as process 1, from an archive with nothing else."""

    machine: Machine  # the last one

    def __init__(
        self,
        start: Callable[..., Machine],
        folder: Path,
        program: Callable[[str], Path],
        build: Path,
    ) -> None:
        self._start, self._folder, self._program, self._build = start, folder, program, build
        self._count = 0

    def _boot(self, tree: Tree, append: str, **options: object) -> Machine:
        self._count += 1
        path = self._folder / f"initramfs{self._count}.cpio"
        path.write_bytes(pack(tree))
        self.machine = self._start(initrd=path, append=f"root=initramfs {append}", **options)
        return self.machine

    def first(self, name: str, *arguments: int, **options: object) -> Machine:
        """`name` as process 1."""
        tree: Tree = {f"/{name}": file(self._program(name).read_bytes(), 0o755)}
        words = " ".join(str(word) for word in arguments)
        return self._boot(tree, f"init=/{name} -- {words}", **options)

    def system(self, more: Tree, append: str = "", programs: Sequence[str] = ()) -> Machine:
        """The whole system, with these files and programs of this lab added to it."""
        tree = unpack((self._build / "initramfs.cpio").read_bytes()) | more
        for name in programs:
            tree[f"/bin/{name}"] = file(self._program(name).read_bytes(), 0o755)
        return self._boot(tree, append)

    def lines(self, name: str, *arguments: int, end: str = "end", timeout: float = 8) -> list[str]:
        """What `name` prints, to the line that begins with `end`. The machine must end well."""
        machine = self.first(name, *arguments)
        found = machine.expect(rf"^{end}\b[^\n]*\n", timeout)
        if end != "hold":
            check("the machine's exit status", seen=machine.wait_exit(), expected=0)
        text = (found.before + found.text).split("begin\n", 1)[-1]
        return [line for line in text.splitlines() if line]

    def open_files(self, symbols: Symbols, name: str, *arguments: int) -> tuple[list[str], int]:
        """The lines of a program that ends by holding still, and how many open files there are
        then: read from the kernel's memory."""
        lines = self.lines(name, *arguments, end="hold")
        self.machine.stop()
        data = self.machine.read_memory(symbols.address("live_files") - LINEAR, 8)
        return lines, int.from_bytes(data, "little")


def compare(
    seen: Sequence[str], expected: Sequence[str], what: Callable[[int], str], why: str
) -> None:
    """Each line as expected; `what(i)` says what line `i` is about."""
    for index, line in enumerate(expected):
        got = seen[index] if index < len(seen) else None
        check(what(index), seen=got, expected=line, why=why)
