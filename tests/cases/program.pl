#!/usr/bin/perl
# Perl: data, files, processes, signals, pipes and a socket pair.
use strict;
use warnings;
use POSIX ":sys_wait_h";
use Socket;
$| = 1;

my %squares = map { $_ => $_**2 } 1 .. 10;
print join(",", map { "$_=$squares{$_}" } sort { $a <=> $b } keys %squares), "\n";

open(my $out, ">", "lines") or die "lines: $!";
print $out "line $_ of some text\n" for 1 .. 2000;
close $out;
open(my $in, "<", "lines") or die;
my ($count, $bytes) = (0, 0);
while (<$in>) { $count++; $bytes += length; }
print "$count lines, $bytes bytes, size ", -s "lines", "\n";
rename("lines", "renamed") and print "renamed: ", (-e "lines" ? "still" : "gone"), "\n";
mkdir "folder" or die;
print "again: $!\n" unless mkdir "folder";
opendir(my $dir, ".") or die;
print join(" ", sort grep { !/^\./ } readdir $dir), "\n";
printf "mode %o, link count %d\n", (stat "folder")[2], (stat "folder")[3];

pipe(my $reader, my $writer) or die;
my $child = fork // die "fork: $!";
if ($child == 0) {
    close $reader;
    print $writer "from the child\n";
    close $writer;
    POSIX::_exit(7);
}
close $writer;
print "read: $_" while <$reader>;
waitpid($child, 0);
print "child: ", WIFEXITED($?) ? WEXITSTATUS($?) : "killed", "\n";
print "backquotes: ", `echo inner; exit 5`, "status ", $? >> 8, "\n";

socketpair(my $near, my $far, AF_UNIX, SOCK_STREAM, PF_UNSPEC) or die "socketpair: $!";
if (($child = fork // die) == 0) {
    close $near;
    while (sysread($far, my $text, 100)) { syswrite($far, uc $text); }
    POSIX::_exit(0);
}
close $far;
for my $word (qw(honk hiss waddle)) {
    syswrite($near, $word);
    sysread($near, my $answer, 100);
    print "$word: $answer\n";
}
shutdown($near, 1);
print "then ", sysread($near, my $rest, 100), " bytes\n";
waitpid($child, 0);

my $alarms = 0;
$SIG{ALRM} = sub { $alarms++ };
alarm 1;
select(undef, undef, undef, 5) while $alarms == 0;
print "alarms: $alarms\n";
$SIG{USR1} = sub { print "got $_[0]\n" };
kill "USR1", $$;
my $victim = fork // die;
if ($victim == 0) { sleep 100; }
kill "TERM", $victim;
waitpid($victim, 0);
print "ended by signal ", $? & 127, "\n";

my $seed = 42;
my @numbers = map { $seed = ($seed * 1103515245 + 12345) % 2**31 } 1 .. 50000;
my @sorted = sort { $a <=> $b } @numbers;
print "sorted: $sorted[0] … $sorted[-1]\n";
my $text = join " ", map { chr(97 + $_ % 26) x ($_ % 7) } @numbers[0 .. 2000];
my %words;
$words{$_}++ for $text =~ /\b(\w{4,})\b/g;
print join(" ", map { "$_:$words{$_}" } (sort keys %words)[0 .. 5]), "\n";
