"""Runs one test of a result again as it ran: same submission, same seed, same jail.

    goose-grade reproduce OUT/results/paging/ada.json test_walk_finds_what_was_mapped [--gdb]

What the test leaves stays in a folder: kernel, disks, console, rerun.sh and debug.sh. With --gdb,
debug.sh is started: the machine of the failed test again, stopped where it fails. It runs QEMU
without the jail.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from grading.grader.result import Result, Status, Test, Verdict, read, write
from grading.grader.roster import ClassError
from grading.grader.store import Store
from grading.grader.versions import grader_version
from grading.grader.work import Order, run_apart


def find_test(result: Result, said: str) -> str:
    """The test's full name, from that, its function or a piece that only it has."""
    names = list(dict.fromkeys(test.name for test in result.tests))
    for matches in (
        [name for name in names if name == said],
        [name for name in names if name.split("::")[-1] == said],
        [name for name in names if said in name],
    ):
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise ClassError(f"{said!r} can be any of {', '.join(matches)}")
    raise ClassError(f"the result has no test {said!r}; it has {', '.join(names) or 'none'}")


def store_of(path: Path) -> Store | None:
    """The batch that a result is of; None if it stands alone."""
    return next((Store(folder) for folder in path.absolute().parents if (folder / "batch.json").exists()), None)


def submission_of(result: Result, path: Path, store: Store | None) -> Path:
    """Where the submission is: as the batch knows it."""
    if store is None:
        raise ClassError(f"{path}: is in no batch's folder: name the submission by --submission")
    place = Path(store.description().get("submissions", "")) / result.submission
    if not place.exists():
        raise ClassError(f"{place}: the submission is not there any more: name it by --submission")
    return place


def secret_of(store: Store | None) -> str:
    """The class's, where it is known; the seed is the result's own in any case."""
    path = Path(store.description().get("secret", "")) if store else Path()
    return path.read_text().strip() if path.is_file() else "unknown"


def _compare(before: Sequence[Test], now: Sequence[Test]) -> list[str]:
    """What to say of each test: then and now."""
    lines = []
    for test in now:
        old = next((t for t in before if (t.name, t.kind) == (test.name, test.kind)), None)
        then = f"{old.verdict}, {old.earned:g} of {old.points:g}" if old else "was not there"
        lines.append(f"{test.name} ({test.kind}): then {then}; now {test.verdict}, {test.earned:g} of {test.points:g}")
        if test.verdict is not Verdict.PASS:
            lines += [f"    {line}" for line in test.text.splitlines()]
            lines += [f"    why: {line}" for line in test.hint.splitlines()]
    return lines


def reproduce(
    root: Path, path: Path, said: str, out: Path | None = None, submission: Path | None = None,
    gdb: bool = False, jail: str = "auto", scale: float = 0.0,
) -> int:  # fmt: skip
    """Runs the test; 0 if every verdict is as it was. With `gdb` the process becomes the debugger."""
    result = read(path)
    name, store = find_test(result, said), store_of(path)
    place = submission or submission_of(result, path, store)
    function = re.sub(r"\W+", "-", name.split("::")[-1])
    keep = (out or Path("reproduced") / f"{result.student}-{result.lab}-{function}").absolute()
    if keep.exists() and not (keep / "result.json").exists():
        raise ClassError(f"{keep} exists already and holds something else: name a new folder by --out")
    shutil.rmtree(keep, ignore_errors=True)
    if store and (was := store.description().get("grader")) != grader_version(root):
        print(f"NOTE: graded by another version of the grader, {was}; this is {grader_version(root)}")
    work = (store.work if store else keep.with_name(f"{keep.name}-work")).absolute()
    # The same seed gives the same inputs; nothing else of the run is random.
    again = run_apart(Order(
        root, result.lab, result.student, place.absolute(), result.submission, secret_of(store), work,
        scale, jail, _unsolved(store), tests=(name,), seed=result.seed, keep=keep, result=str(path),
    )).result  # fmt: skip
    if again.content != result.content:
        raise ClassError(f"{place}: is not what was graded: its content has changed since")
    if again.status is not Status.GRADED:
        print(f"{again.status}: {'; '.join(again.notes)}\n{again.build.log}".rstrip())
        return 0 if again.status is result.status else 1
    write(again, keep / "result.json")
    print("\n".join(_compare(result.tests, again.tests)))
    scripts = sorted(keep.glob("failures/*/*/debug.sh"))
    print(f"files: {keep}" + "".join(f"\n  {script.relative_to(keep)}" for script in scripts))
    if gdb:
        if not scripts:
            raise ClassError("there is no machine to debug: the test passes, or failed before one started")
        os.execv(scripts[-1], [str(scripts[-1])])
    before = {(t.name, t.kind): t.verdict for t in result.tests}
    return 0 if all(before.get((t.name, t.kind)) is t.verdict for t in again.tests) else 1


def _unsolved(store: Store | None) -> bool:
    return bool(store and store.description().get("unsolved", False))
