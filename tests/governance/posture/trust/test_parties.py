"""Accounts outside are named here, each by one party, and edges show who is let in by name."""

import pytest

from governance.access.actors import user_actor
from governance.access.owners.acting import ActingPerson, MayNot
from governance.audit.models import AuditEntry
from governance.posture.trust.models import ExternalParty
from governance.posture.trust.parties import (
    CannotNameParty,
    NoSuchParty,
    PartyMoved,
    observed_parties,
    party_remove,
    party_set,
)
from tests.factories.edits import NOW
from tests.factories.people import person
from tests.factories.times import FIRST_RUN_AT
from tests.factories.trust import TrustEdgeFactory

STRANGER, DATADOG = "999999999999", "464622532012"


@pytest.fixture
def name(snapshot):
    """Return a function by which somebody of security names accounts."""
    sam = person("security")

    def named(called, *account_ids, by=sam, kind="vendor", **values):
        return party_set(
            by=ActingPerson(by, user_actor(by)),
            connection=snapshot.connection,
            name=called,
            kind=kind,
            account_ids=account_ids,
            now=NOW,
            **values,
        )

    return named


class TestNaming:
    def test_is_recorded_and_takes_an_account_from_another_party(self, name):
        first = name("Harbour", STRANGER, "888888888888")
        name("Quay", STRANGER)
        first.refresh_from_db()
        assert (first.account_ids, first.version) == (["888888888888"], 2)
        assert AuditEntry.objects.filter(action="external_party.set").count() == 3

    def test_what_changes_nothing_is_no_version(self, name):
        name("Harbour", STRANGER)
        assert name("harbour", STRANGER).version == 1

    def test_another_version_than_the_one_read_is_refused(self, name):
        name("Harbour", STRANGER)
        with pytest.raises(PartyMoved):
            name("Harbour", "888888888888", version=0)

    @pytest.mark.parametrize(
        ("called", "ids", "member"),
        [
            ("", [STRANGER], "name"),
            ("a/b", [STRANGER], "name"),
            (STRANGER, [STRANGER], "name"),
            ("Harbour", [], "account_ids"),
            ("Harbour", ["12"], "account_ids"),
            ("Harbour", ["222222222222"], "account_ids"),
        ],
    )
    def test_what_is_wrong_is_named(self, name, called, ids, member):
        with pytest.raises(CannotNameParty) as caught:
            name(called, *ids)
        assert caught.value.member == member

    def test_needs_the_right_for_the_whole_organization(self, name):
        with pytest.raises(MayNot):
            name("Harbour", STRANGER, by=person("author"))

    def test_is_forgotten_once(self, name, snapshot):
        name("Harbour", STRANGER)
        sam = person("security")
        by = ActingPerson(sam, user_actor(sam))
        party_remove(by=by, connection=snapshot.connection, name="harbour", now=NOW)
        assert not ExternalParty.objects.exists()
        with pytest.raises(NoSuchParty):
            party_remove(by=by, connection=snapshot.connection, name="harbour", now=NOW)


class TestObserved:
    def test_unknown_accounts_come_first_then_parties_by_name(self, name, snapshot, viewer):
        common = {"connection": snapshot.connection, "seen_from": FIRST_RUN_AT}
        TrustEdgeFactory.create(principal_account_id=STRANGER, **common)
        TrustEdgeFactory.create(
            principal_account_id=DATADOG,
            vendor="Datadog",
            crossing="vendor",
            state="guarded",
            **common,
        )
        name("Quay", "888888888888")
        told = [
            (one.key, one.kind, one.edges, one.worst_state)
            for one in observed_parties(viewer, connection=snapshot.connection)
        ]
        assert told == [
            (STRANGER, "unknown", 1, "open"),
            ("Datadog", "vendor", 1, "guarded"),
            ("Quay", "vendor", 0, ""),
        ]
