"""Events are known again by their ids, however many there are and wherever they wait."""

from __future__ import annotations

import random

import numpy as np
import pytest

from inventory.cloudtrail.event_ids import ID_BYTES, SeenEvents, id_bytes


def ids_of(numbers):
    content = b"".join(int(number).to_bytes(ID_BYTES, "big") for number in numbers)
    return np.frombuffer(content, np.uint64).reshape(-1, 2)


def days_of(days):
    return np.array(days, np.int32)


@pytest.mark.parametrize("most_bytes", [10**9, 1], ids=["in memory", "waiting in files"])
def test_the_same_are_found_as_by_a_set(most_bytes):
    chance = random.Random(3)
    expected: set[int] = set()
    with SeenEvents(most_bytes) as seen:
        for _ in range(12):
            chosen = chance.sample(range(1, 1500), 300)
            # The same id is of one day always, as the same event is.
            days = [number % 5 for number in chosen]
            found = seen.add(ids_of(chosen), days_of(days))
            assert list(found) == [number in expected for number in chosen]
            expected.update(chosen)


def test_ids_that_collide_are_told_apart():
    """Ids that differ in their first half alone, or in the last bits of either."""
    numbers = [(high << 64) + low for high in range(1, 60) for low in (0, 1, 2**63)]
    with SeenEvents() as seen:
        days = days_of([0] * len(numbers))
        assert not seen.add(ids_of(numbers), days).any()
        assert seen.add(ids_of(numbers), days).all()


def test_many_ids_take_few_bytes_each():
    chance = np.random.default_rng(1)
    with SeenEvents() as seen:
        for _ in range(4):
            ids = chance.integers(1, 2**63, (50_000, 2), np.uint64)
            seen.add(ids, days_of([7] * 50_000))
        assert sum(table.size for table in seen._tables.values()) < 200_000 * 40


def test_a_uuid_is_its_own_bytes_and_any_other_text_a_hash():
    text = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
    assert id_bytes(text) == (bytes.fromhex(text.replace("-", "")), True)
    assert id_bytes(text.upper()) == id_bytes(text)
    for odd in ("1", "x" * 36, "00000000-0000-0000-0000-000000000000", "\ud800"):
        found, is_uuid = id_bytes(odd)
        assert (len(found), is_uuid, any(found)) == (ID_BYTES, False, True)
