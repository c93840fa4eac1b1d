"""Utilities that scripts are made with, beside the host's (test, printf, xargs …); what all have in common."""

from __future__ import annotations

import os
import re
import shlex
import signal
from pathlib import Path

import pytest
from tests.utilities import BIN, compare_reading, goose, host, known_umask, pytestmark, reading_tree

READING = """
basename /usr/lib/x.c
basename /usr/lib/x.c .c
basename x/
basename /
basename -a a/b c/d
basename -s .c a/b.c c.c
basename .c .c
basename
basename a b c
dirname /usr/lib/x
dirname x
dirname a/b/ /x /
dirname a//b
dirname
readlink link
readlink fruit
readlink -f link
readlink -f d/../dirlink/sub
readlink -f nothing
readlink -f no/thing
readlink -e broken
readlink -n link
pwd
pwd -P
pwd -L
test
test x
test ''
test -n ''
test -z ''
test a = a
test a != a
test -f fruit
test -d fruit
test -d d
test -e nothing
test -L link
test -h fruit
test -s empty
test -s fruit
test -x script
test -x fruit
test -p fifo
test -r fruit
test 3 -lt 12
test 12 -le 3
test -5 -gt -6
test 7 -eq 07
test x -eq 3
test ! -f fruit
test ! x = x
test -f fruit -a -d d
test -f d -o -d d
test '(' a = b ')' -o c
test fruit -ef link
test table -nt long
test long -ot table
test fruit -nt nothing
test a b
test a b c
test -q x
test ! ''
test -t 0
test a -a
test -f
test !
test '('
test -n = x
[ a = a ]
[ 1 -gt 2 ]
[ a = a
[ -d d ]
[ ]
echo
echo a b
echo -n a
echo -e 'a\\tb\\n\\x41\\0102\\\\'
echo -e 'a\\cb' c
echo -ne 'x\\n'
echo -E 'a\\n'
echo -x
echo -
echo -- a
printf 'a\\tb\\n'
printf '%s-%s\\n' a b c
printf '%5d|%-5d|%05d|%x|%o|%X\\n' 42 42 42 255 8 255
printf '%d %d\\n' 0x1f 010
printf '%c%c\\n' abc def
printf '%%|%5s|%-5s|%.2s\\n' a b cde
printf '%b\\n' 'a\\tb'
printf '%*d\\n' 5 3
printf '\\101\\x42\\n'
printf '%d\\n' x
printf '%d\\n' 3x
printf '%u %i\\n' 7 -7
printf "%d\\n" "'A"
printf
printf x y
printf '%s'
seq 5
seq 2 5
seq 1 3 10
seq 5 -2 1
seq 3 1
seq -s , 3
seq -w 8 11
seq 0.5 0.25 1.5
seq -2 2
seq -w -1 1
seq
seq 1 0 3
seq x
seq 1 2 3 4
true
false
true x
env -i A=1 B=2
env -i A=1 env
env -u HOME env
env false
env nothing-like-that
env ./d
date -u -d @0
date -d @1577934245
date -d @981173106 +%Y-%m-%dT%H:%M:%S
date -d '2020-01-02 03:04:05' +%s
date -d 2020-02-29 +%j.%a.%b.%e.%y.%p.%I.%A.%B.%n%t%%
date -r table
date -R -d @0
date -d nonsense
date nonsense
date +%Y x
uname
uname -s
uname -n
uname -sn
uname x
id
id -u
id -g
id -un
id -n
whoami
kill -l
kill -l 9
kill -l TERM
kill -0 1
kill abc
sleep 0
sleep 0.01
sleep x
sleep 1 x
sleep
time -p true
clear
xargs --nothing
yes --nothing
""".strip().splitlines()


@pytest.mark.parametrize("command", READING)
def test_reads_like_the_host(command: str, reading_tree: Path) -> None:
    compare_reading(command, reading_tree)


FILTERS = [
    ("xargs", "a b\nc  d\n"),
    ("xargs -n 2 echo x", "a b c d e"),
    ("xargs -I @ echo '<@>' @", "one two\n  three\n\n"),
    ("xargs -0 -n 1 echo", "a b\0c\0"),
    ("xargs printf '[%s]'", "'a b' \"c d\" e\\ f '' g"),
    ("xargs -r echo none", ""),
    ("xargs echo none", ""),
    ("xargs -n 1 false", "a b"),
    ("xargs sh -c 'exit 255'", "a b"),
    ("xargs sh -c 'exit 3'", "a b"),
    ("xargs nothing-like-that", "a"),
    ("xargs -n 0", "a"),
    ("xargs -n x", "a"),
    ("xargs echo", "a 'b"),
    ("xargs cat", "fruit\n"),
    ("env -u HOME A=b sh -c 'echo $A$HOME'", ""),
    ("seq 100000", ""),
    ("pwd x", ""),
]


@pytest.mark.parametrize("command,text", FILTERS)
def test_filters_like_the_host(command: str, text: str, reading_tree: Path) -> None:
    compare_reading(command, reading_tree, text.encode())


def test_time_reports_and_passes_the_status_on(reading_tree: Path) -> None:
    outcome = goose(["time", "sh", "-c", "exit 7"], reading_tree)
    assert outcome.status == 7
    assert re.match(r"\nreal\t0m\d\.\d{3}s\nuser\t0m\d\.\d{3}s\nsys\t0m\d\.\d{3}s\n$",
                    outcome.messages)


# ---- What all of them have in common ----

UTILITIES = sorted(path.name for path in BIN.glob("*")
                   if path.name not in ("init", "sh") and path.is_file()) if BIN.is_dir() else []
NO_OPTIONS = {"true", "false", "echo", "printf", "test", "[", "kill", "find"}


# For test(1) every single argument that is not empty is a true condition, "--help" as well.
@pytest.mark.parametrize("name", [name for name in UTILITIES if name != "test"])
def test_help_goes_to_standard_output(name: str, reading_tree: Path) -> None:
    outcome = goose([name, "--help"], reading_tree)
    assert outcome.status == (name == "false") and outcome.messages == ""
    assert re.match(rf"Usage: (test|{re.escape(name)})\b", outcome.output.decode())


@pytest.mark.parametrize("name", [name for name in UTILITIES if name not in NO_OPTIONS])
def test_wrong_option_fails_like_the_host(name: str, reading_tree: Path) -> None:
    outcome = goose([name, "-@"], reading_tree)
    assert re.match(rf"{name}: (invalid|unrecognized) option -- '@'\nTry '{name} --help'",
                    outcome.messages)
    assert outcome.output == b"" and outcome.status != 0
    # The host's top complains and ends with 0; edit and strace need not be there.
    if name not in ("poweroff", "reboot", "halt", "time", "top", "edit", "strace"):
        assert outcome.status == host([name, "-@"], reading_tree).status


@pytest.mark.parametrize("command", [
    "cat fruit", "cat -n fruit", "echo x", "grep p fruit", "head fruit", "ls", "seq 100000",
    "seq 3", "sort fruit", "tail fruit", "tr a b", "uniq fruit", "wc fruit", "cut -c 1 fruit",
    "pwd",
    "date", "env", "find .", "printf x", "tee", "stat fruit", "basename x", "du d", "id", "uname",
    "yes", "cmp fruit table", "readlink link", "cat --help"])
def test_full_disk_is_reported(command: str, reading_tree: Path) -> None:
    argv = shlex.split(command)
    with open("/dev/full", "wb") as full:
        ours = goose(argv, reading_tree, b"text\n", stdout=full)
        theirs = host(argv, reading_tree, b"text\n", stdout=full)
    assert ours.status == theirs.status
    assert re.match(rf"{argv[0]}: .*(write error|standard output).*(No space left on device)?",
                    ours.messages)


def test_broken_pipe_ends_the_writer(reading_tree: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as pipe:
        outcome = goose(["yes"], reading_tree, stdout=pipe)
    assert outcome.status == -signal.SIGPIPE
