#!/bin/bash
# What the language offers: arrays, functions, arithmetic, expansions, traps, substitutions.
set -u
declare -A capital=([France]=Paris [Japan]=Tokyo [Peru]=Lima)
for country in $(printf '%s\n' "${!capital[@]}" | sort); do
    printf '%-8s %s\n' "$country" "${capital[$country]}"
done
list=(zero one two "three and a half" four)
list+=(five)
unset 'list[1]'
echo "${#list[@]} items, last ${list[-1]}, slice: ${list[@]:2:2}"
for index in "${!list[@]}"; do echo "$index=${list[index]}"; done
factorial() {
    local n=$1
    if ((n <= 1)); then echo 1; else echo $((n * $(factorial $((n - 1))))); fi
}
for n in 1 5 10 15; do echo "$n! = $(factorial $n)"; done
fibonacci=(0 1)
while ((${#fibonacci[@]} < 20)); do
    fibonacci+=($((fibonacci[-1] + fibonacci[-2])))
done
echo "${fibonacci[*]}"
path=/usr/local/share/goose/readme.tar.gz
echo "${path##*/} ${path%/*} ${path%%.*} ${path/goose/duck} ${path//r/R} ${#path}"
name=""
echo "${name:-empty} ${name:+set} ${undefined:-none}"
text="The quick brown fox"
echo "${text^^} ${text,,} ${text:4:5} ${text: -3}"
if [[ $text =~ quick\ ([a-z]+)\ (f.x) ]]; then echo "matched ${BASH_REMATCH[1]} ${BASH_REMATCH[2]}"; fi
case $text in
    *slow*) echo slow ;;
    The*fox) echo fast ;;
esac
echo {a..e}{1..3} | wc -w
seq 1 20 | while read -r n; do
    ((n % 15 == 0)) && echo FizzBuzz && continue
    ((n % 3 == 0)) && echo Fizz && continue
    ((n % 5 == 0)) && echo Buzz && continue
    echo "$n"
done | tr '\n' ' '
echo
cat <<HERE
here: $((6 * 7)) $(echo nested "$(echo twice)")
HERE
cat <<'HERE'
as it is: $((6 * 7)) $(echo)
HERE
cat <<<"a string of $text"
diff <(printf '1\n2\n3\n') <(printf '1\n3\n4\n')
echo "status of diff: $?"
trap 'echo "trapped USR1"' USR1
kill -USR1 $$
trap - USR1
(exit 7)
echo "subshell: $?"
false | true
echo "pipeline: ${PIPESTATUS[*]}"
set -o pipefail
false | true
echo "pipefail: $?"
coproc upper { tr a-z A-Z; }
printf 'to the other side\n' >&"${upper[1]}"
eval "exec ${upper[1]}>&-"
cat <&"${upper[0]}"
printf '%05d|%x|%o|%e|%-6s|%q\n' 42 255 8 1234.5 ab "it's"
mapfile -t lines < <(printf 'a b\nc d\n')
echo "${#lines[@]} ${lines[1]}"
exec 3>note; echo "by descriptor" >&3; exec 3>&-
exec 4<note; read -r line <&4; exec 4<&-
echo "$line"
shopt -s nullglob extglob
touch a.txt b.txt c.log
echo *.txt !(*.txt) *.none
select_sum=0
until ((select_sum >= 10)); do ((select_sum += 3)); done
echo "$select_sum"
printf -v padded '%8.3f' 3.14159
echo "[$padded]"
trap 'echo "leaving with $?"' EXIT
exit 3
