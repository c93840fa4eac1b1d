"""Random scripts for goose's shell and the host's: builtins with redirections, and pipelines."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Sequence
from pathlib import Path

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def word(rng: random.Random, longest: int = 9) -> str:
    return "".join(rng.choices(LETTERS, k=rng.randint(1, longest)))


def words(rng: random.Random) -> str:
    return " ".join(word(rng) for _ in range(rng.randint(1, 4)))


def random_text(rng: random.Random, size: int) -> bytes:
    """Lines of words, `size` bytes of them and a newline."""
    text = " ".join(word(rng) for _ in range(size // 4))
    starts = range(0, min(len(text), size), rng.randint(20, 40))
    lines = [text[at : at + 40].strip() for at in starts]
    return ("\n".join(lines) + "\n").encode()


def host_files(
    script: str, files: dict[str, bytes], names: Sequence[str], folder: Path
) -> dict[str, bytes]:
    """What the files hold when the host's sh has run the script in a new folder."""
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (folder / "script").write_text(script)
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
    nothing = subprocess.DEVNULL
    subprocess.run(["sh", "script"], cwd=folder, env=environment, stdin=nothing, stdout=nothing,
                   stderr=nothing, timeout=60, check=False)  # fmt: skip
    return {name: (folder / name).read_bytes() for name in names if (folder / name).exists()}


# Lines of builtins alone, which the shell runs without any other process.


def _redirected(rng: random.Random, name: str) -> list[str]:
    """One command of each kind, each a line and its here-documents, that leaves something in the
    file `name`."""
    a, b, c = words(rng), words(rng), words(rng)
    n = rng.randint(3, 9)
    return [
        f"echo {a} > {name}",
        f"echo {a} >> {name}; echo {b} >>{name}",
        f">{name} echo {a} '>' \"{b}>\" \\> {c}",
        f"echo {a} 1>{name} {b}",
        f"{{ echo {a}; echo {b} >&2; echo {c}; }} > {name} 2>&1",
        f"{{ echo {a}; echo {b} >&2; }} 2>{name} >&2",
        f"{{ echo {a} >&{n}; echo {b} >{name}.2; echo {c}>&{n}; }} {n}> {name}",
        f"exec {n}>{name}; echo {a} >&{n}; echo {b} >&{n}; exec {n}>&-",
        f"echo {a} > {name}; exec {n}<>{name}; read x <&{n}; echo {b}:$x >&{n}; exec {n}<&-",
        f"echo {a} > {name}.2; {{ read x y; echo $y $x; }} < {name}.2 >| {name}",
        f"echo {a} >{name} && echo {b} >>{name} || echo {c} >>{name}",
        f"! echo {a} >{name} && echo {b} >>{name}; ! false && echo {c} >> {name}",
        f"x={word(rng)} y='{b}'; echo $x \"$y\" > {name}",
        f"x={word(rng)} > {name}; echo $x>>{name}",
        f"f={name}; echo {a} > $f; echo {b} >> \"$f\"",
        f"{{ {{ echo {a}; }} > {name}.2; echo {b}; }} > {name}",
        f"echo {a} > {name} 2> {name}.2 > {name}.3; echo {b} >> {name}",
        f"echo {a} > {name}; {{ echo {b}; }} >> {name}; echo {c} 2>> {name}",
        f"{{ read x; read y; echo $y $x; }} > {name} <<end\n{a}\n{b} $x\nend",
        f"{{ read x; echo $x; read x <&{n}; echo $x; }} >{name} << 'end' {n}<<-more\n{a} $x\n"
        f"end\n\t{b}\n\tmore",
        f"say() {{ echo $2 $1 {a}; }} >> {name}; say {word(rng)} {word(rng)}; say {word(rng)}",
    ]  # fmt: skip


def builtin_lines(rng: random.Random, count: int) -> dict[str, str]:
    """Commands that use builtins only, of each kind if there are enough: each stands under the name
    of the file that it leaves. It may leave others, of that name with .2 and .3."""
    kinds = list(range(len(_redirected(rng, ""))))
    rng.shuffle(kinds)
    names = [f"r{index}" for index in range(count)]
    return {name: _redirected(rng, name)[kinds[i % len(kinds)]] for i, name in enumerate(names)}


def bad_line(rng: random.Random) -> str:
    """A line that no shell takes."""
    a, b = word(rng), word(rng)
    return rng.choice([
        f"echo {a} >", f"echo {a} > ; echo {b}", f"echo {a} | | echo {b}", f"| echo {a}",
        f"echo {a} > > {b}", f"{{ echo {a}; }} echo {b} <", f"echo {a} <& | echo {b}",
    ])  # fmt: skip


# Pipelines.


def _source(rng: random.Random) -> str:
    n, m = rng.randint(1, 60), rng.randint(1, 60)
    return rng.choice([
        "cat big", "cat big small", "cat < big", "sort small", "sort < big", f"seq 1 {n * m * 9}",
        f"head -n {n} big", f"tail -n {m} < small", "{ cat small; cat big; }",
        f"(head -n {n} small; tail -n {m} big)", "cut -c1-7 < big", f"echo {words(rng)}",
        f"grep {rng.choice(LETTERS)} big", f"yes {word(rng)} | head -n {n * m}",
        f"{{ echo {words(rng)}; cat small; }}",
    ])  # fmt: skip


def _filter(rng: random.Random) -> str:
    n = rng.randint(1, 300)
    a, b = rng.choice(LETTERS), rng.choice(LETTERS)
    return rng.choice([
        "cat", "cat", "sort", "sort -r", "uniq", "tr a-m n-z", f"tr -d {a}{b}", f"tr {a} '\\n'",
        f"head -n {n}", f"tail -n {n}", "cut -c2-9", f"grep {a}", f"grep -v {b}",
        "wc -c | tr -d ' '", "wc -l | tr -d ' '", "{ read x; read y; echo \"$y-$x\"; }",
        "{ cat; echo the end; }", f"(sort; exit {n % 100})", f"tr {a} {b} | cat",
    ])  # fmt: skip


def pipeline_lines(rng: random.Random, count: int) -> tuple[str, list[str]]:
    """Pipelines, one a line, each with its output in a file and its status in `status`; and the
    names of these files."""
    lines, names = [], ["status"]
    for index in range(count):
        stages = [_source(rng), *(_filter(rng) for _ in range(rng.randint(1, 5)))]
        name = f"p{index}"
        names.append(name)
        end = f" > {name}"
        if rng.random() < 0.3:
            end = f" | tee {name}.t{end}"
            names.append(f"{name}.t")
        if rng.random() < 0.2:
            stages[-1] = rng.choice(["false", "true", f"(cat; exit {index + 3})", "grep 0123"])
        line = rng.choice(["", "", "", "! "]) + " | ".join(stages) + end
        lines.append(f"{line}; echo {index} $? >> status")
    return "\n".join(lines) + "\n", names
