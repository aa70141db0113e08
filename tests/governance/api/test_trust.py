"""/trust-edges and /trust-findings: ways in with their guards, and what is wrong with them."""

from datetime import timedelta

import pytest

from governance.posture.trust.models import TrustReading
from tests.factories.policies import content
from tests.factories.resources import BucketFactory
from tests.factories.times import FIRST_RUN_AT
from tests.factories.trust import TrustEdgeFactory, TrustFindingFactory
from tests.factories.versions import changed

ACME = "/api/v1/organizations/acme"
LATER = FIRST_RUN_AT + timedelta(hours=1)
GUARD = {
    "kind": "external_id",
    "key": "sts:ExternalId",
    "operator": "StringEquals",
    "values": ["a"],
    "holds": True,
    "leaves_open": "Nothing else.",
}


@pytest.fixture
def edge(acme):
    TrustReading.objects.create(
        connection=acme.connection,
        account_id="222222222222",
        run_started_at=FIRST_RUN_AT,
        read_at=FIRST_RUN_AT,
    )
    made = TrustEdgeFactory.create(
        connection=acme.connection,
        resource_name="deploy",
        guards=[GUARD],
        vendor="Acme",
        crossing="vendor",
        content=content("{}"),
        seen_until=LATER,
    )
    TrustFindingFactory.create(connection=acme.connection, edge_key=made.key)
    TrustEdgeFactory.create(
        connection=acme.connection, resource_name="public", crossing="public", principal_id="*"
    )
    made.seen_until = None
    return changed(made, at=LATER, state="guarded")


def told(viewer, address):
    answer = viewer.get(f"{ACME}{address}")
    assert answer.status_code == 200, answer.json()
    return answer.json()


class TestEdges:
    def test_come_worst_first_with_principal_guards_and_findings(self, viewer, edge):
        public, vendor = told(viewer, "/trust-edges")["results"]
        assert (public["crossing"], vendor["crossing"]) == ("public", "vendor")
        assert vendor["principal"]["vendor"] == "Acme"
        assert vendor["principal"]["account_name"] is None
        assert vendor["account_name"] == "payments"
        assert vendor["guards"] == [GUARD]
        assert vendor["finding_codes"] == ["external-without-external-id"]
        assert vendor["url"].endswith(f"/trust-edges/{edge.key}")

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("state=guarded", ["deploy"]),
            ("crossing=public&crossing=external", ["public"]),
            ("guard=external_id", ["deploy"]),
            ("ordering=-resource_name", ["public", "deploy"]),
            ("severity=high", ["deploy"]),
            ("q=publ", ["public"]),
        ],
    )
    def test_are_filtered_and_ordered(self, viewer, edge, query, names):
        assert [
            row["resource_name"] for row in told(viewer, f"/trust-edges?{query}")["results"]
        ] == (names)

    def test_are_null_and_not_empty_before_trust_was_worked_out(self, viewer, acme):
        assert told(viewer, "/trust-edges")["results"] is None

    def test_one_has_its_policy_findings_and_versions(self, viewer, edge):
        row = told(viewer, f"/trust-edges/{edge.key}")
        assert row["policy_text"] == "{}"
        assert [one["code"] for one in row["findings"]] == ["external-without-external-id"]
        assert [one["state"] for one in row["history"]] == ["guarded", "open"]
        then = told(viewer, f"/trust-edges/{edge.key}?as_of={FIRST_RUN_AT:%Y-%m-%dT%H:%M:%SZ}")
        assert then["state"] == "open"

    def test_one_that_is_not_there_is_not_found(self, viewer, acme):
        assert viewer.get(f"{ACME}/trust-edges/{'0' * 64}").status_code == 404


class TestFindings:
    def test_come_worst_first(self, viewer, acme, edge):
        TrustFindingFactory.create(connection=acme.connection, severity="critical", code="worst")
        rows = told(viewer, "/trust-findings?fields=code,severity,edge_key")["results"]
        assert [row["code"] for row in rows] == ["worst", "external-without-external-id"]
        assert rows[1]["edge_key"] == edge.key
        assert told(viewer, "/trust-findings?severity=low")["results"] == []


class TestResources:
    def test_tell_how_many_edges_lead_into_each(self, viewer, acme, edge):
        BucketFactory.create(connection=acme.connection, name="data")
        BucketFactory.create(connection=acme.connection, name="quiet")
        for state in ("open", "blocked"):
            TrustEdgeFactory.create(
                connection=acme.connection,
                resource_arn="arn:aws:s3:::data",
                crossing="public",
                state=state,
            )
        data, quiet = told(viewer, "/resources?fields=name,let_in")["results"]
        assert data["let_in"] == {"edges": 2, "open": 1, "blocked": 1, "from_outside": 1}
        assert quiet["let_in"]["edges"] == 0

    def test_edges_are_null_and_not_none_before_trust_was_worked_out(self, viewer, acme):
        BucketFactory.create(connection=acme.connection, name="data")
        (row,) = told(viewer, "/resources?fields=let_in")["results"]
        assert row["let_in"] is None
