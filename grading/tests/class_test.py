"""A whole class on the real core: python3 -m grading.tests.class_test OUT (make class-test).

Sixty submissions are graded by a batch that is killed twice on its way, and again on a cluster of two
workers of which one is killed. Both must come to the points of the table that was written before,
without a grader error, and to the same results.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from grading.grader import fitness
from grading.grader.result import Result, Status, read
from grading.tests.synthetic import Row, build_class
from labs.course import ROOT

COMMAND = ROOT / "tools" / "goose-grade"
# OpenSBI's harts race for who boots, and what these say of a failure depends on who won.
RACES = (
    "test_stack_before_cpp", "test_machine_at_the_kernels_entry", "test_random_kernels_answer", "test_any_hart_may_boot"
)  # fmt: skip
SECRET = "the secret of a class that does not exist\n"


@dataclass
class Report:
    """What the test found; `faults` are sentences."""

    rows: list[Row]
    seconds: float = 0.0
    graded: int = 0
    busy: float = 0.0  # the share of the cores' time that was used, by whomever, while batches ran here
    faults: list[str] = field(default_factory=list)


def results(out: Path) -> dict[str, Result]:
    """What counts, by student."""
    return {path.stem: read(path) for path in sorted(out.glob("results/*/*.json"))}


def comparable(result: Result) -> Result:
    """All that must be the same in two runs."""
    tests = (replace(t, text="", hint="") if t.name.split("::")[1] in RACES else t for t in result.tests)
    return replace(result.without_times(), tests=tuple(replace(t, seconds=0.0, console="") for t in tests))


def runs(out: Path) -> list[Path]:
    return sorted(out.glob("runs/*/*/*.json"))


def children(pid: int) -> list[int]:
    """The processes that the process has started, in their order."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(path.read_text().rsplit(")", 1)[1].split()[1]) == pid:
                found.append(int(path.parent.name))
        except OSError:
            continue
    return sorted(found)


def still_running(folder: Path) -> list[str]:
    """Command lines of processes that work below this folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if f"{folder}/" in line:
            found.append(line.strip())
    return found


class ClassTest:
    """One class below `folder`; `say` gets a line for each step."""

    def __init__(self, folder: Path, size: str, options: Sequence[str], say: Callable[[str], object] = print) -> None:
        self.folder, self.size, self.options, self.say = folder.absolute(), size, options, say
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "class.secret").write_text(SECRET)
        (folder / "class.toml").write_text('counts = "latest"\n')
        self.report = Report(build_class(ROOT, self.folder / "class", size))
        self.labs = list(dict.fromkeys(row.lab for row in self.report.rows))

    def start(self, out: Path, *more: str) -> subprocess.Popen[bytes]:
        words = [str(COMMAND), "class", str(self.folder / "class"), "--out", str(out)]
        words += ["--class", str(self.folder / "class.toml"), *self.options, *more]
        words += [word for lab in self.labs for word in ("--lab", lab)]
        with (self.folder / f"{out.name}.out").open("ab") as log:
            return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def until(self, process: subprocess.Popen[bytes], out: Path, count: int) -> bool:
        """Waits for so many results; whether they came before the batch ended."""
        while len(runs(out)) < count:
            if process.poll() is not None:
                return False
            time.sleep(0.5)
        return True

    def fault(self, text: str) -> None:
        self.say(f"  FAULT: {text}")
        self.report.faults.append(text)

    def killed_batch(self, out: Path, parts: Sequence[float]) -> None:
        """Grades the class; the batch is killed each time when such a part of it is done."""
        busy, all_ = fitness.busy_ticks()
        for part in parts:
            started, before = time.monotonic(), len(runs(out))
            batch = self.start(out)
            if not self.until(batch, out, round(part * len(self.report.rows))):
                self.fault(f"the batch ended before it was killed: see {out}.out")
            batch.send_signal(signal.SIGKILL)
            batch.wait()
            self.report.seconds += time.monotonic() - started
            done = {path: path.read_bytes() for path in runs(out)}
            self.say(f"  killed with {len(done)} results, {len(done) - before} of them of this run")
            self._gone(f"after the batch was killed, {out.name}")
        started = time.monotonic()
        self._finish(self.start(out), out)
        self.report.seconds += time.monotonic() - started
        self.report.graded = len(runs(out))
        busy_now, all_now = fitness.busy_ticks()
        self.report.busy = (busy_now - busy) / max(all_now - all_, 1)
        for path, content in done.items():
            if path.read_bytes() != content:
                self.fault(f"{path.relative_to(out)} was graded again after a kill")

    def _gone(self, when: str) -> None:
        for _ in range(100):
            if not still_running(self.folder):
                return
            time.sleep(0.1)
        for line in still_running(self.folder):
            self.fault(f"{when}: still running: {line[:200]}")

    def _finish(self, batch: subprocess.Popen[bytes], out: Path) -> None:
        if status := batch.wait():
            self.fault(f"goose-grade ended with status {status}: see {self.folder / out.name}.out")

    def cluster(self, out: Path, part: float) -> None:
        """Grades on two workers; one is killed while it grades."""
        batch = self.start(out, "--cluster", "local:2")
        self.until(batch, out, round(part * len(self.report.rows)))
        victim = 0
        while not victim and batch.poll() is None:
            workers = [pid for pid in children(batch.pid) if b"spawn_main" in _cmdline(pid) and children(pid)]
            victim = workers[0] if workers else 0
            time.sleep(0.1)
        if victim:
            os.kill(victim, signal.SIGKILL)
            self.say(f"  killed a worker with {len(runs(out))} results there")
        else:
            self.fault("no worker was found to kill")
        self._finish(batch, out)
        self._gone(f"after {out.name}")

    def compare_with_table(self, out: Path) -> None:
        """Points and status of each submission; a grader error is never right."""
        found = results(out)
        for row in self.report.rows:
            result = found.get(row.student)
            if result is None:
                self.fault(f"{row.student} ({row.kind}) has no result in {out.name}")
            elif (result.status, round(result.earned, 3)) != (row.status, row.points):
                why = "; ".join(f"{t.name} ({t.kind}) {t.verdict} {t.earned:g} of {t.points:g}" for t in result.tests
                                if t.earned != t.points and t.earned) or "; ".join(result.notes)  # fmt: skip
                self.fault(f"{row.student} ({row.kind}): {result.status} {result.earned:g}, "
                           f"not {row.status} {row.points:g}: {why}")  # fmt: skip
        wrong = [r.student for r in found.values() if r.has_errors]
        if wrong:
            self.fault(f"grader errors in {out.name}: {', '.join(wrong)}")
        self.say(f"  {out.name}: {len(found)} results, {sum(r.status is Status.GRADED for r in found.values())} graded")

    def compare(self, one: Path, other: Path) -> None:
        """Everything in the results but times."""
        first, second = results(one), results(other)
        for student in sorted(first.keys() & second.keys()):
            a, b = (asdict(comparable(found[student])) for found in (first, second))
            if a != b:
                fields = [name for name in a if a[name] != b[name]]
                self.fault(f"{student} differs between {one.name} and {other.name} in {', '.join(fields)}")


def _cmdline(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--small", action="store_true", help="six submissions")
    parser.add_argument("options", nargs="*", help="more words for goose-grade, after --")
    arguments = parser.parse_args()
    test = ClassTest(arguments.out, "small" if arguments.small else "whole", arguments.options)
    print(f"{len(test.report.rows)} submissions; the table: {test.folder}/class-expected.csv", flush=True)
    one, other = test.folder / "killed", test.folder / "cluster"
    test.killed_batch(one, [0.3, 0.7])
    test.compare_with_table(one)
    print(f"  {test.report.graded / test.report.seconds * 60:.1f} submissions a minute, {test.report.busy:.0%} of "
          f"the cores' time, kills included", flush=True)
    test.cluster(other, 0.3)
    test.compare_with_table(other)
    test.compare(one, other)
    print(f"class-test: {len(test.report.rows)} submissions, {len(test.report.faults)} faults")
    return 1 if test.report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
