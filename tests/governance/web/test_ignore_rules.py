"""Ignore rules on screen: listed with place and end, and ended by who may."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.urls import reverse
from django.utils import timezone

from governance.drift.models import DriftItem, IgnoreRule
from inventory.viewing import Place
from tests.factories.people import person
from tests.factories.snapshots import organization_snapshot

pytestmark = pytest.mark.django_db

PAYMENTS, WEBSITE = "222222222222", "222222222223"


@pytest.fixture
def connection():
    return organization_snapshot().connection


@pytest.fixture
def rule(connection):
    """A rule for payments; another, for all of the organization, that has expired."""
    now = timezone.now()
    shared = {"connection": connection, "made_by": person("security", username="ada")}
    IgnoreRule.objects.create(
        number=1,
        kind=DriftItem.Kind.OU_RENAMED,
        reason="was renamed on purpose",
        until=now.date() - timedelta(days=1),
        made_at=now,
        **shared,
    )
    return IgnoreRule.objects.create(
        number=2,
        target_id=PAYMENTS,
        attribute="parent",
        reason="moves weekly",
        until=now.date() + timedelta(days=9),
        made_at=now,
        **shared,
    )


def address(connection, name="ignore-rules"):
    return reverse(name, kwargs={"slug": connection.slug})


def numbers(answer):
    return [row["rule"].number for row in answer.context["rows"].object_list]


class TestIgnoreRules:
    def test_are_listed_with_place_reason_and_end(self, client, connection, rule):
        client.force_login(rule.made_by)
        answer = client.get(address(connection))
        text = answer.content.decode()
        assert numbers(answer) == [2, 1]
        assert "moves weekly" in text
        assert "9 days" in text
        assert "Whole organization" in text
        looks = [row["look"] for row in answer.context["rows"].object_list]
        assert looks == ["in_force", "expired"]
        assert numbers(client.get(address(connection), {"state": "expired"})) == [1]

    def test_open_what_they_ignored_when_they_end(self, client, connection, rule):
        now = timezone.now()
        item = DriftItem.objects.create(
            connection=connection,
            key="1" * 64,
            subject=f"account:{PAYMENTS}",
            kind=DriftItem.Kind.ACCOUNT_MOVED,
            target_kind="account",
            target_id=PAYMENTS,
            target_name="payments",
            account_id=PAYMENTS,
            place_id=PAYMENTS,
            attribute="parent",
            effect=DriftItem.DriftEffect.STRUCTURE,
            severity=DriftItem.DriftSeverity.LOW,
            state=DriftItem.State.IGNORED,
            first_seen_at=now,
            last_seen_at=now,
        )
        client.force_login(rule.made_by)
        answer = client.post(address(connection, "ignore-rule-end"), {"number": "2"}, follow=True)
        rule.refresh_from_db()
        item.refresh_from_db()
        assert rule.ended_at is not None
        assert item.state == DriftItem.State.OPEN
        assert "Ignore rule 2 has ended" in answer.content.decode()

    def test_cannot_be_ended_by_who_may_only_look(self, client, connection, rule):
        client.force_login(person("viewer", username="vic"))
        assert "End rule" not in client.get(address(connection)).content.decode()
        answer = client.post(address(connection, "ignore-rule-end"), {"number": "2"})
        rule.refresh_from_db()
        assert answer.status_code == HTTPStatus.FORBIDDEN
        assert rule.ended_at is None

    def test_of_other_places_are_neither_listed_nor_ended(self, client, connection, rule):
        client.force_login(person("security", Place(connection.pk, WEBSITE), username="ben"))
        assert numbers(client.get(address(connection))) == []
        answer = client.post(address(connection, "ignore-rule-end"), {"number": "2"})
        rule.refresh_from_db()
        assert answer.status_code == HTTPStatus.NOT_FOUND
        assert rule.ended_at is None
