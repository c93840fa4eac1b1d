"""Utilities that look at files or change them, beside the host's: ls, find, cp, mv, chmod, dd …"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import struct
import termios
from pathlib import Path

import pytest
from tests.utilities import (
    compare_changing, compare_reading, describe, goose, host, known_umask, make_tree, pytestmark,
    reading_tree,
)

READING = """
ls
ls -a
ls -A
ls -l
ls -la d
ls -ld d
ls -l fruit link broken
ls -l dirlink
ls dirlink
ls -F
ls -lF
ls -i fruit fruit2 d
ls -1 d .
ls -R
ls -R d fruit
ls -lh big
ls -lt
ls -ltr
ls -S
ls -r d
ls -d .
ls -d d/one d
ls nothing
ls fruit nothing d
ls -l d nothing
stat -c '%n %s %a %A %F %h %i' fruit d link fifo empty
stat -c '%N|%Y|%y|%b|%B|%f|%u|%g' link fruit
stat -c '%U %G %10s|%-10s|%04a' fruit
stat -L -c '%F %s' link
stat -c '%t %T %F' /dev/null
stat nothing
stat -c %z%% fruit
du d
du -a d
du -s d dirlink
du -sh big
du -ab d
du -c fruit fruit2
du -sc d d fruit fruit
du d d/e
du -as d
du -x d
du -m big
du -sm d
du -d 1 .
du nothing
find
find d
find d -name 'd*'
find . -type f
find . -type d -o -type l
find . -name '*.c' -print
find . -maxdepth 1
find . -mindepth 2 -type f
find . -empty
find . -newer long
find . -size +1
find . -size -2k -type f
find . -size 6c
find . ! -name '*e*'
find . -not -type d -a -name 'f*'
find . '(' -name one -o -name two ')' -print
find d -exec echo found {} ';'
find d -type f -exec cat {} +
find d -name one -exec false ';' -print
find . -name d -prune -o -type f -print
find d -depth
find . -perm 755 -type f
find . -perm -640 -name 't*'
find . -iname 'FRUIT*'
find . -path './d/*' -type f
find d -print0
find nothing d
find . -foo
find . -name
find . -type q
find . -maxdepth x
find . '(' -name a
find . -exec echo {}
find . -mtime +100 -name fruit
sync fruit
sync nothing
mkdir
rmdir
rm
rm -f
ln
cp
cp a
mv
mv a
touch
chmod
chmod 644
""".strip().splitlines()


@pytest.mark.parametrize("command", READING)
def test_reads_like_the_host(command: str, reading_tree: Path) -> None:
    compare_reading(command, reading_tree)


FILTERS = [
    ("dd status=none", "some text\n"),
    ("dd bs=4 count=2 status=noxfer", "0123456789"),
    ("dd bs=4 skip=1 status=noxfer", "0123456789"),
    ("dd ibs=3 obs=5 status=noxfer", "0123456789"),
    ("dd bs=4 conv=sync status=noxfer", "0123456789"),
    ("dd if=big bs=1k count=3 status=noxfer", ""),
    ("dd if=nothing", ""),
    ("dd bs=x", ""),
    ("dd nonsense", ""),
    ("dd foo=1", ""),
    ("dd conv=foo", ""),
]


@pytest.mark.parametrize("command,text", FILTERS)
def test_filters_like_the_host(command: str, text: str, reading_tree: Path) -> None:
    compare_reading(command, reading_tree, text.encode())


CHANGING = """
cp fruit copy
cp fruit d
cp fruit nonl d
cp -p long copy
cp script copy
cp d/two copy
cp fruit fruit
cp fruit fruit2
cp link copy
cp -r link copy
cp -r d copy
cp -r d dirlink copy
cp -rp d copy
cp -a d/sub/.. copy
cp d copy
cp nothing copy
cp fruit nothing/x
cp fruit d/one nothing
cp fruit nonl table
cp -r d fruit
cp fruit d/sub/none
cp -f fruit d/one
cp empty fruit
cp big copy
cp bytes /dev/full
cp fruit nonl
mv fruit moved
mv fruit d
mv fruit nonl d
mv d moved
mv d d/sub
mv d fruit
mv fruit d/sub
mv nothing x
mv fruit nothing/x
mv fruit nonl x
mv -n fruit nonl
mv -f fruit nonl
mv fruit fruit
mv fruit fruit2
mv link moved
mv d/one d/sub/deep
mv d/sub/ moved
rm fruit
rm fruit nothing nonl
rm d
rm -r d
rm -r d nothing
rm -rf d nothing
rm -f nothing
rm link
rm -r dirlink
rm -d d/sub/none
rm -d d
rm -r .
rm -r d/.
rm -rf d/..
rm fruit/x
rm -f fruit/x
rm fifo broken
mkdir new
mkdir new new/sub
mkdir d
mkdir fruit
mkdir nothing/new
mkdir -p a/b/c
mkdir -p d/sub/new
mkdir -p fruit/x
mkdir -m 700 new
mkdir -m u=rwx,go=x new
mkdir -p -m 700 a/b
mkdir -m x new
mkdir new/
rmdir d/sub/none
rmdir d
rmdir fruit
rmdir nothing
rmdir -p d/sub/none
rmdir d/sub/none/ nothing
ln fruit hard
ln -s fruit soft
ln -s nowhere soft
ln -s ../fruit d
ln fruit nonl d
ln fruit nonl
ln -f fruit nonl
ln -sf table link
ln -s table link
ln -sf table dirlink
ln -sfn table dirlink
ln d hard
ln nothing hard
ln -s d/one
ln fruit nothing/x
ln fruit nonl x
touch new
touch -c new
touch -d '2001-02-03 04:05:06' fruit
touch -d @86400 new fruit
touch -r long fruit
touch -m -d @86400 new
touch nothing/x
touch -d nonsense new
touch d
touch -r nothing new
chmod 600 fruit
chmod u+x,g-r fruit
chmod a=r fruit
chmod -x script
chmod +x fruit
chmod -w fruit
chmod o=g fruit
chmod u+s,+t script
chmod 4755 script
chmod 755 d/two
chmod -R go-rwx d
chmod -R a+X d
chmod g=u,o= d/one
chmod 644 nothing fruit
chmod 9 fruit
chmod u+q fruit
chmod -R 700 nothing
chmod -f 700 nothing
chmod -v 600 fruit
chmod -v 644 fruit
chmod -c 600 fruit
chmod -Rc go-rwx d
chmod g+s d
chmod 2755 d
chmod 00755 d
dd if=fruit of=out bs=3 status=none
dd if=fruit of=long bs=2 seek=3 status=none
dd if=fruit of=long bs=2 seek=3 count=2 conv=notrunc status=none
dd if=fruit of=out conv=excl,fsync status=none
dd if=fruit of=long conv=excl status=none
dd if=fruit of=out conv=nocreat
dd of=out seek=1 bs=4 status=noxfer
find d -name one -delete
find d -delete
find . -name '*e*' -type f -exec rm {} +
find d -type f -exec mv {} {}.x ';'
sync fruit
""".strip().splitlines()


@pytest.mark.parametrize("command", CHANGING)
def test_changes_like_the_host(command: str, tmp_path: Path) -> None:
    compare_changing(command, tmp_path)


def test_stat_shows_what_the_host_shows(reading_tree: Path) -> None:
    for name in ("fruit", "d", "link", "fifo", "/dev/null"):
        ours = goose(["stat", name], reading_tree).output.decode().splitlines()
        theirs = host(["stat", name], reading_tree).output.decode().splitlines()
        assert ours[:4] == theirs[:4] and ours[5:7] == theirs[5:7]


@pytest.mark.parametrize("target", ["d", "d/sub", "d/new"])
def test_cp_copies_no_directory_into_itself(target: str, tmp_path: Path) -> None:
    make_tree(tmp_path)
    before = describe(tmp_path)
    outcome = goose(["cp", "-r", "d", target], tmp_path)
    copy = target if target == "d/new" else f"{target}/d"
    assert outcome.messages == f"cp: cannot copy a directory, 'd', into itself, '{copy}'\n"
    assert outcome.status == 1
    assert describe(tmp_path) == before


def test_moves_to_another_file_system_by_copying(tmp_path: Path) -> None:
    other = Path("/dev/shm")
    if not other.is_dir() or other.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second file system")
    make_tree(tmp_path)
    target = other / f"goose-mv-{os.getpid()}"
    before = describe(tmp_path / "d")
    try:
        assert goose(["mv", "d", str(target)], tmp_path).messages == ""
        assert describe(target) == before
        assert not (tmp_path / "d").exists()
    finally:
        shutil.rmtree(target, ignore_errors=True)


def test_dd_sums_up(tmp_path: Path) -> None:
    outcome = goose(["dd", "if=/dev/zero", "of=out", "bs=1k", "count=2"], tmp_path)
    assert re.match(r"2\+0 records in\n2\+0 records out\n"
                    r"2048 bytes \(2\.0 kB\) copied, 0\.\d{6} s, [\d.]+ [kMG]?B/s\n$",
                    outcome.messages)


def test_ls_fills_columns_on_a_terminal(tmp_path: Path) -> None:
    names = [f"file{n:02}" for n in range(20)]
    for name in names:
        (tmp_path / name).touch()
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("4H", 24, 40, 0, 0))
    with os.fdopen(slave, "wb") as terminal:
        outcome = goose(["ls"], tmp_path, stdout=terminal)
    with os.fdopen(master, "rb", buffering=0) as screen:
        lines = screen.read(4096).decode().splitlines()
    assert outcome.status == 0 and len(lines) == 4
    assert [line.split() for line in lines] == [names[row::4] for row in range(4)]
