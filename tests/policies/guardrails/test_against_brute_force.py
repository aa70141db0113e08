"""No request contradicts what is proven; each counterexample passes by two evaluators."""

import os
from collections import Counter

import pytest

from tests.policies.guardrails.random_guardrails import check

SEEDS = int(os.environ.get("ORGWARDEN_GUARDRAILS", "64"))
CHUNKS = 2


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_request_contradicts_a_guardrail_that_holds(chunk):
    found: Counter[str] = Counter()
    for seed in range(chunk, SEEDS, CHUNKS):
        found += check(seed, variables=False, requests=120)
    assert found["holds"] > 2
    assert found["fails"] > 5
    assert found["guarded requests"] > 50
    assert found["undecided"] <= found.total() / 100


def test_that_holds_for_policies_with_variables_too():
    found: Counter[str] = Counter()
    for seed in range(SEEDS // 4):
        found += check(seed, variables=True, requests=120)
    decided = found["holds"] + found["fails"]
    assert found["undecided"] <= (decided + found["undecided"]) / 10
