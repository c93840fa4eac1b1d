"""goose's shell against the host's, on the host: the same one-liners, the same output and status."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.host_shell import fill, goose_shell

HOST_SHELL = shutil.which("dash") or "/bin/sh"

# Each runs in a fresh folder that holds the files of fill().
ONE_LINERS = {
    # words and quotes
    "words": "echo one   two",
    "single-quotes": "echo 'a  b' '$HOME' '\"'",
    "double-quotes": 'echo "a  b" "it\'s" "\\$x \\\\ \\" \\z"',
    "backslash": "echo a\\ \\ b \\$x \\'",
    "joined-quotes": "echo a'b 'c\"d \"e",
    "empty-arguments": "set -- '' \"\" x; echo $#",
    "joined-lines": "echo a\\\nb 'c\\\nd'",
    "comment": "echo a # b\n# c\necho d#e",
    "tilde": "HOME=/home/goose; echo ~ ~/x '~' a~",
    # variables
    "assignment": "x=1 y='a  b'; echo $x $y \"$y\"",
    "unset-is-empty": "echo a$nothing'b' \"$nothing\" | wc -w",
    "braces": "x=ab; echo ${x}c $x'c' \"${x}\"",
    "default-value": "echo ${x:-def} ${x-def} \"${x:-a  b}\"; x=; echo ${x:-def} ${x-none}.",
    "assign-default": "echo ${x:=v} $x ${x=w}",
    "alternative-value": "x=1; echo ${x:+yes} ${y:+no}. ${y+no}.",
    "error-if-unset": "echo a; echo ${x:?gone}; echo b",
    "length": "x=hello; echo ${#x} ${#nothing} ${#}",
    "trim-suffix": "x=a.b.c; echo ${x%.*} ${x%%.*} ${x%z}",
    "trim-prefix": "x=/usr/lib/x.c; echo ${x#*/} ${x##*/} ${x#\"/usr\"}",
    "nested-default": "y=2; echo ${x:-${y}3} ${x:-$(echo sub)}",
    "positional": "set -- a b c d e f g h i j k; echo $1 $9 ${10} $10 $#",
    "shift": "set -- a b c; shift; echo $1 $#; shift 2; echo $#",
    "at-quoted": "set -- 'a  b' c; printf '<%s>' \"$@\"",
    "at-in-word": "set -- 'a b' c; printf '<%s>' \"x$@y\" \"$*\" $@ $*",
    "at-empty": "set --; printf '<%s>' a \"$@\" b; printf '<%s>' \"x$@\"",
    "ifs-colon": "IFS=:; x=a::b:; set -- $x; echo $#; printf '<%s>' $x \"$*\"",
    "ifs-mixed": "IFS=' :'; x=' a : b  c:'; printf '<%s>' $x",
    "split-expansion": "x='1 2  3'; set -- $x; echo $#; set -- \"$x\"; echo $#",
    "status": "false; echo $?; true; echo $?",
    "pid": "[ $$ -gt 1 ] && echo ok; (echo $$) | grep -q \"^$$\\$\" && echo same",
    "environment": "export A=1; B=2; env | grep -c '^[AB]='",
    "temporary-environment": "X=5 sh -c 'echo $X'; echo $X.",
    "temporary-for-builtin": "echo x:y > f; "
                             "IFS=: read a b < f; echo $a,$b; set -- $(echo p:q); echo $#",
    "unset": "x=1; unset x; echo ${x-gone}",
    "readonly": "readonly x=1; x=2; echo $x",
    # patterns
    "glob": "echo *.c; echo d*/*; echo [ab]*.c ?.h",
    "glob-no-match": "echo *.none '*.c' \\*.c",
    "glob-hidden": "echo .h*; echo *idden",
    "glob-class": "echo [!a]*.c [[:alpha:]].h",
    "glob-from-variable": "x='*.c'; echo $x \"$x\"",
    "glob-slash": "echo */ d/../*.h",
    # redirections
    "output": "echo hi > f; cat f; echo more >> f; cat f; echo over > f; cat f",
    "input": "wc -l < three; cat < a.c",
    "order-of-redirections": "ls /nonexistent > f 2>&1; wc -l < f; ls /nonexistent 2>&1 > f | wc -l",
    "descriptor-three": "exec 3> f; echo x >&3; exec 3>&-; cat f; echo y >&3; echo $?",
    "read-write": "echo abc > f; exec 4<>f; read x <&4; echo $x; exec 4<&-",
    "redirect-builtin": "{ echo a; echo b; } > f; cat f; echo back",
    "redirect-subshell": "(echo a; echo b >&2) 2> f; cat f",
    "only-redirection": "> f; ls f; wc -c < f",
    "missing-input": "cat < nothing; echo $?",
    "missing-folder": "echo x > no/such/f; echo $?",
    "close": "echo a 1>&-; echo $?",
    "clobber": "echo a >| f; cat f",
    # lists, groups, pipelines
    "and-or": "true && echo a || echo b; false && echo a || echo b; false || true && echo c",
    "not": "! true; echo $?; ! false; echo $?; ! true | false; echo $?",
    "sequence": "echo a; echo b;",
    "newlines": "echo a\n\n\necho b &&\n\necho c |\ncat",
    "pipe": "printf '3\\n1\\n2\\n' | sort | head -n 2 | tr '\\n' ,",
    "pipe-status": "false | true; echo $?; true | false; echo $?",
    "pipe-early-end": "yes | head -n 1",
    "pipe-into-builtin": "echo a b | { read x y; echo $y$x; }; echo $x.",
    "long-pipe": "echo x" + " | cat" * 12,
    "big-data": "head -c 300000 /dev/zero | cat | cat | wc -c",
    "subshell": "x=1; (x=2; cd /; echo $x); echo $x; [ \"$PWD\" != / ] && echo kept",
    "subshell-exit": "(exit 3); echo $?; (exit 3) || echo four",
    "group": "x=1; { x=2; echo $x; }; echo $x",
    "nested": "( ( echo a; { echo b; } ) | cat ) | ( cat )",
    "background": "sleep 0.01 & wait; echo $?",
    "background-status": "sh -c 'exit 7' & wait $!; echo $?",
    "two-in-background": "(exit 4) & p=$!; (exit 5) & q=$!; wait $p; echo $?; wait $q; echo $?",
    "background-input": "cat & wait; echo end",
    "wait-for-stranger": "wait 1; echo $?",
    # command substitution
    "substitution": "echo $(echo a; echo b) \"$(echo 'c  d')\" `echo e`",
    "substitution-nested": "echo $(echo $(echo a)) `echo \\`echo b\\``",
    "substitution-status": "x=$(false); echo $?; x=$(exit 3) y=1; echo $?",
    "substitution-newlines": "x=$(printf 'a\\n\\n\\n'); echo \"$x.\"",
    "substitution-parentheses": "echo $( (echo a) ) $(echo ')' \"(\")",
    # statuses and errors
    "not-found": "no-such-command-here; echo $?",
    "not-executable": "./a.c; echo $?",
    "a-folder": "./d; echo $?",
    "exit": "exit 42",
    "exit-last": "false; exit",
    "exit-modulo": "exit 257",
    "killed": "sh -c 'kill -TERM $$'; echo $?",
    "killed-in-pipe": "sh -c 'kill -KILL $$' | cat; echo $?",
    "syntax-error": "echo a\necho b |\n",
    "syntax-error-operator": "echo a; && echo b",
    "syntax-error-close": "echo a )",
    "unterminated": "echo 'a",
    "set-e": "set -e; false || echo a; ! true; echo b; false; echo c",
    "set-e-list": "set -e; { false && true; }; echo a; (false); echo b",
    "set-u": "set -u; echo a; echo $nothing; echo b",
    "set-f": "set -f; echo *.c",
    "option-flag": "sh -e -c 'false; echo no'; echo $?",
    # builtins
    "cd": "cd d && pwd | sed 's,.*/,,'; cd ..; cd - > /dev/null; ls",
    "cd-fails": "cd /nonexistent; echo $?",
    "cd-home": "HOME=/; cd; pwd",
    "eval": "x='echo $y'; y=2; eval $x; eval 'z=3; echo $z'; eval; echo $?",
    "dot": "echo 'x=5; echo in $1' > f; . ./f; echo $x",
    "dot-missing": ". ./nothing; echo not here",
    "exec": "exec echo replaced; echo not here",
    "exec-missing": "exec no-such-command-here; echo not here",
    "echo-escapes": "echo 'a\\tb\\nc\\\\d\\0101'; echo -n x; echo 'y\\c'; echo z",
    "umask": "umask 027; umask; > f; ls -l f | cut -c1-10",
    "read": "printf 'a b c\\nsecond\\\\\nline\\n' > f; { read x y; echo $x,$y; read z; echo $z; "
            "read w; echo $?; } < f",
    "read-raw": "printf 'a\\\\b\\n' > f; read -r x < f; printf '%s\\n' \"$x\"",
    "colon": ": a b; echo $?; : > f; ls f",
    "test-strings": "[ a = a ]; echo $?; [ a != a ]; echo $?; [ -z '' ]; echo $?; [ x ]; echo $?; "
                    "[ ]; echo $?; test -n x -a y = y; echo $?; [ ! x ]; echo $?",
    "test-numbers": "[ 10 -gt 9 ]; echo $?; [ 1 -eq 01 ]; echo $?; [ -1 -lt 0 ]; echo $?",
    "test-files": "[ -f a.c ]; echo $?; [ -d d ]; echo $?; [ -e none ]; echo $?; [ -s three ]; "
                  "echo $?; [ -x a.c ]; echo $?; [ -L link ]; echo $?",
    "test-wrong": "[ 1 -eq x ]; echo $?; [ a; echo $?",
    "script": "printf 'echo $0 $1 $#\\nexit 9\\n' > s; sh ./s p q; echo $?",
    "script-executed": "printf '#!/bin/sh\\necho ran $1\\n' > s; chmod +x s; ./s p",
    "script-without-header": "printf 'echo plain $1\\n' > s; chmod +x s; ./s p",
    "command-name-from-variable": "c=echo; $c a; c='echo b'; $c; $nothing echo c",
    "assignment-looks": "echo a=b; x=1 ; y=$x$x; echo $y; 1x=2; echo $?",
    # compound commands
    "if": "if true; then echo a; else echo b; fi; if false; then echo a; elif true; then echo c; fi; "
          "if false; then :; fi; echo $?",
    "while-until": "i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done; "
                   "until [ $i -eq 0 ]; do i=$((i-1)); done; echo $i",
    "for": "for x in a 'b c' *.none *.c; do echo \"<$x>\"; done; set -- p q; for x; do echo $x; done; "
           "for x\ndo echo $x; done; for x in; do echo no; done; echo $?",
    "break-continue": "for i in 1 2 3; do for j in 1 2 3; do [ $j = 2 ] && continue 2; "
                      "[ $i = 3 ] && break 2; echo $i$j; done; done; break; echo $?",
    "loop-status": "while :; do break; done; echo $?; while false; do :; done; echo $?; "
                   "for i in 1; do (exit 4); done; echo $?",
    "case": "case abc in a*) echo first;; *) echo other;; esac; case x in y|z) echo no;; esac; echo $?; "
            "case 'a*' in 'a*') echo quoted;; esac; case x in esac; case x in (y|x) echo paren\nesac",
    "case-variable": "x='*'; case abc in \"$x\") echo literal;; $x) echo pattern;; esac; y='a*'; "
                     "z=abc; echo ${z#$y} ${z#\"$y\"}",
    "compound-redirections": "for i in 1 2; do echo $i; done > f; while read l; do echo \"l=$l\"; done < f; "
                             "if true; then echo e >&2; fi 2>&1 | tr e x",
    "compound-in-pipe": "for i in 1 2; do echo $i; done | { read x; read y; echo $y$x; }; "
                        "echo a | while read x; do echo got $x; done",
    "compound-background": "while true; do echo once; break; done & wait; echo done",
    "nested-compound": "for i in 1 2; do if [ $i = 1 ]; then case $i in 1) echo one;; esac; "
                       "else while true; do echo two; break; done; fi; done",
    "stray-reserved": "echo a; fi; echo b",
    "empty-then": "if true; then fi",
    "bad-loop-variable": "for 1x in a; do :; done",
    # functions
    "function": "f() { echo \"$1 $# $@\"; return 3; }; set -- z; f a 'b c'; echo $? $1; f; f() (echo sub); f",
    "function-recursive": "f() { if [ $1 -gt 0 ]; then echo $1; f $(($1-1)); echo back $1; fi; }; f 3",
    "function-local": "f() { local x=2 z; y=3; echo $x; g; }; g() { echo in $x; x=5; }; x=1; f; echo $x $y",
    "function-assignments": "f() { echo $x; }; x=1; x=2 f; echo $x; (x=4; f); f | cat; y=$(f); echo $y",
    "function-redirected": "f() { cat; } < a.c; f; g() { cat; }; echo piped | g; g < b.c",
    "function-redefines-itself": "f() { f() { echo new; }; echo old; }; f; f; unset -f f; f; echo $?",
    "function-and-set-e": "f() { false; echo in; }; set -e; f || echo handled; f; echo not here",
    "return": "f() { for i in 1 2 3; do [ $i = 2 ] && return 7; echo $i; done; }; f; echo $?; "
              "echo 'return 4; echo no' > f; . ./f; echo $?; false; g() { return; }; g; echo $?",
    "set-in-function": "f() { set -- x y; echo $#; shift; echo $1; }; set -- a b c; f; echo $# $1",
    # here-documents
    "here": "x=1; cat <<END\n$x $((1+2)) `echo hi` \"quoted\" \\$x \\\" \\\njoined\n  END\nEND\necho after",
    "here-quoted": "cat <<'END'; cat <<\\END\n$x `no` \\\\\nEND\n$y\nEND\n",
    "here-tabs": "cat <<-END\n\t\ttabs\n\tgone\n\tEND\necho after",
    "here-two": "cat <<A - <<B; cat <<C\na\nA\nb\nB\nc\nC\n",
    "here-in-loop": "for i in 1 2; do cat <<END\nround $i\nEND\ndone; f() { cat <<END\nin f $1\nEND\n}; f x; f y",
    "here-in-substitution": "echo \"$(cat <<X\nin sub\nX\n)\"",
    "here-large": "x=$(head -c 100000 /dev/zero | tr '\\0' x); wc -c <<END\n$x\nEND\n",
    # arithmetic
    "arithmetic": "echo $((2*3+4)) $((2+3*4)) $(( (2+3)*4 )) $((7/2)) $((-7%3)) $((1<<4)) $((0x10)) $((010)) "
                  "$((1?2:3)) $((0||5)) $((!3)) $((~0)) $((5&3)) $((5|3)) $((5^3)) $((3<=2)) $((1==1))",
    "arithmetic-variables": "x=5; echo $((x)) $(($x+1)) $((x+=2)) $x $((x*=3)) $x $((y=4)) $y $((none)) "
                            "\"$((x > 3 && y < 5))\" $((0 && (z = 9))) ${z-unset}",
    "arithmetic-errors": "echo $((1/0)); echo not here",
    "arithmetic-nested": "echo $(( $(echo 2) * ${none:-3} )) $(($((1+1))+1))",
    # traps
    "trap-exit": "trap 'echo bye $?' EXIT; echo a; (trap 'echo sub' EXIT; echo in); (exit 3); exit 5",
    "trap-signal": "trap 'echo usr' USR1; kill -USR1 $$; echo b; trap; trap - USR1; trap",
    "trap-ends-wait": "trap 'echo usr' USR1; sleep 9 & p=$!; (sleep 0.2; kill -USR1 $$) & "
                      "wait $p; echo $?; kill $p; wait $p 2> /dev/null; echo $?",
    "trap-ends-wait-for-all": "trap 'echo usr' USR1; sleep 9 & p=$!; "
                              "(sleep 0.2; kill -USR1 $$) & wait; echo $?; kill $p",
    "wait-for-quick-ones": "for i in 1 2 3 4 5 6 7 8; do (exit $i) & wait $!; echo $?; done; wait",
    "trap-ignored": "trap '' TERM; kill -TERM $$; sh -c 'kill -TERM $$; echo alive'",
    "kill-by-name": "sleep 20 & kill -s TERM $!; wait $!; echo $?; kill -0 $$ && echo there; kill -BAD 1; echo $?",
    "command-type": "command -v echo cd no-such; echo $?; type cd | cat; f() { echo mine; }; f; type f; "
                    "echo() { printf 'mine\\n'; }; echo; command echo real",
}


@dataclass(frozen=True)
class Outcome:
    status: int
    output: str


def run(shell: Path | str, command: str, folder: Path) -> Outcome:
    folder.mkdir()
    fill(folder)
    bin_folder = folder.parent / "bin"  # where both find themselves under the name sh
    bin_folder.mkdir(exist_ok=True)
    name = bin_folder / "sh"
    name.unlink(missing_ok=True)
    name.symlink_to(shell)
    environment = {"PATH": f"{bin_folder}:{os.environ['PATH']}", "LC_ALL": "C"}
    done = subprocess.run(
        [name, "-c", command], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=20, text=True, errors="replace",
    )
    return Outcome(done.returncode, done.stdout.replace(str(folder), "FOLDER"))


@pytest.mark.parametrize("name", ONE_LINERS)
def test_one_liner(name: str, goose_shell: Path, tmp_path: Path) -> None:
    expected = run(HOST_SHELL, ONE_LINERS[name], tmp_path / "host")
    actual = run(goose_shell, ONE_LINERS[name], tmp_path / "goose")
    assert actual == expected, f"sh -c {ONE_LINERS[name]!r}"


def test_script_on_standard_input_leaves_the_rest_to_its_commands(
    goose_shell: Path, tmp_path: Path
) -> None:
    # POSIX wants this; dash reads the word itself and runs it.
    outcome = run(goose_shell, "printf 'read x\\nword\\necho got $x\\n' | sh", tmp_path / "goose")
    assert outcome == Outcome(0, "got word\n")
