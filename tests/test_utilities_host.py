"""Compares goose's utilities with the host's GNU tools.

Each case runs one command line twice: goose's RISC-V program under qemu-riscv64, and the host's
tool of that name. Output, exit status and messages must be equal, and so must the files afterwards.
The programs are taken from $GOOSE_BUILD/user/bin (build/user/bin by default).
"""

from __future__ import annotations

import fcntl
import os
import re
import shlex
import shutil
import signal
import stat
import struct
import subprocess
import termios
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(os.environ.get("GOOSE_BUILD", ROOT / "build")).resolve() / "user" / "bin"
QEMU = shutil.which("qemu-riscv64") or shutil.which("qemu-riscv64-static")
ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin", "HOME": "/", "TERM": "xterm"}

# Other names of a program, and what they are.
ALIASES = {"[": "test", "whoami": "id", "halt": "poweroff", "reboot": "poweroff"}
TIME_LIMIT = 20

pytestmark = [
    pytest.mark.skipif(QEMU is None, reason="qemu-riscv64 is missing (package qemu-user)"),
    pytest.mark.skipif(not (BIN / "ls").exists(), reason=f"no programs in {BIN}: run make first"),
]


# ---- The files that the commands work on ----

LONG_AGO, EARLIER, LATER = 981173106, 1577934245, 1577934246


def make_tree(top: Path) -> None:
    """Writes the same files with the same times into an empty folder."""
    texts = {
        "fruit": "pear\napple\nfig\nApple\npear\nplum\n\nbanana split\nfig\nfig\n",
        "numbers": "10\n9\n-3\n0.5\n100\n9\n+7\n\n  42\n-3.25\n007\n",
        "table": "name\tage\ttown\nada\t36\tlondon\nalan\t41\tmanchester\ngrace\t85\tarlington\n",
        "colon": "root:x:0:0\ndaemon:x:1:1\nbin:x:2:2\nno separator here\n::::\n",
        "spaced": "b  2 x\na 10 y\nc   1 z\na  9 y\n",
        "long": "".join(f"line {n}\n" for n in range(1, 101)),
        "nonl": "first\nlast without newline",
        "code.c": "int main(void) {\n    return a[0] * b + c;  // (x|y)\n}\n\tif (x) { y(); }\n",
        "empty": "",
        ".hidden": "you found me\n",
        "a name": "blanks\n",
        "d/one": "1\n",
        "d/two": "2\n2\n",
        "d/.dot": "d\n",
        "d/sub/deep": "pear deep\n",
        "script": "#!/bin/sh\necho $#\n",
    }
    (top / "d/sub/none").mkdir(parents=True)
    for name, text in texts.items():
        (top / name).write_text(text)
    (top / "bytes").write_bytes(bytes(range(256)) + bytes(64) + b"end\n")
    (top / "big").write_bytes(bytes(n * 7 % 251 for n in range(70000)))
    (top / "script").chmod(0o755)
    (top / "d/two").chmod(0o640)
    (top / "link").symlink_to("fruit")
    (top / "dirlink").symlink_to("d")
    (top / "broken").symlink_to("nowhere")
    (top / "fruit2").hardlink_to(top / "fruit")
    os.mkfifo(top / "fifo", 0o600)
    for path in sorted(top.rglob("*"), reverse=True):
        when = EARLIER if path.name in ("long", "two") else LONG_AGO
        os.utime(path, (when, when), follow_symlinks=False)
    os.utime(top / "table", (LATER, LATER))


def describe(top: Path) -> dict[str, tuple]:
    """Everything about the files under `top` that a command may have changed."""
    result = {}
    for path in sorted(top.rglob("*")):
        st = path.lstat()
        content: object = None
        if stat.S_ISLNK(st.st_mode):
            content = os.readlink(path)
        elif stat.S_ISREG(st.st_mode):
            content = path.read_bytes()
        # Only times that a command has set count, not those of now.
        changed = int(st.st_mtime) if st.st_mtime < 1_700_000_000 else None
        links = st.st_nlink if stat.S_ISREG(st.st_mode) else None
        result[str(path.relative_to(top))] = (oct(st.st_mode), links, changed, content)
    return result


# ---- Running a command ----


@dataclass
class Outcome:
    status: int
    output: bytes
    messages: str


def run(argv: list[str], program: str, where: Path, text: bytes, stdout=None) -> Outcome:
    process = subprocess.run(
        argv, executable=program, cwd=where, env={**ENVIRONMENT, "PWD": str(where)}, input=text,
        stdout=stdout or subprocess.PIPE, stderr=subprocess.PIPE, timeout=TIME_LIMIT)
    output = (process.stdout or b"").replace(str(where).encode(), b"<HERE>")
    return Outcome(process.returncode, output, process.stderr.decode(errors="replace"))


def goose(argv: list[str], where: Path, text: bytes = b"", stdout=None) -> Outcome:
    program = BIN / ALIASES.get(argv[0], argv[0])
    return run([QEMU, "-0", argv[0], str(program)] + argv[1:], QEMU, where, text, stdout)


def host(argv: list[str], where: Path, text: bytes = b"", stdout=None) -> Outcome:
    path = shutil.which(argv[0], path=ENVIRONMENT["PATH"])
    if path is None:
        pytest.skip(f"the host has no {argv[0]}")
    return run(argv, path, where, text, stdout)


def messages_of(outcome: Outcome) -> str:
    """What was said on standard error, with plain quotes."""
    return outcome.messages.replace("\u2018", "'").replace("\u2019", "'")


def same(command: str, ours: Outcome, theirs: Outcome, *, unordered: bool, messages: bool) -> None:
    if unordered:
        ours.output = b"\n".join(sorted(ours.output.split(b"\n")))
        theirs.output = b"\n".join(sorted(theirs.output.split(b"\n")))
    assert ours.output == theirs.output, f"output of: {command}"
    if messages:
        assert messages_of(ours) == messages_of(theirs), f"messages of: {command}"
    assert ours.status == theirs.status, f"status of: {command} ({ours.messages})"


# ---- Commands that only read: both programs see the very same files ----

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
sync fruit
sync nothing
time -p true
clear
xargs --nothing
tr a
tr
tr -d a b
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
tee
yes --nothing
""".strip().splitlines()

# Commands whose messages are worded differently on purpose, or carry times.
OTHER_MESSAGES = re.compile(
    r"^(grep$|grep -w$|grep '\['|grep -E 'a\||kill|find \. -(exec|size)|time|cmp$|hexdump|"
    r"xargs --n|yes|uname x)")
UNORDERED = re.compile(r"^(find|du|grep -r|env)")


@pytest.fixture(scope="session", autouse=True)
def known_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(scope="session")
def reading_tree(tmp_path_factory) -> Path:
    top = tmp_path_factory.mktemp("reading")
    make_tree(top)
    return top


def compare_reading(command: str, text: bytes, where: Path) -> None:
    argv = shlex.split(command)
    same(command, goose(argv, where, text), host(argv, where, text),
         unordered=bool(UNORDERED.match(command)), messages=not OTHER_MESSAGES.match(command))


@pytest.mark.parametrize("command", READING)
def test_reads_like_the_host(command: str, reading_tree: Path) -> None:
    compare_reading(command, b"standard\tinput  here\nof two lines\n", reading_tree)


# ---- Commands that read standard input ----

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
    ("tee", "to both\n"),
    ("tee d", "x\n"),
    ("env -u HOME A=b sh -c 'echo $A$HOME'", ""),
    ("seq 100000", ""),
    ("pwd x", ""),
]


@pytest.mark.parametrize("command,text", FILTERS)
def test_filters_like_the_host(command: str, text: str, reading_tree: Path) -> None:
    compare_reading(command, text.encode(), reading_tree)


# ---- Commands that change files: each program has a tree of its own ----

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
tee out d/new
tee -a fruit
tee nothing/x out
sort -o fruit fruit
sort -u -o out fruit
uniq fruit out
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
    argv = shlex.split(command)
    trees = {name: tmp_path / name / "here" for name in ("goose", "host")}
    outcomes = {}
    for name, program in (("goose", goose), ("host", host)):
        trees[name].mkdir(parents=True)
        make_tree(trees[name])
        outcomes[name] = program(argv, trees[name], b"from the input\n")
    assert describe(trees["goose"]) == describe(trees["host"]), f"files after: {command}"
    same(command, outcomes["goose"], outcomes["host"], unordered=command.startswith("find"),
         messages=True)


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
    if name not in ("poweroff", "reboot", "halt", "time"):
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


# ---- Utilities that show the system: the host's figures change, their form does not ----


def test_mount_lists_proc_mounts(reading_tree: Path) -> None:
    lines = goose(["mount"], reading_tree).output.decode().splitlines()
    mounts = [line.split(" ") for line in Path("/proc/mounts").read_text().splitlines()]
    assert lines == [f"{m[0]} on {m[1]} type {m[2]} ({m[3]})" for m in mounts]


@pytest.mark.parametrize("command", ["mount x", "mount -t nothing none {}", "umount {}/nothing",
                                     "umount {}", "umount", "mount -t ext2 /dev/nothing {}"])
def test_mount_fails_like_the_host(command: str, tmp_path: Path) -> None:
    argv = shlex.split(command.format(tmp_path))
    ours, theirs = goose(argv, tmp_path), host(argv, tmp_path)
    assert ours.messages != "" and ours.output == b""
    assert ours.status == theirs.status or command == "mount x"


@pytest.mark.parametrize("options", [[], ["-h"], ["-i"], ["-k"]])
def test_df_shows_what_the_host_shows(options: list[str], reading_tree: Path) -> None:
    ours = goose(["df", *options, "."], reading_tree).output.decode().splitlines()
    theirs = host(["df", *options, "."], reading_tree).output.decode().splitlines()
    assert ours[0] == theirs[0] and len(ours) == len(theirs) == 2
    for cells in (slice(0, 2), slice(5, None)):  # not how full it is: that changes meanwhile
        assert ours[1].split()[cells] == theirs[1].split()[cells]
    assert goose(["df", "/nothing"], reading_tree).status == 1


@pytest.mark.parametrize("options", [[], ["-h"], ["-m"], ["-b"]])
def test_free_shows_what_the_host_shows(options: list[str], reading_tree: Path) -> None:
    ours = goose(["free", *options], reading_tree).output.decode().splitlines()
    theirs = host(["free", *options], reading_tree).output.decode().splitlines()
    assert ours[0] == theirs[0] and len(ours) == len(theirs)
    assert ours[1].split()[:2] == theirs[1].split()[:2]
    assert [len(line) for line in ours] == [len(line) for line in theirs]


def test_ps_shows_a_process(reading_tree: Path) -> None:
    child = subprocess.Popen(["/bin/sleep", "30"], cwd=reading_tree)
    try:
        argv = ["ps", "-p", str(child.pid), "-o", "pid,ppid,pgid,sid,comm,stat,rss,user,args"]
        ours = goose(argv, reading_tree).output.decode().splitlines()
        assert ours[1].split() == [
            str(child.pid), str(os.getpid()), str(os.getpgrp()), str(os.getsid(0)), "sleep",
            *ours[1].split()[5:8], "/bin/sleep", "30"]
        assert ours[0].split() == ["PID", "PPID", "PGID", "SID", "CMD", "STAT", "RSS", "USER",
                                   "COMMAND"]
        for options in (["-e"], ["-ef"], ["aux"], ["-A", "-l"]):
            listing = goose(["ps", *options], reading_tree).output.decode()
            theirs = host(["ps", *options], reading_tree).output.decode()
            assert str(child.pid) in listing.split()
            if options[-1] in ("-e", "-ef"):
                assert listing.splitlines()[0].split() == [
                    word for word in theirs.splitlines()[0].split() if word != "C"]
        assert goose(["kill", "-s", "KILL", str(child.pid)], reading_tree).status == 0
        assert child.wait(TIME_LIMIT) == -signal.SIGKILL
    finally:
        child.kill()
        child.wait()


def test_ps_of_no_process_fails(reading_tree: Path) -> None:
    assert goose(["ps", "-p", "4194304"], reading_tree).status == 1
    assert goose(["kill", "4194304"], reading_tree).status == 1


def test_stat_shows_what_the_host_shows(reading_tree: Path) -> None:
    for name in ("fruit", "d", "link", "fifo", "/dev/null"):
        ours = goose(["stat", name], reading_tree).output.decode().splitlines()
        theirs = host(["stat", name], reading_tree).output.decode().splitlines()
        assert ours[:4] == theirs[:4] and ours[5:7] == theirs[5:7]


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


def test_time_reports_and_passes_the_status_on(reading_tree: Path) -> None:
    outcome = goose(["time", "sh", "-c", "exit 7"], reading_tree)
    assert outcome.status == 7
    assert re.match(r"\nreal\t0m\d\.\d{3}s\nuser\t0m\d\.\d{3}s\nsys\t0m\d\.\d{3}s\n$",
                    outcome.messages)


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


# ---- top: what it reads is the host's own /proc ----


def top(*words: str) -> list[str]:
    done = subprocess.run([str(QEMU), str(BIN / "top"), *words], capture_output=True, text=True,
                          timeout=TIME_LIMIT, env=ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_top_shows_linuxs_processes_and_memory() -> None:
    """A process that is busy comes first, with what /proc says of it."""
    busy = subprocess.Popen(["sh", "-c", "while :; do :; done"])
    try:
        lines = top("-b", "-n", "2", "-d", "0.5", "-p", f"1,{busy.pid}")
    finally:
        busy.kill()
        busy.wait()
    second = lines[len(lines) // 2 :]
    total = re.search(r"MemTotal: +(\d+)", Path("/proc/meminfo").read_text())
    assert total and any(line.startswith("KiB Mem") and total[1] in line for line in second), second
    start = next(i for i, line in enumerate(second) if line.lstrip().startswith("PID USER"))
    first, last = second[start + 1].split(), second[start + 2].split()
    assert [first[0], last[0]] == [str(busy.pid), "1"], second
    assert first[10] == "sh" and first[6] == "R" and float(first[7]) > 1, second
    # Kernels give a name of up to 15 bytes, whatever it holds.
    assert last[10] == Path("/proc/1/comm").read_text().split()[0]


def test_top_counts_every_hart() -> None:
    lines = top("-b", "-n", "2", "-d", "0.3")
    harts = [line for line in lines if line.startswith("%Cpu")]
    shares = [[float(n) for n in re.findall(r"([\d.]+) (?:us|sy|id|wa)", line)] for line in harts]
    assert len(harts) >= 2 and all(len(share) == 4 for share in shares), harts
    assert all(abs(sum(share) - 100) < 1 for share in shares), harts


@pytest.mark.parametrize("words", [["-n", "0"], ["-d", "x"], ["-d", "0"], ["-n", "x"], ["more"], ["-z"]])
def test_top_refuses_wrong_options(words: list[str]) -> None:
    done = subprocess.run([str(QEMU), str(BIN / "top"), "-b", *words], capture_output=True, text=True,
                          timeout=TIME_LIMIT, env=ENVIRONMENT)
    assert done.returncode == 1 and done.stderr.startswith("top: ") and not done.stdout
