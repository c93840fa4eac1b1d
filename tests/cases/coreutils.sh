#!/bin/bash
# GNU's core utilities, each a dynamic program of its own.
export LC_ALL=C
seq -w 1 12 | shuf --random-source=<(yes) | sort -n | tr '\n' ' '; echo
printf '%s\n' pear apple fig apple | sort | uniq -c | sort -k1,1nr -k2 | sed 's/^ *//'
printf 'a,b,c\n1,2,3\n' | cut -d, -f1,3 --output-delimiter=' '
join <(printf '1 a\n2 b\n') <(printf '1 x\n2 y\n')
printf '%s\n' one two three | nl -w2 -s': '
printf '%s\n' one two three | tac | rev_it() { while read -r l; do echo "${#l}"; done; } ; rev_it <<<word
fold -w 7 <<<"a rather long line to fold"
fmt -w 20 <<<"words that are filled into lines of twenty columns by fmt"
pr -t -2 -w 40 -l 3 <(seq 6)
expand -t 4 <<<$'a\tb'; unexpand -a -t 4 <<<'a   b       c'
od -c <<<"bytes" ; base64 <<<"some text" | base64 -d; base32 <<<x
md5sum <<<abc; sha1sum <<<abc; sha512sum <<<abc | cut -c1-32; b2sum <<<abc | cut -c1-32; cksum <<<abc; sum <<<abc
numfmt --to=iec 1048576 123456789; factor 360 97 1000000007; expr length abcdef; seq -s, 1 0.5 3
mkdir -p d/e/f; echo 1 >d/one; echo 22 >d/e/two; ln -s ../one d/e/link
ls -1R d; ls -lR --time-style=+ d | awk '{print $1, $5, $NF}' | grep -v total
cp -a d copy; diff -r d copy && echo "copies are the same"
cp --sparse=always /dev/null empty; install -m 750 d/one installed; stat -c '%a %s %F' installed d/e/link d
mv -n d/one copy/one; ls d/one; mv -T copy renamed; ls renamed; mv --exchange d renamed 2>/dev/null; ls d | head -n 2
rm -rf renamed; rmdir d/e/f 2>&1; ls d
touch -d '2001-02-03 04:05:06 UTC' old; stat -c %Y old; touch -r old new; test new -ot d && echo "older"
date -u -d '2024-02-29 +1 year' +%F; date -u -d @0 '+%s %Y-%m-%dT%H:%M:%S'
truncate -s 1M big; stat -c '%s %b' big; dd if=/dev/zero of=big bs=4k seek=10 count=2 conv=notrunc status=none; du -k --apparent-size big
split -b 300k big piece.; ls piece.* | wc -l; cat piece.* | cmp - big && echo "joined"
head -c 5 <<<abcdefgh; echo; tail -c 4 <<<abcdefgh; tail -n +2 <(seq 3); head -n -1 <(seq 3)
tee t1 t2 <<<copied | tr a-z A-Z; cat t1 t2; comm -3 <(seq 1 5) <(seq 3 7)
printf '%s\n' 10 9 2 33 | sort -n; printf '%s\n' v1.10 v1.9 | sort -V; sort -c <(seq 3) && echo sorted
tsort <<<"a b b c"; ptx <<<"one two" | wc -l; csplit -s - '/5/' <<<"$(seq 9)"; wc -l xx00 xx01
env -i X=1 env; printenv HOME; pwd -P | wc -c | awk '{print $1 > 3}' ; nice -n 5 nice; nohup echo nohup 2>/dev/null
basename /usr/lib/x.so .so; dirname /usr/lib/x.so; realpath -m /a/../b/./c; readlink -f d/e/link | sed 's/.*scratch/scratch/'
test -L d/e/link && [ -d d ] && echo "tests"; true && ! false && echo "truth"
id -un; whoami; groups; arch; uname -o; nproc --all | grep -c '[0-9]'; tty; echo "tty: $?"
sync d/one; stat -f -c %T / | grep -c .; df --output=target / | tail -n 1; mkfifo fifo; test -p fifo && echo "a fifo"
chmod u+x,g-r,o= old; stat -c %A old; chmod -R a+rX d; ls -ld d | cut -c1-10; link old hard; unlink hard; ls hard 2>&1
timeout 0.2 sleep 5; echo "timeout: $?"; sleep 0.1; stdbuf -oL echo line; yes | head -n 3; vdir -d / | wc -l; dir /proc/self >/dev/null && echo dir
ls /nonexistent; echo "status $?"; cat /nonexistent 2>&1; cp a b c 2>&1 | head -n 1; rm /nonexistent 2>&1; mkdir d 2>&1
find . -name 'piece.*' -newer old | sort | xargs ls -1; find d -type l -printf '%f %l\n'; find . -size +500k -exec basename {} \; | sort
