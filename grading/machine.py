"""One run of QEMU as a context manager: the one way to boot a guest, for tests, labs and grader.

    with Machine(Options(kernel=Path("build/goose.elf"), smp=2)) as machine:
        machine.wait_prompt()
        print(machine.run("ls /").output)
        assert machine.power_off() == 0

QEMU runs in a process group of its own that is gone when the block ends, and dies with the
thread that started it. Each run has a folder: console.log, qemu.log, its copies of the disks, and
rerun.sh, which starts the same machine by hand, with its disks as they were. The folder goes when
the block ends well and stays when it ends by an exception, whose message names it.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType

from grading.confine import confined, the_jail
from grading.console import Console, Found
from grading.errors import GuestEnded, GuestError, GuestTimeout, HostError
from grading.gdb import Gdb
from grading.memory_pipe import MemoryPipe
from grading.outside import foreign_signal, memory_kills
from grading.qemu import IN_JAIL, Options, rerun_script
from grading.qmp import Monitor
from grading.shell import Ran, run_shell
from grading.timing import Deadline, innermost

PROMPT = r"^[^\n]*[$#] \Z"  # a line that ends in "$ " (or "# "), with nothing after it
# What QEMU says of an image that does not fit the machine: the fault of who linked it.
NO_KERNEL = re.compile(r"ROM regions are overlapping|could not load (?:kernel|ELF)", re.IGNORECASE)
# The statuses of a bubblewrap in which QEMU crashed.
CRASHES = {128 + getattr(signal, f"SIG{name}") for name in ("ILL", "TRAP", "ABRT", "BUS", "FPE", "SEGV", "SYS")}
MTIME = 0x200BFF8  # the virt machine's clock, which counts at 10 MHz
NANOSECONDS_PER_TICK = 100
# Where a test reads, and how much, it often has from the guest: no RISC-V machine has higher addresses, and
# no test's machine this much memory at once.
PHYSICAL_END, MOST_MEMORY = 1 << 56, 512 << 20


class Machine:
    """See above. Methods raise GuestError for the guest's faults and HostError for QEMU's."""

    console: Console

    def __init__(self, options: Options) -> None:
        self.options = options
        self._temporary = options.folder is None
        self.folder = (options.folder or Path(tempfile.mkdtemp(prefix="goose-run-"))).absolute()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.images = [d.prepare(self.folder, i) for i, d in enumerate(options.disks)]
        self.command = options.command(self.folder, self.images)
        self._memory: MemoryPipe | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._ours, self._kills = False, memory_kills()  # we ended it; the system's kills before it ran
        self._qemu: int | None = None  # its process, which in a jail is not the one we started
        self._sockets: list[socket.socket] = []
        self._monitor: Monitor | None = None
        self._gdb: Gdb | None = None
        self.suspects: list[str] = []  # gdb commands that lead to where a test saw a mistake

    # Life.

    def __enter__(self) -> Machine:
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()
        if self._temporary and error is None:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self) -> None:
        script = self.folder / "rerun.sh"
        script.write_text(rerun_script(self.options, self.folder, self.images, Path.cwd()))
        script.chmod(0o755)
        monitor, monitor_end = self._pair()
        words = [*self.command, "-chardev", f"socket,id=monitor,fd={monitor_end}"]
        # Harts stand still until the monitor answers, else a short guest may be gone before.
        words += ["-mon", "chardev=monitor,mode=control", "-S"]
        if self.options.gdb:
            gdb, gdb_end = self._pair()
            words += ["-chardev", f"socket,id=gdb,fd={gdb_end}", "-gdb", "chardev:gdb"]
        if the_jail():
            words += IN_JAIL
        if shutil.which("setpriv"):  # so that QEMU ends even if we are killed
            words = ["setpriv", "--pdeathsig", "KILL", *words]
        self._memory = MemoryPipe(self.folder / "memory")
        self._spawn(confined(words, writes=[self._memory.path, *self._written()]))
        try:
            self._monitor = Monitor(monitor)
            assert self._process
            self._qemu = innermost(self._process.pid) if the_jail() else self._process.pid
            self.console.process = self._qemu
            if self.options.gdb:
                self._gdb = Gdb(gdb, self._qemu)
            else:
                self._monitor.execute("cont")
        except (HostError, GuestError) as error:
            log = (self.folder / "qemu.log").read_text(errors="replace").strip()
            if NO_KERNEL.search(log):
                raise GuestError(f"QEMU cannot load this kernel: {log}\n{self._describe()}") from error
            raise HostError(f"QEMU did not start: {log or error}\n{self._describe()}") from error
        self._monitor.closed = self._ended

    def _written(self) -> list[Path]:
        """The files that QEMU writes besides: images, unless it throws that away, and logs."""
        disks = zip(self.options.disks, self.images)
        written = [image for disk, image in disks if disk.mode != "snapshot"]
        return written + [disk.log.absolute() for disk in self.options.disks if disk.log]

    def _pair(self) -> tuple[socket.socket, int]:
        """A connected pair: our end, and the number of QEMU's."""
        ours, theirs = socket.socketpair()
        self._sockets.append(theirs)
        return ours, theirs.fileno()

    def _spawn(self, words: list[str]) -> None:
        with (self.folder / "qemu.log").open("wb") as log:
            try:
                self._process = subprocess.Popen(
                    words,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    pass_fds=[s.fileno() for s in self._sockets],
                    start_new_session=True,
                    bufsize=0,
                )
            except FileNotFoundError as error:
                raise HostError(f"{words[0]} is not installed; `make doctor` says more") from error
        while self._sockets:
            self._sockets.pop().close()
        assert self._process.stdin and self._process.stdout
        self.console = Console(
            self._process.stdout.fileno(),
            self._process.stdin.fileno(),
            failures=self.options.failures,
            limit=self.options.console_limit,
            log=self.folder / "console.log",
            describe=self._describe,
            process=self._process.pid,
        )

    def _stop(self) -> None:
        """Ends QEMU and everything it started, and takes its exit status."""
        for session in (self._monitor, self._gdb):
            if session:
                session.close()
        while self._sockets:
            self._sockets.pop().close()
        if self._memory:
            self._memory.close()
            self._memory = None
        process = self._process
        if process is None:
            return
        self._ours = True
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
        self.console.join(2)
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()

    def killed(self) -> str:
        """The signal that ended QEMU, if it came from outside of the guest and of us; else ""."""
        if self._process is None or self._ours or not self.console.join(0):
            return ""
        try:
            status = self._process.wait(2)
        except subprocess.TimeoutExpired:
            return ""
        # Of a QEMU in its jail we see a status that the guest can choose as well.
        return foreign_signal(status) if status < 0 or memory_kills() > self._kills else ""

    def _ended(self) -> Exception:
        """Why the monitor is closed: the guest may have ended the machine, which is its own fault."""
        assert self._process
        try:
            status = self._process.wait(2)
        except subprocess.TimeoutExpired:
            status = -1
        # QEMU was killed, has crashed, or is still there: not the guest's doing. Other statuses it can choose.
        if status < 0 or status in CRASHES or self.killed():
            return HostError(f"QEMU's monitor is closed (status {status})\n{self._describe()}")
        return GuestEnded(f"the guest ended the machine\n{self.console.excerpt()}\n{self._describe()}")

    def _describe(self) -> str:
        """What every failure says: the command, the exit status, the folder, the way back."""
        status: int | str = "running"
        if self._process and getattr(self, "console", None) and self.console.ended:
            try:
                status = self._process.wait(2)
            except subprocess.TimeoutExpired:
                pass
        return (
            f"  command: {shlex.join(self.command)}\n"
            f"  exit status: {status}\n"
            f"  rerun: {self.folder / 'rerun.sh'} (add --gdb to stop it at its start)"
        )

    def keep(self, folder: Path | None = None) -> Path:
        """Makes the run's folder fit to be looked at later: with the kernel that ran.

        `folder`, if given, becomes its new place.
        """
        for file in (self.options.kernel, self.options.initrd):
            if file and file.exists():
                shutil.copy(file, self.folder)
        if folder and folder != self.folder:
            shutil.rmtree(folder, ignore_errors=True)
            folder.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(self.folder, folder)
            self.folder = folder
        return self.folder

    # Time.

    def deadline(self, seconds: float) -> Deadline:
        """A limit for what the guest is to do, in seconds of an unloaded machine."""
        return Deadline(seconds, self._qemu)

    def let_run(self, seconds: float) -> None:
        """Sleeps until the guest has had at least so much time."""
        deadline = self.deadline(seconds)
        while left := deadline.left():
            time.sleep(left)

    # The end.

    def wait_exit(self, timeout: float = 10) -> int:
        """Waits for the guest to end by itself and returns QEMU's exit status."""
        assert self._process
        deadline = self.deadline(timeout)
        while left := deadline.left():
            try:
                status = self._process.wait(left)
                break
            except subprocess.TimeoutExpired:
                continue
        else:
            raise GuestTimeout(
                f"the guest has not ended within {deadline.seconds:.1f} s\n"
                f"{self.console.excerpt()}\n{self._describe()}"
            )
        self.console.join(2)
        return status

    def power_off(self, timeout: float = 20) -> int:
        """Types `poweroff` at the shell and returns QEMU's exit status."""
        self.console.send("poweroff\n")
        return self.wait_exit(timeout)

    # The console.

    def expect(self, pattern: str | re.Pattern[str], timeout: float = 10) -> Found:
        return self.console.expect(pattern, timeout)

    def send(self, data: str | bytes) -> None:
        self.console.send(data)

    def wait_prompt(self, timeout: float = 20) -> Found:
        """Waits for the shell to ask for a line."""
        return self.console.expect(PROMPT, timeout)

    def run(self, command: str, timeout: float = 10) -> Ran:
        """Runs one line at the goose shell."""
        return run_shell(self.console, command, timeout)

    def check(self, command: str, timeout: float = 10) -> str:
        """Runs a line that must succeed and returns its output."""
        ran = self.run(command, timeout)
        if ran.status:
            raise GuestError(
                f"{command!r} ended with status {ran.status}: {ran.output.strip()}\n"
                f"{self._describe()}"
            )
        return ran.output

    # From outside: the monitor and gdb.

    @property
    def monitor(self) -> Monitor:
        if self._monitor is None:
            raise HostError("the machine is not running")
        return self._monitor

    @property
    def gdb(self) -> Gdb:
        if self._gdb is None:
            raise HostError("the machine was not started with gdb=True")
        return self._gdb

    def stop(self) -> None:
        """All harts stand still until `cont`."""
        self.monitor.execute("stop")

    def cont(self) -> None:
        self.monitor.execute("cont")

    def read_memory(self, address: int, size: int) -> bytes:
        """Guest physical memory, device registers included. GuestError where there can be none."""
        if self._memory is None:
            raise HostError("the machine is not running")
        if not (0 <= address <= address + size <= PHYSICAL_END and size <= MOST_MEMORY):
            raise GuestError(f"the kernel's data lead to {size:,} bytes at physical {address:#x}: no memory is there")
        return self._memory.read(self.monitor, address, size)

    def registers(self, hart: int = 0) -> dict[str, int]:
        """All registers and the main CSRs of a hart, by ABI name."""
        text = self.monitor.human("info registers", hart)
        pairs = re.findall(r"(?:[xf]\d+/)?(\w+) +([0-9a-f]{16})\b", text)
        return {name: int(value, 16) for name, value in pairs}

    def guest_nanoseconds(self) -> int:
        """Guest time since reset. With icount "shift=0": instructions, and waits as time."""
        ticks = int.from_bytes(self.read_memory(MTIME, 8), "little")
        return ticks * NANOSECONDS_PER_TICK
