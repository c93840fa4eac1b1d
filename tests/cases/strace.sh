#!/bin/dash
# Debian's strace: what it says of the calls and signals of small static programs. Addresses, numbers
# of processes, its columns and calls that it has no name for are left out.
trace() {
    strace -qq -o trace "$@"
    echo "status $?"
    sed -E '/^syscall_/d; s/0x[0-9a-f]{6,}/ADDRESS/; s/kill\([0-9]+/kill(PID/; s/\) +=/) =/
            s/si_pid=[0-9]+/si_pid=PID/; s/ +<unfinished \.\.\.>/) = ?/; s/nodename="[^"]*"/nodename/' trace
}
echo 'the text' > text
trace -e trace=openat,write,exit_group busybox cat nothing
trace -e trace=openat,read,write,lseek,exit_group busybox head -c 4 text
trace -e trace=newfstatat,unlinkat,mkdirat,chdir busybox rm nothing
trace -e trace=mkdirat,fchmodat busybox mkdir -m 750 folder
trace -e trace=kill busybox sh -c 'trap "echo got" USR1; kill -USR1 $$; kill -KILL $$'
trace -e trace=nanosleep,clock_nanosleep busybox usleep 1000
trace -e trace=execve /no/such/program
trace -e trace=execve,exit_group,uname busybox uname -s
# A child. Which of the two is faster is left open.
strace -f -qq -e trace=exit_group -e signal=none -o trace busybox sh -c '(exit 3); exit 4'
echo "status $?"
sed -E 's/^[0-9]+ +//; /^syscall_/d; s/\) +=/) =/' trace | sort
# One that runs already, and has got past its execve.
busybox sleep 3 &
busybox sleep 1
strace -qq -o trace -p $!
sed -E '/sleep/d; s/\) +=/) =/' trace
strace -p 1000000 2>/dev/null || echo "status $?"
