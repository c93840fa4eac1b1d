"""What Gradescope documents of its files, to check ours against and to imitate its own."""

from __future__ import annotations

import json
import re
from typing import Any

VISIBLE = {"hidden", "after_due_date", "after_published", "visible"}
FORMATS = {"text", "html", "simple_format", "md", "ansi"}


def check_gradescope(document: dict[str, Any]) -> None:
    """Raises unless this is results.json as Gradescope documents it."""

    def check(value: dict[str, Any], fields: dict[str, Any]) -> None:
        assert set(value) <= set(fields), set(value) - set(fields)
        for name, given in value.items():
            wanted = fields[name]
            if isinstance(wanted, set):
                assert given in wanted, (name, given)
            else:
                assert isinstance(given, wanted) and not isinstance(given, bool), (name, given)

    number = (int, float)
    check(
        document,
        {
            "score": number, "execution_time": number, "output": str, "output_format": FORMATS,
            "test_output_format": FORMATS, "test_name_format": FORMATS, "visibility": VISIBLE,
            "stdout_visibility": VISIBLE, "extra_data": dict, "tests": list, "leaderboard": list,
        },
    )  # fmt: skip
    assert "score" in document or document["tests"]
    for test in document["tests"]:
        check(
            test,
            {
                "score": number, "max_score": number, "status": {"passed", "failed"}, "name": str,
                "name_format": FORMATS, "number": str, "output": str, "output_format": FORMATS, "tags": list,
                "visibility": VISIBLE, "extra_data": dict,
            },
        )  # fmt: skip
        assert 0 <= test["score"] <= test["max_score"]
        assert all(isinstance(tag, str) for tag in test["tags"])
    text = json.dumps(document, ensure_ascii=False)
    text.encode()
    assert not re.search(r"\\u00[01]\d|[\x80-\x9f]", text.replace("\\u000a", ""))


METADATA = {
    "id": 123456,
    "created_at": "2026-11-20T21:14:05.000000+01:00",
    "assignment": {
        "due_date": "2026-11-20T23:59:00.000000+01:00",
        "title": "Lab 4",
        "total_points": "100.0",
    },
    "users": [
        {"email": "ada@example.org", "id": 1, "name": "Ada Example"},
        {"email": "ben@example.org", "id": 2, "name": "Ben Example"},
    ],
    "previous_submissions": [],
}
