"""The host's side of Lab 10: runs scripts on goose and judges what they leave on the disk.

`Tool.play` boots goose with a copy of an image on /mnt, compares every answer of a script
(ext2_script.py) with the model's, and has e2fsck and debugfs judge what the guest left.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

from ext2_script import Script, answer_text, error_name, number_text, show

from grading.cpio import pack
from grading.disk import DiskError, debugfs, fsck, read_tree
from grading.errors import GuestError, GuestTimeout
from grading.machine import Machine
from grading.qemu import Disk
from grading.tree import Node, Tree, differences, file, folder
from labs.grade import fail
from labs.probe import ended_early

SECONDS = 3  # of an unloaded machine, without an answer: no step takes one
HISTORY = 5  # so many steps of the script a message tells
Answers = dict[str, tuple[int, int]]
QUESTION = re.compile(r"(^|\s+)[A-Z][\w/+ ]*\? (no|yes)\s*$")  # e2fsck's, and what it answered itself
CHATTER = re.compile(r"Pass \d|e2fsck \d|.*WARNING: Filesystem still has errors|^\S+: \d+/\d+ files")


def complaints(image: Path) -> list[str]:
    """What e2fsck has to say; nothing of a disk that is in order."""
    try:
        fsck(image)
    except DiskError as error:
        lines = (QUESTION.sub("", line) for line in str(error).splitlines()[1:])
        return [line for line in lines if line.strip() and not CHATTER.match(line)]
    return []


class Tool:
    """Boots goose with ext2_script as process 1."""

    def __init__(self, start: Callable[..., Machine], folder: Path, program: Path) -> None:
        self.start, self.folder, self.program = start, folder, program
        self.runs = 0
        self.left = folder  # the image that the last run left
        self.told = ""  # what the kernel of the last run said last of the disk

    # Running.

    def _boot(self, images: Sequence[Path], lines: Sequence[str], words: str) -> Machine:
        """A machine that has ended by itself, or is an error with the step that it came to."""
        tree: Tree = {"/ext2_script": file(self.program.read_bytes(), 0o755)}
        tree |= {"/script": file("".join(f"{line}\n" for line in lines))}
        tree |= {"/mnt": folder(), "/dev": folder()}
        initrd = self.folder / f"initramfs{self.runs}.cpio"
        initrd.write_bytes(pack(tree))
        append = f"root=initramfs init=/ext2_script -- {words}"
        machine = self.start(initrd=initrd, append=append, disks=[Disk(image) for image in images])
        machine.suspects = ["break Ext2Volume::damaged"]
        self.runs += 1
        self.left = machine.images[0]
        status = self._end(machine, lines)
        said = re.findall(r"^ext2 on vda: .*$", machine.console.text, re.MULTILINE)
        damage = [line for line in said if "damaged: " in line]
        self.told = (damage or said or [""])[-1]
        if status:
            machine.suspects = []
            where = self._step(machine, lines)
            raise ended_early(machine, f"the kernel ended (QEMU's exit status {status}) {where}")
        return machine

    def _end(self, machine: Machine, lines: Sequence[str]) -> int:
        """Waits for the machine's end; gives up where no answer comes. QEMU's exit status."""
        answered = -1
        while len(found := self._found(machine)) > answered:
            answered = len(found)
            try:
                return machine.wait_exit(SECONDS)
            except GuestTimeout:
                continue
        where = self._step(machine, lines)
        raise GuestTimeout(f"the kernel hangs, or goes round in a circle, {where}")

    def _step(self, machine: Machine, lines: Sequence[str]) -> str:
        """Where in the script a machine is that has not come to its end."""
        answers = self._found(machine)
        done = sum(place.isdigit() for place in answers)
        if not answers:
            return "before it had mounted the disk"
        if done == len(lines):
            return "after the last step, while it unmounted the disk"
        before = self.history(lines, done)
        return f"in step {done}, `{show(lines[done])}`{before}"

    @staticmethod
    def history(lines: Sequence[str], until: int) -> str:
        """For messages: the steps before this one, from a new line on."""
        some = range(max(0, until - HISTORY), until)
        before = "".join(f"\n    step {n}: {show(lines[n])}" for n in some)
        return f"\n  the steps before it:{before}" if before else ""

    @staticmethod
    def _found(machine: Machine) -> Answers:
        found = re.findall(r"^answer (\w+) (\d+) (\d+)\r?$", machine.console.text, re.MULTILINE)
        return {place: (int(error), int(number)) for place, error, number in found}

    def mounts(self, images: Sequence[Path]) -> list[int]:
        """The errnos of mounting each of at most eight images, in one boot."""
        names = [f"vd{chr(ord('a') + n)}" for n in range(len(images))]
        answers = self._found(self._boot(images, [], f"rw {' '.join(names)}"))
        return [answers.get(name, (-1, 0))[0] for name in names]

    def ask(self, image: Path, script: Script, why: str, how: str = "rw") -> list[tuple[int, int]]:
        """Runs the script on a copy of the image and compares its answers with the model's."""
        lines = [line for line, _ in script.steps]
        self._write_script(script)
        answers = self._found(self._boot([image], lines, how))
        self._went_well("mounting the disk", answers.get("mount", (-1, 0)))
        result = []
        for place, (line, expected) in enumerate(script.steps):
            seen = answers.get(str(place))
            if seen is None:
                fail(f"step {place} ({show(line)}) has no answer", why)
            result.append(seen)
            if expected is None:
                continue
            what = f"step {place}, {show(line)}"
            if seen[0] != expected[0]:
                texts = error_name(expected[0]), error_name(seen[0])
                self._differ(f"{what}: the errno", texts, lines, place, why)
            elif expected[1] is not None and seen[1] != expected[1]:
                texts = number_text(line, expected[1]), number_text(line, seen[1])
                self._differ(f"{what}: the number", texts, lines, place, why)
        self._went_well("unmounting", answers.get("umount", (-1, 0)))
        return result

    def _went_well(self, what: str, answer: tuple[int, int]) -> None:
        if answer[0]:
            self._differ(f"{what}: the errno", (error_name(0), error_name(answer[0])), [], 0, "")

    def _differ(self, what: str, texts: tuple[str, str], lines: list[str], place: int, why: str) -> None:
        told = f"\n  the kernel's log: {self.told}" if self.told else ""
        before = self.history(lines, place)
        fail(f"{what}\n  expected: {texts[0]}\n  seen:     {texts[1]}{told}{before}", why)

    def _write_script(self, script: Script) -> None:
        """script.txt in the test's folder: each step, and what it should answer."""
        rows = []
        for place, (line, answer) in enumerate(script.steps):
            text = answer_text(line, answer) if answer else "(judged by the test)"
            rows.append(f"{place}: {line}\n      -> {text}\n")
        (self.folder / f"script{self.runs or ''}.txt").write_text("".join(rows))

    # Judging.

    def judge(self, image: Path, script: Script, why: str) -> None:
        """The disk that the last run left is sound, and holds the model's tree, no more and no less."""
        left = self.left
        if said := complaints(left):
            where = self._first_bad_step(image, script)
            lines = "".join(f"\n  {line}" for line in said[:12])
            fail(f"e2fsck -fn is not content with the disk:{lines}{where}", why)
        wrong = differences(script.model.result(), read_tree(left))
        if wrong:
            fail("the disk does not hold what it should:\n  " + "\n  ".join(wrong[:6]), why)

    def _first_bad_step(self, image: Path, script: Script) -> str:
        """Runs shorter scripts until the step is known after which e2fsck complains; says which.

        The last machine that it runs is that of the shortest script that leaves a bad disk.
        """
        lines = [line for line, _ in script.steps]
        good, bad = 0, len(lines)
        if bad == 0 or complaints(image):
            return ""
        try:
            while bad - good > 1:
                middle = (good + bad) // 2
                self._boot([image], [*lines[:middle], "release"], "rw")
                good, bad = (good, middle) if complaints(self.left) else (middle, bad)
            self._boot([image], [*lines[:bad], "release"], "rw")
            if not complaints(self.left):
                return ""  # another time it went well
        except GuestError:
            return ""
        first = bad - 1
        return f"\n  first after step {first}: {show(lines[first])}{self.history(lines, first)}"

    def play(self, image: Path, script: Script, why: str, how: str = "rw") -> list[tuple[int, int]]:
        """Runs the script and compares its answers and the disk with the model."""
        result = self.ask(image, script, why, how)
        self.judge(image, script, why)
        return result


def inode_number(image: Path, path: str) -> int:
    found = re.search(r"Inode: (\d+)", debugfs(image, [f'stat "{path}"']))
    return int(found[1]) if found else 0


def header(image: Path) -> dict[str, int]:
    """The superblock's numbers, as debugfs reads them."""
    text = debugfs(image, ["show_super_stats -h"])
    lines = re.findall(r"^([\w ]+):\s+(\d+)$", text, re.MULTILINE)
    return {name: int(value) for name, value in lines}


def mode_of(node: Node) -> int:
    return stat.S_IMODE(node.mode) | stat.S_IFMT(node.mode)


def blocks_of(image: Path, path: str) -> list[int]:
    """The blocks of a file, as debugfs lists them: indirect ones included, in ascending order."""
    listed = debugfs(image, [f'blocks "{path}"']).split("\n", 1)[1]
    return sorted(int(block) for block in listed.split())


def change(image: Path, *commands: str) -> None:
    """Has debugfs change the image."""
    debugfs(image, list(commands), write=True)
