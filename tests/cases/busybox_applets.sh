#!/bin/busybox sh
# A good part of busybox's applets, each started by way of /proc/self/exe.
seq 5 | sed -n '2,4p' | tac
printf 'b 2\na 1\nc 3\n' >table
sort table | awk '{ sum += $2; print NR ": " $1 } END { print "sum", sum }'
cut -d' ' -f2 table | sort -rn | head -n 1
grep -c '[ab]' table; grep -v b table; egrep -n 'a|c' table
mkdir -p deep/er/est; touch deep/one deep/er/two deep/er/est/three
find deep -type f | sort; find deep -name 't*' | wc -l
tar cf all.tar deep table && rm -r deep && tar tf all.tar | sort && tar xf all.tar && ls -R deep
gzip -c all.tar >all.tar.gz && gunzip -c all.tar.gz | cmp - all.tar && echo same
bzip2 -c table | bunzip2 -c | cmp - table && echo same
md5sum table; sha1sum table; sha256sum table; cksum table
od -An -tx1 table | head -n 2; hexdump -C table | head -n 2
dd if=/dev/zero of=zeros bs=1k count=17 2>/dev/null; wc -c zeros
cp -a deep copy; diff -r deep copy && echo "no difference"
ln -s table link; readlink link; cat link | wc -l; ln table hard; stat -c %h table
mv copy moved; ls -d moved; chmod 640 table; stat -c %a table
tr a-z A-Z <table; uniq -c <<END
x
x
y
END
expr 6 '*' 7; basename /a/b.c .c; dirname /a/b.c
echo 'aGVsbG8=' | base64 -d; echo; printf abc | xxd
date -u -d @86400 +%F; cal 1 2000 | head -n 3
env -i A=1 env; id -u; whoami; uname -s -m
head -c 10 /dev/zero | od -c | head -n 1; test -c /dev/null && echo "null is a device"
split -l 1 table part.; ls part.*; comm -12 table table | wc -l
paste table table | expand | fold -w 12 | head -n 3
sh -c 'trap "echo got it" USR1; kill -USR1 $$; echo after'
xargs -n 1 echo item <<END
a b
c
END
ps | grep -q busybox && echo "ps lists us"
free | head -n 1 | awk '{print $1}'; df / | tail -n 1 | awk '{print NF > 4}'; ls -l df 2>/dev/null
mount | grep -c ' on / '; cat /proc/uptime | wc -w; nproc | grep -q '[0-9]' && echo "nproc"
vi -c 'wq' new 2>/dev/null </dev/null >/dev/null; echo "vi ended"
time -f %x true; usleep 1000; timeout 1 sleep 5; echo "timeout: $?"
mktemp -d tmp.XXXXXX | wc -c; truncate -s 100 cut; wc -c <cut
i=0; while [ $i -lt 300 ]; do i=$((i + 1)); /bin/busybox true; done; echo $i
