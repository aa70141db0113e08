"""Other beginnings of a change request: a file, a template, an applied request."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from governance.changes.models import ChangeRequest
from governance.posture.trust.refreshing import refresh_trust
from governance.simulations.models import Simulation
from tests.factories.change_requests import change_request, with_evidence
from tests.factories.edits import NOW, PAYMENTS, PROD, region_lock
from tests.factories.policies import content
from tests.factories.principals import RoleFactory
from tests.factories.times import SECOND_RUN_AT
from tests.governance.web.changes.test_proposing import sent


@pytest.fixture
def applied(snapshot, author):
    """A request of the author's that was applied."""
    made = change_request(
        snapshot.connection,
        author,
        operations=[
            {"kind": "update_policy", "policy_id": "p-regio001", "text": region_lock("eu-west-1")},
            {"kind": "attach_policy", "policy_id": "p-regio001", "target_id": PAYMENTS},
            {"kind": "tag_policy", "policy_id": "p-regio001", "tags": {"team": "x"}},
        ],
    )
    seen = {"name": "deny-regions", "text": "{}", "attached_to": [PROD]}
    base = {"policies": {"p-regio001": seen}, "targets": {}}
    made = with_evidence(made, base=base)
    made.state, made.applied_at = "applied", NOW
    made.save()
    return made


def written(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def values(page):
    return {one.name: value for one, value, _ in page.context["parameters"]}


class TestUndo:
    def test_begins_with_what_takes_the_request_back_in_reverse(self, applied, client, address):
        page = client.get(f"{address('change-request-create')}?undo={applied.number}")

        back = [json.loads(one) for one in sent(page)["operation"]]
        assert [one["kind"] for one in back] == ["update_policy", "tag_policy", "detach_policy"]
        assert sent(page)["text-0"] == ["{}"]
        assert (back[1]["tags"], back[2]["target_id"]) == ({"team": None}, PAYMENTS)

    def test_says_what_does_not_come_back_as_it_was(self, applied, client, address):
        applied.operations = [{"kind": "delete_policy", "policy_id": "p-regio001"}]
        applied.save()

        page = client.get(f"{address('change-request-create')}?undo={applied.number}")

        assert "deny-regions comes back under a new id." in page.content.decode()
        back = [json.loads(one) for one in sent(page)["operation"]]
        assert [one["kind"] for one in back] == ["create_policy", "attach_policy"]

    def test_is_linked_with_what_it_undoes_once_saved(self, applied, client, address):
        href = f"{address('change-request-create')}?undo={applied.number}"
        fields = {**sent(client.get(href)), "applied": "here", "policy_ids": "keep"}

        client.post(href, {**fields, "action": "save"})

        assert ChangeRequest.objects.get(undoes=applied).title == "Undo CR-1: Close eu-west-3"

    def test_needs_a_request_that_was_applied(self, asked, client, address):
        for number in (asked.number, 77):
            page = client.get(f"{address('change-request-create')}?undo={number}")
            assert page.status_code == 404


class TestFile:
    def test_is_read_into_the_form(self, author, client, address):
        text = f"""
title: Guard production
operations:
  - kind: attach_policy
    policy: deny-regions
    target: "{PAYMENTS}"
"""
        file = SimpleUploadedFile("change.yaml", text.encode())

        page = client.post(address("change-from-file"), {"file": file})

        assert sent(page)["title"] == ["Guard production"]
        (operation,) = sent(page)["operation"]
        assert json.loads(operation)["target_id"] == PAYMENTS
        assert f'action="{address("change-request-create")}"' in page.content.decode()
        assert not ChangeRequest.objects.exists()

    def test_says_where_it_is_wrong(self, author, client, address):
        file = SimpleUploadedFile("change.yaml", b"operations:\n  - kind: nonsense\n")

        page = client.post(address("change-from-file"), {"file": file}).content.decode()

        assert "Not read." in page
        assert "change.yaml, line 2" in page


class TestTemplate:
    def test_is_filled_in_and_goes_on_with_the_form(self, author, client, address):
        assert "Deny leaving the organization" in (
            client.get(address("change-templates")).content.decode()
        )
        href = address("change-from-template", template_id="deny-leaving")

        page = client.post(href, {"name": "stay", "targets": f"Prod · {PROD}"})

        kinds = [json.loads(one)["kind"] for one in sent(page)["operation"]]
        assert kinds == ["create_policy", "attach_policy"]

    def test_asks_again_for_what_is_missing(self, author, client, address):
        href = address("change-from-template", template_id="deny-regions")

        page = client.post(href, {"regions": "", "targets": "nowhere"}).content.decode()

        assert "This may not be empty." in page
        assert "nothing here is called" in page
        missing = address("change-from-template", template_id="none")
        assert client.get(missing).status_code == 404

    def test_is_filled_in_from_what_is_collected(self, author, client, address, snapshot):
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole"}
        service = {**trust, "Principal": {"Service": "glue.amazonaws.com"}}
        outside = {**trust, "Resource": "arn:aws:iam::999999999999:role/vendor"}
        inside = {**outside, "Resource": f"arn:aws:iam::{PAYMENTS}:role/own"}
        RoleFactory.create(
            connection=snapshot.connection,
            account_id=PAYMENTS,
            trust_policy=content(written(service)),
            inline_policies={"out": content(written(outside, inside)).sha256},
        )
        refresh_trust(snapshot.connection, now=SECOND_RUN_AT)

        passing = client.get(address("change-from-template", template_id="deny-passing-roles"))
        assuming = client.get(address("change-from-template", template_id="deny-roles-outside"))

        assert values(passing)["services"] == "glue.amazonaws.com"
        assert values(assuming)["accounts"] == "999999999999"
        assert values(assuming)["organization_id"].startswith("o-")

    def test_opens_in_the_simulator_as_a_draft(self, author, client, address):
        href = address("change-from-template", template_id="deny-leaving")

        answer = client.post(href, {"targets": f"Prod · {PROD}", "simulate": "1"})

        made = Simulation.objects.get()
        assert answer.url == address("simulation", simulation_id=made.pk)
        assert [one["kind"] for one in made.operations] == ["create_policy", "attach_policy"]
