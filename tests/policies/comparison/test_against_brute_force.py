"""Random edits of random organizations, each request decided by the evaluator before and after.

`ORGWARDEN_COMPARISON_EDITS` sets how many edits of SCPs and of RCPs are tried (default 60 each,
and 30 each with variables). What is undecided is counted apart.
"""

from __future__ import annotations

import os
from collections import Counter

import pytest

from policies.comparison import confirmation
from policies.evaluation.principal import NotAPrincipal
from policies.evaluation.request import NotARequest, make_request
from tests.policies.comparison.brute_force import check, check_same_meaning
from tests.policies.comparison.random_organizations import SERVICE_CONTROL
from tests.policies.comparison.random_resource_controls import RESOURCE_CONTROL

EDITS = int(os.environ.get("ORGWARDEN_COMPARISON_EDITS", "60"))
CHUNKS = 6
REQUESTS = 120
MOST_UNDECIDED = 0.05
"""Of what is reported, where policy variables relate keys."""

each_type = pytest.mark.parametrize(
    "vocabulary", [SERVICE_CONTROL, RESOURCE_CONTROL], ids=["scp", "rcp"]
)


@each_type
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_request_decided_differently_lies_in_a_reported_difference(chunk, vocabulary):
    for seed in range(chunk, EDITS, CHUNKS):
        found = check(seed, variables=False, requests=REQUESTS, vocabulary=vocabulary)
        assert found["undecided"] == 0, seed


@each_type
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_that_holds_with_policy_variables_too(chunk, vocabulary):
    for seed in range(10_000_000 + chunk, 10_000_000 + EDITS // 2, CHUNKS):
        check(seed, variables=True, requests=REQUESTS, vocabulary=vocabulary)


@each_type
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_changes_told_by_themselves_less_what_others_deny_are_right(chunk, vocabulary):
    for seed in range(40_000_000 + chunk, 40_000_000 + EDITS // 2, CHUNKS):
        found = check(
            seed, variables=False, requests=REQUESTS, vocabulary=vocabulary, by_change=True
        )
        assert found["undecided"] == 0, seed


@each_type
def test_nearly_all_of_them_are_told_as_changes(vocabulary):
    counts: Counter[str] = Counter()
    for seed in range(40_000_000, 40_000_000 + max(EDITS // 2, 20)):
        counts += check(seed, variables=False, requests=0, vocabulary=vocabulary, by_change=True)
    assert counts["of_change"] > 0.9 * counts["differences"]
    assert counts["left"] > 0


@each_type
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_that_holds_for_changes_with_policy_variables_too(chunk, vocabulary):
    for seed in range(50_000_000 + chunk, 50_000_000 + EDITS // 4, CHUNKS):
        check(seed, variables=True, requests=REQUESTS, vocabulary=vocabulary, by_change=True)


@each_type
@pytest.mark.parametrize("by_change", [False, True], ids=["by box", "by change"])
def test_little_is_undecided_with_policy_variables(vocabulary, by_change):
    counts: Counter[str] = Counter()
    for seed in range(20_000_000, 20_000_000 + EDITS // 2):
        counts += check(
            seed, variables=True, requests=0, vocabulary=vocabulary, by_change=by_change
        )
    reported = counts["undecided"] + counts["differences"]
    assert counts["undecided"] <= MOST_UNDECIDED * reported, counts


@each_type
def test_every_request_that_is_proposed_is_one(vocabulary, monkeypatch):
    def made(*given, **named):
        try:
            return make_request(*given, **named)
        except (NotARequest, NotAPrincipal) as error:
            raise AssertionError(f"no request: {given}") from error

    monkeypatch.setattr(confirmation, "make_request", made)
    for seed in range(30_000_000, 30_000_000 + EDITS // 3):
        check(seed, variables=bool(seed % 3), requests=0, vocabulary=vocabulary)


@each_type
def test_another_writing_of_the_same_organization_is_proven_to_change_nothing(vocabulary):
    for seed in range(EDITS):
        check_same_meaning(seed, vocabulary, by_change=bool(seed % 2))
