"""The spoof suite: hostile submissions, each a real handout with an attack in it, score what the honest
work in them deserves and no more, in both jails; the report says what was seen; the host stays as it was.

`make test` runs some of them in the jail that this machine prefers, one in both; `make spoof` all, in both.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from spoof_bench import OTHERS, SECRET, Bench, Spoof, document, said
from spoofs_inside import INSIDE
from spoofs_outside import OUTSIDE

from grading.grader.jail import Kind, choose_jail, why_no_bubblewrap, why_no_user
from grading.grader.result import Status, Verdict

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("GOOSE_BUILD", ROOT / "build")).absolute()
EVERY = os.environ.get("GOOSE_SPOOFS") == "all"
SPOOFS = [spoof for spoof in (*OUTSIDE, *INSIDE) if EVERY or spoof.quick]


def jails() -> list[str]:
    """Those that this machine can make."""
    return [k.value for k, why in ((Kind.BUBBLEWRAP, why_no_bubblewrap), (Kind.USER, why_no_user)) if not why()]


@pytest.fixture(scope="session")
def bench() -> Bench:
    return Bench(ROOT, BUILD / "grader")


def cases() -> list[tuple[Spoof, str]]:
    """In the preferred jail; one at least in the other too, whose tools are a list that may miss one."""
    preferred = choose_jail("auto").value
    return [(s, jail) for s in SPOOFS for jail in jails() if EVERY or jail == preferred or s is SPOOFS[0]]


@pytest.mark.parametrize("spoof, jail", cases(), ids=lambda given: getattr(given, "name", given))
def test_a_hostile_submission_earns_what_is_honest_in_it(
    spoof: Spoof, jail: str, bench: Bench, tmp_path: Path
) -> None:
    result, place = bench.grade(spoof, jail, tmp_path)
    text = said(result)
    assert result.status == spoof.status, (result.status, text)
    assert result.earned == spoof.earns, [(t.name, t.verdict, t.earned, t.text) for t in result.tests]
    assert not any(t.verdict is Verdict.ERROR for t in result.tests)
    for pattern in spoof.seen:
        assert re.search(pattern, text), f"the report does not say {pattern!r}, but:\n{text}"
    if result.status in (Status.GRADED, Status.NOT_BUILT):
        assert result.jail.startswith(("bubblewrap",) if jail == "bubblewrap" else ("separate user",))
    # Nothing of the host was touched, and nothing of it came out.
    assert not place.canary.exists()
    assert not list(ROOT.glob("canary*"))
    whole = document(result)
    assert SECRET.decode() not in whole and OTHERS not in whole and "root:x:0:0" not in whole
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text)


if EVERY:

    def test_both_jails_and_every_run_give_the_same_result(bench: Bench, tmp_path: Path) -> None:
        """Times, and the jail's name, are all that differs."""
        spoof = next(spoof for spoof in OUTSIDE if spoof.name == "names_lead_out_of_the_archive")
        results = set()
        for number, jail in enumerate([*jails(), *jails()]):
            folder = tmp_path / str(number)
            folder.mkdir()
            result, place = bench.grade(spoof, jail, folder)
            text = document(replace(result.without_times(), jail="", submission=""))
            results.add(text.replace(str(folder), ""))
        assert len(results) == 1, results


def test_the_suite_is_whole() -> None:
    """Each kind of attack that docs/grading.md names is there, once."""
    every = [spoof.name for spoof in (*OUTSIDE, *INSIDE)]
    assert len(every) == len(set(every)) >= 25
    assert SPOOFS
