"""The cases in `cases/*.json`: a question in the command line's shape, and its expected answer.

Each case names the rule without which it would fail, and the page of AWS's guide it comes from.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple, TypedDict, cast

DIRECTORY = Path(__file__).parent / "cases"


class Question(TypedDict, total=False):
    request: dict[str, object]


class Case(TypedDict):
    name: str
    rule: str
    source: str
    question: Question
    decision: str
    decided_by: list[str]
    unknown_keys: list[str]


class Named(NamedTuple):
    topic: str
    case: Case


def evaluation_cases() -> list[Named]:
    """Return every case with its topic, in the order of the files."""
    return [
        Named(path.stem, case)
        for path in sorted(DIRECTORY.glob("*.json"))
        for case in cast(list[Case], json.loads(path.read_text("utf-8")))
    ]
