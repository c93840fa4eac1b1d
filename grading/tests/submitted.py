"""Archives as students hand them in."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path


def archive(path: Path, lab: str = "boot", text: str = "int answer;") -> Path:
    """An archive as `make submit` makes them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    files = {"answers.md": text, "submission.json": json.dumps({"lab": lab, "schema": 1})}
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content.encode()))
    return path
