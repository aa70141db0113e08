"""Contracts and exceptions are not found by an account that is hidden from who asks."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from inventory.viewing import Place
from tests.factories.contracts import PAYMENTS, WEBSITE, trust_contract
from tests.factories.exceptions import guardrail_exception
from tests.factories.people import person

KINDS: dict[str, Callable[..., Any]] = {
    "contracts": trust_contract,
    "exceptions": guardrail_exception,
}


@pytest.mark.parametrize("kind", KINDS)
def test_are_found_by_the_accounts_that_may_be_seen_alone(acme, kind):
    made = KINDS[kind](acme.connection, person("author"), target_ids=[PAYMENTS, WEBSITE])
    client = APIClient()
    client.force_login(person("viewer", Place(acme.connection.pk, WEBSITE)))
    found = {
        target_id: [
            one["number"]
            for one in client.get(
                f"/api/v1/organizations/acme/{kind}", {"target_id": target_id}
            ).json()["results"]
        ]
        for target_id in (PAYMENTS, WEBSITE)
    }
    assert found == {PAYMENTS: [], WEBSITE: [made.number]}
