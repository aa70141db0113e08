"""What was never read, or is asked of too early, is told as such by every endpoint."""

from datetime import timedelta

import pytest
from django.utils import timezone

from governance.simulations.models import SimulationJob
from tests.factories.people import person
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory
from tests.factories.principals import RoleFactory
from tests.factories.runs import forget_coverage
from tests.governance.api.addresses import VALUES, by_route, endpoints, filled

API = "/api/v1/organizations/acme"
WEBSITE = "222222222223"
OF_THE_PAST = sorted(
    (found for found in endpoints() if "GET" in found[1].rights and found[1].takes_as_of),
    key=by_route,
)


@pytest.fixture
def things(acme):
    """What addresses name."""
    RoleFactory.create(name="Deployer", connection=acme.connection)
    SimulationJob.objects.create(
        pk=VALUES["job_id"],
        connection=acme.connection,
        requested_by=person("viewer"),
        operations=[],
        requested_at=timezone.now(),
        expires_at=timezone.now() + timedelta(hours=1),
    )
    return acme


class TestATimeBeforeTheFirstRun:
    def test_is_asked_of_most_endpoints(self):
        assert len(OF_THE_PAST) > 25

    @pytest.mark.parametrize(("route", "view"), OF_THE_PAST)
    def test_is_answered_with_when_the_first_run_was(self, route, view, viewer, things):
        address = filled(route, run_id=str(things.run.pk))
        answer = viewer.get(address, {"as_of": "2020-01-01"})
        assert answer.status_code == 422, answer.json()
        assert answer.json()["first_run_at"] == "2026-11-01T08:00:00Z"
        assert "the first run started at 2026-11-01T08:00:00" in answer.json()["detail"]

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("explain", {"principal": "anonymous", "action": "s3:GetObject"}),
            (
                "simulations",
                {"operations": [{"kind": "detach_policy", "policy_id": "p-regio001",
                                 "target_id": "ou-ab12-work0001"}]},
            ),
        ],
    )  # fmt: skip
    def test_is_answered_so_where_it_stands_in_a_body(self, viewer, acme, path, body):
        answer = viewer.post(f"{API}/{path}", {**body, "as_of": "2020-01-01"}, format="json")
        assert answer.status_code == 422, answer.json()
        assert answer.json()["first_run_at"] == "2026-11-01T08:00:00Z"


class TestAnAccountThatIsNotCovered:
    @pytest.fixture(autouse=True)
    def _uncovered(self, acme):
        forget_coverage(acme.connection, account_id=WEBSITE)

    def test_is_told_as_unknown(self, viewer):
        (row,) = viewer.get(f"{API}/accounts", {"q": WEBSITE}).json()["results"]
        assert row["coverage"]["knowledge"] == "unknown"
        assert row["coverage"]["total"] is None

    def test_has_principals_that_are_null_and_not_none(self, viewer):
        told = viewer.get(f"{API}/principals", {"account_id": WEBSITE}).json()
        assert told["results"] is None
        assert told["coverage"]["by_knowledge"] == {"unknown": 1}

    def test_leaves_open_what_its_principals_may_do(self, viewer):
        asked = {
            "principal": f"arn:aws:iam::{WEBSITE}:role/Anything",
            "action": "s3:GetObject",
            "resource": "*",
        }
        told = viewer.post(f"{API}/explain", asked, format="json").json()
        assert told["decision"]["decision"] == "unknown"
        assert "identity_not_collected" in {gap["code"] for gap in told["gaps"]}

    def test_is_a_place_of_which_findings_cannot_tell(self, viewer):
        told = viewer.get(f"{API}/structure-findings", {"kind": "role_name_drift"}).json()
        (reason,) = told["not_known"]
        assert [place["key"] for place in reason["places"]] == [WEBSITE]


class TestAPolicyThatCannotBeRead:
    @pytest.fixture(autouse=True)
    def _broken(self, acme):
        rows = {"connection": acme.connection}
        policy = PolicyFactory.create(name="broken", policy_id="p-broke001", text="{", **rows)
        PolicyAttachmentFactory.create(
            policy_id=policy.policy_id, target_id="ou-ab12-test0001", **rows
        )

    def test_is_told_with_what_is_wrong_and_where(self, viewer):
        told = viewer.get(f"{API}/policies/p-broke001/content").json()
        assert told["text"] == "{"
        assert told["readable"] is False
        (wrong,) = told["diagnostics"]
        assert (wrong["severity"], wrong["line"], wrong["column"]) == ("error", 1, 2)
        fine = viewer.get(f"{API}/policies/p-regio001/content").json()
        assert (fine["readable"], fine["diagnostics"]) == (True, [])

    def test_leaves_open_what_a_request_comes_to(self, viewer, acme):
        asked = {
            "principal": "arn:aws:iam::222222222224:root",
            "action": "s3:GetObject",
            "resource": "*",
        }
        told = viewer.post(f"{API}/explain", asked, format="json").json()
        assert told["decision"]["decision"] == "unknown"
        assert "scp_unreadable" in {gap["code"] for gap in told["gaps"]}

    def test_is_no_finding_and_not_fine_either(self, viewer):
        told = viewer.get(f"{API}/structure-findings").json()
        assert any("cannot be read" in row["reason"] for row in told["not_known"])


class TestAMessageThatCannotBeParsed:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("Service Unavailable", "message not understood"),
            ("User is not authorized to perform: rds:ModifyDBInstance", "principal not understood"),
        ],
    )
    def test_says_which_part_was_not_understood(self, viewer, acme, text, said):
        answer = viewer.post(f"{API}/explain", {"text": text}, format="json")
        assert answer.status_code == 400
        assert said in answer.json()["detail"]
