"""Utilities that read text, beside the host's: cat, grep, head, tail, sort, cut, tr and their like."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from tests.utilities import BIN, QEMU, compare_changing, compare_reading, known_umask, pytestmark, reading_tree

READING = """
cat
cat fruit
cat fruit empty nonl
cat -n fruit nonl fruit
cat nothing fruit
cat d
grep -c end bytes
grep end bytes
cat - fruit
grep p fruit
grep -n pear fruit
grep -v pear fruit
grep -i APPLE fruit
grep -c fig fruit
grep -c fig fruit table
grep -l pear fruit table d/one
grep -L pear fruit table d/one
grep -q pear fruit
grep -q nothing fruit
grep pear fruit link
grep -h pear fruit link
grep -H pear fruit
grep pear nothing fruit
grep -s pear nothing fruit
grep -q pear nothing fruit
grep pear d
grep ^p fruit
grep 'e.$' fruit
grep '^$' fruit
grep -n 'a*' fruit
grep 'p\\+l' fruit
grep -E 'p+l' fruit
grep 'p+l' fruit
grep -E '(pear|fig)$' fruit
grep '\\(pear\\|fig\\)$' fruit
grep -E 'ap?ple' fruit
grep '[aA]pple' fruit
grep '[^a-z]' fruit
grep -E '^[[:alpha:]]+ [[:lower:]]*$' fruit
grep -E 'p{2}' fruit
grep -E '^.{4,5}$' fruit
grep -E '^(f|ig)*$' fruit
grep -E 'a{0,1}n' fruit
grep 'p\\{2,\\}' fruit
grep '\\<s' fruit
grep -E 't\\>' fruit
grep -o '[aeiou][a-z]' fruit
grep -on 'fig\\|pear' fruit
grep -oE 'a(p|pp|pple)' fruit
grep -x fig fruit
grep -xE 'fig|apple' fruit
grep -e pear -e plum fruit
grep -F 'a[0]' code.c
grep 'a\\[0\\]' code.c
grep '(x|y)' code.c
grep -E '\\(x\\|y\\)' code.c
grep '*' code.c
grep '\\*' code.c
grep 'a^\\|b' code.c
grep -w
grep -E '(' fruit
grep '[' fruit
grep '\\(' fruit
grep '[b-a]' fruit
grep 'x\\' fruit
grep
grep -E 'a|*b' fruit
grep -E '()' empty
wc fruit
wc -l fruit
wc -w fruit
wc -c fruit
wc -lw fruit
wc fruit long empty
wc -l fruit long
wc
wc -c
wc nothing fruit
wc d
wc big bytes
head long
head -n 3 long
head -3 long
head -n 0 long
head -c 20 long
head -n 2 fruit long
head -qn 1 fruit long
head -v -n1 empty
head -n1 nothing fruit
head -n x fruit
head -c 1k big
head d
tail long
tail -n 3 long
tail -3 long
tail -n +98 long
tail -n 0 long
tail -c 12 long
tail -c +690 long
tail -n 200 fruit
tail -n 1 nonl fruit
tail nothing
tail -c x fruit
sort fruit
sort -r fruit
sort -u fruit
sort -f fruit
sort -fu fruit
sort -n numbers
sort -nr numbers
sort -nu numbers
sort -k 2 spaced
sort -k 2n spaced
sort -k2,2n -k1,1r spaced
sort -b -k 2 spaced
sort -k 2.2 spaced
sort -k 1,1 -s spaced
sort -t : -k 3n colon
sort -t : -k 1.2,1.3 colon
sort -rk 3 spaced
sort fruit nonl
sort nothing
sort -k x fruit
sort -t ab fruit
uniq fruit
uniq -c fruit
uniq -d fruit
uniq -u fruit
uniq -ci fruit
uniq nothing
uniq a b c
cut -f 2 table
cut -f 1,3 table
cut -f 2- table
cut -f -2 table
cut -d : -f 3 colon
cut -d : -f 1,3 -s colon
cut -c 2-4 fruit
cut -b 1,3 fruit
cut -c 3- nonl
cut -d ab -f 1 colon
cut fruit
cut -f 0 table
cut -f 3-1 table
cut -f x table
cut -c 1 nothing
rev fruit nonl
hexdump fruit
hexdump -C bytes
hexdump bytes
hexdump -C -n 20 bytes
hexdump -s 250 -C bytes
hexdump -s 60000 -n 32 big
hexdump -s 80 -C fruit bytes
hexdump -n 5 fruit
hexdump -v -C bytes
hexdump empty
hexdump -C fruit empty nonl
cmp fruit link
cmp fruit table
cmp -l fruit nonl
cmp -s fruit table
cmp fruit nothing
cmp empty fruit
cmp nonl big
cmp -n 3 fruit nonl
tr a
tr
tr -d a b
tee
""".strip().splitlines()


@pytest.mark.parametrize("command", READING)
def test_reads_like_the_host(command: str, reading_tree: Path) -> None:
    compare_reading(command, reading_tree)


FILTERS = [
    ("cat", "a\nb\n"),
    ("cat -n -", "a\nb"),
    ("cat fruit -", "a\nb"),
    ("grep -n b", "a\nb\nabc"),
    ("grep -c b -", "a\nb\nabc\n"),
    ("grep -l a", "a\n"),
    ("grep -H a - fruit", "a\n"),
    ("grep -E '^(a|b)*c$'", "aababbc\nabd\nc\n"),
    ("grep -E '(a*)*b'", "a" * 40 + "\n" + "a" * 40 + "b\n"),
    ("grep -Eo '[0-9]+(\\.[0-9]+)?'", "v1.25, 3 and .5\n"),
    ("grep -iE 'STRASSE|x{2,3}'", "strasse\nxx\nx\n"),
    ("grep -r pear", ""),
    ("grep -r pear d", ""),
    ("grep -rn pear .", ""),
    ("grep -rl fig fruit d", ""),
    ("grep -rc nothing d", ""),
    ("wc", "one two\nthree"),
    ("wc -l", "one\ntwo\n"),
    ("wc - fruit", "x y\n"),
    ("head -n 2", "1\n2\n3\n"),
    ("head -c 3", "abcdef"),
    ("head - fruit", "1\n2"),
    ("tail -n 2", "1\n2\n3\n"),
    ("tail -n +2", "1\n2\n3"),
    ("tail -c 2", "abcdef"),
    ("tail -n 1", "no newline"),
    ("sort", "b\na\nc"),
    ("sort -n -k 2", "x 10\ny 9\nz\n"),
    ("sort -t , -k 2,2 -u", "a,1\nb,1\nc,2\n"),
    ("sort -", "b\0b\nb\0a\n"),
    ("sort -n", "1e3\n 5\n-0\n0\n.5\n-.5\nabc\n"),
    ("uniq", "a\na\nb\na\n"),
    ("uniq -c", "a\na\nb"),
    ("uniq -dc", "a\na\nb"),
    ("cut -d , -f 2-3", "a,b,c,d\nx\n,,\n"),
    ("cut -c -2", "abc\n\nx"),
    ("tr a-z A-Z", "Hello, world\n"),
    ("tr '[:lower:]' '[:upper:]'", "Hello, world\n"),
    ("tr -d aeiou", "education\n"),
    ("tr -s ' '", "a   b  c\n"),
    ("tr -s a-z x", "aabbcc  dd\n"),
    ("tr -cd '[:alnum:]\\n'", "a-b_c 1\n"),
    ("tr -c a-z '\\n'", "one two;three"),
    ("tr abc x", "aabbcc\n"),
    ("tr '\\n' ' '", "a\nb\n"),
    ("tr -ds a b", "aabbbc\n"),
    ("tr z-a x", ""),
    ("tr 'a\\-c' xyz", "a-c b\n"),
    ("tr '\\101-\\103' 1-3", "ABCD\n"),
    ("rev", "abc\ndef"),
    ("hexdump -C", "hello\n"),
    ("hexdump", "odd"),
    ("cmp fruit -", "pear\napple\n"),
    ("cmp - d/one", "1\n"),
    ("tee", "to both\n"),
    ("tee d", "x\n"),
]


@pytest.mark.parametrize("command,text", FILTERS)
def test_filters_like_the_host(command: str, text: str, reading_tree: Path) -> None:
    compare_reading(command, reading_tree, text.encode())


CHANGING = """
tee out d/new
tee -a fruit
tee nothing/x out
sort -o fruit fruit
sort -u -o out fruit
uniq fruit out
""".strip().splitlines()


@pytest.mark.parametrize("command", CHANGING)
def test_changes_like_the_host(command: str, tmp_path: Path) -> None:
    compare_changing(command, tmp_path)


def test_tail_follows_a_growing_file(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("old\n")
    with subprocess.Popen([QEMU, str(BIN / "tail"), "-f", "log"], cwd=tmp_path,
                          stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"old\n"
        with log.open("a") as file:
            file.write("new\n")
        assert process.stdout.readline() == b"new\n"
        process.kill()
