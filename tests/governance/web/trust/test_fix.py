"""The page with the policy that closes a trust finding."""

import html
import json

import pytest
from django.test import Client
from django.urls import reverse

from governance.posture.trust.models import TrustFinding
from governance.posture.trust.refreshing import refresh_trust
from governance.simulations.models import Simulation
from inventory.models import InventoryRun, Root
from tests.factories.people import person
from tests.factories.policies import content
from tests.factories.principals import RoleFactory
from tests.factories.runs import CoverageFactory
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import SECOND_RUN_AT
from tests.factories.trust import TrustFindingFactory

pytestmark = pytest.mark.django_db
OWN = "222222222222"
OTHER = "333333333331"


def page(connection, finding, status=200, by="viewer"):
    client = Client()
    client.force_login(person(by))
    values = {"slug": connection.slug, "trust_finding_key": finding.key}
    answer = client.get(reverse("trust-fix", kwargs=values))
    assert answer.status_code == status
    return answer


@pytest.fixture
def found(db):
    """Return the connection, and the findings about a role that a stranger may assume, by code."""
    connection = organization_snapshot().connection
    statement = {"Effect": "Allow", "Principal": {"AWS": "999999999999"}}
    trust = {"Version": "2012-10-17", "Statement": [{**statement, "Action": "sts:AssumeRole"}]}
    text = content(json.dumps(trust))
    RoleFactory.create(connection=connection, account_id=OWN, name="deploy", trust_policy=text)
    refresh_trust(connection, now=SECOND_RUN_AT)
    rows = TrustFinding.objects.filter(connection=connection, seen_until=None)
    return connection, {row.code: row for row in rows.filter(subject_arn__endswith="role/deploy")}


class TestFixPage:
    def test_shows_the_fixed_policy_to_copy_and_what_becomes_of_each_edge(self, found):
        connection, findings = found
        answer = page(connection, findings["external-without-external-id"])
        draft = answer.context["draft"]
        (statement,) = json.loads(draft.fixed.text)["Statement"]
        assert statement["Condition"]["StringEquals"].keys() == {"sts:ExternalId"}
        (edge,) = answer.context["edges"]
        assert (edge["before"], edge["after"]) == ("open", "guarded")
        text = html.unescape(answer.content.decode())
        assert "Copy fixed policy" in text
        assert "Replace before you apply it" in text
        assert "ID_FROM_THE_OTHER_COMPANY" in text

    def test_is_linked_from_the_edge(self, found):
        connection, findings = found
        finding = findings["external-without-external-id"]
        client = Client()
        client.force_login(person("viewer"))
        values = {"slug": connection.slug, "edge_key": finding.edge_key}
        answer = client.get(reverse("trust-edge", kwargs=values))
        values = {"slug": connection.slug, "trust_finding_key": finding.key}
        assert reverse("trust-fix", kwargs=values) in answer.content.decode()

    def test_says_why_there_is_no_draft(self, found):
        connection, _ = found
        unfit = TrustFindingFactory.create(connection=connection, remedy={"text": "Ask them."})
        answer = page(connection, unfit)
        assert "No text drafted" in answer.content.decode()
        assert answer.context["fixed"] is None

    def test_says_that_the_policy_is_gone(self, found):
        connection, findings = found
        finding = findings["whole-account-trust"]
        finding.subject_arn = "arn:aws:iam::222222222222:role/gone"
        finding.save()
        assert "no longer collected" in page(connection, finding).content.decode()

    def test_is_not_found_once_the_finding_is_over(self, found):
        connection, findings = found
        finding = findings["external-without-external-id"]
        finding.seen_until = SECOND_RUN_AT.replace(year=SECOND_RUN_AT.year + 1)
        finding.save()
        assert page(connection, finding, status=404).status_code == 404


class TestTheResourceControlPolicy:
    def test_opens_in_the_simulator_attached_to_the_account(self, found):
        connection, findings = found
        root = Root.objects.get(connection=connection)
        root.policy_types["RESOURCE_CONTROL_POLICY"] = "ENABLED"
        root.save()
        CoverageFactory.create(
            run=InventoryRun.objects.get(connection=connection),
            account_id="",
            collector="organizations.policies.RESOURCE_CONTROL_POLICY",
        )
        finding = findings["external-without-external-id"]
        answer = page(connection, finding, by="author")
        assert "Open in the simulator" in answer.content.decode()
        (edge,) = answer.context["control_edges"]
        assert (edge["before"], edge["after"]) == ("open", "trust_blocked")

        client = Client()
        client.force_login(person("author"))
        opened = client.post(answer.request["PATH_INFO"])
        made = Simulation.objects.get()
        assert opened.headers["Location"].endswith(f"/simulator/{made.pk}/")
        created, attached = made.operations
        assert created["policy_type"] == "RESOURCE_CONTROL_POLICY"
        assert attached["target_id"] == OWN
        assert "aws:PrincipalOrgID" in created["text"]

    def test_is_not_drafted_where_rcps_are_off(self, found):
        connection, findings = found
        answer = page(connection, findings["external-without-external-id"], by="author")
        assert "are not enabled in this organization" in answer.content.decode()
        assert "Open in the simulator" not in answer.content.decode()


class TestTheServiceControlPolicy:
    @pytest.fixture
    def within(self, found):
        """Return the connection, and a finding about a role that another account may assume."""
        connection, _ = found
        statement = {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "sts:AssumeRole"}
        text = content(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
        RoleFactory.create(connection=connection, account_id=OWN, name="inner", trust_policy=text)
        refresh_trust(connection, now=SECOND_RUN_AT)
        rows = TrustFinding.objects.filter(connection=connection, seen_until=None)
        return connection, rows.get(code="whole-account-trust", subject_arn__endswith="role/inner")

    def test_keeps_callers_of_another_account_away_and_opens_in_the_simulator(self, within):
        connection, finding = within
        answer = page(connection, finding, by="author")
        (edge,) = answer.context["caller_edges"]
        assert (edge["before"], edge["after"]) == ("open", "trust_blocked")
        client = Client()
        client.force_login(person("author"))
        client.post(answer.request["PATH_INFO"], {"side": "callers"})
        created, attached = Simulation.objects.get().operations
        assert created["policy_type"] == "SERVICE_CONTROL_POLICY"
        assert attached["target_id"] == OTHER
        (statement,) = json.loads(created["text"])["Statement"]
        assert statement["Resource"] == [f"arn:aws:iam::{OWN}:role/inner"]
        assert "Principal" not in statement

    def test_is_not_drafted_for_callers_that_it_does_not_bind(self, found):
        connection, findings = found
        answer = page(connection, findings["external-without-external-id"])
        assert answer.context["caller_control"].control is None
        assert "bind member accounts only" in answer.content.decode()

    def test_of_another_side_there_is_none(self, within):
        connection, finding = within
        client = Client()
        client.force_login(person("author"))
        values = {"slug": connection.slug, "trust_finding_key": finding.key}
        answer = client.post(reverse("trust-fix", kwargs=values), {"side": "both"})
        assert answer.status_code == 400
