"""Both jails, from the inside: a shell that has broken out of every makefile tries what it can."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grading.confine import NotPlain, copy_out, open_plain
from grading.grader import jail as jails
from grading.grader.build import products, run_bounded, used
from grading.grader.jail import Cell, JailError, Kind, Limits, choose_jail, why_no_bubblewrap, why_no_user

POSSIBLE = [k for k, why in ((Kind.BUBBLEWRAP, why_no_bubblewrap), (Kind.USER, why_no_user)) if not why()]
TIGHT = Limits(cpu=5, memory=1 << 30, processes=40, file=8 << 20, temporary=16 << 20)


WORK = Path(os.environ.get("GOOSE_BUILD", Path(__file__).resolve().parents[2] / "build")).absolute() / "grader"


@pytest.fixture(params=POSSIBLE, ids=str)
def cell(request: pytest.FixtureRequest) -> Iterator[Cell]:
    with Cell(request.param, WORK) as made:
        made.build.mkdir()
        (made.tree / "source.cc").write_text("int x;\n")
        (made.run / "kernel.elf").write_text("kernel")
        made.own_build()
        yield made


def shell(cell: Cell, script: str, which: str = "build", seconds: float = 20) -> tuple[int, str]:
    """The status and the output of a script inside."""
    cage = getattr(cell.jail(build=TIGHT, run=TIGHT), which)
    ran = run_bounded(cage.words(["sh", "-c", cage.inside(script)]), seconds, 4 << 20, lambda: "")
    return ran.status, ran.output + ran.limit


def alive(cell: Cell) -> list[str]:
    """The processes of the cell's user. Those that only wait to be noticed (Z) are none."""
    if cell.user is None:
        return []
    done = subprocess.run(["ps", "-o", "stat=,args=", "-u", str(cell.user)], capture_output=True, text=True)
    return [line for line in done.stdout.splitlines() if not line.startswith("Z")]


def test_this_machine_has_a_jail() -> None:
    assert POSSIBLE and choose_jail("auto") in POSSIBLE


def test_code_is_nobody_and_sees_nobody(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOSE_SECRET_OF_THE_GRADER", "not yours")
    hidden = "cat /root/.bashrc /home/x /srv/x /var/log/x /opt/x"
    status, text = shell(cell, f"id -u; id -G; cat /proc/*/environ 2>&1; env; {hidden}")
    if cell.user is not None:
        assert text.split("\n")[:2] == [str(cell.user), str(cell.user)]
    assert "not yours" not in text and "GOOSE" not in text
    assert status != 0 and text.count("No such file or directory") >= 5


def test_only_the_build_folder_can_be_written(cell: Cell, tmp_path: Path) -> None:
    (tmp_path / "other").write_text("another's")
    script = f"cd {cell.tree} && echo ok > build/made && cat build/made"
    assert shell(cell, script) == (0, "ok\n")
    for path in ("source.cc", "../run/kernel.elf", "../escaped", "../../escaped", "/escaped", "/usr/bin/escaped",
                 f"{tmp_path}/escaped", "/etc/escaped", "/usr/escaped"):  # fmt: skip
        status, text = shell(cell, f"cd {cell.tree} && echo owned > {path}")
        assert status != 0, (path, text)
    assert (cell.tree / "source.cc").read_text() == "int x;\n"
    assert not list(tmp_path.rglob("escaped")) and not Path("/escaped").exists()


def test_the_rest_of_the_machine_is_not_there(cell: Cell, tmp_path: Path) -> None:
    hidden = tmp_path / "tests" / "test_hidden.py"
    hidden.parent.mkdir()
    hidden.write_text("expected = 42\n")
    root = Path(__file__).resolve().parents[2]
    (cell.private / "grade.json").write_text("expected = 42\n")
    for path in (hidden, root / "README.md", root / "labs/grade.py", Path("/etc/passwd"), Path("/etc/shadow"),
                 cell.private / "grade.json"):  # fmt: skip
        for which in ("build", "run"):
            status, text = shell(cell, f"cat {path}", which)
            assert status != 0 and "expected = 42" not in text, (path, which)


def test_another_cell_cannot_be_seen(cell: Cell) -> None:
    with Cell(cell.kind, cell.work) as other:
        other.build.mkdir()
        (other.tree / "work.cc").write_text("another's work")
        assert other.user is None or other.user != cell.user
        status, text = shell(cell, f"cat {other.tree}/work.cc")
        assert status != 0 and "another's" not in text
        status, text = shell(cell, f"ls {cell.folder.parent}")
        assert other.folder.name not in text


def test_the_run_jail_writes_the_files_it_is_given(cell: Cell) -> None:
    disk = cell.run / "disk.img"
    disk.write_text("before")
    cage = cell.jail(build=TIGHT, run=TIGHT).run
    inside = cage.inside(str(disk))
    words = cage.words(["sh", "-c", f"echo after > {inside}; echo no > {inside}2"], writes=[disk])
    subprocess.run(words, stderr=subprocess.DEVNULL)
    assert disk.read_text() == "after\n" and not Path(f"{disk}2").exists()


def test_a_fork_bomb_ends_by_its_limits(cell: Cell) -> None:
    started = time.monotonic()
    _, text = shell(cell, "bomb() { bomb | bomb & }; bomb; sleep 30", seconds=5)
    cell.sweep()
    assert time.monotonic() - started < 20
    assert alive(cell) == []


def test_processes_that_hide_are_ended(cell: Cell) -> None:
    shell(cell, "(setsid sleep 300 </dev/null >/dev/null 2>&1 &) ; (setsid sleep 300 &) ; echo", seconds=3)
    cell.sweep()
    assert alive(cell) == []


def test_memory_time_and_files_have_limits(cell: Cell) -> None:
    status, text = shell(cell, "head -c 3000000000 /dev/zero | tail -c 2500000000 | wc -c")
    assert "2500000000" not in text
    status, text = shell(cell, f"cd {cell.build} && head -c 20000000 /dev/zero > big; ls -l big")
    assert (cell.build / "big").stat().st_size <= TIGHT.file
    started = time.monotonic()
    shell(cell, "while :; do :; done", seconds=60)
    assert time.monotonic() - started < 55


def test_bounded_runs_end_by_output_time_and_disk(cell: Cell) -> None:
    cage = cell.jail().build
    loud = run_bounded(cage.words(["sh", "-c", "while :; do echo aaaaaaaaaaaaaaaaaaaa; done"]), 60, 1 << 20, lambda: "")
    assert loud.limit == "it printed more than 1 MiB" and len(loud.output) < 100_000
    slow = run_bounded(cage.words(["sleep", "100"]), 1, 1 << 20, lambda: "")
    assert slow.limit == "it was not done after 1 s"
    fill = f"cd {cage.inside(str(cell.build))}; n=0; while :; do n=$((n+1)); head -c 2000000 /dev/zero > f$n; done"
    full = run_bounded(
        cage.words(["sh", "-c", fill]), 60, 1 << 20, lambda: "full" if used(cell.build) > 32 << 20 else ""
    )
    assert full.limit == "full"


def test_there_is_no_network(cell: Cell) -> None:
    if cell.kind is not Kind.BUBBLEWRAP:
        pytest.skip("the second jail does not cut it off, and says so")
    status, text = shell(cell, "cat /proc/net/dev")
    assert [line.split(":")[0].strip() for line in text.splitlines()[2:]] == ["lo"]


def test_what_a_jail_leaves_is_never_followed(cell: Cell, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (cell.build / "link").symlink_to(secret)
    (cell.build / "folder").symlink_to(tmp_path)
    (cell.build / "sub").mkdir()
    os.mkfifo(cell.build / "pipe")
    (cell.build / "good").write_text("good")
    (cell.build / "goose.elf").symlink_to(secret)
    with pytest.raises(NotPlain, match="goose.elf"):
        products(cell)
    for name in ("link", "folder/secret", "pipe", "sub", "absent"):
        with pytest.raises(NotPlain):
            open_plain(cell.build, name)
    copy_out(cell.build, "good", tmp_path / "out", 100)
    assert (tmp_path / "out").read_text() == "good"
    with pytest.raises(NotPlain, match="more than 2"):
        copy_out(cell.build, "good", tmp_path / "out2", 2)
    (tmp_path / "there").symlink_to(secret)
    with pytest.raises(FileExistsError):
        copy_out(cell.build, "good", tmp_path / "there", 100)


def test_users_are_one_submissions_alone() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root gives out users")
    with Cell(POSSIBLE[0], WORK) as one, Cell(POSSIBLE[0], WORK) as two:
        assert one.user is not None and two.user is not None and one.user != two.user


def test_what_a_killed_grader_left_goes(tmp_path: Path) -> None:
    kind = POSSIBLE[0]
    with Cell(kind, WORK) as cell:
        mine = cell.folder.name
        gone = subprocess.run(["sh", "-c", "echo $$"], capture_output=True, text=True).stdout.strip()
        stale = cell.folder.with_name(mine.replace(f"-{os.getpid()}-", f"-{gone}-"))
        (stale / "tree").mkdir(parents=True)
        with Cell(kind, WORK):
            assert not stale.exists() and cell.folder.exists()


def test_a_jail_that_cannot_be_is_an_error_and_never_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jails, "why_no_bubblewrap", lambda: "not allowed here")
    monkeypatch.setattr(jails, "why_no_user", lambda: "not root")
    with pytest.raises(JailError, match="bubblewrap: not allowed here; user: not root"):
        choose_jail("auto")
    with pytest.raises(JailError, match="there is no jail 'chroot'"):
        choose_jail("chroot")
    assert choose_jail("none") is Kind.NONE
    with pytest.raises(JailError, match="lies in /usr/lib"):
        jails.check_hidden(Path("/usr/lib/goose"))
