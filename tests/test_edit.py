"""goose's editor: on a pseudo-terminal of the host under qemu-riscv64, and at goose's own console."""

from __future__ import annotations

import os
import shutil
import signal
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import BUILD, Start
from tests.screen import Terminal

from grading.disk import make_image
from grading.machine import Machine
from grading.qemu import Disk

QEMU = shutil.which("qemu-riscv64") or shutil.which("qemu-riscv64-static")
UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
HOME, END, PAGE_UP, PAGE_DOWN, DELETE = "\x1b[H", "\x1b[F", "\x1b[5~", "\x1b[6~", "\x1b[3~"
WORD_RIGHT, WORD_LEFT, START_OF_TEXT, END_OF_TEXT = "\x1b[1;5C", "\x1b[1;5D", "\x1b[1;5H", "\x1b[1;5F"
ENTER, BACKSPACE, ESCAPE = "\r", "\x7f", "\x1b"


def control(letter: str) -> str:
    return chr(ord(letter) & 0x1F)


SAVE, QUIT, FIND, NEXT, LINE = (control(letter) for letter in "SQFNG")
CUT, COPY, PASTE, UNDO, REDO = (control(letter) for letter in "XCVUR")

Open = Callable[..., Terminal]


@pytest.fixture
def edit(tmp_path: Path, build: Path) -> Open:
    """edit(text): the editor on a file with this text, in a small window."""
    if not QEMU:
        pytest.fail("qemu-riscv64 is missing: install the package qemu-user", pytrace=False)

    def start(text: str | bytes | None = "", *words: str, rows: int = 12, columns: int = 60) -> Terminal:
        file = tmp_path / "file"
        if text is not None:
            file.write_bytes(text.encode() if isinstance(text, str) else text)
        terminal = Terminal(
            [str(QEMU), str(build / "user/bin/edit"), *words, "file"], tmp_path, rows, columns
        )
        terminal.wait_for(lambda screen: "file" in screen.lines[-2])
        return terminal

    return start


def saved(terminal: Terminal, folder: Path) -> str:
    """The file after saving, which the editor says it has done."""
    terminal.send(SAVE)
    terminal.wait_for(lambda screen: screen.lines[-1].startswith("saved"))
    return (folder / "file").read_bytes().decode("utf-8", "surrogateescape")


# Keys on "one two\nthree\n\tfour\n", and what the file is then.
EDITS = {
    "typing": ("new ", "new one two\nthree\n\tfour\n"),
    "typing-at-the-end": (END_OF_TEXT + "last", "one two\nthree\n\tfour\nlast"),
    "enter-splits": (RIGHT * 3 + ENTER, "one\n two\nthree\n\tfour\n"),
    "backspace": (RIGHT * 3 + BACKSPACE, "on two\nthree\n\tfour\n"),
    "backspace-joins": (DOWN + BACKSPACE, "one twothree\n\tfour\n"),
    "backspace-at-the-start": (BACKSPACE + "x", "xone two\nthree\n\tfour\n"),
    "delete": (DELETE * 4, "two\nthree\n\tfour\n"),
    "delete-joins": (END + DELETE, "one twothree\n\tfour\n"),
    "delete-at-the-end": (END_OF_TEXT + DELETE + "x", "one two\nthree\n\tfour\nx"),
    "words": (WORD_RIGHT + "!" + WORD_RIGHT + WORD_RIGHT + "?", "one! two\nthree?\n\tfour\n"),
    "words-back": (DOWN * 2 + END + WORD_LEFT + "f" + WORD_LEFT * 2 + "t", "one two\ntthree\n\tffour\n"),
    "up-and-down-keep-the-column": (
        END + DOWN + DOWN + DOWN + UP + UP + UP + "!",
        "one two!\nthree\n\tfour\n",
    ),
    "left-and-right-pass-lines": (END + RIGHT + "a" + LEFT + LEFT + "b", "one twob\nathree\n\tfour\n"),
    "cut-two-and-paste": (CUT * 2 + END_OF_TEXT + PASTE, "\tfour\none two\nthree\n"),
    "copy-and-paste-twice": (COPY + PASTE * 2, "one two\none two\none two\nthree\n\tfour\n"),
    "cut-forgets-what-was-cut-before": (CUT + DOWN + CUT + PASTE * 2, "three\n\tfour\n\tfour\n"),
    "cut-of-the-last-line": (END_OF_TEXT + "x" + CUT + UP + PASTE, "one two\nthree\nx\tfour\n"),
    "undo-typing": ("abc" + UNDO, "one two\nthree\n\tfour\n"),
    "undo-stops-at-a-move": ("abc" + RIGHT + "d" + UNDO, "abcone two\nthree\n\tfour\n"),
    "undo-all-and-redo": (CUT * 3 + "x" + UNDO * 4 + REDO, "three\n\tfour\n"),
    "undo-of-a-paste": (COPY + DOWN + PASTE + UNDO + "x", "one two\nthree\nx\tfour\n"),
    "a-change-ends-redo": ("a" + UNDO + "b" + REDO, "bone two\nthree\n\tfour\n"),
    "find": (FIND + "our" + ENTER + "X", "one two\nthree\n\tfXour\n"),
    "find-again": (FIND + "o" + ENTER + NEXT + "X", "one two\nthree\n\tfXour\n"),
    "find-goes-round": (FIND + "e" + ENTER + NEXT * 3 + "X", "onXe two\nthree\n\tfour\n"),
    "find-given-up": (FIND + "our" + ESCAPE, "one two\nthree\n\tfour\n"),
    "go-to-line": (LINE + "3" + ENTER + "X", "one two\nthree\nX\tfour\n"),
    "go-past-the-end": (LINE + "99" + ENTER + "X", "one two\nthree\n\tfour\nX"),
    "tab": ("\t", "\tone two\nthree\n\tfour\n"),
}


@pytest.mark.parametrize("name", EDITS)
def test_keys_change_the_text(edit: Open, tmp_path: Path, name: str) -> None:
    keys, expected = EDITS[name]
    with edit("one two\nthree\n\tfour\n") as terminal:
        terminal.send(keys)
        if keys.endswith(ESCAPE):
            terminal.wait_for(lambda screen: "^S" in screen.lines[-1])
        assert saved(terminal, tmp_path) == expected
        terminal.send(QUIT)
        assert terminal.wait_end() == 0


@pytest.mark.parametrize("text", ["", "\n", "a", "a\n", "a\r\nb", "\x00\x01\n\n\n", "x" * 100_000 + "\n"])
def test_a_file_is_saved_as_it_was_read(edit: Open, tmp_path: Path, text: str) -> None:
    with edit(text) as terminal:
        terminal.send("x" + BACKSPACE)
        assert saved(terminal, tmp_path) == text


def test_bytes_that_are_no_utf8_are_shown_and_kept(edit: Open, tmp_path: Path) -> None:
    content = b"\xff\xc3(\x80\x01\x7f \xed\xa0\x80 \xc3\xa4\xe2\x82\xac|\xe6\xbc\xa2|e\xcc\x81|\n"
    with edit(content) as terminal:
        screen = terminal.wait_for(lambda screen: screen.lines[0] != "")
        # The wide character's second cell and the mark without a width are the terminal's affair.
        assert screen.lines[0].startswith("\\xff\\xc3(\\x80^A^? \\xed\\xa0\\x80 ä€|漢|e")
        # Over each character with one key, also where it has several bytes.
        terminal.send(END + LEFT * 3 + BACKSPACE * 2 + LEFT + BACKSPACE)
        text = saved(terminal, tmp_path).encode("utf-8", "surrogateescape")
    assert text == b"\xff\xc3(\x80\x01\x7f \xed\xa0\x80 \xe2\x82\xac|e\xcc\x81|\n"


def test_typed_utf8_is_one_character(edit: Open, tmp_path: Path) -> None:
    with edit("") as terminal:
        terminal.send("käse€" + BACKSPACE + LEFT * 2 + BACKSPACE)
        terminal.wait_for(lambda screen: screen.lines[0] == "kse" and screen.column == 1)
        assert saved(terminal, tmp_path) == "kse"


def test_the_window_follows_the_cursor(edit: Open) -> None:
    text = "".join(f"line {number} " + "0123456789" * 20 + "end\n" for number in range(1, 101))
    with edit(text, "+50") as terminal:
        terminal.wait_for(lambda screen: any(line.startswith("line 50 ") for line in screen.lines))
        terminal.send(END)
        screen = terminal.wait_for(lambda screen: any(line.endswith("end") for line in screen.lines))
        assert "line 50 of 101, column 212" in screen.lines[-2]
        terminal.send(HOME + PAGE_DOWN)
        terminal.wait_for(lambda screen: "line 60 of 101, column 1" in screen.lines[-2])
        terminal.send(END_OF_TEXT + UP)
        terminal.wait_for(lambda screen: screen.lines[screen.row].startswith("line 100 "))
        terminal.send(START_OF_TEXT)
        terminal.wait_for(lambda screen: screen.lines[0].startswith("line 1 ") and screen.row == 0)


def test_a_new_window_size_is_used(edit: Open) -> None:
    with edit("".join(f"{number}\n" for number in range(100))) as terminal:
        terminal.resize(30, 40)
        terminal.wait_for(lambda screen: screen.lines[27] == "27" and "line 1" in screen.lines[28])
        terminal.resize(5, 30)
        terminal.wait_for(lambda screen: screen.lines[2] == "2" and "line 1" in screen.lines[3])


def test_changes_are_not_lost_without_a_question(edit: Open, tmp_path: Path) -> None:
    with edit("old\n") as terminal:
        terminal.send("new " + QUIT)
        terminal.wait_for(lambda screen: screen.lines[-1].startswith("Save the changes?"))
        terminal.send(ESCAPE)
        terminal.wait_for(lambda screen: "^S Save" in screen.lines[-1] and "[changed]" in screen.lines[-2])
        terminal.send(QUIT + "n")
        assert terminal.wait_end() == 0
    assert (tmp_path / "file").read_text() == "old\n"
    with edit("old\n") as terminal:
        terminal.send("new " + QUIT + "y")
        assert terminal.wait_end() == 0
    assert (tmp_path / "file").read_text() == "new old\n"
    assert os.listdir(tmp_path) == ["file"]


def test_what_undo_has_brought_back_is_not_changed(edit: Open) -> None:
    with edit("old\n") as terminal:
        terminal.send("x")
        terminal.wait_for(lambda screen: "[changed]" in screen.lines[-2])
        terminal.send(UNDO)
        terminal.wait_for(lambda screen: "[changed]" not in screen.lines[-2])
        terminal.send(QUIT)
        assert terminal.wait_end() == 0


def test_saving_keeps_mode_and_links_and_leaves_nothing_behind(edit: Open, tmp_path: Path) -> None:
    with edit("text\n") as terminal:
        target = tmp_path / "target"
        (tmp_path / "file").rename(target)
        (tmp_path / "file").symlink_to("target")
        target.chmod(0o751)
        terminal.send("x")
        assert saved(terminal, tmp_path) == "xtext\n"
    assert (tmp_path / "file").is_symlink()
    assert stat.S_IMODE(target.stat().st_mode) == 0o751
    assert sorted(os.listdir(tmp_path)) == ["file", "target"]


def test_another_writer_is_noticed(edit: Open, tmp_path: Path) -> None:
    with edit("text\n") as terminal:
        (tmp_path / "file").write_text("somebody else's\n")
        terminal.send("x" + SAVE)
        terminal.wait_for(lambda screen: "another by now" in screen.lines[-1])
        terminal.send("n")
        terminal.wait_for(lambda screen: "^S Save" in screen.lines[-1])
        assert (tmp_path / "file").read_text() == "somebody else's\n"
        terminal.send(SAVE + "y")
        terminal.wait_for(lambda screen: screen.lines[-1].startswith("saved"))
    assert (tmp_path / "file").read_text() == "xtext\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_save_to_another_file_and_restore_the_terminal(
    edit: Open, tmp_path: Path, number: signal.Signals
) -> None:
    with edit("old\n") as terminal:
        terminal.send("new ")
        terminal.wait_for(lambda screen: "[changed]" in screen.lines[-2])
        assert not terminal.attributes()[3] & 8  # type: ignore[operator]  # ECHO is off
        os.kill(terminal.pid, number)
        assert terminal.wait_end() == 128 + number
        assert terminal.attributes()[3] & 8, "the terminal was left in raw mode"  # type: ignore[operator]
        assert not terminal.screen.is_alternate
    assert (tmp_path / "file").read_text() == "old\n"
    assert (tmp_path / "file.save").read_text() == "new old\n"


def test_without_changes_a_signal_saves_nothing(edit: Open, tmp_path: Path) -> None:
    with edit("old\n") as terminal:
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.wait_end() == 143
    assert os.listdir(tmp_path) == ["file"]


def test_what_cannot_be_edited_is_refused(tmp_path: Path, build: Path) -> None:
    for name, message in (("/", "Is a directory"), ("/dev/null", "Invalid argument")):
        with Terminal([str(QEMU), str(build / "user/bin/edit"), name], tmp_path) as terminal:
            assert terminal.wait_end() == 1
            assert any(message in line for line in terminal.screen.lines), terminal.screen.lines


# ---- On goose ----


def open_on_goose(run: Machine, command: str, sign: str = r"\^S Save") -> None:
    run.send(f"{command}\n")
    run.expect(sign, 20)


def leave(run: Machine, keys: str) -> None:
    """Back at the prompt, which stands where the editor's last line ends: a console has no cells."""
    run.send(keys)
    run.expect(r"\$ \Z", 20)
    run.send("\n")
    run.wait_prompt()


def test_a_file_is_edited_at_the_console(booted: Machine) -> None:
    open_on_goose(booted, "edit /tmp/poem")
    booted.send("a goose\rhonks")
    booted.expect(r"honks")
    booted.send(control("Z"))
    booted.wait_prompt()
    assert "topped" in booted.check("jobs")
    assert "honks" not in booted.run("cat /tmp/poem").output  # not saved yet
    open_on_goose(booted, "fg", "honks")
    booted.send(SAVE)
    booted.expect(r"saved: 2 lines")
    leave(booted, QUIT)
    assert booted.check("cat /tmp/poem; stat -c %a /tmp/poem") == "a goose\nhonks644\n"
    booted.send("cat\nechoed\n")
    booted.expect(r"^echoed\nechoed\n")  # the terminal's, and cat's
    booted.send(control("C"))


def test_a_full_disk_loses_nothing(machine: Start, build: Path, folder: Path) -> None:
    small = folder / "small.img"
    make_image(small, "1M")
    disks = [Disk(build / "disk.img", mode="snapshot"), Disk(small, mode="direct")]
    run = machine(disks=disks)
    run.wait_prompt()
    run.check("mount /dev/vdb /mnt && echo the only copy > /mnt/kept && sync")
    assert run.run("cat /dev/zero > /mnt/filler", 60).status == 1
    open_on_goose(run, "edit /mnt/kept")
    run.send("new " + SAVE)
    run.expect(r"not saved: No space left on device", 20)
    run.send(control("L"))
    run.expect(r"\[changed\]")
    leave(run, QUIT + "n")
    assert run.check("cat /mnt/kept; ls -A /mnt | cat") == "the only copy\nfiller\nkept\nlost+found\n"
