#!/usr/bin/python3
"""What goose's system calls cost, beside Linux's in the same run (make bench).

    tools/bench.py [--build DIR] [--rounds N] [--only instructions|wall] [row ...]

One static program, user/bench/bench.c, runs on goose and under Debian's kernel (tests/oracle.py), on
one hart, from the same ext2 image: once with `-icount shift=0`, where a nanosecond of guest time is an
instruction, and once against the wall clock. Prints a table and writes BUILD/bench.json and
BUILD/bench.svg. Ends with status 1 if a row costs more than Linux's.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from grading.machine import Machine  # noqa: E402
from grading.qemu import Disk, Options  # noqa: E402
from tests.debian import Debian, Unavailable  # noqa: E402
from tests.oracle import INIT, read_answers, session_image  # noqa: E402

# Instructions per operation of xv6-riscv and of Linux 6.12 on ext4, as measured for docs/bench.md.
PUBLISHED = {
    "null": (1_130, 434), "fork": (519_040, 105_348), "fork4m": (47_478_960, 498_560),
    "exec": (1_572_742, 247_560), "pingpong": (95_801, 13_709), "pipe4k": (2_658_085, 8_252),
    "pipe64k": (42_230_509, 86_173), "touch": (37_575, 5_786), "create1k": (9_376_823, 70_147),
    "unlink1k": (2_996_233, 56_963), "create0": (6_418_373, 97_208), "mkdir": (7_470_706, 181_305),
    "open": (551_661, 7_397), "stat": (572_449, 4_335), "fstat": (20_761, 1_592),
    "write4k": (4_320_575, 17_446), "write4ksync": (0, 248_687), "read4k": (582_601, 3_233),
    "readhot": (395_591, 6_802),
}  # fmt: skip
# A wait for the disk is real time, which says nothing of instructions.
WAITS = {"write4ksync"}
UNITS = {"instructions": 1.0, "wall": 1000.0}  # nanoseconds of the guest for one unit


@dataclass
class Row:
    """One operation: the rounds' figures on each system, in instructions or microseconds."""

    name: str
    goose: list[float] = field(default_factory=list)
    linux: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """goose's median for one of Linux's."""
        return median(self.goose) / median(self.linux)


def options_for(system: str, measure: str, build: Path, debian: Debian, image: Path) -> Options:
    shared = {"smp": 1, "memory": "512M", "disks": [Disk(image, mode="direct")]}
    shared["icount"] = "shift=0" if measure == "instructions" else ""
    if system == "goose":
        return Options(kernel=build / "goose.elf", append=f"root=/dev/vda init={INIT}", **shared)
    kernel, initrd = debian.linux(INIT)
    append = "console=ttyS0 quiet panic=-1 no4lvl transparent_hugepage=never"
    return Options(kernel=kernel, initrd=initrd, append=append, **shared)


def run(system: str, measure: str, build: Path, debian: Debian, words: str) -> dict[str, list[float]]:
    """The rounds of each row, in the unit of `measure`."""
    with tempfile.TemporaryDirectory(prefix="goose-bench-") as name:
        root = Path(name) / "root"
        for folder in ("bin", "usr/bin", "proc", "dev", "tmp"):
            (root / folder).mkdir(parents=True)
        for target in ("bin/busybox", "usr/bin/busybox"):
            shutil.copy(debian.root() / "usr/bin/busybox", root / target)
        shutil.copy(build / "user/bench/bench", root / "bin/bench")
        case = {"bench": f"#!/bin/busybox sh\nexec /bin/bench {words}\n".encode()}
        image = session_image(root, case, Path(name) / "disk.img", "64M")
        with Machine(options_for(system, measure, build, debian, image)) as machine:
            machine.wait_exit(900)
        answer = read_answers(image, case)["bench"]
    if answer.status:
        raise SystemExit(f"bench on {system} ended with {answer.status}: {answer.messages.decode()}")
    lines = [line.split() for line in answer.out.decode().splitlines()]
    return {line[0]: [float(word) / UNITS[measure] for word in line[1:]] for line in lines}


def say_table(measure: str, rows: list[Row]) -> None:
    unit = "instructions" if measure == "instructions" else "microseconds"
    print(f"\n{unit} per operation, median of the rounds\n")
    print(f"{'row':<12}{'goose':>12}{'Linux':>12}{'goose/Linux':>13}{'Linux ext4':>12}{'xv6':>13}")
    for row in rows:
        xv6, linux = PUBLISHED.get(row.name, (0, 0)) if measure == "instructions" else (0, 0)
        mark = "" if row.ratio <= 1 else "   above Linux"
        mark = "   waits for the disk" if row.name in WAITS and measure == "instructions" else mark
        print(
            f"{row.name:<12}{median(row.goose):>12,.1f}{median(row.linux):>12,.1f}{row.ratio:>13.2f}"
            f"{linux or '':>12}{xv6 or '':>13}{mark}"
        )


def plot(results: dict[str, list[Row]], out: Path) -> None:
    """Bars: goose for one of Linux, a panel for each measure."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, len(results), figsize=(6 * len(results), 6), squeeze=False)
    for panel, (measure, rows) in zip(panels[0], results.items()):
        colours = ["#2a7f62" if row.ratio <= 1 else "#c0504d" for row in rows]
        panel.barh([row.name for row in rows], [row.ratio for row in rows], color=colours)
        panel.axvline(1, color="black", linewidth=1)
        panel.invert_yaxis()
        panel.set_xlabel(f"{measure}: goose for one of Linux (shorter is better)")
    figure.tight_layout()
    figure.savefig(out)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=list(UNITS))
    parser.add_argument("rows", nargs="*", help=f"some of: {' '.join(PUBLISHED)}")
    options = parser.parse_args()
    if unknown := [name for name in options.rows if not re.fullmatch("|".join(PUBLISHED), name)]:
        parser.error(f"no row {', '.join(unknown)}; there are: {' '.join(PUBLISHED)}")
    build = options.build.resolve()
    debian = Debian(build / "debian")
    try:
        debian.root()
    except Unavailable as error:
        print(f"bench needs Debian's riscv64 kernel to compare with: {error}", file=sys.stderr)
        return 2
    words = f"-r {options.rounds} {' '.join(options.rows)}"
    results: dict[str, list[Row]] = {}
    for measure in [options.only] if options.only else UNITS:
        figures = {}
        for system in ("goose", "linux"):
            print(f"{measure} on {system} …", flush=True)
            figures[system] = run(system, measure, build, debian, words)
        results[measure] = [
            Row(name, figures["goose"][name], figures["linux"][name]) for name in figures["goose"]
        ]
    for measure, rows in results.items():
        say_table(measure, rows)
    document = {measure: [asdict(row) | {"ratio": row.ratio} for row in rows] for measure, rows in results.items()}
    (build / "bench.json").write_text(json.dumps(document, indent=1) + "\n")
    plot(results, build / "bench.svg")
    print(f"\n{build / 'bench.json'}, {build / 'bench.svg'}")
    above = [r.name for m, rows in results.items() for r in rows
             if r.ratio > 1 and not (r.name in WAITS and m == "instructions")]
    return 1 if above else 0


if __name__ == "__main__":
    sys.exit(main())
