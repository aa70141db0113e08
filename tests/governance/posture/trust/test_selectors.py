"""Edges are found by whoever sees one of their ends, counted, and compared from run to run."""

from datetime import timedelta

import pytest
from django.http import QueryDict

from governance.filtering.scope import FilterScope
from governance.filtering.trust import TrustEdgeFilters, TrustFindingFilters
from governance.posture.trust.selectors import (
    crossing_counts,
    edge_history,
    edge_of,
    edges_into,
    edges_out_of,
    edges_since,
    external_accounts,
    findings_of_edges,
    trust_edges,
    trust_findings,
)
from inventory.viewing import viewer_within
from tests.factories.times import FIRST_RUN_AT
from tests.factories.trust import TrustEdgeFactory, TrustFindingFactory

PAYMENTS, WEBSITE, TEST = "222222222222", "222222222223", "222222222224"
LATER = FIRST_RUN_AT + timedelta(hours=2)


@pytest.fixture
def edge(snapshot):
    return lambda **fields: TrustEdgeFactory.create(connection=snapshot.connection, **fields)


def names(rows):
    return {row.resource_name for row in rows}


def chosen(viewer, snapshot, query):
    scope = FilterScope(viewer, snapshot.connection, None, LATER)
    filters = TrustEdgeFilters(
        QueryDict(query), trust_edges(viewer, connection=snapshot.connection), scope=scope
    )
    assert filters.is_valid(), filters.errors
    return names(filters.qs)


class TestWhoSeesWhat:
    def test_who_sees_one_end_sees_the_edge(self, viewer, snapshot, edge):
        edge(resource_name="into", account_id=PAYMENTS)
        edge(resource_name="out", account_id=WEBSITE, principal_account_id=PAYMENTS)
        edge(resource_name="elsewhere", account_id=WEBSITE)
        part = viewer_within(viewer, [[snapshot.connection.pk, PAYMENTS]])

        assert names(trust_edges(part, connection=snapshot.connection)) == {"into", "out"}
        assert len(trust_edges(viewer, connection=snapshot.connection)) == 3

    def test_names_both_accounts(self, viewer, snapshot, edge):
        made = edge(account_id=PAYMENTS, principal_account_id=WEBSITE)
        found = edge_of(viewer, connection=snapshot.connection, key=made.key)
        assert found is not None
        assert (found.account_name, found.principal_account_name) == ("payments", "website")

    def test_findings_are_for_those_who_see_the_account(self, viewer, snapshot):
        TrustFindingFactory.create(connection=snapshot.connection, account_id=WEBSITE)
        part = viewer_within(viewer, [[snapshot.connection.pk, PAYMENTS]])
        assert not trust_findings(part, connection=snapshot.connection)
        assert trust_findings(viewer, connection=snapshot.connection)[0].account_name == "website"


class TestPlaces:
    def test_finds_edges_into_and_out_of_accounts_and_units(self, viewer, snapshot, edge):
        edge(resource_name="in-prod", account_id=PAYMENTS, principal_account_id=TEST)
        edge(resource_name="in-test", account_id=TEST)
        prod = snapshot.units["Prod"].target_id
        given = {"connection": snapshot.connection}

        assert names(edges_into(viewer, target_id=prod, **given)) == {"in-prod"}
        assert names(edges_into(viewer, target_id=TEST, **given)) == {"in-test"}
        assert names(edges_out_of(viewer, target_id=TEST, **given)) == {"in-prod"}
        assert not edges_out_of(viewer, target_id=prod, **given)
        workloads = snapshot.units["Workloads"].target_id
        assert len(edges_into(viewer, target_id=workloads, **given)) == 2


class TestCounts:
    def test_counts_by_crossing_the_worst_first(self, viewer, snapshot, edge):
        edge(crossing="organization", state="blocked")
        edge(crossing="organization", state="guarded")
        edge(crossing="public")
        found = crossing_counts(trust_edges(viewer, connection=snapshot.connection))
        assert [(one.crossing, one.edges) for one in found] == [("public", 1), ("organization", 2)]
        assert (found[1].open, found[1].guarded, found[1].blocked) == (0, 1, 1)

    def test_groups_external_accounts_by_vendor(self, viewer, snapshot, edge):
        edge(principal_account_id="999999999999", account_id=PAYMENTS)
        edge(principal_account_id="999999999999", account_id=WEBSITE, state="blocked")
        edge(principal_account_id="888888888888", vendor="Acme", crossing="vendor")
        edge(principal_account_id=TEST, crossing="organization")
        unknown, acme = external_accounts(viewer, connection=snapshot.connection)
        assert (unknown.account_id, unknown.vendor, unknown.edges) == ("999999999999", "", 1)
        assert unknown.account_ids == (PAYMENTS, WEBSITE)
        assert acme.vendor == "Acme"


class TestHistory:
    def test_tells_new_edges_from_those_that_vanished_or_changed(self, viewer, snapshot, edge):
        edge(resource_name="stays")
        edge(resource_name="vanished", seen_until=LATER)
        before = edge(resource_name="changed", seen_until=LATER)
        edge(resource_name="changed", key=before.key, seen_from=LATER, state="guarded")
        edge(resource_name="new", seen_from=LATER)

        found = edges_since(viewer, connection=snapshot.connection, moment=LATER)

        assert names(found.appeared) == {"new"}
        assert names(found.vanished) == {"vanished"}
        assert names(found.changed) == {"changed"}
        history = edge_history(viewer, connection=snapshot.connection, key=before.key)
        assert [row.state for row in history] == ["guarded", "open"]

    def test_shows_a_past_time_as_it_was(self, viewer, snapshot, edge):
        edge(resource_name="gone", seen_until=LATER)
        now = trust_edges(viewer, connection=snapshot.connection)
        then = trust_edges(viewer, connection=snapshot.connection, as_of=FIRST_RUN_AT)
        assert (names(now), names(then)) == (set(), {"gone"})


class TestFilters:
    def test_each_keeps_what_it_says(self, viewer, snapshot, edge):
        guard = {"kind": "external_id", "key": "sts:ExternalId", "holds": True}
        bad = edge(resource_name="bad", account_id=PAYMENTS, guards=[guard], state="guarded")
        edge(
            resource_name="key-42",
            account_id=WEBSITE,
            service="kms",
            region="eu-central-1",
            source="resource_policy",
            principal_account_id=TEST,
            crossing="environment",
        )
        TrustFindingFactory.create(connection=snapshot.connection, edge_key=bad.key)
        by_query = {
            "guard=external_id": {"bad"},
            "guard=mfa": set(),
            "state=guarded&state=blocked": {"bad"},
            "crossing=environment": {"key-42"},
            "service=kms": {"key-42"},
            "region=eu-central-1": {"key-42"},
            "source=trust_policy": {"bad"},
            f"to={snapshot.units['Prod'].target_id}": {"bad", "key-42"},
            f"comes_from={TEST}": {"key-42"},
            "finding=external-without-external-id": {"bad"},
            "severity=high": {"bad"},
            "severity=low": set(),
            "q=KEY-": {"key-42"},
            f"q={PAYMENTS}": {"bad"},
        }
        found = {query: chosen(viewer, snapshot, query) for query in by_query}
        assert found == by_query

    def test_findings_are_filtered_by_place_and_words(self, viewer, snapshot):
        TrustFindingFactory.create(connection=snapshot.connection)
        scope = FilterScope(viewer, snapshot.connection, None, LATER)
        rows = trust_findings(viewer, connection=snapshot.connection)
        kept = {
            query: list(TrustFindingFilters(QueryDict(query), rows, scope=scope).qs)
            for query in (
                f"under={snapshot.units['Prod'].target_id}",
                "q=999999",
                f"under={TEST}",
            )
        }
        assert list(map(len, kept.values())) == [1, 1, 0]

    def test_findings_come_by_their_edge(self, viewer, snapshot, edge):
        one = edge()
        TrustFindingFactory.create(connection=snapshot.connection, edge_key=one.key)
        found = findings_of_edges(viewer, connection=snapshot.connection, keys=[one.key])
        assert [row.code for row in found[one.key]] == ["external-without-external-id"]
