"""Who can, over REST."""

import json

import pytest

from governance.posture.who_can import dispatch, tasks
from governance.posture.who_can.models import WhoCanJob
from tests.factories.people import take_roles
from tests.factories.policies import FULL_ACCESS, content
from tests.factories.principals import GroupPrincipalFactory, RoleFactory, UserPrincipalFactory

ADDRESS = "/api/v1/organizations/acme/who-can"
TEST, LOGS, PAYMENTS = "222222222224", "333333333331", "222222222222"


def reading(resource):
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": resource}],
        }
    )


@pytest.fixture
def people(acme):
    """An administrator in three accounts, and a role that reads one bucket."""
    for account_id in (TEST, LOGS, PAYMENTS):
        RoleFactory.create(
            connection=acme.connection,
            account_id=account_id,
            name="Admin",
            inline_policies={"own": content(FULL_ACCESS).sha256},
        )
    RoleFactory.create(
        connection=acme.connection,
        account_id=LOGS,
        name="Reporter",
        inline_policies={"reports": content(reading("arn:aws:s3:::reports/*")).sha256},
    )
    return acme


@pytest.fixture
def ask(viewer, people):
    return lambda **query: viewer.get(ADDRESS, query)


@pytest.fixture
def sent(monkeypatch):
    """The ids of jobs that were sent to the queue."""
    found: list[object] = []
    monkeypatch.setattr(dispatch, "send_question", found.append)
    return found


class TestList:
    def test_lists_who_may_with_conditions_and_counts_them(self, ask):
        told = ask(action="s3:GetObject").json()
        assert [(one["account_id"], one["arn"].rpartition("/")[2]) for one in told["results"]] == [
            (PAYMENTS, "Admin"),
            (TEST, "Admin"),
            (LOGS, "Admin"),
            (LOGS, "Reporter"),
        ]
        reporter = told["results"][-1]
        assert reporter["standing"] == "conditional"
        assert (
            reporter["conditions"][0]["text"] == "only if the resource is `arn:aws:s3:::reports/*`"
        )
        assert reporter["conditions"][0]["policies"][0]["name"] == "reports"
        assert told["summary"]["always"] == 3
        assert told["summary"]["accounts"] == 3
        assert told["summary"]["accounts_not_collected"] == 1
        assert told["summary"]["may_be_let_in_besides"] is True
        assert {one["name"]: one["always"] for one in told["summary"]["units"]} == {
            "Security": 1, "Suspended": 0, "Workloads": 2, "management": 0,
        }  # fmt: skip

    def test_goes_page_by_page_in_both_directions(self, ask, viewer):
        for ordering in ("account_id", "-account_id"):
            arns = []
            answer = ask(action="s3:GetObject", limit=3, ordering=ordering).json()
            while True:
                arns += [one["arn"] for one in answer["results"]]
                if answer["next"] is None:
                    break
                answer = viewer.get(answer["next"]).json()
            assert len(arns) == len(set(arns)) == 4
            assert arns[0].endswith(f"{PAYMENTS}:role/Admin") is (ordering == "account_id")

    def test_filters_by_standing_kind_scope_and_name(self, ask):
        assert len(ask(action="s3:GetObject", standing="always").json()["results"]) == 3
        assert len(ask(action="s3:GetObject", under="ou-ab12-sec00001").json()["results"]) == 2
        assert len(ask(action="s3:GetObject", q="repo").json()["results"]) == 1
        roots = ask(action="s3:GetObject", kind="root").json()["results"]
        assert {one["kind"] for one in roots} == {"root"}
        assert len(roots) == 6

    def test_tells_the_actions_of_a_service(self, ask):
        told = ask(action="s3", q="Reporter").json()
        (reporter,) = told["results"]
        assert "s3:GetObject" in reporter["actions"]["conditional"]
        assert "s3:PutObject" not in str(reporter["actions"])
        assert told["summary"]["actions"] > 100

    @pytest.mark.parametrize(
        ("query", "member"),
        [
            ({}, "action"),
            ({"action": "*:Get"}, "action"),
            ({"action": "s3:Nope*"}, "action"),
            ({"action": "s3:GetObject", "resource": "bucket"}, "resource"),
            ({"action": "s3:GetObject", "resource_account_id": "12"}, "resource_account_id"),
            ({"action": "s3:GetObject", "assume": "region"}, "assume"),
            ({"action": "s3:GetObject", "standing": "maybe"}, "standing"),
            ({"action": "s3:GetObject", "under": "ou-gone"}, "under"),
            ({"action": "s3:GetObject", "resource_policy": "yes"}, "resource_policy"),
            ({"action": "s3:GetObject", "acton": "x"}, "acton"),
        ],
    )
    def test_says_which_part_is_wrong(self, ask, query, member):
        answer = ask(**query)
        assert answer.status_code == 400
        assert [one["parameter"] for one in answer.json()["errors"]] == [member]

    def test_says_when_the_first_run_was(self, ask):
        answer = ask(action="s3:GetObject", as_of="2020-01-01")
        assert answer.json()["type"] == "urn:orgwarden:problem:time-not-known"
        assert answer.json()["first_run_at"]


class TestJob:
    def test_is_queued_and_leaves_its_answer(
        self, viewer, people, sent, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            answer = viewer.post(
                ADDRESS,
                {"action": "s3:GetObject", "under": "ou-ab12-sec00001"},
                format="json",
                headers={"Prefer": "respond-async"},
            )
        assert answer.status_code == 202
        assert answer.json()["state"] == "queued"
        tasks.run_question_task(job_id=str(sent[0]))
        told = viewer.get(answer.headers["Location"]).json()
        assert told["state"] == "complete"
        assert told["result"]["principals"] == 2
        assert told["result"]["is_complete"] is True
        assert [one["standing"] for one in told["result"]["results"]] == ["always", "conditional"]

    def test_is_not_needed_once_everybody_has_been_read(self, viewer, people, ask):
        ask(action="s3:GetObject")
        answer = viewer.post(ADDRESS, {"action": "s3:PutObject"}, format="json")
        assert answer.status_code == 200
        assert answer.json()["result"]["always"] == 3
        assert WhoCanJob.objects.count() == 0

    def test_refuses_a_body_that_says_nothing(self, viewer, people):
        answer = viewer.post(ADDRESS, {"action": "s3:GetObject", "when": 1}, format="json")
        assert answer.status_code == 400

    def test_ends_a_question_whose_asker_lost_the_right(
        self, viewer, people, sent, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            viewer.post(ADDRESS, {"action": "s3:GetObject"}, format="json")
        job = WhoCanJob.objects.get()
        take_roles(job.requested_by)
        tasks.run_question_task(job_id=str(job.pk))
        job.refresh_from_db()
        assert job.state == WhoCanJob.State.FAILED
        assert "may no longer" in job.error


class TestUsers:
    def test_follows_groups_and_says_which(self, ask, people):
        GroupPrincipalFactory.create(
            connection=people.connection,
            account_id=TEST,
            name="admins",
            inline_policies={"all": content(FULL_ACCESS).sha256},
        )
        UserPrincipalFactory.create(
            connection=people.connection, account_id=TEST, name="amara", groups=["admins"]
        )
        (amara,) = ask(action="s3:GetObject", kind="user").json()["results"]
        assert amara["allowed_by"][0]["via_group"] == "admins"
