#!/bin/bash
# Processes: background jobs, wait, signals, subshells, pipelines of many.
sleep 0.2 & first=$!
(exit 5) & second=$!
wait $second; echo "second ended with $?"
wait $first; echo "first ended with $?"
sleep 100 & victim=$!
kill -TERM $victim
wait $victim; echo "victim ended with $?"
sleep 100 & victim=$!
kill -STOP $victim
kill -CONT $victim
kill -KILL $victim
wait $victim 2>/dev/null; echo "victim ended with $?"
for n in 1 2 3 4 5; do (sleep 0.0$n; exit $n) & pids[n]=$!; done
sum=0
for n in 1 2 3 4 5; do wait "${pids[n]}"; ((sum += $?)); done
echo "sum of statuses $sum"
set -m
sleep 1 &
jobs | sed 's/  */ /g'
fg %1 >/dev/null; echo "foreground ended with $?"
sleep 30 &
kill -STOP %1
while ! jobs | grep -q Stopped; do sleep 0.02; done
echo "stopped"
bg %1 >/dev/null 2>&1
while ! jobs | grep -q Running; do sleep 0.02; done
kill %1
wait %1 2>/dev/null; echo "job ended with $?"
set +m
yes | head -n 100000 | wc -l
seq 1 1000 | xargs -n 50 echo | wc -l
seq 1 200 | xargs -P 4 -n 1 sh -c 'exit 0' && echo "parallel done"
timeout 0.3 sleep 10; echo "timeout gives $?"
timeout -s KILL 0.3 sleep 10; echo "timeout by KILL gives $?"
trap 'echo child changed' CHLD
sleep 0.05
trap - CHLD
bash -c 'kill -SEGV $$' 2>/dev/null; echo "segv gives $?"
bash -c 'ulimit -n 20; ulimit -n'
exec 9< <(for i in 1 2 3; do echo line $i; done)
while read -r -u 9 line; do echo "got $line"; done
mkfifo pipe
(cat pipe; echo "reader done") & echo through a fifo >pipe; wait
read -t 0.1 nothing < <(sleep 1); echo "read timed out with $((($? > 128) ? 1 : 0))"
echo "umask $(umask)"; (umask 077; : >private; stat -c %a private)
