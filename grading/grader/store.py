"""A batch's folder: every submission's result as it comes, and those that count.

    OUT/runs/LAB/STUDENT/KEY.json     what grading a submission gave; the key is the task's
    OUT/plans/LAB.json                which submissions there were, from whom and when
    OUT/results/LAB/STUDENT.json      the result that counts, with its lateness
    OUT/batch.log, OUT/batch.json     what happened; how it was made

All of it is made again from runs/ and plans/ at any time; a file is there whole or not at all.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from grading.grader.plan import Plan, Task
from grading.grader.result import Late, Result, ResultError, read, write
from grading.grader.roster import ClassError
from grading.grader.settle import settle
from grading.grader.terms import Terms

SCHEMA = 1


def write_whole(path: Path, text: str, mode: int = 0o644) -> None:
    """In one step: a reader finds the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


class Store:
    """The folder OUT."""

    def __init__(self, out: Path) -> None:
        self.out = out

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One batch at a time works in the folder; the lock ends with its process."""
        self.out.mkdir(parents=True, exist_ok=True)
        with (self.out / ".lock").open("a") as file:
            # A process that a killed batch was about to start holds the lock for a moment longer.
            deadline = time.monotonic() + 3
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        said = f"{self.out}: another batch is at work there: wait, or name another OUT"
                        raise ClassError(said) from None
                    time.sleep(0.1)
            yield

    @property
    def work(self) -> Path:
        """For the core's cache, and for submissions while they are graded."""
        return self.out / "work"

    def secret_path(self, terms: Terms) -> Path:
        return terms.secret or self.out / "class.secret"

    def secret(self, terms: Terms) -> str:
        """The class's secret, which inputs are drawn from; made at the first use."""
        path = self.secret_path(terms)
        if not path.exists():
            write_whole(path, secrets.token_hex(32) + "\n", 0o600)
        text = path.read_text().strip()
        if len(text) < 16:
            raise ClassError(f"{path}: holds no secret of 16 letters or more: remove it for a new one")
        return text

    def run_path(self, task: Task) -> Path:
        return self.out / "runs" / task.lab / task.student / f"{task.key}.json"

    def load(self, task: Task) -> Result | None:
        """The submission's result, if it was graded; half or damaged files count as none."""
        try:
            return read(self.run_path(task))
        except ResultError:
            return None

    def save(self, task: Task, result: Result) -> None:
        write(result, self.run_path(task))

    def save_plan(self, plan: Plan) -> None:
        for lab in plan.labs:
            rows = [
                {"student": t.student, "name": t.name, "received": t.received.isoformat(), "key": t.key}
                for t in plan.tasks
                if t.lab == lab
            ]
            document = {"schema": SCHEMA, "lab": lab, "submissions": rows}
            write_whole(self.out / "plans" / f"{lab}.json", json.dumps(document, indent=1) + "\n")

    def planned(self, student: str = "") -> Iterator[tuple[Task, Result | None]]:
        """All submissions of all labs that were ever graded into this folder, as last planned; or one's."""
        for path in sorted(self.out.glob("plans/*.json")):
            document = json.loads(path.read_text())
            for row in document["submissions"]:
                if student and row["student"] != student:
                    continue
                received = datetime.fromisoformat(row["received"])
                task = Task(document["lab"], row["student"], row["name"], Path(), received, row["key"])
                yield task, self.load(task)

    def settle(self, terms: Terms, student: str = "") -> list[Result]:
        """Writes results/ anew from what was graded, all or one student's; returns what counts."""
        graded: list[Result] = []
        for task, result in self.planned(student):
            if result:
                late = Late(received=task.received.isoformat())
                graded.append(replace(result, late=late, submission=task.name, student=task.student))
        chosen = list(settle(terms, graded))
        folder = self.out / "results"
        kept: set[Path] = set()
        for result in chosen:
            path = folder / result.lab / f"{result.student}.json"
            kept.add(path)
            try:
                if read(path) == result:
                    continue
            except ResultError:
                pass
            write(result, path)
        for path in folder.glob(f"*/{student or '*'}.json"):
            if path not in kept:
                path.unlink()
        return chosen

    def describe(self, values: dict[str, Any]) -> None:
        """batch.json: how the batch was made, for whoever reproduces a result."""
        write_whole(self.out / "batch.json", json.dumps({"schema": SCHEMA} | values, indent=1) + "\n")

    def description(self) -> dict[str, Any]:
        path = self.out / "batch.json"
        try:
            values = json.loads(path.read_text())
        except (OSError, ValueError) as error:
            raise ClassError(f"{path}: {error}: is {self.out} the folder of a batch?") from None
        return values if isinstance(values, dict) else {}
