"""goose's shell on a pseudo-terminal of the host: job control, line editing, history."""

from __future__ import annotations

import codecs
import os
import pty
import select
import time
from pathlib import Path

from tests.host_shell import fill, goose_shell


class Terminal:
    """goose's shell on a pseudo-terminal."""

    def __init__(self, shell: Path, terminal: str = "dumb", folder: Path = Path("/")) -> None:
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            path = os.environ["PATH"]
            os.execve(shell, ["sh"], {"PATH": path, "PS1": "READY> ", "TERM": terminal})
        self.output = ""
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.wait_for("READY> ")

    def wait_for(self, text: str, seconds: float = 10) -> str:
        """Everything up to `text`, which must come."""
        end = time.monotonic() + seconds
        while text not in self.output:
            left = end - time.monotonic()
            assert left > 0, f"no {text!r} in {self.output!r}"
            if select.select([self.fd], [], [], left)[0]:
                self.output += self.decoder.decode(os.read(self.fd, 4096)).replace("\r", "")
        before, _, self.output = self.output.partition(text)
        return before

    def type(self, text: str) -> None:
        os.write(self.fd, text.encode())

    def command(self, line: str) -> str:
        self.type(line + "\n")
        self.wait_for(line + "\n")
        return self.wait_for("READY> ")

    def start(self, line: str) -> None:
        """A command that stays in the foreground, which it tells by its own output."""
        self.type(f"sh -c 'echo started; {line}'\n")
        self.wait_for("\nstarted\n")

    def close(self) -> int:
        self.type("exit 3\n")
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.fd)
        return status


def test_interrupt_ends_the_job_and_not_the_shell(goose_shell: Path) -> None:
    terminal = Terminal(goose_shell)
    terminal.start("exec sleep 20")
    terminal.type("\x03")
    terminal.wait_for("READY> ")
    assert terminal.command("echo $?") == "130\n"
    terminal.type("echo half a line\x03")
    terminal.wait_for("READY> ")
    assert terminal.command("echo whole") == "whole\n"
    terminal.start("sleep 20 | exec sleep 20")
    terminal.type("\x03")
    terminal.wait_for("READY> ")
    assert terminal.close() == 3


def test_interrupt_drops_the_rest_of_the_line(goose_shell: Path) -> None:
    terminal = Terminal(goose_shell)
    terminal.type("sh -c 'echo started; exec sleep 20'; echo not wanted\n")
    terminal.wait_for("\nstarted\n")
    terminal.type("\x03")
    assert "not wanted" not in terminal.wait_for("READY> ")
    terminal.close()


def test_background_job_is_reported_before_the_prompt(goose_shell: Path) -> None:
    terminal = Terminal(goose_shell)
    assert terminal.command("true & wait; :").startswith("[1] ")
    started = terminal.command("sleep 20 &")
    pid = int(started.split()[1])
    assert "Running" in terminal.command("jobs")
    os.kill(pid, 15)
    report = ""
    while not report:  # it may take a moment to die
        report = terminal.command(":")
    assert "Terminated             sleep 20" in report
    terminal.close()


def test_stopped_job_goes_on_in_the_foreground(goose_shell: Path) -> None:
    terminal = Terminal(goose_shell)
    terminal.start("exec cat")
    terminal.type("\x1a")
    assert "Stopped" in terminal.wait_for("READY> ")
    terminal.type("fg\n")
    terminal.wait_for("exec cat'\n")
    terminal.type("back\n")
    terminal.wait_for("back\nback\n")
    terminal.type("\x04")
    terminal.wait_for("READY> ")
    assert terminal.command("jobs") == ""
    terminal.close()


def test_killed_child_is_named(goose_shell: Path) -> None:
    terminal = Terminal(goose_shell)
    assert "Segmentation fault" in terminal.command("sh -c 'kill -SEGV $$'")
    assert terminal.command("echo $?") == "139\n"
    terminal.close()


def test_incomplete_line_is_asked_for(goose_shell: Path) -> None:
    terminal = Terminal(goose_shell)
    terminal.type("echo 'a\n")
    terminal.wait_for("\n> ")
    terminal.type("b'\n")
    assert terminal.wait_for("READY> ").endswith("a\nb\n")
    terminal.close()


LEFT, UP, HOME, END = "\x1b[D", "\x1b[A", "\x1b[H", "\x1b[F"


def test_line_is_edited_before_it_runs(goose_shell: Path) -> None:
    terminal = Terminal(goose_shell, "vt100")
    for typed, output in (
        (f"echo abd{LEFT}c", "abcd"),
        (f"cho x{HOME}e{END}y", "xy"),
        ("echo one two\x17three", "one three"),
        ("echo wrong\x15echo right", "right"),
        ("echo abcd\x7f\x7f", "ab"),
        (f"echo keep drop{LEFT * 5}\x0b", "keep"),
        (f"echo \xe4\xf6{LEFT}\x7fx", "x\xf6"),
    ):
        terminal.type(f"{typed}\n")
        terminal.wait_for(f"\n{output}\n")
        terminal.wait_for("READY> ")
    terminal.close()


def test_history_gives_lines_back(goose_shell: Path) -> None:
    terminal = Terminal(goose_shell, "vt100")
    terminal.command("echo first")
    terminal.command("echo second")
    terminal.type(f"{UP}{UP}!\n")
    terminal.wait_for("\nfirst!\n")
    terminal.wait_for("READY> ")  # keys before it go to the terminal's own line editor
    terminal.type(f"{UP}{UP}\x0e\x7f?\n")
    terminal.wait_for("\nfirst?\n")
    terminal.close()


def test_tab_completes_commands_and_files(goose_shell: Path, tmp_path: Path) -> None:
    fill(tmp_path)
    terminal = Terminal(goose_shell, "vt100", tmp_path)
    terminal.type("cat thr\t\n")
    terminal.wait_for("\n1\n2\n3\n")
    terminal.wait_for("READY> ")
    terminal.type("cat d/i\t; ec\t\x15ls d\t\n")
    terminal.wait_for("\ninner\n")
    terminal.wait_for("READY> ")
    (tmp_path / "long-name-a").touch()
    (tmp_path / "long-name-b").touch()
    terminal.type("ls lo\t\t")
    terminal.wait_for("long-name-a long-name-b")
    terminal.type("b\n")
    terminal.wait_for("\nlong-name-b\n")
    terminal.close()


def test_interrupted_line_is_forgotten(goose_shell: Path) -> None:
    terminal = Terminal(goose_shell, "vt100")
    terminal.type("echo half a li")
    terminal.wait_for("half a li")
    terminal.type("\x03")
    terminal.wait_for("READY> ")
    terminal.type("echo who\x7f\x7f\x7fwhole\n")
    terminal.wait_for("\nwhole\n")
    assert terminal.close() == 3
