"""debug.sh of a failed test: where gdb stops."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from labs.debug import write_debug_script


@pytest.mark.parametrize(
    "console, suspects, continues",
    [
        ("boot\npanic: lost\n", [], True),
        ("boot\nanswer 1\n", [], False),  # it would run to its end, and gdb have nothing to show
        ("boot\n", ["break Ext2Volume::damaged"], False),
        ("boot\n", ["tbreak here", "continue"], True),
    ],
)
def test_gdb_stops_where_there_is_something_to_see(
    tmp_path: Path, console: str, suspects: list[str], continues: bool
) -> None:
    machine = SimpleNamespace(
        folder=tmp_path, suspects=suspects, console=SimpleNamespace(text=console)
    )
    write_debug_script(machine, tmp_path, tmp_path)  # type: ignore[arg-type]
    script = (tmp_path / "debug.sh").read_text()
    assert ("-ex continue" in script) == continues
    assert ("Nothing has run yet" in script) != continues
    assert all(f"-ex '{word}'" in script for word in suspects if " " in word)
