"""The labs' one tool: python3 -m labs COMMAND. In a lab's tree it has only what students need."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from labs.course import ROOT, CourseError, Mutant, find_lab, load_course


def _mutant(mutants: tuple[Mutant, ...], name: str) -> Mutant:
    for mutant in mutants:
        if mutant.name == name:
            return mutant
    raise CourseError(f"no mutant {name!r}; there are: {', '.join(m.name for m in mutants)}")


def do_list(arguments: argparse.Namespace) -> int:
    """lists the labs"""
    for lab in load_course():
        tests = sum(1 for _ in (ROOT / "labs" / lab.folder).glob("tests/test_*.py"))
        print(
            f"{lab.number:>2} {lab.name:<8} {lab.title:<36} floor {lab.floor:<8} "
            f"{len(lab.exercises)} exercises, {len(lab.mutants)} mutants, {tests} test files"
        )
    return 0


def do_tree(arguments: argparse.Namespace) -> int:
    """writes a lab's working tree: the reference, its stubs, or one mutant"""
    from labs.parts import Form
    from labs.tree import lab_form, write_tree

    lab = find_lab(arguments.lab)
    mutant = _mutant(lab.mutants, arguments.mutant) if arguments.mutant else None
    own = Form.STUB if arguments.stub else Form.SOLUTION
    write_tree(ROOT, lab, arguments.out, lab_form(lab, own), mutant)
    return 0


def do_grade(arguments: argparse.Namespace) -> int:
    """runs the tests of the lab whose tree this is"""
    (lab,) = load_course()
    tests = [f"labs/{lab.folder}/tests"]
    tests += [] if arguments.new else [f"labs/{e.test}" for e in lab.earlier]
    command = ["/usr/bin/python3", "-m", "pytest", "-c", "labs/grade.ini", "--rootdir", "."]
    command += ["-n", str(arguments.jobs)] if arguments.jobs > 1 and not arguments.test else []
    command += ["-k", arguments.test] if arguments.test else []
    command += ["--variants"] if arguments.variants else []
    build = Path(os.environ.get("GOOSE_BUILD", ROOT / "build")).absolute()
    # What Python makes of these files is kept, but not among them: compiling them costs as much as a few tests.
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(build / "python")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if arguments.seed:
        environment["GOOSE_SEED"] = arguments.seed
    return subprocess.run([*command, *tests], cwd=ROOT, env=environment).returncode


def do_verify(arguments: argparse.Namespace) -> int:
    """proves labs: the reference, the untouched handout, every mutant"""
    from labs.verify import matrix, verify

    course = load_course()
    labs = [find_lab(name) for name in arguments.lab] if arguments.lab else course
    faults = 0
    for lab in labs:
        verified = verify(ROOT, lab, arguments.work / lab.folder, arguments.mutant)
        faults += len(verified.faults)
        if lab.mutants and arguments.mutant is None:
            page = ROOT / "docs" / "mutants" / f"{lab.folder}.md"
            page.parent.mkdir(exist_ok=True)
            page.write_text(matrix(verified))
    print(f"verify: {len(labs)} labs, {faults} faults")
    return 1 if faults else 0


def do_steady(arguments: argparse.Namespace) -> int:
    """runs the reference of labs again and again: no verdict may change"""
    from labs.steady import steady

    labs = [find_lab(name) for name in arguments.lab] if arguments.lab else load_course()
    numbers = arguments.times, arguments.load, arguments.jobs
    try:
        return 1 if steady(ROOT, labs, arguments.work, *numbers, arguments.out) else 0
    except KeyboardInterrupt:
        how = "the same command goes on" if arguments.out else "with --out FILE it could go on later"
        print(f"steady: stopped; {how}", file=sys.stderr)
        return 130


def do_walk(arguments: argparse.Namespace) -> int:
    """walks from the first lab to the last: handout, solve, grade, submit, next"""
    from labs.walk import walk

    labs = [lab for lab in load_course() if not arguments.lab or lab.name in arguments.lab]
    walk(ROOT, labs, arguments.out.resolve())  # make runs in other folders
    print(f"walk: full marks in {len(labs)} labs, and the student's own changes are all there")
    return 0


def do_handout(arguments: argparse.Namespace) -> int:
    """cuts the handout of a lab"""
    from labs.handout import main as handout

    return handout(arguments.lab, arguments.out, arguments.unsolved)


def do_next(arguments: argparse.Namespace) -> int:
    """makes the next lab's tree with the student's work in it"""
    from labs.carry import main as carry

    work = getattr(arguments, "class") or arguments.work
    return carry(work, arguments.source, arguments.out, whole_class=bool(getattr(arguments, "class")))


def do_submit(arguments: argparse.Namespace) -> int:
    """packs what the student wrote into one archive"""
    from labs.submit import main as submit

    return submit(ROOT, arguments.out)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python3 -m labs", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    def command(function) -> argparse.ArgumentParser:  # type: ignore[no-untyped-def]
        name = function.__name__.removeprefix("do_")
        added = commands.add_parser(name, help=function.__doc__)
        added.set_defaults(do=function)
        return added

    instructors = (ROOT / "labs/handout.py").exists()
    grade = command(do_grade)
    grade.add_argument("--test", default="", help="only tests whose name holds this")
    grade.add_argument("--seed", default="", help="other random inputs")
    grade.add_argument("--variants", action="store_true", help="also the grader's own inputs")
    grade.add_argument("--new", action="store_true", help="not the tests of earlier labs")
    grade.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    submit = command(do_submit)
    submit.add_argument("--out", type=Path, help="the archive; submission-LAB.tar.gz if not given")
    following = command(do_next)
    following.add_argument(
        "--from", dest="source", required=True, help="next handout: a folder, an archive or a git URL"
    )
    following.add_argument("--out", type=Path, required=True, help="a new folder")
    following.add_argument("--work", type=Path, default=ROOT, help="the student's tree; this one")
    following.add_argument("--class", type=Path, help="a folder with a tree of each student in it")
    if instructors:
        command(do_list)
        tree = command(do_tree)
        tree.add_argument("lab")
        tree.add_argument("out", type=Path)
        tree.add_argument("--stub", action="store_true", help="this lab's parts as stubs")
        tree.add_argument("--mutant", help="with this wrong solution")
        handout = command(do_handout)
        handout.add_argument("lab")
        handout.add_argument("out", type=Path, help="a new folder")
        handout.add_argument("--unsolved", action="store_true", help="earlier labs' parts as stubs too")
        course_walk = command(do_walk)
        course_walk.add_argument("out", type=Path, help="a new folder")
        course_walk.add_argument("lab", nargs="*", help="all, if none is named")
        again = command(do_steady)
        again.add_argument("lab", nargs="*", help="all, if none is named")
        again.add_argument("--times", type=int, default=20, help="runs of each lab")
        again.add_argument("--load", type=int, default=0, help="so many processes keep the machine busy")
        again.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="runs at the same time")
        again.add_argument("--out", type=Path, help="a file for the runs, from which a battery is continued")
        again.add_argument("--work", type=Path, default=ROOT / "build" / "steady")
        verify = command(do_verify)
        verify.add_argument("lab", nargs="*", help="all, if none is named")
        verify.add_argument("--mutant", action="append", help="only this wrong solution")
        verify.add_argument("--work", type=Path, default=ROOT / "build" / "verify")
    arguments = parser.parse_args()
    try:
        return int(arguments.do(arguments))
    except CourseError as error:
        print(f"labs: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
