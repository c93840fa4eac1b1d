#!/usr/bin/python3.13
# Python: its own library on files, processes, signals, mappings and sockets.
import errno
import fcntl
import hashlib
import json
import mmap
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

print(sys.version_info[:2], sys.platform, os.uname().machine, sys.byteorder)
print(sum(i * i for i in range(100_000)), hashlib.sha256(b"goose" * 1000).hexdigest())
print(json.dumps({"list": [1, 2.5, None], "text": "Gänse"}), re.findall(r"\w+ose", "goose, moose, nose"))

os.makedirs("a/b/c")
with open("a/b/c/file", "w") as out:
    out.write("z" * 5000)
os.symlink("file", "a/b/c/link")
shutil.copytree("a", "copy", symlinks=True)
print(sorted(os.listdir("copy/b/c")), os.path.getsize("copy/b/c/file"), os.readlink("copy/b/c/link"))
shutil.rmtree("a")
shutil.move("copy", "moved")
print(sorted(os.listdir(".")), os.path.exists("a"))
for call, arguments in ((os.mkdir, ["moved"]), (os.rmdir, ["moved"]), (os.open, ["none/x", 0]), (os.kill, [1 << 22, 0])):
    try:
        call(*arguments)
    except OSError as error:
        print(call.__name__, errno.errorcode[error.errno], error.strerror)

with tempfile.TemporaryFile() as file:
    file.write(b"x" * 10_000)
    file.flush()
    with mmap.mmap(file.fileno(), 0) as mapping:
        mapping[4_090:4_100] = b"0123456789"
        print(mapping.find(b"345"), len(mapping))
    file.seek(4_090)
    print(file.read(10))
    fcntl.lockf(file, fcntl.LOCK_EX)
    fcntl.flock(file, fcntl.LOCK_EX)
    os.ftruncate(file.fileno(), 123)
    print(os.fstat(file.fileno()).st_size, os.pread(file.fileno(), 200, 120))

reader, writer = os.pipe()
if (child := os.fork()) == 0:
    os.write(writer, b"child")
    os._exit(7)
print(os.read(reader, 10), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
done = subprocess.run(["tr", "a-z", "A-Z"], input="through a program\n", capture_output=True, text=True)
print(done.returncode, done.stdout, end="")
print(subprocess.run("kill -9 $$", shell=True).returncode, subprocess.getoutput("echo $((6 * 7))"))
try:
    subprocess.run(["sleep", "100"], timeout=0.2)
except subprocess.TimeoutExpired as error:
    print("timeout", error.timeout)

near, far = socket.socketpair()
near.sendall(b"goose")
print(far.recv(100), select.select([near, far], [near], [], 0) == ([], [near], []))
far.settimeout(0.05)
try:
    far.recv(1)
except TimeoutError as error:
    print("recv:", error)
near.shutdown(socket.SHUT_WR)
print(far.recv(10), far.sendall(b"still"), near.recv(10))
far.close()
try:
    near.send(b"nobody")
except BrokenPipeError as error:
    print(error.strerror)

heard = []
signal.signal(signal.SIGUSR1, lambda number, _: heard.append(signal.Signals(number).name))
signal.signal(signal.SIGALRM, lambda number, _: heard.append(signal.Signals(number).name))
os.kill(os.getpid(), signal.SIGUSR1)
signal.setitimer(signal.ITIMER_REAL, 0.05)
start = time.monotonic()
time.sleep(0.2)
print(heard, time.monotonic() - start >= 0.2)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})
os.kill(os.getpid(), signal.SIGUSR2)
print(signal.sigpending(), signal.sigtimedwait({signal.SIGUSR2}, 1).si_signo == signal.SIGUSR2)
poll = select.poll()
poll.register(reader, select.POLLIN)
os.close(writer)
print([events & select.POLLHUP != 0 for _, events in poll.poll(10)])
