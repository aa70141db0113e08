"""What the graph shows: chains from outside, open break-glass roles, trust that one uses."""

from datetime import UTC, datetime, timedelta

import pytest

from governance.posture.paths.building import forget
from governance.posture.paths.findings import (
    account_trusted_for_one,
    chain_to_administrator,
    open_break_glass,
    path_finding_kinds,
)
from governance.posture.paths.findings.finding_runs import find_in_graph
from governance.posture.state.organization import load_organization
from governance.posture.trust.findings.facts import TrustFacts
from governance.posture.trust.findings.registry import TRUST_FINDING_KINDS
from governance.posture.trust.models import TrustFinding
from tests.governance.posture.paths.stored import (
    ONE,
    TWO,
    allow,
    entering_edge,
    organization,
    role,
    trusting,
)
from tests.governance.posture.who_can.comparing import VIEWER

pytestmark = pytest.mark.django_db
VENDOR = "999999999999"
NOW = datetime(2026, 11, 29, tzinfo=UTC)


@pytest.fixture
def connection():
    forget()
    yield organization(ONE, TWO)
    forget()


def found(kind, connection):
    facts = TrustFacts(connection, load_organization(VIEWER, connection=connection), NOW)
    return list(kind.check(facts))


def from_vendor(connection, target, **values):
    usual = {"principal_id": VENDOR, "principal_account_id": VENDOR}
    return entering_edge(connection, target.arn, **{**usual, **values})


def test_asks_of_the_graph_apart_from_edges():
    assert "open-break-glass" in TRUST_FINDING_KINDS
    assert [kind.code for kind in path_finding_kinds()] == [
        "account-trusted-for-one",
        "chain-to-administrator",
    ]


def test_stores_what_it_finds_once_and_closes_what_is_gone(connection):
    entry = role(connection, ONE, "VendorRead", allow("sts:AssumeRole"), trust=trusting("*"))
    role(connection, TWO, "Admin", allow("*"), trust=trusting({"AWS": entry.arn}))
    edge = from_vendor(connection, entry)
    assert find_in_graph(connection, now=NOW).opened == 1
    assert find_in_graph(connection, now=NOW).opened == 0
    stored = TrustFinding.objects.get(connection=connection, seen_until=None)
    assert (stored.code, stored.edge_key) == ("chain-to-administrator", edge.key)
    edge.delete()
    assert find_in_graph(connection, now=NOW + timedelta(days=1)).closed == 1


class TestChainToAdministrator:
    def test_tells_every_step_from_a_vendor_to_an_administrator(self, connection):
        entry = role(connection, ONE, "VendorRead", allow("sts:AssumeRole"), trust=trusting("*"))
        admin = role(connection, TWO, "Admin", allow("*"), trust=trusting({"AWS": entry.arn}))
        edge = from_vendor(connection, entry, state="guarded")
        (one,) = found(chain_to_administrator, connection)
        assert (one.subject_arn, one.edge_key) == (entry.arn, edge.key)
        assert "role VendorRead" in one.message
        assert "through role Admin" in one.message
        assert [step["to"] for step in one.evidence["steps"]] == [
            entry.arn,
            admin.arn,
            f"control:{TWO}",
        ]

    def test_leaves_out_administrators_themselves_and_guarded_pipelines(self, connection):
        direct = role(connection, ONE, "Direct", allow("*"), trust=trusting({"AWS": VENDOR}))
        from_vendor(connection, direct)
        deploy = role(connection, ONE, "Deploy", allow("iam:PutRolePolicy"))
        values = {
            "principal_kind": "federated",
            "principal_id": "token.actions.githubusercontent.com",
            "principal_account_id": "",
            "provider": "token.actions.githubusercontent.com",
        }
        from_vendor(connection, deploy, state="guarded", **values)
        assert found(chain_to_administrator, connection) == []
        from_vendor(connection, deploy, state="open", statement=1, **values)
        (one,) = found(chain_to_administrator, connection)
        assert "by iam:PutRolePolicy" in one.message


class TestOpenBreakGlass:
    def test_is_one_that_a_whole_account_may_assume(self, connection):
        glass = role(connection, ONE, "OrgBreakGlass", trust=trusting({"AWS": TWO}))
        edge = entering_edge(connection, glass.arn, principal_id=TWO, principal_account_id=TWO)
        (one,) = found(open_break_glass, connection)
        assert (one.subject_arn, one.edge_key) == (glass.arn, edge.key)

    def test_is_one_that_the_whole_organization_may_assume(self, connection):
        glass = role(connection, ONE, "OrgBreakGlass", trust=trusting("*"))
        edge = entering_edge(
            connection,
            glass.arn,
            principal_kind="organization",
            principal_id="o-example1234",
            state="guarded",
            guards=[{"kind": "organization", "key": "aws:PrincipalOrgID", "holds": True}],
        )
        (one,) = found(open_break_glass, connection)
        assert (one.edge_key, one.severity) == (edge.key, "critical")

    def test_is_none_with_mfa_or_behind_a_guard(self, connection):
        glass = role(connection, ONE, "OrgBreakGlass", trust=trusting({"AWS": TWO}))
        entering_edge(
            connection, glass.arn, principal_id=TWO, principal_account_id=TWO, state="guarded"
        )
        plain = role(connection, ONE, "Plain")
        entering_edge(connection, plain.arn, principal_id=TWO, principal_account_id=TWO)
        assert found(open_break_glass, connection) == []


class TestAccountTrustedForOne:
    def test_names_the_only_principal_that_can_assume_it(self, connection):
        target = role(connection, TWO, "Deploy", trust=trusting({"AWS": ONE}))
        runner = role(connection, ONE, "Runner", allow("sts:AssumeRole"))
        role(connection, ONE, "Reader", allow("s3:GetObject"))
        entering_edge(
            connection,
            target.arn,
            account_id=TWO,
            principal_id=ONE,
            principal_account_id=ONE,
        )
        (one,) = found(account_trusted_for_one, connection)
        assert one.evidence["principal"] == runner.arn
        assert one.remedy["statement"] == {"Principal": {"AWS": runner.arn}}
        role(connection, ONE, "Another", allow("sts:AssumeRole"))
        assert found(account_trusted_for_one, connection) == []
