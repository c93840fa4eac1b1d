#!/bin/bash
# SQLite: transactions, both kinds of journal, two connections at once, a dump that restores.
sql() { sqlite3 -batch test.db "$@"; }
sql 'create table person (id integer primary key, name text unique, age int)'
sql "insert into person (name, age) values ('Ada', 36), ('Alan', 41), ('Grace', 85)"
sql 'select name, age from person order by age desc'
sql 'begin; update person set age = age + 1; rollback; select sum(age) from person'
sql 'begin; update person set age = age + 1; commit; select sum(age) from person'
sql "insert into person (name) values ('Ada')" 2>&1; echo "status $?"
sql 'create table n (v int); with recursive c(x) as (select 1 union all select x + 1 from c where x < 5000)
     insert into n select x * 7919 % 5003 from c; create index n_v on n (v);
     select count(*), count(distinct v), min(v), max(v), sum(v) from n; select count(*) from n where v between 10 and 20'
sql 'pragma integrity_check'
sql 'pragma journal_mode = wal'
sql 'insert into n select v + 10000 from n; select count(*) from n; pragma wal_checkpoint(truncate)'
sql 'pragma journal_mode = delete; pragma integrity_check'
for i in 1 2 3 4; do (for j in $(seq 5); do sql -cmd '.timeout 20000' "insert into n values ($i * 100000 + $j)"; done) & done
wait
sql 'select count(*) from n where v >= 100000'
sql .dump >dump.sql; sqlite3 copy.db <dump.sql
sqlite3 copy.db 'select count(*), sum(v) from n; select group_concat(name) from person'
sql 'vacuum; pragma page_count' | awk '{ print $1 > 10 }'
sql -json 'select id, name from person where age > 40'
sql -cmd '.mode csv' -cmd '.import table.csv imported' 'select 1' 2>&1 | head -n 1
printf 'a,b\n1,2\n3,4\n' >table.csv; sql -cmd '.mode csv' -cmd '.import table.csv imported' 'select sum(a), sum(b) from imported'
sql "select round(avg(age), 2), upper(group_concat(name, '-')), printf('%05d', 42), hex('goose'), strftime('%Y', 0, 'unixepoch') from person"
sql 'select * from nowhere' 2>&1; echo "status $?"
head -c 4000 /dev/urandom >junk.db; sqlite3 junk.db 'select 1 from sqlite_master' 2>&1; echo "status $?"
ls
