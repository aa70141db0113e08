"""The table of OWASP's requirements names each once, in a state that it can be in, with a test."""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs/asvs.md").read_text(encoding="utf-8")
STATES = ("met", "partly", "not met", "not applicable")
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split("|"))
    for line in TEXT.splitlines()
    if re.match(r"\| \d+\.\d+\.\d+ \|", line)
]


class TestRows:
    def test_are_of_all_seventeen_chapters_and_each_is_there_once(self):
        ids = [row[0] for row in ROWS]
        assert len(ids) == len(set(ids)) > 240
        assert {int(one.split(".")[0]) for one in ids} == set(range(1, 18))

    @pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
    def test_say_where_a_requirement_is_met_and_what_shows_it(self, row):
        _, level, title, state, where, shown_by = row
        assert level in {"1", "2", "3"}
        assert title
        assert state in STATES
        assert where
        if state == "met":
            assert "`tests/" in shown_by or shown_by.startswith("inspection"), row
        named = re.findall(r"`((?:tests|docs|governance|inventory|static|\.ci)/[^`]+)`", where)
        for path in [*named, *re.findall(r"`(tests/[^`]+)`", shown_by)]:
            assert (ROOT / path).exists(), path

    def test_are_counted_at_the_top(self):
        counted = Counter((row[1], row[3]) for row in ROWS)
        for level in ("1", "2", "3"):
            numbers = " | ".join(str(counted[level, state]) for state in STATES)
            assert f"| {level} | {numbers} |" in TEXT
