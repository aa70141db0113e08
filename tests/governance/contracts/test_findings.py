"""What contracts cover is told of each edge; what they do not cover is a finding."""

from datetime import timedelta

import pytest

from governance.contracts.adopting import CannotAdopt, terms_of_edge
from governance.contracts.directory import ContractDirectory
from governance.contracts.findings import CONTRACT_FINDINGS
from governance.contracts.matches import (
    contract_of_edges,
    contracts_in_force,
    crossing_edges,
    matches_are_known,
    matches_refresh,
    nearest_contract,
    without_contract,
)
from governance.contracts.matching import TermsPart, contract_covers
from governance.contracts.models import ContractMatch, TrustContract
from governance.posture.state.organization import load_organization
from governance.posture.trust.findings.facts import TrustFacts
from tests.factories.edits import NOW
from tests.factories.times import FIRST_RUN_AT
from tests.factories.trust import TrustEdgeFactory
from tests.governance.contracts.conftest import PAYMENTS, WEBSITE


@pytest.fixture
def edge(connection):
    """Return a function that stores an edge: by default from Website into a role of Payments."""

    def stored(**values):
        return TrustEdgeFactory.create(
            **{
                **{"connection": connection, "seen_from": FIRST_RUN_AT},
                **{"principal_account_id": WEBSITE, "crossing": "organization"},
                **values,
            }
        )

    return stored


@pytest.fixture
def active(declare):
    """Return a function that declares a contract which holds already."""

    def made(**members):
        contract = declare(**members)
        TrustContract.objects.filter(pk=contract.pk).update(state="active", decided_at=NOW)
        contract.refresh_from_db()
        return contract

    return made


@pytest.fixture
def found(connection, viewer):
    """Return a function from the code of a finding to what is found."""
    kinds = {kind.code: kind for kind in CONTRACT_FINDINGS}

    def asked(code, now=NOW):
        organization = load_organization(viewer, connection=connection)
        return list(kinds[code].check(TrustFacts(connection, organization, now)))

    return asked


class TestMatches:
    def test_edges_name_the_contract_with_the_lowest_number_that_covers_them(
        self, connection, edge, active
    ):
        inside, outside = edge(), edge(principal_account_id="999999999999", crossing="external")
        first, _ = active(), active(purpose="Twice.")
        assert matches_refresh(connection, moment=NOW) == 2
        assert contract_of_edges(connection, [inside, outside]) == {inside.key: first}
        assert list(without_contract(crossing_edges(connection), connection)) == [outside]

    def test_an_ended_contract_covers_nothing(self, connection, edge, active):
        inside, contract = edge(), active()
        matches_refresh(connection, moment=NOW)
        TrustContract.objects.filter(pk=contract.pk).update(state="ended")
        assert contract_of_edges(connection, [inside]) == {}
        assert matches_refresh(connection, moment=NOW) == 0
        assert not ContractMatch.objects.exists()

    def test_of_an_earlier_time_the_contract_that_was_in_force_then_is_told(
        self, connection, edge, active
    ):
        inside, contract = edge(), active()
        later = NOW + timedelta(days=2)
        matches_refresh(connection, moment=FIRST_RUN_AT)
        TrustContract.objects.filter(pk=contract.pk).update(state="ended", ended_at=later)
        matches_refresh(connection, moment=later)
        successor = active(purpose="Again.")
        TrustContract.objects.filter(pk=successor.pk).update(decided_at=later)
        matches_refresh(connection, moment=later)
        then = NOW + timedelta(days=1)
        assert contract_of_edges(connection, [inside], as_of=then) == {inside.key: contract}
        assert contract_of_edges(connection, [inside]) == {inside.key: successor}
        # Decided after the run that found the edge.
        before = FIRST_RUN_AT + (NOW - FIRST_RUN_AT) / 2
        assert contract_of_edges(connection, [inside], as_of=before) == {}
        assert list(without_contract(crossing_edges(connection), connection, as_of=before))
        assert [
            [str(one) for one in contracts_in_force(connection, at)] for at in (before, then, None)
        ] == [[], [str(contract)], [str(successor)]]

    def test_what_contracts_covered_before_it_was_kept_is_not_known(self, connection, active):
        later = NOW + timedelta(days=1)
        matches_refresh(connection, moment=later)
        assert matches_are_known(connection, NOW)
        active()
        assert not matches_are_known(connection, NOW)
        assert matches_are_known(connection, later)
        assert matches_are_known(connection, None)

    def test_the_nearest_contract_says_what_differs(self, connection, edge, active):
        contract = active(guards=["external_id"])
        active(**{"from": {"kind": "everyone"}}, to={"kind": "account", "value": WEBSITE})
        near = nearest_contract(edge(), ContractDirectory(connection))
        assert near is not None
        assert near[0] == contract
        assert [one.part for one in near[1]] == [TermsPart.GUARDS]


class TestAdopting:
    def test_makes_terms_that_cover_the_edge(self, connection, edge):
        directory = ContractDirectory(connection)
        guard = {
            **{"kind": "external_id", "key": "sts:ExternalId", "operator": "StringEquals"},
            **{"values": ["a"], "holds": True, "leaves_open": "Nothing."},
        }
        oidc = f"arn:aws:iam::{PAYMENTS}:oidc-provider/token.actions.githubusercontent.com"
        edges = [
            edge(guards=[guard]),
            edge(vendor="Datadog", crossing="vendor", principal_account_id="464622532012"),
            edge(
                principal_kind="federated",
                principal_id=oidc,
                principal_account_id="",
                provider="token.actions.githubusercontent.com",
                tenant="halden-freight",
                crossing="federated",
            ),
            edge(principal_kind="everyone", principal_id="*", crossing="public"),
        ]
        for one in edges:
            terms = terms_of_edge(one, directory)
            assert contract_covers(terms, directory.facts(one))
        assert [guard.value for guard in terms_of_edge(edges[0], directory).guards] == [
            "external_id"
        ]

    def test_an_edge_within_an_account_needs_none(self, connection, edge):
        with pytest.raises(CannotAdopt):
            terms_of_edge(edge(crossing="account"), ContractDirectory(connection))


class TestFindings:
    def test_without_any_contract_one_finding_counts_the_edges(self, edge, found):
        edge(), edge(), edge(crossing="service"), edge(crossing="account")
        (advisory,) = found("no-contracts")
        assert advisory.evidence == {"edges": 2}
        assert found("outside-contracts") == []

    def test_with_a_contract_each_edge_outside_is_a_finding(self, edge, active, found):
        active()
        edge()
        outside = edge(principal_account_id="999999999999", crossing="external")
        (one,) = found("outside-contracts")
        assert (one.edge_key, str(one.severity)) == (outside.key, "high")
        assert found("no-contracts") == []

    def test_an_edge_nobody_can_use_is_a_lesser_finding(self, edge, active, found):
        active()
        edge(principal_account_id="999999999999", crossing="external", state="blocked")
        (one,) = found("outside-contracts")
        assert str(one.severity) == "low"

    def test_a_contract_that_covers_nothing_is_a_finding(self, edge, active, found):
        contract, unused = active(), active(**{"from": {"kind": "account", "value": "9" * 12}})
        edge()
        assert [one.subject_arn for one in found("contract-without-edge")] == [str(unused)]
        assert contract != unused

    def test_a_contract_whose_last_day_is_near_is_a_finding(self, active, found):
        active(until="2030-01-31")
        near = active(until=(NOW + timedelta(days=20)).date().isoformat())
        assert [one.subject_arn for one in found("contract-ending")] == [str(near)]
