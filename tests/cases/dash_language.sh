#!/bin/dash
# The plain language of /bin/sh.
set -eu
count() {
    total=0
    for word; do total=$((total + 1)); done
    echo "$total words, first ${1-none}"
}
count
count a 'b c' d
set -- x y z
while [ $# -gt 0 ]; do printf '%s ' "$1"; shift; done
echo
n=0
while :; do
    n=$((n + 1))
    [ $n -eq 3 ] && continue
    [ $n -gt 5 ] && break
    printf '%d;' $n
done
echo
value="a:b:c"
old=$IFS; IFS=:
for field in $value; do printf '<%s>' "$field"; done
IFS=$old
echo
case abc in a*c) echo pattern ;; *) echo none ;; esac
echo "$(printf 'one\ntwo\n' | while read -r line; do printf '[%s]' "$line"; done)"
(cd /; pwd)
{ echo out; echo err >&2; } 2>&1 | sort
echo text >file && cat <file >>file2 && cat file2 file2
if ! grep -q nothing file; then echo "not found"; fi
trap 'echo got term' TERM
kill -TERM $$
command -v cat >/dev/null && echo "cat is there"
false || echo "or"
x=${unset:-fallback}; echo "$x ${x%back} ${x#fall}"
printf '%s\n' 3 1 2 | sort -n | paste -sd+ | { read -r sum; echo "$sum = $(($sum))"; }
test -d / -a ! -e /nonexistent && echo "test works"
eval 'echo "evaluated $((1 << 10))"'
[ "$(echo a b c | wc -w)" -eq 3 ]
readonly fixed=1
(fixed=2) 2>/dev/null || echo "readonly holds"
sleep 0.1 & wait $! && echo "waited"
exec echo "replaced"
