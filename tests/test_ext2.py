"""ext2 in a running goose: scripts of file operations on a second disk, mounted on /mnt.

The verdict is the host's: e2fsck must find the image clean after power-off, and debugfs must read
back what the model says.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import BUILD, Start, flusher_turns
from ext2_model import Model, pattern, random_operation
from foreign import PROGRAMS, compile_static

from grading.disk import debugfs, fsck, make_image, read_tree
from grading.machine import Machine
from grading.qemu import POWER_OFF, Disk
from grading.tree import Tree, differences, file, folder, symlink

START: Tree = {
    "/etc": folder(),
    "/etc/motd": file("welcome\n"),
    "/bin": folder(),
    "/bin/tool": file(pattern(5, 0, 300_000), 0o755),
    "/bin/link": symlink("tool"),
    "/home": folder(),
    "/home/deep": folder(0o700),
}
Lines = list[str]
Mounted = Callable[..., Machine]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_static(PROGRAMS / "fs_script.c", tmp_path_factory.mktemp("tool") / "fs_script")


@pytest.fixture
def mounted(start: Start, build: Path, tmp_path: Path, program: Path) -> Mounted:
    """mounted(image, {name: lines}) boots goose with the image on /mnt and the scripts in /root.

    `disk` has more of the image's grading.qemu.Disk, `options` the options of mount; with
    `read_only` the disk itself refuses to be written.
    """

    def boot(
        image: Path,
        scripts: dict[str, Lines],
        options: str = "",
        disk: dict[str, str] | None = None,
        smp: int = 1,
        read_only: bool = False,
    ) -> Machine:
        tree: Tree = {"/fs_script": file(program.read_bytes(), 0o755)}
        tree |= {f"/{name}": file("\n".join([*lines, ""])) for name, lines in scripts.items()}
        size = sum(len(node.data) for node in tree.values()) // 900 + 600
        tools = tmp_path / "tools.img"
        make_image(tools, f"{size}k", tree, block_size=1024)
        disks = [Disk(BUILD / "disk.img", mode="snapshot"), Disk(tools, mode="snapshot")]
        extra: list[str] = []
        if read_only:
            extra = ["-drive", f"id=ro,if=none,format=raw,readonly=on,file={image}"]
            extra += ["-device", "virtio-blk-device,drive=ro"]
        else:
            disks += [Disk(image, mode="direct", **(disk or {}))]
        run = start(kernel=build / "goose.elf", append="root=/dev/vda", smp=smp, disks=disks,
                    extra=extra)  # fmt: skip
        run.wait_prompt(60)
        run.check("mount -o ro /dev/vdb /root")
        run.check(f"mount {options} /dev/vdc /mnt && cd /mnt")
        return run

    return boot


def play(run: Machine, name: str, timeout: float = 60) -> str:
    """Runs a script that must go as expected; what its `?` lines answered."""
    ran = run.run(f"/root/fs_script /root/{name}", timeout)
    assert ran.status == 0, ran.output
    return ran.output


def finish(run: Machine) -> None:
    assert run.power_off(60) == 0


def judge(image: Path, model: Model) -> None:
    fsck(image)
    assert "clean" in debugfs(image, ["show_super_stats -h"]).split("Filesystem state:")[1][:20]
    assert differences(model.tree(), read_tree(image)) == []


def script(model: Model, operations: list[list[str]]) -> Lines:
    """The lines of a script that does the operations, each with the model's answer."""
    return [f"{model.apply(words)} {' '.join(words)}" for words in operations]


def random_script(model: Model, rng: random.Random, block: int, count: int) -> Lines:
    lines = []
    for _ in range(count):
        lines += ["0 sync"] if rng.random() < 0.02 else []
        lines += script(model, [random_operation(model, rng, block)])
    return lines


@pytest.mark.parametrize("block_size,inode_size,smp", [(1024, 128, 1), (1024, 256, 2),
                                                       (4096, 128, 2), (4096, 256, 1)])  # fmt: skip
def test_random_operations(
    mounted: Mounted, tmp_path: Path, seed: int, block_size: int, inode_size: int, smp: int
) -> None:
    rng = random.Random(seed)
    image = tmp_path / "disk.img"
    size = rng.choice(["12M", "21M", "33M"])
    make_image(image, size, START, block_size=block_size, inode_size=inode_size)
    model = Model(START)
    run = mounted(image, {"script": random_script(model, rng, block_size, 500)}, smp=smp)
    play(run, "script")
    finish(run)
    judge(image, model)


def test_reads_what_the_host_wrote(mounted: Mounted, tmp_path: Path) -> None:
    image = tmp_path / "disk.img"
    tree = {"/d": folder()} | {f"/d/f{n}": file(pattern(n, 0, n * 4000 + 1)) for n in range(1, 30)}
    make_image(image, "16M", tree, block_size=1024)
    lines = [f"0 check /d/f{n} 0 {n * 4000 + 1} {n}" for n in range(1, 30)]
    run = mounted(image, {"script": lines})
    play(run, "script")
    assert run.check("ls /mnt/d | sort").split() == sorted(f"f{n}" for n in range(1, 30))
    finish(run)
    judge(image, Model(tree))


def test_sparse_files_at_the_edges_of_the_block_map(mounted: Mounted, tmp_path: Path) -> None:
    image = tmp_path / "disk.img"
    make_image(image, "16M", block_size=1024)
    model = Model()
    operations: list[list[str]] = []
    for number, edge in enumerate([12, 12 + 256, 12 + 256 + 256**2]):
        operations += [
            ["create", f"/f{number}"],
            ["write", f"/f{number}", str(edge * 1024 - 1), "2", "7"],
            ["create", f"/g{number}"],
            ["write", f"/g{number}", str(edge * 1024 + 5000), "3000", "8"],
            ["truncate", f"/g{number}", str(edge * 1024 + 1)],
        ]
    lines = script(model, operations)
    for number, edge in enumerate([12, 12 + 256, 12 + 256 + 256**2]):
        lines += [f"0 check /f{number} {edge * 1024 - 1} 2 7"]
    lines += ["0 create /huge", "0 write /huge 10000000000 10 1", "0 check /huge 10000000000 10 1"]
    lines += ["27 write /huge 20000000000000 1 1", "0 unlink /huge"]
    run = mounted(image, {"script": lines})
    play(run, "script")
    finish(run)
    judge(image, model)


def test_names(mounted: Mounted, tmp_path: Path) -> None:
    """Renames of every kind, links, symbolic links short and long, link counts of directories."""
    image = tmp_path / "disk.img"
    make_image(image, "8M", block_size=1024)
    model = Model()
    lines = script(model, [
        ["mkdir", "/a"], ["mkdir", "/a/b"], ["mkdir", "/c"], ["create", "/a/f"], ["create", "/g"],
        ["rename", "/a", "/a/b/x"], ["rename", "/a", "/a/x"], ["rename", "/a/f", "/g"],
        ["rename", "/g", "/c"], ["rename", "/c", "/g"], ["rename", "/a/b", "/c"],
        ["rename", "/c", "/a"], ["link", "/g", "/a/h"], ["rename", "/g", "/a/h"],
        ["link", "/a", "/z"], ["link", "/nothing", "/z"], ["mkdir", "/nothing/z"],
        ["symlink", "s" * 59, "/s59"], ["symlink", "s" * 60, "/s60"],
        ["symlink", "s" * 1023, "/s1023"], ["create", "/" + "n" * 255], ["rmdir", "/a"],
        ["mkdir", "/a"], ["mkdir", "/x"], ["mkdir", "/x/y"], ["mkdir", "/x/y/z"],
        ["rename", "/x/y", "/y"], ["exchange", "/x", "/y"], ["exchange", "/g", "/x/z"],
    ])  # fmt: skip
    lines += ["36 create /" + "n" * 256, "36 symlink " + "s" * 1024 + " /s1024"]
    run = mounted(image, {"script": lines})
    play(run, "script")
    finish(run)
    judge(image, model)


def test_full_disk_and_no_inodes_recover(mounted: Mounted, tmp_path: Path) -> None:
    image = tmp_path / "disk.img"
    make_image(image, "2M", block_size=1024, inodes=64)
    fill = [line for n in range(40) for line in (f"0 create /f{n}", f"? write /f{n} 0 100000 1")]
    fill += [f"0 unlink /f{n}" for n in range(40)]
    fill += [f"? create /n{n}" for n in range(64)] + [f"? unlink /n{n}" for n in range(64)]
    run = mounted(image, {"fill": fill})
    free = run.check("df /mnt; sync")
    answers = play(run, "fill").splitlines()[:-1]
    assert {line.split()[0] for line in answers} == {"0", "28", "2"}
    written = [line for line in answers if line.startswith("0 write")]
    assert 12 <= len(written) <= 20, "files of 100 kB in 1.8 MB"
    assert 48 <= len([line for line in answers if line.startswith("0 create /n")]) <= 53
    # What a failed write left of a file is gone too.
    assert run.check("df /mnt; sync") == free
    finish(run)
    judge(image, Model())


def test_unlinked_open_file_frees_its_blocks_when_closed(mounted: Mounted, tmp_path: Path) -> None:
    image = tmp_path / "disk.img"
    make_image(image, "8M", {"/f": file(b"x" * 1_000_000)}, block_size=1024)
    run = mounted(image, {"script": ["0 hold /f", "0 unlink /f", "2 unlink /f", "0 create /g",
                                     "0 hold /g", "0 write /g 0 50000 1", "0 unlink /g",
                                     "0 release"]})  # fmt: skip
    used = int(run.check("df /mnt").split()[-4])
    play(run, "script")
    assert int(run.check("df /mnt").split()[-4]) <= used - 970
    finish(run)
    judge(image, Model())


def test_concurrent_creation_and_removal(mounted: Mounted, tmp_path: Path, seed: int) -> None:
    """Four programs on two harts, each in its own directory and all in a common one."""
    rng = random.Random(seed)
    image = tmp_path / "disk.img"
    own: Tree = {f"/d{n}": folder() for n in range(4)} | {"/common": folder()}
    make_image(image, "16M", own, block_size=1024)
    models = [Model() for _ in range(4)]
    scripts = {}
    for number, model in enumerate(models):
        lines = []
        for _ in range(200):
            words = random_operation(model, rng, 1024, exchange=False)
            moved = [f"/d{number}{word}" if word.startswith("/") else word for word in words]
            lines += [f"{model.apply(words)} {' '.join(moved)}"]
            name = f"/common/{rng.randrange(8)}"
            kind = rng.choice(["create", "unlink", "rename", "mkdir", "rmdir", "link"])
            second = f" /common/{rng.randrange(8)}" if kind in ("rename", "link") else ""
            lines += [f"? {kind} {name}{second}"]
        scripts[f"s{number}"] = lines
    run = mounted(image, scripts, smp=2)
    jobs = " & ".join(f"/root/fs_script /root/s{n} > /tmp/out{n}" for n in range(4))
    run.check(f"{jobs} & wait; sync; tail -n 1 /tmp/out*", 120)
    output = run.check("cat /tmp/out? | grep operations")
    assert output == "400 operations, 0 wrong\n" * 4, run.check("cat /tmp/out? | grep line")
    run.check("cd /mnt/common && rm -rf *")
    assert run.check("ls /mnt/common") == ""
    finish(run)
    fsck(image)
    expected: Tree = {"/common": folder()}
    for number, model in enumerate(models):
        tree = model.tree()
        expected |= {f"/d{number}": folder()} | {f"/d{number}{p}": n for p, n in tree.items()}
    found = {p: n for p, n in read_tree(image).items()}
    assert [d for d in differences(expected, found) if "is one file with" not in d] == []


def test_times_come_from_the_clock(mounted: Mounted, tmp_path: Path) -> None:
    image = tmp_path / "disk.img"
    make_image(image, "8M")
    before = int(time.time())
    run = mounted(image, {"script": ["0 create /f", "0 mkdir /d", "0 times /d 5000000000"]})
    play(run, "script")
    finish(run)
    fsck(image)
    found = re.search(r"mtime: (0x[0-9a-f]+)", debugfs(image, ["stat /f"]))
    assert found and before - 2 <= int(found[1], 16) <= time.time() + 2
    assert "mtime: 0x2a05f200:1d6f3455" in debugfs(image, ["stat /d"])


@pytest.mark.parametrize("how", ["option", "feature", "device"])
def test_read_only(mounted: Mounted, tmp_path: Path, how: str) -> None:
    image = tmp_path / "disk.img"
    features = "huge_file" if how == "feature" else ""
    make_image(image, "8M", START, features=features)
    before = image.read_bytes()
    lines = ["30 create /f", "30 mkdir /d", "30 unlink /etc/motd", "30 rmdir /home/deep",
             "30 write /etc/motd 0 1 1", "30 truncate /etc/motd 0", "30 rename /etc /x",
             "30 link /etc/motd /x", "0 check /bin/tool 0 300000 5"]  # fmt: skip
    options = "-o ro" if how == "option" else ""
    run = mounted(image, {"script": lines}, options=options, read_only=how == "device")
    assert " ro," in run.check("grep /mnt /proc/mounts")
    play(run, "script")
    finish(run)
    assert image.read_bytes() == before


def test_disk_errors_reach_the_program(mounted: Mounted, tmp_path: Path) -> None:
    """Sectors of one file fail: reading it is EIO, all else goes on."""
    image = tmp_path / "disk.img"
    tree: Tree = {"/good": file(pattern(1, 0, 9000)), "/bad": file(pattern(2, 0, 9000))}
    make_image(image, "8M", tree)
    block = int(debugfs(image, ["blocks /bad"]).split("\n")[1].split()[0])
    rules = "".join(
        f'[inject-error]\nevent = "{event}"\niotype = "{kind}"\nerrno = "5"\nsector = "{sector}"\n\n'
        for event, kind in (("none", "read"), ("none", "write"))
        for sector in range(block * 8, block * 8 + 8)
    )
    lines = ["5 check /bad 0 4096 2", "0 check /bad 4096 4096 2", "0 check /good 0 9000 1",
             "0 create /new", "0 write /new 0 100000 3", "0 fsync /new"]  # fmt: skip
    run = mounted(image, {"script": lines}, disk={"blkdebug": rules})
    play(run, "script")
    finish(run)
    fsck(image)


def test_fsync_survives_a_sudden_end(mounted: Mounted, tmp_path: Path) -> None:
    image = tmp_path / "disk.img"
    make_image(image, "8M")
    model = Model()
    lines = script(model, [["mkdir", "/d"], ["create", "/d/f"], ["write", "/d/f", "0", "70000", "9"]])
    run = mounted(image, {"script": [*lines, "0 fsync /d/f"]})
    play(run, "script")
    run._stop()
    fsck(image)
    assert differences(model.tree(), read_tree(image)) == []


def test_unmounted_disk_is_marked_clean(mounted: Mounted, tmp_path: Path) -> None:
    image = tmp_path / "disk.img"
    make_image(image, "8M")
    run = mounted(image, {"script": ["0 mkdir /d"]})
    play(run, "script")
    run.check("cd / && umount /mnt")
    run._stop()
    judge(image, Model({"/d": folder()}))



def test_sync_is_no_user_of_files(mounted: Mounted, tmp_path: Path) -> None:
    """While others sync, the blocks of a removed file are free at once, and a disk can be unmounted."""
    image = tmp_path / "disk.img"
    make_image(image, "8M")
    run = mounted(image, {}, smp=2)
    run.check("cd /; (while true; do sync; done) & (while true; do sync; done) & echo started")
    free = run.check("df /mnt")
    make = "head -c 900000 /dev/zero > /mnt/file"
    for _ in range(3):
        removed = run.check(" && ".join(4 * [f"{make} && rm /mnt/file && df /mnt"]), 60)
        assert removed == 4 * free
        run.check(" && ".join(2 * [f"{make} && umount /mnt && mount /dev/vdc /mnt && rm /mnt/file"]), 60)
    finish(run)
    judge(image, Model())


@pytest.mark.parametrize("block_size,smp,preempt", [(1024, 2, ""), (4096, 1, "seeded")])
def test_kernel_tests(
    start: Start, build: Path, tmp_path: Path, seed: int, block_size: int, smp: int, preempt: str
) -> None:
    image = tmp_path / "disk.img"
    make_image(image, "8M", block_size=block_size, extra=("-L", "scratch"))
    words = f"ktest=ext2_* seed={seed}" + (f" preempt={preempt}" if preempt else "")
    run = start(kernel=build / "goose.elf", disks=[Disk(image, "direct")], append=words, smp=smp)
    assert run.wait_exit(120) == POWER_OFF
    assert "no scratch disk" not in run.console.text
    judge(image, Model())


def test_removed_working_directory(mounted: Mounted, tmp_path: Path) -> None:
    image = tmp_path / "disk.img"
    make_image(image, "8M")
    run = mounted(image, {})
    run.check("mkdir -p /mnt/a/b && cd /mnt/a/b && rmdir /mnt/a/b && rmdir /mnt/a")
    run.run("ls ..")
    assert run.run("touch x").status != 0
    run.check("cd / && ls /mnt")
    finish(run)
    judge(image, Model())


def test_fsync_flushes_once(mounted: Mounted, tmp_path: Path) -> None:
    image = tmp_path / "disk.img"
    make_image(image, "8M")
    lines = ["0 create /f", *["0 write /f 0 4096 1", "0 fsync /f"] * 20]
    run = mounted(image, {"script": ["0 sync"], "writes": lines})
    play(run, "script")

    def flushes() -> int:
        stats = run.monitor.execute("query-blockstats")
        return int(next(s for s in stats if s.get("device") == "d2")["stats"]["flush_operations"])

    before, start = flushes(), time.monotonic()
    play(run, "writes")
    assert 20 <= flushes() - before <= 20 + flusher_turns(start)
    finish(run)
    fsck(image)


def test_damaged_disks_do_no_harm(start: Start, build: Path, tmp_path: Path, seed: int) -> None:
    """Images with spoilt metadata: read, changed and emptied; the kernel goes on all the time."""
    rng = random.Random(seed)
    tree = START | {f"/home/f{n}": file(pattern(n, 0, 3000)) for n in range(20)}
    images = [tmp_path / f"disk{n}.img" for n in range(6)]
    for image in images:
        make_image(image, "4M", tree, block_size=1024, inode_size=128, inodes=128)
        content = bytearray(image.read_bytes())
        used = [at for at in range(2048, 200_000) if content[at]]
        for at in rng.sample(used, 30):
            content[at] = rng.randrange(256)
        image.write_bytes(content)
    disks = [Disk(build / "disk.img", "snapshot"), *(Disk(image, "direct") for image in images)]
    run = start(kernel=build / "goose.elf", append="root=/dev/vda", disks=disks, smp=2)
    run.wait_prompt(60)
    for letter in "bcdefg":
        if run.run(f"mount /dev/vd{letter} /mnt", 30).status == 0:
            run.run("find /mnt -type f | xargs cat > /dev/null", 60)
            run.run("cp -r /bin/cat /mnt/new; mkdir /mnt/d; mv /mnt/etc /mnt/d", 60)
            run.run("rm -rf /mnt/home /mnt/bin /mnt/d", 60)
            run.run("umount /mnt", 60)
    assert run.check("echo still here") == "still here\n"
    finish(run)
