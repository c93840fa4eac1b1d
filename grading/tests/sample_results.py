"""Results of a made-up class, for the tests of the reports: plausible ones, and hostile ones."""

from __future__ import annotations

import json
import random
from dataclasses import asdict, replace
from pathlib import Path

from grading.grader.result import Answer, Build, Late, Result, Status, Test, Verdict

TESTS = [
    (
        "test_paging.py::test_walk_finds_what_was_mapped",
        "A walk finds the entry that map() made",
        "new",
        1,
        8,
    ),
    ("test_paging.py::test_walk_makes_tables", "A walk that may create makes zeroed tables", "new", 1, 6),
    (
        "test_paging.py::test_random_maps_and_unmaps",
        "Random maps and unmaps agree with a model",
        "new",
        2,
        12,
    ),
    ("test_paging.py::test_protect", "Permissions change without a new table", "new", 3, 10),
    ("test_paging.py::test_tables_come_back", "Every table's frame comes back", "new", 4, 10),
    ("test_translation.py::test_changes_are_seen", "A changed entry is seen after the flush", "new", 5, 12),
    ("test_translation.py::test_the_kernels_map", "The kernel's map: W^X and the linear map", "new", 6, 12),
    ("01-boot/tests/test_boot.py::test_goose_boots", "goose boots", "earlier", 0, 2),
    ("03-frames/tests/test_frames.py::test_random_takes", "Random takes and gives", "earlier", 0, 13),
    (
        "test_paging.py::test_random_maps_and_unmaps",
        "Random maps and unmaps agree with a model",
        "variant",
        2,
        15,
    ),
]
NAMES = "Ada Ben Chiara Dmitri Elif Farid Grace Hana Ivo Jun Kaya Lena Mei Noor Olu Pia Quentin Rosa Sven Tara".split()
QUESTIONS = ("1. By hand", "2. The price of a table")
CONSOLE = (
    "boot: segment 0: 0x80400000-0x8041c000 r-x, 114688 bytes from the file\n"
    "goose: 2 harts, 128 MiB, clock 10000 kHz (Sstc)\n"
    "panic: kernel page fault: load from 0x0000000000000010 at paging.cc:71\n"
    "  #0 0xffffffc080203f1a walk(PageTable&, VirtAddr, Create) + 0x3a\n"
)


def one_test(index: int, verdict: Verdict, rng: random.Random) -> Test:
    name, title, kind, exercise, points = TESTS[index]
    cases = (4, 4) if kind == "variant" else (1, 1)
    earned = float(points) if verdict is Verdict.PASS else 0.0
    text = ""
    if verdict is Verdict.PARTIAL:
        cases, earned = (3, 4), points * 0.75
    if verdict in (Verdict.FAIL, Verdict.PARTIAL):
        address = rng.randrange(1 << 26) << 12
        text = (
            f"the leaf of {address:#x}\n  expected: {rng.randrange(1 << 40):#x}\n  seen:     0x0\n"
            "  why: often: the index of level 1 is taken from the bits of level 0"
        )
    elif verdict is Verdict.PANIC:
        text = "the guest panicked: kernel page fault: load from 0x10 at paging.cc:71"
    elif verdict is Verdict.TIMEOUT:
        text = "nothing came within 10 s of guest time while waiting for 'probe: done'"
    elif verdict is Verdict.SKIPPED:
        text = "needs test_walk_finds_what_was_mapped, which failed"
    elif verdict is Verdict.ERROR:
        text = "HostError: qemu-system-riscv64 was killed by signal 9 (machine.py:118)"
    failed = verdict not in (Verdict.PASS, Verdict.SKIPPED)
    return Test(
        name=name,
        title=title,
        kind=kind,
        exercise=exercise,
        points=float(points),
        earned=earned,
        verdict=verdict,
        text=text,
        hint="Draw the three indices of the address on paper first." if verdict is Verdict.FAIL else "",
        console=CONSOLE if failed else "",
        seconds=round(rng.uniform(0.4, 2.0) * (4 if exercise in (2, 5) else 1), 2),
        cases=cases,
        reproduce=f"goose-grade reproduce result.json {name}" if failed else "",
    )


def one_result(number: int, skill: float, lab: str = "paging", seed: int = 1) -> Result:
    """A result whose tests pass with probability `skill`."""
    rng = random.Random(f"{lab} {seed} {number}")
    verdicts = [
        Verdict.PASS
        if rng.random() < skill
        else rng.choice(
            [Verdict.FAIL] * 5 + [Verdict.PARTIAL, Verdict.PANIC, Verdict.TIMEOUT, Verdict.SKIPPED]
        )
        for _ in TESTS
    ]
    login = f"{NAMES[number % len(NAMES)].lower()}{number:02}"
    answers = [
        Answer(q, "Level 1, index 0x1ff: see the entry below.\n0x2000_1001", None, 5.0) for q in QUESTIONS
    ]
    return Result(
        lab=lab,
        lab_number={"frames": 3, "paging": 4}.get(lab, 5),
        lab_title={"frames": "Page frames", "paging": "Sv39 page tables"}.get(lab, lab),
        student=f"{login}@example.org",
        name=f"{NAMES[number % len(NAMES)]} Example",
        submission=f"{login}.tar.gz",
        content=f"{number:064x}",
        seed="c0ffee",
        jail="bubblewrap",
        machine={"g++": "12.2.0", "qemu": "7.2.22", "calibration": "1.13"},
        taken=("answers.md", "kernel/mm/kernel_map.cc", "kernel/mm/page_table.cc"),
        build=Build(True, 4.2),
        tests=tuple(one_test(i, v, rng) for i, v in enumerate(verdicts)),
        answers=tuple(answers),
        late=Late("2026-11-20T23:59:00+01:00", "2026-11-20T21:14:05+01:00"),
        seconds={"unpack": 0.1, "build": 4.2, "boot": 2.0, "tests": 21.5, "all": 27.8},
        graded="2026-11-21T08:00:00+01:00",
    )


def not_run(one: Result) -> Result:
    """The result as the core leaves it where no test could run: all points are there to be had."""
    said = "not run: the submission could not be built"
    tests = (
        replace(one_test(i, Verdict.PASS, random.Random(0)), verdict=Verdict.FAIL)
        for i in range(len(TESTS))
    )
    none = tuple(replace(t, earned=0.0, seconds=0.0, cases=(0, 1), text=said) for t in tests)
    return replace(one, tests=none, build=Build(False), answers=())


def sample_class(count: int = 24, lab: str = "paging", seed: int = 1) -> list[Result]:
    """A class with one of everything: late, not built, rejected, an edited Makefile, grader errors."""
    rng = random.Random(seed)
    made = [one_result(n, rng.choice([1.0, 0.97, 0.9, 0.75, 0.5, 0.2]), lab, seed) for n in range(count)]
    late = Late("2026-11-20T23:59:00+01:00", "2026-11-22T22:00:00+01:00", 2, 1, 0.9)
    made[1] = replace(made[1], late=late, notes=("Makefile is edited: not taken, no file of yours",))
    log = "kernel/mm/page_table.cc:41:9: error: 'level' was not declared in this scope\n   41 |   if (level > 2)\n"
    made[2] = replace(not_run(made[2]), status=Status.NOT_BUILT, build=Build(False, 3.0, log))
    why = ("submission.tar.gz: not an archive: its first bytes are 'PK\\x00'",)
    made[3] = replace(not_run(made[3]), status=Status.REJECTED, taken=(), content="", notes=why)
    fault = ("the machine was too slow to grade: calibration 9.4",)
    made[4] = replace(not_run(made[4]), status=Status.ERROR, notes=fault)
    broken = one_test(5, Verdict.ERROR, rng)
    rest = made[5].tests
    made[5] = replace(made[5], status=Status.ERROR, tests=(*rest[:5], broken, *rest[6:]))
    return made


HOSTILE = (
    '<script>document.title="owned"</script><img src=x onerror="document.title=\'owned\'">'
    "</pre></style></title><svg onload=alert(1)>{{ 7*7 }}{% raw %}\x00\x07\x1b[31mred\x1b[0m"
    "\x1b]0;title\x07\x1b]8;;http://example.org\x1b\\link\x1b]8;;\x1b\\ \u202eevil\u2066 \udc80\udcff\ufffe "
    "]]> --> &amp; \"quoted\" 'single' =1+1 @SUM(A1)\r\n\x85\x9b31m\ud800"
)


def hostile_result() -> Result:
    """Everything that a student can put into a result is an attack on the page that shows it."""
    base = sample_class(6)[0]
    long = "A" * 3_000_000 + "\n" + "<b>" * 500_000 + "\x1b]" * 200_000
    tests = tuple(
        replace(
            t,
            title=HOSTILE,
            text=f"{HOSTILE}\n  expected: {HOSTILE}\n  seen:     {HOSTILE}\n  why: {HOSTILE}\n{HOSTILE}",
            hint=HOSTILE,
            console=HOSTILE + long,
            reproduce=f"goose-grade reproduce '{HOSTILE}'",
            verdict=Verdict.FAIL,
            earned=0.0,
        )
        for t in base.tests
    )
    return replace(
        base,
        student=f"../../{HOSTILE}",
        name=f"=cmd|' /C calc'!A0 {HOSTILE}",
        submission=f"{HOSTILE}.zip",
        notes=(HOSTILE, long[:50_000]),
        taken=(HOSTILE, "kernel/mm/" + "x" * 5000),
        tests=tests,
        answers=(Answer(f"### {HOSTILE}", HOSTILE + long[:100_000], None, 5.0),),
        build=Build(True, 1.0, HOSTILE),
        seed=HOSTILE,
        machine={HOSTILE: HOSTILE},
    )


def write_class(results: list[Result], folder: Path) -> Path:
    """Writes results as a batch does, but for waiting until the disk has them; returns the folder."""
    for index, one in enumerate(results):
        path = folder / one.lab / f"{index:03}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(one)))
    return folder
