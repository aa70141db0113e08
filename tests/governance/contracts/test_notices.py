"""People are told of contracts that end, and of ways across accounts that came and went."""

from datetime import timedelta

import pytest

from governance.contracts.models import TrustContract
from governance.contracts.notices import publish_edges, publish_ending
from governance.notifications.kinds import kind_of
from governance.notifications.models import OutboxEvent
from inventory.viewing import Viewer
from tests.factories.edits import NOW
from tests.factories.times import FIRST_RUN_AT
from tests.factories.trust import TrustEdgeFactory
from tests.governance.contracts.conftest import PAYMENTS, WEBSITE
from tests.governance.contracts.test_life import review, submit

SECOND_RUN_AT = FIRST_RUN_AT + timedelta(days=1)


def events(kind):
    return list(OutboxEvent.objects.filter(kind=kind).order_by("pk"))


def told(event, viewer=None):
    return kind_of(event.kind).words(event, viewer or Viewer(sees_inventory=True))


def audience(event):
    found = kind_of(event.kind).audience
    assert callable(found)
    return {user.username for user in found(event)}


class TestEnding:
    @pytest.fixture
    def ending(self, declare):
        def made(days):
            contract = declare(until=(NOW.date() + timedelta(days=days)).isoformat())
            TrustContract.objects.filter(pk=contract.pk).update(state="active", decided_at=NOW)
            return contract

        return made

    def test_is_told_once_for_its_day_to_who_took_part(self, ending):
        contract = ending(10)
        assert publish_ending(now=NOW) == 1
        assert publish_ending(now=NOW + timedelta(days=1)) == 0
        (event,) = events("contract.ending")
        words = told(event)
        assert words.title.startswith(f"Ends soon: contract {contract}")
        assert any(line.startswith("Until ") for line in words.lines)
        assert audience(event) == {"ada"}

    def test_is_not_told_while_its_last_day_is_far_or_past(self, ending):
        ending(200)
        TrustContract.objects.filter(pk=ending(5).pk).update(until=NOW.date() - timedelta(days=1))
        assert publish_ending(now=NOW) == 0

    def test_whoever_does_not_see_the_target_is_told_nothing(self, ending):
        ending(10)
        publish_ending(now=NOW)
        (event,) = events("contract.ending")
        assert told(event, Viewer(sees_inventory=False)) is None


class TestWaiting:
    def test_owners_are_told_until_it_is_decided(self, declare, ada, ben, sam):
        contract = submit(declare(), ada)
        (event,) = events("contract.waiting")
        assert audience(event) == {"ben", "sam"}
        assert told(event).title.startswith("Waiting for your approval")
        review(contract, ben)
        review(contract, sam)
        assert told(event) is None
        (decided,) = events("contract.decided")
        assert told(decided).title.startswith("Approved")


class TestNewEdges:
    @pytest.fixture
    def edge(self, connection):
        def stored(seen_from, **values):
            return TrustEdgeFactory.create(
                connection=connection,
                seen_from=seen_from,
                principal_account_id=WEBSITE,
                **{"crossing": "organization", **values},
            )

        return stored

    def test_are_told_once_a_run_by_name(self, connection, edge):
        edge(FIRST_RUN_AT)
        gone = edge(FIRST_RUN_AT, seen_until=SECOND_RUN_AT)
        new = edge(SECOND_RUN_AT, crossing="external")
        assert publish_edges(connection, moment=SECOND_RUN_AT, now=NOW)
        assert not publish_edges(connection, moment=SECOND_RUN_AT, now=NOW)
        (event,) = events("trust.edges_changed")
        words = told(event)
        assert "1 new, 1 gone" in words.title
        assert any(line.startswith("New: ") and PAYMENTS in line for line in words.lines)
        assert words.facts["appeared"] == [new.key]
        assert words.facts["vanished"] == [gone.key]

    def test_say_nothing_of_the_first_run_and_of_edges_within_an_account(self, connection, edge):
        edge(FIRST_RUN_AT)
        assert not publish_edges(connection, moment=FIRST_RUN_AT, now=NOW)
        edge(SECOND_RUN_AT, crossing="account")
        assert not publish_edges(connection, moment=SECOND_RUN_AT, now=NOW)
