"""Which steps lead to resources, and which come from outside."""

import pytest

from governance.posture.paths.explaining import explain_step
from governance.posture.paths.question import find_place
from governance.posture.paths.steps import accessing, assuming
from tests.factories.policies import FULL_ACCESS, content
from tests.factories.resources import BucketFactory, account_block, bucket_policy
from tests.governance.posture.paths.stored import (
    ONE,
    TWO,
    allow,
    edges_of,
    entering_edge,
    graph_of,
    organization,
    reached,
    role,
    trusting,
)
from tests.governance.posture.who_can.comparing import VIEWER

pytestmark = pytest.mark.django_db


def arn(account_id, name, kind="role"):
    return f"arn:aws:iam::{account_id}:{kind}/{name}"


def test_a_bucket_open_to_everybody_lets_its_own_account_in_without_a_policy_of_theirs():
    connection = organization(ONE, TWO)
    role(connection, ONE, "plain")
    role(connection, TWO, "foreign")
    text = content(bucket_policy({"Principal": "*", "Resource": "arn:aws:s3:::shared/*"}))
    BucketFactory.create(connection=connection, account_id=ONE, name="shared", content=text)
    account_block(connection, ONE, None)
    assert set(edges_of(graph_of(connection))) == {("plain@2", "arn:aws:s3:::shared")}


def test_reaches_resources_by_identity_and_resource_policies():
    connection = organization(ONE, TWO)
    role(connection, ONE, "reader", allow("s3:GetObject"))
    role(connection, TWO, "other", allow("s3:GetObject"))
    text = bucket_policy(
        {"Principal": {"AWS": f"arn:aws:iam::{TWO}:root"}, "Resource": "arn:aws:s3:::shared/*"}
    )
    BucketFactory.create(
        connection=connection, account_id=ONE, name="shared", content=content(text)
    )
    BucketFactory.create(connection=connection, account_id=ONE, name="own")
    edges = edges_of(graph_of(connection))
    assert set(edges) == {
        ("reader@2", "arn:aws:s3:::shared"),
        ("reader@2", "arn:aws:s3:::own"),
        ("other@3", "arn:aws:s3:::shared"),
    }


def test_comes_in_from_outside_by_stored_edges_that_are_not_blocked():
    connection = organization(ONE)
    target = role(connection, ONE, "Vendor", FULL_ACCESS, trust=trusting({"AWS": "999999999999"}))
    entering_edge(
        connection, target.arn, principal_id="999999999999", principal_account_id="999999999999"
    )
    entering_edge(
        connection,
        target.arn,
        principal_kind="federated",
        principal_id=arn(ONE, "token.actions.githubusercontent.com", "oidc-provider"),
        provider="token.actions.githubusercontent.com",
        tenant="acme",
        state="guarded",
        guards=[{"key": "token.actions.githubusercontent.com:sub"}],
    )
    entering_edge(
        connection, target.arn, principal_kind="everyone", principal_id="*", state="blocked"
    )
    graph = graph_of(connection)
    found = reached(graph, "999999999999")
    assert (found["Vendor@2"], found["control@2"]) == (1, 2)
    (edge,) = graph.between(
        graph.find("token.actions.githubusercontent.com#acme"), graph.find(target.arn)
    )
    assert (edge.way.kind, edge.standing) == ("signs_in", "conditional")
    assert graph.find("*") is None


def test_whoever_signs_in_by_identity_center_is_nobody_outside():
    connection = organization(ONE)
    target = role(
        connection, ONE, "AWSReservedSSO_Admin_0123456789abcdef", FULL_ACCESS,
        path="/aws-reserved/sso.amazonaws.com/",
    )  # fmt: skip
    for name in ("AWSSSO_0123456789abcdef_DO_NOT_DELETE", "okta"):
        entering_edge(
            connection,
            target.arn,
            principal_kind="federated",
            principal_id=arn(ONE, name, "saml-provider"),
            provider="saml",
        )
    graph = graph_of(connection)
    outside = find_place(graph, "outside", connection=connection, field="from", is_target=False)
    own = graph.find(arn(ONE, "AWSSSO_0123456789abcdef_DO_NOT_DELETE", "saml-provider"))
    assert [graph.node(number).name for number in outside.numbers.tolist()] == ["okta"]
    (edge,) = graph.between(own, graph.find(target.arn))
    remedy = explain_step(VIEWER, graph, edge, connection=connection).remedy
    assert remedy["text"].startswith("Remove the assignment of the permission set")


def test_does_not_know_whom_a_canonical_user_in_a_trust_policy_means():
    connection = organization(ONE, TWO)
    role(connection, TWO, "caller", FULL_ACCESS)
    role(connection, TWO, "nobody")
    role(connection, ONE, "target", trust=trusting({"CanonicalUser": "79a59df900b949e5"}))
    found = edges_of(graph_of(connection))
    assert found == {("caller@3", "target@2"): {("assumes_role", "unknown")}}


class TestEverybody:
    """Where very many may, one node stands between them and what they reach."""

    @pytest.fixture(autouse=True)
    def few(self, monkeypatch):
        for module in (assuming, accessing):
            monkeypatch.setattr(module, "MOST_EACH", 1)

    def test_stands_between_callers_and_a_bucket_of_the_organization(self):
        connection = organization(ONE, TWO)
        for account_id, name in ((ONE, "own"), (TWO, "a"), (TWO, "b")):
            role(connection, account_id, name, allow("s3:GetObject"))
        within = {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorg1"}}
        text = bucket_policy(
            {"Principal": "*", "Resource": "arn:aws:s3:::shared/*", "Condition": within}
        )
        BucketFactory.create(
            connection=connection, account_id=ONE, name="shared", content=content(text)
        )
        graph = graph_of(connection)
        edges = edges_of(graph, but=())
        gathered = "everybody:s3:GetObject"
        assert edges["a@3", gathered] == {("controls", "always")}
        assert {standing for _, standing in edges[gathered, "arn:aws:s3:::shared"]} == {"always"}
        assert reached(graph, arn(TWO, "b"))["arn:aws:s3:::shared"] == 2
        assert ("own@2", "arn:aws:s3:::shared") in edges

    def test_hangs_on_the_caller_where_not_all_may(self):
        connection = organization(ONE, TWO)
        for account_id in (ONE, TWO):
            role(connection, account_id, "caller", allow("sts:AssumeRole"))
        only = {"Condition": {"StringEquals": {"aws:PrincipalAccount": ONE}}}
        role(connection, TWO, "open", trust=trusting({"AWS": "*"}, **only))
        edges = edges_of(graph_of(connection), but=())
        assert edges["everybody:sts:AssumeRole", "open@3"] == {("assumes_role", "conditional")}

    def test_is_no_edge_where_nobody_may(self):
        connection = organization(ONE, TWO)
        for account_id in (ONE, TWO):
            role(connection, account_id, "caller", allow("sts:AssumeRole"))
        none = {"Condition": {"StringEquals": {"aws:PrincipalAccount": "999999999999"}}}
        role(connection, TWO, "shut", trust=trusting({"AWS": "*"}, **none))
        assert not [
            ends
            for ends in edges_of(graph_of(connection), but=())
            if "shut@3" in ends[1] and ends[0] != "control@3"
        ]
