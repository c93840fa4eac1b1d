"""What a batch has to grade: submissions with their students, labs and times.

    plan = make_plan(root, submissions, out, ["boot", "paging"], terms)
    for task in plan.tasks: …
    for sentence in plan.left_out: …      # nothing is passed over in silence
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from grading.grader.export_zip import unpack_export
from grading.grader.found import Found, find_submissions, is_archive, lab_of, received_at
from grading.grader.parcel import submission_digest
from grading.grader.received import Times
from grading.grader.roster import ClassError, Student, file_key
from grading.grader.terms import Terms
from grading.grader.versions import digest, grader_version, lab_version
from labs.course import CourseError, Lab, find_lab, load_course


@dataclass(frozen=True)
class Task:
    """One submission to grade. `key` changes with all that its result depends on."""

    lab: str
    student: str
    name: str  # the file or folder, relative to the submissions
    path: Path
    received: datetime
    key: str


@dataclass
class Plan:
    """`tasks` are those that can count; `left_out` says what else was there, and why not."""

    labs: list[str]
    folder: Path  # what the names of the submissions are relative to
    tasks: list[Task] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    missing: list[tuple[str, str]] = field(default_factory=list)  # student, lab


def course_names(root: Path) -> dict[str, tuple[str, ...]]:
    """The names of each lab in files' names: "paging", "04-paging", "lab4"; not "4"."""

    def names(lab: Lab) -> tuple[str, ...]:
        return lab.name, lab.folder, f"lab{lab.number}", f"lab{lab.number:02}"

    return {lab.name: names(lab) for lab in load_course(root)}


def asked_labs(root: Path, wanted: Sequence[str]) -> list[str]:
    """Names of the labs called `wanted`; all, if none is."""
    try:
        return [find_lab(name, root).name for name in wanted] or list(course_names(root))
    except CourseError as error:
        raise ClassError(str(error)) from None


def _student(found: Found, terms: Terms) -> Student | None:
    """Whose it is: by the roster, or without one by what the place says first."""
    if not terms.roster.closed:
        return Student(file_key(found.said[0])) if found.said else None
    for said in found.said:
        if student := terms.roster.find(said):
            return student
    for said in () if found.exact else found.said:
        if student := terms.roster.find_within(said):
            return student
    return None


def _open_student_first(found: Found) -> Found:
    """Without a roster the shortest text is the name: `ada` rather than `ada-paging`."""
    return found if found.exact else replace(found, said=tuple(sorted(found.said, key=len)))


def folder_of(submissions: Path, out: Path, left_out: list[str]) -> Path:
    """The folder to search; an export that is a zip is unpacked below `out`, once."""
    if not is_archive(submissions):
        return submissions
    place = out / "unpacked" / digest([submissions.read_bytes()])[:16]
    if not place.is_dir():
        left_out += unpack_export(submissions, place)
    return place


def check_apart(submissions: Path, out: Path) -> None:
    """ClassError if results would go among the submissions."""
    if out.resolve().is_relative_to(submissions.resolve()):
        raise ClassError(f"{out}: lies in {submissions}, and would be taken for a submission: name another OUT")


def make_plan(
    root: Path, submissions: Path, out: Path, labs: Sequence[str], terms: Terms,
    secret: str = "", times: Times | None = None,
) -> Plan:  # fmt: skip
    """Finds and sorts all submissions. Bad ones are tasks too: the grader says what is wrong."""
    left_out: list[str] = []
    check_apart(submissions, out)
    folder = folder_of(submissions, out, left_out)
    search = find_submissions(folder, course_names(root))
    plan = Plan(list(labs), folder, left_out=[*left_out, *search.left_out])
    names, others = course_names(root), 0
    for found in search.found:
        found = found if terms.roster.closed else _open_student_first(found)
        found = times.apply(found) if times else found
        student = _student(found, terms)
        lab = lab_of(found, plan.labs, names)
        if student is None:
            named = ", ".join(repr(said) for said in found.said)
            plan.left_out.append(f"{found.name} is of nobody in the roster: it says {named}")
        elif not lab:
            plan.left_out.append(f"{found.name} does not say which lab it is of: name one lab")
        elif lab in plan.labs:
            plan.tasks.append(_task(root, found, student.key, lab, f"{secret} {terms.unsolved}"))
        elif found.exact:  # a service has one lab in an export: handed in in the wrong place
            plan.left_out.append(f"{found.name} is of lab {lab}, which was not asked for")
        else:
            others += 1
    if others:
        plan.left_out.append(f"{others} submissions are of labs that were not asked for")
    _choose(plan, terms)
    there = {(task.student, task.lab) for task in plan.tasks}
    everybody = terms.roster.students or sorted({task.student for task in plan.tasks})
    plan.missing = [(key, lab) for lab in plan.labs for key in everybody if (key, lab) not in there]
    return plan


def _task(root: Path, found: Found, student: str, lab: str, settings: str) -> Task:
    parts = [submission_digest(found.path), lab_version(root, lab), grader_version(root), settings]
    key = digest([student, *parts])[:16]
    return Task(lab, student, found.name, found.path, received_at(found), key)


def _choose(plan: Plan, terms: Terms) -> None:
    """Where only the latest counts, the others are not graded."""
    groups: dict[tuple[str, str], list[Task]] = defaultdict(list)
    for task in plan.tasks:
        groups[task.student, task.lab].append(task)
    for tasks in groups.values():
        tasks.sort(key=lambda task: (task.received, task.name))
        if terms.counts == "latest":
            last = tasks[-1]
            for task in tasks[:-1]:
                how = "is older than" if task.received < last.received else "came at the same time, and its name stands before"
                plan.left_out.append(f"{task.name} {how} {last.name}")
            del tasks[:-1]
    order = [task for tasks in groups.values() for task in tasks]
    plan.tasks = sorted(order, key=lambda task: (plan.labs.index(task.lab), task.student, task.received))
