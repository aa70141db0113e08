"""Random edits of random organizations, each request decided by the evaluator before and after.

`ORGWARDEN_COMPARISON_EDITS` sets how many edits are tried (default 60 and 30 with variables).
"""

from __future__ import annotations

import os

import pytest

from tests.policies.comparison.brute_force import check, check_same_meaning

EDITS = int(os.environ.get("ORGWARDEN_COMPARISON_EDITS", "60"))
CHUNKS = 6
REQUESTS = 120


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_request_decided_differently_lies_in_a_reported_difference(chunk):
    for seed in range(chunk, EDITS, CHUNKS):
        check(seed, variables=False, requests=REQUESTS)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_that_holds_with_policy_variables_too(chunk):
    for seed in range(10_000_000 + chunk, 10_000_000 + EDITS // 2, CHUNKS):
        check(seed, variables=True, requests=REQUESTS)


def test_nothing_is_undecided_without_policy_variables():
    assert sum(check(seed, variables=False, requests=0)["undecided"] for seed in range(30)) == 0


def test_another_writing_of_the_same_organization_is_proven_to_change_nothing():
    for seed in range(EDITS):
        check_same_meaning(seed)
