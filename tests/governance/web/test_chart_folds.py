"""Of a large hierarchy the largest parts are drawn; for each other part one of them stands."""

from collections import Counter

import pytest

from governance.web.parts.chart_folds import MOST_DRAWN, drawn_parts
from governance.web.parts.charts import ChartPart


def part(key, parent_key="", size=1):
    return ChartPart(key, key, parent_key, size, 1.0, "")


def fold(parent, others, below, first):
    size = sum(one.size for one in others)
    return ChartPart(f"more:{parent.key}", str(first), parent.key, size, 1.0, f"{len(below)}")


def tree(*counts):
    """Return a tree whose every part of a level has as many children as the level says."""
    parts, level = [part("r")], ["r"]
    for count in counts:
        level = [f"{key}.{number}" for key in level for number in range(count)]
        parts += [part(key, key.rpartition(".")[0]) for key in level]
    return parts


def drawn(parts, first=1):
    return drawn_parts(parts, first=first, fold=fold)


class TestDrawnParts:
    def test_are_all_where_there_is_room(self):
        parts = tree(5, 5, 3)
        chosen = drawn(parts)
        assert {one.key for one in chosen.parts} == {one.key for one in parts}
        assert (chosen.stands_for, chosen.is_cut) == ({}, False)

    @pytest.mark.parametrize(
        ("counts", "count", "folds"),
        [
            ((1000,), MOST_DRAWN, 1),
            ((8, 12, 240), 1 + 8 + 96, 0),
            ((10, 10, 10), 1 + 10 + 100, 0),
            ((10, 90), MOST_DRAWN, 10),
            ((4, 300, 5), MOST_DRAWN, 4),
            ((70, 3), 1 + 70, 0),
        ],
    )
    def test_are_whole_levels_and_of_one_more_the_largest(self, counts, count, folds):
        parts = tree(*counts)
        chosen = drawn(parts)
        keys = {one.key for one in chosen.parts}
        assert len(chosen.parts) == len(keys) <= count
        assert sum(key.startswith("more:") for key in keys) == folds
        for key, stands_for in chosen.stands_for.items():
            assert key not in keys
            assert stands_for in keys
        assert keys - {key for key in keys if ":" in key} | set(chosen.stands_for) == {
            one.key for one in parts
        }
        parents = Counter(one.parent_key for one in chosen.parts)
        sizes = {one.key: one for one in chosen.parts}
        assert all(parent in sizes for parent in parents if parent)

    def test_are_the_largest_and_no_fold_stands_for_a_single_one(self):
        small = [part(f"r.{number}", "r") for number in range(MOST_DRAWN)]
        chosen = drawn([part("r", size=999), *small, part("r.big", "r", 99)])
        assert "r.big" in {one.key for one in chosen.parts}
        assert [(one.label, one.size) for one in chosen.parts[-1:]] == [(str(MOST_DRAWN - 1), 3)]
        assert len(drawn([part("r"), *small[:-1]]).parts) == MOST_DRAWN

    def test_begin_with_the_first_that_is_asked_for_and_end_with_the_last(self):
        parts, first, seen = tree(400), 1, []
        while True:
            chosen = drawn(parts, first)
            assert chosen.first == first
            seen += [one.key for one in chosen.parts[1:] if ":" not in one.key]
            if ":" not in chosen.parts[-1].key:
                break
            first = int(chosen.parts[-1].label)
        assert sorted(seen) == sorted(one.key for one in parts[1:])

    def test_begin_at_the_first_where_there_are_not_as_many(self):
        assert drawn(tree(3), first=4).first == 1
