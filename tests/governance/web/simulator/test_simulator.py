"""Drafts in the browser's eyes: pages, forms, parts for htmx, what the editor asks for."""

import json

import pytest
from django.urls import reverse

from governance.simulations.models import Simulation
from tests.factories.people import UserFactory, person
from tests.factories.policies import denying
from tests.factories.snapshots import organization_snapshot
from tests.governance.web.simulator.conftest import HTMX


@pytest.fixture
def add(client, address, draft):
    """Send a form that adds an edit."""

    def post(**fields):
        href = address("simulation-edits", simulation_id=draft.pk)
        return client.post(href, fields, follow=True).content.decode()

    return post


class TestDrafts:
    def test_begin_from_a_policy_with_its_text(self, draft, client, address):
        assert draft.name == "Draft of deny-regions"
        (operation,) = draft.operations
        assert json.loads(operation["text"]) == json.loads(denying("ec2:*", "rds:*"))
        page = client.get(address("simulation", simulation_id=draft.pk))
        assert "deny-regions" in page.content.decode()
        assert "'nonce-" in page.headers["Content-Security-Policy"]
        assert "unsafe-inline" not in page.headers["Content-Security-Policy"]

    def test_begin_about_a_target_or_empty(self, author, client, address):
        answer = client.post(address("simulator"), {"target_id": "222222222222"}, follow=True)
        assert "payments · 222222222222" in answer.content.decode()
        client.post(address("simulator"))
        assert [one.name for one in Simulation.objects.order_by("pk")] == [
            "Draft for payments",
            "Draft",
        ]

    def test_can_be_begun_where_one_looks(self, author, client, address):
        for page, begins in (
            (address("policy", policy_id="p-regio001"), True),
            (address("policy", policy_id="p-FullAWSAccess"), False),
            (address("policy", policy_id="p-costs001"), False),
            (address("account", account_id="222222222222"), True),
            (address("organizational-unit", target_id="ou-ab12-prod0001"), True),
        ):
            form = f'action="{address("simulator")}"'
            assert (form in client.get(page).content.decode()) is begins, page

    def test_say_why_a_policy_cannot_be_edited(self, author, client, address):
        for policy_id, words in (
            ("p-FullAWSAccess", "AWS keeps this policy"),
            ("p-costs001", "Nothing here is called"),
        ):
            page = client.post(address("simulator"), {"policy_id": policy_id}, follow=True)
            assert words in page.content.decode()

    def test_are_listed_for_everybody(self, draft, client, address):
        client.force_login(person("approver"))
        page = client.get(address("simulator")).content.decode()
        assert "Draft of deny-regions" in page
        assert "vera" in page

    def test_are_kept_from_those_without_the_right(self, draft, client, address):
        client.force_login(UserFactory.create())
        for name, kwargs in (
            ("simulator", {}),
            ("simulation", {"simulation_id": draft.pk}),
            ("simulation-differences", {"simulation_id": draft.pk}),
            ("simulation-usage", {"simulation_id": draft.pk}),
            ("simulator-completions", {}),
            ("simulator-find", {}),
        ):
            assert client.get(address(name, **kwargs)).status_code == 403, name

    def test_of_another_organization_are_not_found(self, draft, client):
        other = organization_snapshot().connection
        kwargs = {"slug": other.slug, "simulation_id": draft.pk}
        assert client.get(reverse("simulation", kwargs=kwargs)).status_code == 404

    def test_are_shown_and_copied_by_others_and_not_changed(self, draft, client, address):
        other = person("approver")
        client.force_login(other)
        page = client.get(address("simulation", simulation_id=draft.pk)).content.decode()
        assert "Make a copy to change" in page
        assert "Add an edit" not in page
        edit = address("simulation-edit", simulation_id=draft.pk, operation_id=1)
        refused = client.post(edit, {"text": "{}"}, headers=HTMX)
        assert "make a copy to change it" in refused.content.decode()
        draft.refresh_from_db()
        assert draft.revision == 1
        client.post(address("simulation", simulation_id=draft.pk), {"action": "copy"})
        assert Simulation.objects.get(owner=other).name == "Copy of Draft of deny-regions"

    def test_are_renamed_and_deleted(self, draft, client, address):
        page = address("simulation", simulation_id=draft.pk)
        client.post(page, {"action": "rename", "name": "Europe"})
        draft.refresh_from_db()
        assert draft.name == "Europe"
        told = client.post(page, {"action": "rename", "name": ""}, follow=True)
        assert "1 to 120" in told.content.decode()
        client.post(page, {"action": "delete"})
        assert not Simulation.objects.exists()


class TestEdits:
    def test_are_picked_by_name_or_id(self, add, draft):
        add(kind="attach_policy", policy="unattached", target="Prod · ou-ab12-prod0001")
        add(kind="detach_policy", policy="p-insta001", target="222222222223")
        add(kind="move", target="log-archive", parent="Workloads")
        add(kind="move", target="Test", parent="Root")
        add(kind="create_policy", name="Fresh", policy_type="SERVICE_CONTROL_POLICY")
        add(kind="attach_policy", policy="Fresh", target="Security")
        page = add(kind="delete_policy", policy="deny-leaving")
        draft.refresh_from_db()
        assert [one["kind"] for one in draft.operations] == [
            "update_policy",
            "attach_policy",
            "detach_policy",
            "move_account",
            "move_organizational_unit",
            "create_policy",
            "attach_policy",
            "delete_policy",
        ]
        assert draft.operations[6]["policy_id"] == "new-1"
        assert "Move <b>log-archive</b> to <b>Workloads</b>" in page

    def test_that_name_nothing_say_which_field(self, add, draft):
        page = add(kind="attach_policy", policy="nowhere", target="")
        assert "Policy: nothing here is called &#x27;nowhere&#x27;" in page
        assert "Target: choose one." in page
        assert "already" in add(kind="update_policy", policy="deny-regions")
        assert "choose what to do" in add(kind="fly")
        draft.refresh_from_db()
        assert len(draft.operations) == 1

    def test_are_taken_out(self, draft, client, address):
        edit = address("simulation-edit", simulation_id=draft.pk, operation_id=1)
        page = client.post(edit, {"action": "remove"}, follow=True).content.decode()
        assert "Nothing is edited yet" in page

    def test_that_cannot_be_done_are_told(self, add):
        page = add(kind="attach_policy", policy="deny-regions", target="Workloads")
        assert "is attached to Workloads already" in page


class TestAnswer:
    @pytest.fixture
    def edited(self, draft, client, address):
        """Write another text, as the editor does."""

        def post(text):
            edit = address("simulation-edit", simulation_id=draft.pk, operation_id=1)
            return client.post(edit, {"text": text}, headers=HTMX).content.decode()

        return post

    def test_has_a_first_part_with_reach_lint_and_limits(self, edited):
        told = edited(denying("ec2:*", "rds:*", "s3:NoSuchThing"))
        assert "3 accounts in reach" in told
        assert "s3:NoSuchThing" in told
        assert "of 10,240 characters" in told
        assert "<html" not in told

    def test_then_has_the_differences_with_their_witness(self, edited, draft, client, address):
        edited(denying("ec2:*", "rds:*", "s3:DeleteBucket"))
        part = address("simulation-differences", simulation_id=draft.pk)
        told = client.get(part).content.decode()
        assert "Newly denied" in told
        assert "<code>s3:DeleteBucket</code>, always" in told
        assert "statement 1 of deny-regions" in told
        assert reverse("why-denied", kwargs={"slug": draft.connection.slug}) in told
        assert "3 accounts in" in told
        for side, words in (
            ("account", "payments-test"),
            ("service", "Amazon S3"),
            ("access_level", "Write"),
        ):
            assert words in client.get(part, {"by": side}).content.decode()
        assert "None of these" in client.get(part, {"verdict": "undecided"}).content.decode()

    def test_can_be_had_in_one_page_without_scripts(self, edited, draft, client, address):
        edited(denying("ec2:*", "rds:*", "s3:DeleteBucket"))
        page = client.get(address("simulation", simulation_id=draft.pk), {"shown": "all"})
        assert "<code>s3:DeleteBucket</code>, always" in page.content.decode()

    def test_tells_a_text_that_is_no_policy_as_unknown(self, edited, draft, client, address):
        edited("{")
        part = address("simulation-differences", simulation_id=draft.pk)
        told = client.get(part).content.decode()
        assert "3 accounts</b> not known" in told
        assert "Nothing changes" not in told
        assert "newly denied" not in told
        assert ">0<" not in told

    def test_says_that_nothing_changes_where_that_is_proven(self, draft, client, address):
        part = address("simulation-differences", simulation_id=draft.pk)
        assert "Nothing changes" in client.get(part).content.decode()

    @pytest.mark.parametrize("query", [{"verdict": "x"}, {"by": "x"}, {"page": "0"}])
    def test_refuses_an_address_it_does_not_know(self, draft, client, address, query):
        part = address("simulation-differences", simulation_id=draft.pk)
        assert client.get(part, query).status_code == 400

    def test_keeps_markup_in_names_and_texts_harmless(self, add, client, address, draft):
        evil = "<script>alert(1)</script>"
        page = add(kind="create_policy", name=evil, policy_type="SERVICE_CONTROL_POLICY")
        assert evil not in page


class TestWhileTyping:
    @pytest.fixture
    def words(self, author, client, address):
        def ask(**query):
            answer = client.get(address("simulator-completions"), query)
            return [one["label"] for one in answer.json()["options"]]

        return ask

    def test_completes_actions_keys_and_operators(self, words):
        assert words(q="ec2:RunInst")[0] == "ec2:RunInstances"
        assert words(q="gluc") == [] or all("gluc" in one.lower() for one in words(q="gluc"))
        assert "ec2:*" in words(q="ec")
        assert "aws:RequestedRegion" in words(word="key", q="aws:requestedr")
        assert "s3:TlsVersion" in words(word="key", q="s3:tls", services="s3,ec2")
        assert words(word="operator", q="StringNotL")[0] == "StringNotLike"
        assert len(words(q="")) == 50

    def test_lints_what_is_typed(self, author, client, address):
        kind = "SERVICE_CONTROL_POLICY"
        answer = client.post(address("simulator-lint"), {"text": "{", "policy_type": kind})
        assert answer.json()["findings"][0]["severity"] == "error"
        assert answer.json()["size_limit"] == 10240
        wrong = client.post(address("simulator-lint"), {"text": "{}", "policy_type": "TAG_POLICY"})
        assert wrong.status_code == 400

    def test_finds_policies_and_targets(self, author, client, address):
        def found(**query):
            return client.get(address("simulator-find"), query).content.decode()

        assert "deny-regions · p-regio001" in found(field="policy", policy="region")
        assert "payments · 222222222222" in found(field="target", target="2222")
        assert "222222222222" not in found(field="parent", parent="pay")
        assert "Nothing matches" in found(field="parent", parent="zzz")
        assert client.get(address("simulator-find"), {"field": "x"}).status_code == 400
