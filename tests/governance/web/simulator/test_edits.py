"""What the simulator's page says of edits: of RCPs, in one sentence, by statements."""

import html
import json
import re

import pytest
from django.utils import timezone

from governance.simulations import services
from governance.simulations.models import Simulation
from tests.factories.edits import LOG_ARCHIVE, SECURITY, attached, edited
from tests.factories.logs import stored_usage
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory, denying
from tests.factories.usage import log_source, used
from tests.governance.policy_effect.conftest import document, with_rcps
from tests.governance.web.simulator.conftest import HTMX


class TestUsage:
    def test_says_that_use_is_not_known_where_no_logs_are_read(self, draft, client, address):
        shown = client.get(address("simulation-usage", simulation_id=draft.pk)).content.decode()
        assert "Use in the last 90 days: not known." in shown
        assert "<table" not in shown

    def test_says_which_calls_would_be_denied_and_by_whom(
        self, snapshot, draft, client, address, settings
    ):
        Simulation.objects.update(
            operations=[
                {"id": 1, **edited("p-unatt001", denying("s3:DeleteBucket")).as_json()},
                {"id": 2, **attached("p-unatt001", SECURITY).as_json()},
            ]
        )
        now = timezone.now()
        log_source(snapshot.connection, listed_at=now)
        stored_usage(
            snapshot.connection,
            used("s3:DeleteBucket", account_id=LOG_ARCHIVE, count=3, denied=1, at=now),
            used("s3:GetObject", account_id=LOG_ARCHIVE, count=97, at=now),
        )
        part = address("simulation-usage", simulation_id=draft.pk)
        shown = client.get(part).content.decode()
        assert "2 of 100 calls in 90 days would have been denied." in shown
        assert "The logs are incomplete." in shown
        assert "role Deploy" in shown
        assert "1 denied already" in shown
        settings.USAGE_REPLAY_AT_ONCE = 1
        assert "Replay usage" in client.get(part).content.decode()
        assert "2 of 100 calls" in client.get(f"{part}?replay=now").content.decode()
        whole = client.get(address("simulation", simulation_id=draft.pk), {"shown": "all"})
        assert "2 of 100 calls" in whole.content.decode()


class TestStoredOperations:
    def test_of_50_edits_are_shown(self, draft, client, address):
        Simulation.objects.update(operations=[{**draft.operations[0], "id": n} for n in range(50)])
        assert client.get(address("simulation", simulation_id=draft.pk)).status_code == 200
        assert services.operations_of(Simulation.objects.get())


class TestAnEditOfAResourceControlPolicy:
    @pytest.fixture
    def edited(self, snapshot, author, client, address):
        """Edit an RCP that denies nothing yet; return the part with the differences."""
        with_rcps(snapshot)
        policy = PolicyFactory.create(
            connection=snapshot.connection,
            type="RESOURCE_CONTROL_POLICY",
            name="perimeter",
            text=document(rcp_deny("sqs:DeleteQueue")),
        )
        PolicyAttachmentFactory.create(
            connection=snapshot.connection,
            policy_id=policy.policy_id,
            target_id=snapshot.units["Workloads"].target_id,
        )
        client.post(address("simulator"), {"policy_id": policy.policy_id})
        draft = Simulation.objects.get()

        def edited(**condition):
            text = document(rcp_deny("sqs:DeleteQueue"), rcp_deny("s3:PutObject", **condition))
            edit = address("simulation-edit", simulation_id=draft.pk, operation_id=1)
            client.post(edit, {"text": text}, headers=HTMX)
            part = address("simulation-differences", simulation_id=draft.pk)
            return html.unescape(client.get(part).content.decode())

        return edited

    @pytest.mark.parametrize(
        ("condition", "caller"),
        [
            (
                {
                    "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-exampleorg1"},
                    "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
                },
                "arn:aws:iam::444455556666:role/ExampleRole",
            ),
            (
                {"StringEquals": {"aws:PrincipalServiceName": "logging.s3.amazonaws.com"}},
                "logging.s3.amazonaws.com",
            ),
            ({"Null": {"aws:PrincipalType": "false", "aws:PrincipalArn": "true"}}, "anonymous"),
        ],
    )
    def test_shows_a_caller_whose_trace_names_the_policy(self, edited, client, condition, caller):
        told = edited(**condition)
        assert "Newly denied" in told
        assert caller in told
        trace = re.search(r'href="([^"]*/why-denied/\?[^"]*)"', told)
        assert trace is not None
        page = client.get(trace[1])
        assert page.status_code == 200
        traced = html.unescape(page.content.decode())
        assert caller in traced
        assert "perimeter" in traced


def rcp_deny(action, **condition):
    statement = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*"}
    return statement | ({"Condition": condition} if condition else {})


class TestHeadline:
    def test_stands_over_everything_and_comes_with_the_differences(self, draft, client, address):
        edit = address("simulation-edit", simulation_id=draft.pk, operation_id=1)
        client.post(edit, {"text": denying("ec2:*", "rds:*", "s3:DeleteBucket")}, headers=HTMX)
        sentence = "Nobody can call s3:DeleteBucket any more in 3 accounts of 2 OUs."
        part = client.get(address("simulation-differences", simulation_id=draft.pk))
        assert f'hx-swap-oob="true">\n  <div class="card-in"><p class="lead">{sentence}' in (
            part.content.decode()
        )
        page = client.get(address("simulation", simulation_id=draft.pk), {"shown": "all"})
        text = page.content.decode()
        assert text.count(sentence) == 1
        assert text.index(sentence) < text.index("Validation")

    def test_the_places_have_their_whole_path(self, draft, client, address):
        edit = address("simulation-edit", simulation_id=draft.pk, operation_id=1)
        client.post(edit, {"text": denying("s3:DeleteBucket")}, headers=HTMX)
        part = client.get(
            address("simulation-differences", simulation_id=draft.pk), {"by": "account"}
        )
        assert "<small>Root / Workloads / Prod</small>" in part.content.decode()


class TestStatements:
    def test_are_taken_out_by_a_button(self, draft, client, address):
        edit = address("simulation-edit", simulation_id=draft.pk, operation_id=1)
        text = json.loads(denying("ec2:*", "rds:*"))
        text["Statement"] = [
            {"Sid": "NoEc2", "Effect": "Deny", "Action": "ec2:*", "Resource": "*"},
            {"Sid": "NoRds", "Effect": "Deny", "Action": "rds:*", "Resource": "*"},
        ]
        part = client.post(edit, {"text": json.dumps(text)}, headers=HTMX).content.decode()
        assert "Remove statement NoEc2" in part
        (sha256,) = re.findall(r'name="statement" value="(\w+)"><button[^>]*NoEc2', part)
        page = client.post(edit, {"action": "remove_statement", "statement": sha256}, follow=True)
        draft.refresh_from_db()
        assert [one["Sid"] for one in json.loads(draft.operations[0]["text"])["Statement"]] == [
            "NoRds"
        ]
        assert "Remove statement NoRds" in page.content.decode()
        again = client.post(edit, {"action": "remove_statement", "statement": sha256}, follow=True)
        assert "is gone from the text" in again.content.decode()
