"""goose-grade: grades a class, or one submission, and what goes with it. See docs/class.md."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

from grading.grader.result import ResultError
from grading.grader.found import bare_name
from grading.grader.roster import ClassError, file_key
from grading.grader.work import NotFit
from grading.reports.cli import add_commands
from labs.course import CourseError, find_lab

ROOT = Path(__file__).resolve().parent.parent
# Statuses of the command: what was asked is done; bad input; this machine cannot grade; grader errors.
DONE, BAD, UNFIT, ERRORS = 0, 1, 2, 3


def _terms(arguments: argparse.Namespace):  # type: ignore[no-untyped-def]
    from grading.grader.plan import course_names
    from grading.grader.terms import Terms, load_terms

    terms = load_terms(arguments.terms, course_names(ROOT)) if arguments.terms else Terms()
    if getattr(arguments, "counts", None):
        terms.counts = arguments.counts
    return terms


def do_class(arguments: argparse.Namespace) -> int:
    """grades a folder of submissions, or goes on where it was stopped"""
    from grading.grader.batch import Batch, Settings
    from grading.grader.plan import asked_labs, check_apart, make_plan
    from grading.grader.received import load_times
    from grading.grader.store import Store

    terms, store = _terms(arguments), Store(arguments.out)
    times = load_times(arguments.received, terms.zone) if arguments.received else None
    settings = Settings(
        arguments.jobs, arguments.cluster, arguments.again, arguments.errors, tuple(arguments.student),
        arguments.time_scale, arguments.jail,
    )  # fmt: skip
    labs = asked_labs(ROOT, arguments.lab)
    check_apart(arguments.submissions, arguments.out)  # before anything is written there
    with store.locked():
        secret = store.secret(terms)
        plan = make_plan(ROOT, arguments.submissions, store.out, labs, terms, secret, times)
        summary = Batch(ROOT, store, terms, plan, settings).run()
    if summary.stopped:
        return UNFIT
    return ERRORS if any(result.has_errors for result in summary.results) else DONE


def do_one(arguments: argparse.Namespace) -> int:
    """grades one submission and prints what became of it"""
    from grading.grader.result import Verdict, write
    from grading.grader.progress import number, outcome
    from grading.grader.store import Store
    from grading.grader.terms import Terms
    from grading.grader.work import Order, own_scale, run_apart

    lab = find_lab(arguments.lab, ROOT).name
    store = Store(arguments.out)
    if not arguments.submission.exists():
        raise ClassError(f"{arguments.submission}: there is no such submission")
    student = arguments.student or file_key(bare_name(arguments.submission.name))
    order = Order(
        ROOT, lab, student, arguments.submission.absolute(), str(arguments.submission),
        store.secret(Terms()), store.work.absolute(), arguments.time_scale or own_scale(1), arguments.jail,
    )  # fmt: skip
    result = run_apart(order).result
    write(result, store.out / f"{student}.json")
    for test in result.tests:
        print(f"{test.verdict:<8} {number(test.earned):>5} of {number(test.points):<5} {test.name} ({test.kind})")
        if test.verdict is not Verdict.PASS:
            print("".join(f"             {line}\n" for line in test.text.splitlines()), end="")
    print("".join(f"note: {note}\n" for note in result.notes) + result.build.log)
    print(f"{student} {lab}: {outcome(result)}; {store.out / f'{student}.json'}")
    return ERRORS if result.has_errors else DONE


def do_reproduce(arguments: argparse.Namespace) -> int:
    """runs one test of a result again, exactly as it ran"""
    from grading.grader.reproduce import reproduce

    return reproduce(
        ROOT, arguments.result, arguments.test, arguments.out, arguments.submission, arguments.gdb,
        arguments.jail, arguments.time_scale,
    )  # fmt: skip


def do_export_similarity(arguments: argparse.Namespace) -> int:
    """writes submissions and handout as JPlag reads them, and the students' own lines"""
    from grading.grader.similarity import export

    for sentence in export(ROOT, _tasks(arguments), arguments.out, arguments.out / "work", _terms(arguments).unsolved):
        print(f"left out: {sentence}")
    for base in sorted(arguments.out.glob("*/base")):
        print(f"java -jar jplag.jar -l cpp -bc {base} {base.parent / 'submissions'}")
    return DONE


def do_similarity(arguments: argparse.Namespace) -> int:
    """lists pairs of submissions that are alike, by Debian's similarity-tester"""
    from grading.grader.similarity import compare, export

    tasks = _tasks(arguments)
    for sentence in export(ROOT, tasks, arguments.out, arguments.out / "work", _terms(arguments).unsolved):
        print(f"left out: {sentence}")
    pairs = compare(arguments.out, sorted({task.lab for task in tasks}), arguments.least)
    for pair in pairs:
        print(f"{pair.lab}: {pair.percent:>3} % of {pair.one}'s own code is also in {pair.other}'s")
    print(f"{len(pairs)} pairs from {arguments.least} % on; the code: {arguments.out}/LAB/own")
    return DONE


def _tasks(arguments: argparse.Namespace):  # type: ignore[no-untyped-def]
    from grading.grader.plan import asked_labs, make_plan

    labs = asked_labs(ROOT, arguments.lab)
    return make_plan(ROOT, arguments.submissions, arguments.out, labs, _terms(arguments)).tasks


def do_settle(arguments: argparse.Namespace) -> int:
    """applies deadlines and late days anew to what a batch has graded"""
    from grading.grader.store import Store

    store = Store(arguments.out)
    store.description()
    with store.locked():
        results = store.settle(_terms(arguments))
    print(f"{store.out / 'results'}: {len(results)} results count")
    return DONE


def do_calibrate(arguments: argparse.Namespace) -> int:
    """says whether this machine is fit to grade, and with which tools"""
    from grading.grader import fitness
    from grading.grader.versions import grader_version, tool_versions

    fit = fitness.measure(arguments.jobs or fitness.fitting_jobs())
    for name, version in tool_versions().items():
        print(f"{name:<10} {version}")
    print(f"grader     {grader_version(ROOT)}")
    print(f"speed      {fit.alone:.2f} alone, {fit.together:.2f} with {fit.jobs} at once; limits times {fit.scale:g}")
    if fit.complaint:
        print(fit.complaint)
    return UNFIT if fit.complaint else DONE


def do_worker(arguments: argparse.Namespace) -> int:
    """makes this machine a worker of a Dask cluster, until it is stopped"""
    from grading.grader import fitness
    from grading.grader.cluster import run_worker

    return run_worker(arguments.address, arguments.jobs or fitness.fitting_jobs(), arguments.work)


def do_work(arguments: argparse.Namespace) -> int:
    """(the process that grades one submission; started by the others)"""
    from grading.grader.work import main as work

    return work(arguments.folder)


def _how(parser: argparse.ArgumentParser) -> None:
    """How the core is to work."""
    parser.add_argument("--jail", default="auto", help="auto, bubblewrap, user or none (docs/class.md)")
    parser.add_argument("--time-scale", type=float, default=0, help="limits' factor, instead of calibration")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="goose-grade", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(function) -> argparse.ArgumentParser:  # type: ignore[no-untyped-def]
        name = function.__name__.removeprefix("do_").replace("_", "-")
        added = commands.add_parser(name, help=function.__doc__, description=function.__doc__)
        added.set_defaults(do=function)
        return added

    whole = command(do_class)
    whole.add_argument("submissions", type=Path, help="a folder, or the zip that a service exported")
    whole.add_argument("--out", type=Path, required=True, help="for results; the same folder again goes on")
    whole.add_argument("--lab", action="append", default=[], help="only this lab (may be given again); else all")
    whole.add_argument("--class", dest="terms", type=Path, help="class file: roster, deadlines, late days (TOML)")
    whole.add_argument("--received", type=Path, help="CSV of times, or Moodle's grading worksheet")
    whole.add_argument("--latest", dest="counts", action="store_const", const="latest", help="the last one counts")
    whole.add_argument("--best", dest="counts", action="store_const", const="best", help="the best one counts")
    whole.add_argument("--student", action="append", default=[], help="only this one (may be given again)")
    whole.add_argument("--again", action="store_true", help="also what is graded already and has not changed")
    whole.add_argument("--errors", action="store_true", help="only what ended in a grader error")
    whole.add_argument("--jobs", type=int, default=0, help="submissions at once; 3 for each 2 cores")
    whole.add_argument("--cluster", default="", help="a Dask scheduler's address, or local:N for N workers here")
    _how(whole)
    one = command(do_one)
    one.add_argument("submission", type=Path, help="an archive or a tree")
    one.add_argument("--lab", required=True)
    one.add_argument("--out", type=Path, default=Path("graded"), help="a folder for the result; ./graded")
    one.add_argument("--student", default="", help="the key that the result is filed under")
    _how(one)
    back = command(do_reproduce)
    back.add_argument("result", type=Path, help="OUT/results/LAB/STUDENT.json")
    back.add_argument("test", help="its name, or a piece of it")
    back.add_argument("--gdb", action="store_true", help="then open gdb where it failed")
    back.add_argument("--out", type=Path, help="a new folder for what the test leaves")
    back.add_argument("--submission", type=Path, help="if it is not where the batch had it")
    _how(back)
    for function in (do_export_similarity, do_similarity):
        alike = command(function)
        alike.add_argument("submissions", type=Path)
        alike.add_argument("--out", type=Path, required=True)
        alike.add_argument("--lab", action="append", default=[], help="only this lab (may be given again)")
        alike.add_argument("--class", dest="terms", type=Path, help="class file")
        if function is do_similarity:
            alike.add_argument("--least", type=int, default=40, help="percent from which on a pair is listed")
    again = command(do_settle)
    again.add_argument("out", type=Path)
    again.add_argument("--class", dest="terms", type=Path, help="class file")
    fit = command(do_calibrate)
    fit.add_argument("--jobs", type=int, default=0)
    worker = command(do_worker)
    worker.add_argument("address", help="of the scheduler: tcp://head:8786")
    worker.add_argument("--jobs", type=int, default=0, help="submissions at once; 3 for each 2 cores")
    worker.add_argument("--work", type=Path, default=Path("/var/tmp/goose-grade"), help="a folder on a local disk")
    add_commands(commands)
    work = command(do_work)
    work.add_argument("folder", type=Path)
    return parser


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def main() -> int:
    arguments = _parser().parse_args()
    signal.signal(signal.SIGTERM, _stop)
    try:
        return int(arguments.do(arguments))
    except (ClassError, CourseError, ResultError) as error:
        print(f"goose-grade: {error}", file=sys.stderr)
        return BAD
    except OSError as error:  # a folder that is a file, a disk that is full
        print(f"goose-grade: {error}", file=sys.stderr)
        return BAD
    except NotFit as error:
        print(f"goose-grade: {error}", file=sys.stderr)
        return UNFIT
    except KeyboardInterrupt:
        # What was being graded dies with this process and is graded when the command is run again.
        print("\ngoose-grade: stopped; the same command goes on", file=sys.stderr, flush=True)
        os._exit(130)


if __name__ == "__main__":
    sys.exit(main())
