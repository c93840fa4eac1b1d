"""What is taken of an archive or a folder, and what no archive can do."""

from __future__ import annotations

import gzip
import io
import os
import random
import struct
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest
from spoof_bench import add

from grading.grader import archive, intake, members, parcel
from grading.grader.intake import Unreadable, read_guarded, read_submission

FILES = {"kernel/mm/buddy.cc": b"int buddy;\n", "answers.md": b"## One\n\nyes\n"}


def tar(path: Path, files: dict[str, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as out:  # type: ignore[call-overload]
        for name, content in files.items():
            add(out, name, content)
    return path


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in files.items():
            out.writestr(name, content)
    return path


def notes(path: Path) -> str:
    return "\n".join(read_submission(path).notes)


@pytest.mark.parametrize("read", [read_submission, read_guarded])
def test_every_form_gives_the_same_files(read, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "checkout"
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("[core]\n\tfsmonitor = touch /tmp/owned\n")
    (folder / "build").mkdir()
    (folder / "build" / "x.cc").write_text("")
    forms = [folder, tar(tmp_path / "a.tar.gz", FILES), tar(tmp_path / "a.tar", FILES, "w:")]
    forms += [zipped(tmp_path / "a.zip", FILES)]
    for form in forms:
        taken = read(form)
        assert taken.files == FILES and taken.notes == [], form


def test_an_archive_in_a_zip_or_folder_is_the_submission(tmp_path: Path) -> None:
    inner = tar(tmp_path / "inner.tar.gz", FILES).read_bytes()
    moodle = zipped(tmp_path / "moodle.zip", {"Doe Jane_123_assignsubmission_file_/submission.tar.gz": inner})
    assert read_submission(moodle).files == FILES
    folder = tmp_path / "gradescope"
    folder.mkdir()
    (folder / "submission-paging.tar.gz").write_bytes(inner)
    assert read_submission(folder).files == FILES
    # Once, and not for ever.
    twice = zipped(tmp_path / "twice.zip", {"moodle.zip": moodle.read_bytes()})
    assert set(read_submission(twice).files) != set(FILES)


@pytest.mark.parametrize(
    "name, why",
    [
        ("../x.cc", "leads out"),
        ("a/../../x.cc", "leads out"),
        ("/etc/x.cc", "an absolute name"),
        ("C:/x.cc", "an absolute name"),
        ("..\\x.cc", "leads out"),
        ("a//x.cc", "an empty step"),
        ("a/./x.cc", "an empty step"),
        ("a\nb.cc", "characters"),
        ("a\x1b[2J.cc", "characters"),
        ("cafe\u0301.cc", "characters"),
        ("a\u202ecc.x", "characters"),
        ("x" * 300, "longer than"),
    ],
)
def test_a_name_that_is_none_is_refused_and_named(name: str, why: str, tmp_path: Path) -> None:
    for path in (tar(tmp_path / "a.tar.gz", FILES | {name: b"x"}), zipped(tmp_path / "a.zip", FILES | {name: b"x"})):
        taken = read_submission(path)
        assert taken.files == FILES
        assert len(taken.notes) == 1 and why in taken.notes[0]
        assert taken.notes[0].isprintable()


def test_links_devices_and_pipes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    kinds = {"s": tarfile.SYMTYPE, "h": tarfile.LNKTYPE, "c": tarfile.CHRTYPE, "b": tarfile.BLKTYPE,
             "p": tarfile.FIFOTYPE}  # fmt: skip
    with tarfile.open(path, "w") as out:
        add(out, "answers.md", b"x")
        for name, kind in kinds.items():
            add(out, name, type=kind, linkname="answers.md")
    taken = read_submission(path)
    assert set(taken.files) == {"answers.md"} and len(taken.notes) == len(kinds)
    folder = tmp_path / "f"
    (folder / "sub").mkdir(parents=True)
    (folder / "real.h").write_text("x")
    (folder / "link.h").symlink_to("/etc/passwd")
    (folder / "sub" / "up").symlink_to("..")
    os.mkfifo(folder / "pipe.h")
    taken = read_submission(folder)
    assert set(taken.files) == {"real.h"} and len(taken.notes) == 3


def test_folders_without_end_are_left_alone_here_and_on_another_machine(tmp_path: Path) -> None:
    """Deeper than Python goes, or than a path may be long."""
    top, here = tmp_path / "f", os.getcwd()
    top.mkdir()
    (top / "a.h").write_text("x")
    try:
        os.chdir(top)
        for _ in range(1100):
            os.mkdir("dd")
            os.chdir("dd")
    finally:
        os.chdir(here)
    taken = read_submission(top)
    assert set(taken.files) == {"a.h"} and "longer than 240 bytes" in taken.notes[0]
    assert parcel.submission_digest(top)
    (tmp_path / "there").mkdir()
    sent = read_submission(parcel.pack(top).unpack(tmp_path / "there"))
    assert (sent.files, sent.notes) == (taken.files, taken.notes)
    subprocess.run(["rm", "-rf", top], check=True)  # pytest's own removal does not go so deep


def test_a_large_archive_counts_to_its_last_byte_here_and_on_another_machine(tmp_path: Path) -> None:
    """One that holds a build folder, say; packed again after another edit it has the same length."""
    (tmp_path / "there").mkdir()
    path, inside = tmp_path / "a.tar", tmp_path / "moodles"
    digests = set()
    for text in (b"int one;\n", b"int two;\n"):
        files = {"kernel/pad.bin": bytes(20 << 20), "kernel/mm/buddy.cc": text}
        digests.add(parcel.submission_digest(tar(path, files, "w:")))
        inside.mkdir(exist_ok=True)
        digests.add(parcel.submission_digest(tar(inside / "a.tar", files, "w:").parent))
    assert len(digests) == 4
    for place in (path, inside):
        sent = read_submission(parcel.pack(place).unpack(tmp_path / "there"))
        assert sent.files == {"kernel/mm/buddy.cc": b"int two;\n"} == read_submission(place).files


def test_the_first_of_two_names_that_are_one_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as out:
        for name, content in (("a/x.h", b"1"), ("a/x.h", b"2"), ("A/X.h", b"3")):
            add(out, name, content)
    taken = read_submission(path)
    assert taken.files == {"a/x.h": b"1"}
    assert "is there twice" in taken.notes[0] and "same letters as a/x.h" in taken.notes[1]


def test_bombs_end_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "UNPACKED_LIMIT", 32 << 20)
    monkeypatch.setattr(members, "MEMBER_LIMIT", 300)
    path = tmp_path / "a.tar.gz"
    header = tarfile.TarInfo("x.cc")
    header.size = 100 << 30
    with gzip.GzipFile(path, "wb", 1) as out:
        out.write(header.tobuf())
        for _ in range(12):
            out.write(bytes(4 << 20))
    with pytest.raises(Unreadable, match="unpack to more than"):
        read_submission(path)
    many = tar(tmp_path / "b.tar.gz", {f"f{n}": b"" for n in range(members.MEMBER_LIMIT + 1)})
    with pytest.raises(Unreadable, match="more than 300 members"):
        read_submission(many)
    # A file that is too long is left out alone.
    assert read_submission(tar(tmp_path / "c.tar.gz", FILES | {"big.h": bytes(2 << 20)})).files == FILES
    assert "big.h: not taken: it has 2,097,152 bytes" in notes(zipped(tmp_path / "c.zip", {"big.h": bytes(2 << 20)}))


def test_a_zip_that_lies_about_its_sizes_gives_nothing(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"x.h": bytes(8 << 20), "y.h": b"good"})
    data = bytearray(path.read_bytes())
    at = data.find(b"PK\x01\x02")
    struct.pack_into("<I", data, at + 24, 100)  # the size in the list of members
    path.write_bytes(data)
    taken = read_submission(path)
    assert set(taken.files) == {"y.h"} and "x.h: refused" in taken.notes[0]


def test_encrypted_and_unusual_members_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"x.h": b"secret", "y.h": b"good"})
    data = bytearray(path.read_bytes())
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1
    path.write_bytes(data)
    assert "x.h: refused: it is encrypted" in notes(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as out:
        out.writestr("x.h", b"text")
    assert "packed in an unusual way" in notes(path)


def test_long_lists_of_members_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, 1 << 30, 0, 0)
    path.write_bytes(b"PK\3\4" + bytes(100) + end)
    with pytest.raises(Unreadable, match="list of members has"):
        read_submission(path)


def test_damaged_archives_say_so(tmp_path: Path) -> None:
    whole = tar(tmp_path / "a.tar.gz", {f"f{n}.h": random.Random(n).randbytes(5000) for n in range(20)}).read_bytes()
    path = tmp_path / "b.tar.gz"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Unreadable, match="damaged"):
        read_submission(path)
    for content, why in ((b"", "empty"), (b"int x;", "no archive"), (b"Rar!\x1a\7\0" + bytes(600), "no archive")):
        path.write_bytes(content)
        with pytest.raises(Unreadable, match=why):
            read_guarded(path)
    with pytest.raises(Unreadable, match="no such file"):
        read_submission(tmp_path / "absent")


@pytest.mark.parametrize("seed", range(8))
def test_no_damage_raises_anything_else(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    for make, name in ((tar, "a.tar.gz"), (zipped, "a.zip"), (lambda p, f: tar(p, f, "w:"), "a.tar")):
        good = make(tmp_path / name, FILES | {"z.h": rng.randbytes(3000)}).read_bytes()
        for _ in range(40):
            bad = bytearray(good)
            for _ in range(rng.choice([1, 3, 20])):
                bad[rng.randrange(len(bad))] = rng.randrange(256)
            (tmp_path / name).write_bytes(bad[: rng.choice([len(bad), rng.randrange(len(bad))])])
            try:
                read_submission(tmp_path / name)
            except Unreadable:
                pass


def test_what_eats_the_guards_memory_is_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that is killed is the submission's end, not the grader's."""
    monkeypatch.setitem(intake.GUARD, "seconds", 0.01)
    with pytest.raises(Unreadable, match="takes too long"):
        read_guarded(tar(tmp_path / "a.tar.gz", FILES))


def test_notes_have_an_end(tmp_path: Path) -> None:
    said = read_submission(tar(tmp_path / "a.tar.gz", {f"../{n}": b"" for n in range(500)})).notes
    assert len(said) == members.NOTE_LIMIT + 1 and said[-1] == f"… and {500 - members.NOTE_LIMIT} more of this kind"


def test_a_stream_in_a_stream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """gzip members one after another: what comes after the first is not read."""
    monkeypatch.setattr(archive, "UNPACKED_LIMIT", 32 << 20)
    first = io.BytesIO()
    with gzip.GzipFile(fileobj=first, mode="wb") as out:
        out.write(tar(tmp_path / "a.tar", FILES, "w:").read_bytes())
    path = tmp_path / "a.tar.gz"
    path.write_bytes(first.getvalue() + gzip.compress(bytes(40 << 20), 1))
    assert read_submission(path).files == FILES
