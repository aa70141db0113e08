"""The log tells who was refused what."""

import logging

import pytest
from django.test import Client
from django.urls import reverse

from governance.access.rights import VIEW_INVENTORY
from tests.factories.people import person, token_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines(caplog):
    caplog.set_level(logging.WARNING, logger="governance.access.refusals")

    def found():
        return [
            one.getMessage() for one in caplog.records if one.name == "governance.access.refusals"
        ]

    return found


def test_a_page_that_somebody_may_not_open_is_told_with_who_asked(client, lines):
    client.force_login(person("viewer", username="vera"))

    client.get(reverse("people"))

    assert lines() == ["refused with 403: GET '/people/' by 'vera' from 127.0.0.1"]


def test_an_endpoint_is_told_with_the_token_that_asked(lines):
    row, token = token_of(person("viewer", username="vera"), VIEW_INVENTORY)

    Client().get("/api/v1/people", headers={"Authorization": f"Bearer {token}"})
    Client().get("/api/v1/people", headers={"Authorization": "Bearer ow_wrong"})

    assert lines() == [
        f"refused with 403: GET '/api/v1/people' by 'vera' with token {row.pk} from 127.0.0.1",
        "refused with 401: GET '/api/v1/people' by '' from 127.0.0.1",
    ]


def test_nobody_writes_a_line_of_their_own_by_an_address(client, lines):
    client.get("/api/v1/organizations/a%0aforged/accounts")

    assert lines() == [
        "refused with 401: GET '/api/v1/organizations/a\\nforged/accounts' by '' from 127.0.0.1"
    ]


def test_what_is_answered_is_not_told(client, lines):
    client.force_login(person("viewer"))

    client.get(reverse("tokens"))

    assert lines() == []
