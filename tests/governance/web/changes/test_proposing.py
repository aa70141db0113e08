"""The form that asks for a change."""

import html
import json
import re

import pytest

from governance.changes.models import ChangeRequest
from governance.simulations.models import Simulation
from tests.factories.edits import PAYMENTS, PROD, region_lock
from tests.factories.owners import OwnershipFactory
from tests.factories.people import LONG_AGO, person

TEXT = region_lock("eu-west-1")
ONE_RING = {"ring-unit": ["60"], "ring-gate": ["manual"]}


def sent(page):
    """Return what a browser would send of the form on a page, buttons aside."""
    content = page.content.decode()
    fields = {
        name: [
            html.unescape(value)
            for value in re.findall(rf'name="{name}"\s+value="([^"]*)"', content)
        ]
        for name in ("operation", "revision", "ring-name", "ring-soak", "title", "name-1")
    }
    for name, value in re.findall(
        r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', content, re.S
    ):
        fields.setdefault(name, []).append(html.unescape(value).lstrip("\n"))
    return {name: values for name, values in fields.items() if values}


@pytest.fixture
def form(author, client, address):
    """Send the form with one more button pressed; start from a page."""

    def press(page, action, **changes):
        fields = {**sent(page), "applied": "here", "policy_ids": "keep", **changes}
        return client.post(address("change-request-create"), {**fields, "action": action})

    return press


class TestNewRequest:
    def test_grows_by_edits_and_is_saved_with_them(self, author, client, address, form):
        page = client.get(address("change-request-create"))
        page = form(page, "add-update_policy", **{"edit-policy": "deny-regions"})
        page = form(
            page,
            "add-attach_policy",
            **{"attach-policy": "deny-regions", "attach-target": PAYMENTS},
        )
        assert "Attach deny-regions to payments" in page.content.decode()

        answer = form(page, "save", title="Close Paris", reason="We leave", **{"text-0": TEXT})

        made = ChangeRequest.objects.get()
        assert answer.url == address("change-request", number=made.number)
        assert (made.title, made.author, made.state) == ("Close Paris", author, "draft")
        assert [one["kind"] for one in made.operations] == ["update_policy", "attach_policy"]
        assert made.operations[0]["text"] == TEXT

    def test_begins_from_a_draft_of_the_simulator(self, author, client, address):
        client.post(address("simulator"), {"policy_id": "p-regio001"})
        draft = Simulation.objects.get()

        page = client.get(f"{address('change-request-create')}?simulation={draft.pk}")

        (operation,) = sent(page)["operation"]
        assert json.loads(operation)["policy_id"] == "p-regio001"
        assert client.get(f"{address('change-request-create')}?simulation=99").status_code == 404

    def test_begins_from_a_policy_and_for_a_target(self, author, client, address):
        page = client.get(f"{address('change-request-create')}?policy=p-regio001")
        assert "Text of deny-regions" in page.content.decode()
        page = client.get(f"{address('change-request-create')}?target={PROD}")
        assert f"prod · {PROD}" in page.content.decode().lower()

    def test_answers_who_would_have_to_approve_before_anything_is_saved(
        self, author, snapshot, client, address, form
    ):
        olga = person("approver", username="olga", first_name="Olga", last_name="Lind")
        person("security", username="sam")
        OwnershipFactory.create(
            connection=snapshot.connection, target_id=PROD, user=olga, confirmed_at=LONG_AGO
        )
        page = client.get(address("change-request-create"))
        assert "Who would have to approve?" not in page.text
        page = form(
            page, "add-attach_policy", **{"attach-policy": "unattached", "attach-target": PAYMENTS}
        )
        page = form(page, "who")
        assert "Would have to approve" in page.text
        assert "Can approve: Olga Lind, sam" in page.text
        assert not ChangeRequest.objects.exists()

    def test_says_which_edits_that_answer_leaves_out(self, author, client, address, form):
        page = client.get(address("change-request-create"))
        page = form(
            page,
            "add-detach_policy",
            **{"attach-policy": "unattached", "attach-target": PAYMENTS},
        )
        page = form(page, "who")
        assert "Left out of this answer" in page.text
        assert "Edit 1 cannot be made: unattached is not attached to payments" in page.text

    def test_says_beside_each_field_what_is_wrong(self, author, client, address, form):
        page = client.get(address("change-request-create"))
        page = form(page, "add-ring")

        answer = form(
            page,
            "save",
            title=" ",
            ticket_url="javascript:alert(1)",
            **{**ONE_RING, "ring-targets": ["x"]},
        )

        shown = answer.content.decode()
        assert "Give 1 to 200 characters." in shown
        assert "Give an address that begins with https://" in shown
        assert "the id of a root, an OU or an account" in shown
        assert not ChangeRequest.objects.exists()

    def test_keeps_rings_in_their_order_with_their_wait_in_minutes(
        self, author, client, address, form
    ):
        page = client.get(address("change-request-create"))
        page = form(page, "add-update_policy", **{"edit-policy": "deny-regions"})

        form(
            page,
            "save",
            title="Two rings",
            **{
                "ring-name": ["Canary", "Rest"],
                "ring-targets": [f"payments · {PAYMENTS}", PROD],
                "ring-soak": ["24", "0"],
                "ring-unit": ["60", "1"],
                "ring-gate": ["manual", "automatic"],
            },
        )

        assert ChangeRequest.objects.get().rings == [
            {"name": "Canary", "targets": [PAYMENTS], "soak_minutes": 1440, "gate": "manual"},
            {"name": "Rest", "targets": [PROD], "soak_minutes": 0, "gate": "automatic"},
        ]

    def test_proposes_rings_for_what_its_edits_touch(self, author, client, address, form):
        page = client.get(address("change-request-create"))
        page = form(page, "propose-rings")
        assert "Add an edit first" in page.content.decode()
        page = form(page, "add-update_policy", **{"edit-policy": "deny-regions"})

        page = form(page, "propose-rings", **{"text-0": TEXT})

        assert sent(page)["ring-name"]
        assert sent(page)["text-0"] == [TEXT]

    def test_takes_edits_of_every_kind(self, author, client, address, form):
        page = client.get(address("change-request-create"))
        for kind, fields, words in (
            ("rename_policy", {"edit-policy": "deny-regions", "edit-name": "lock"}, "to lock"),
            ("tag_policy", {"edit-policy": "deny-regions", "edit-tag": "owner=me"}, "with owner"),
            ("update_policy", {"edit-policy": "p-costs001"}, "Text of"),
            ("create_organizational_unit", {"unit-parent": PROD, "unit-name": "Blue"}, "Blue in"),
            ("delete_organizational_unit", {"unit-parent": PROD}, "Prod"),
            ("enable_policy_type", {"type-policy_type": "TAG_POLICY"}, "TAG_POLICY"),
        ):
            page = form(page, f"add-{kind}", **fields)
            assert words in page.content.decode(), kind

        kinds = [json.loads(one)["kind"] for one in sent(page)["operation"]]
        assert kinds[0] == "rename_policy"
        assert len(kinds) == 6

    def test_loses_nothing_when_an_edit_is_removed(self, author, client, address, form):
        page = client.get(address("change-request-create"))
        page = form(page, "add-update_policy", **{"edit-policy": "deny-regions"})
        page = form(
            page,
            "add-create_policy",
            **{"new-name": "guard", "new-policy_type": "SERVICE_CONTROL_POLICY"},
        )

        page = form(page, "remove-operation-0", title="Kept", **{"text-1": TEXT, "name-1": "guard"})

        assert [json.loads(one)["kind"] for one in sent(page)["operation"]] == ["create_policy"]
        assert sent(page)["title"] == ["Kept"]
        assert sent(page)["text-0"] == [TEXT]

    def test_is_for_those_who_may_propose(self, author, client, address):
        client.force_login(person("approver"))

        answer = client.get(address("change-request-create"))

        assert answer.status_code == 403
        assert "changes.add_changerequest" in answer.content.decode()

    def test_refuses_a_hidden_field_that_the_page_did_not_write(self, author, client, address):
        answer = client.post(
            address("change-request-create"), {"operation": "{}", "action": "save"}
        )

        assert answer.status_code == 400
        assert "Operation 1 cannot be read" in answer.content.decode()


class TestEdit:
    @pytest.fixture
    def made(self, author, client, address, form):
        """A request with one edit."""
        page = form(
            client.get(address("change-request-create")),
            "add-update_policy",
            **{"edit-policy": "deny-regions"},
        )
        form(page, "save", title="First", **{"text-0": TEXT})
        return ChangeRequest.objects.get()

    def test_shows_what_is_asked_for_and_saves_another(self, made, client, address):
        href = address("change-request-edit", number=made.number)
        fields = sent(client.get(href))
        assert fields["text-0"] == [TEXT]

        client.post(href, {**fields, "title": "Second", "applied": "elsewhere",
                           "policy_ids": "keep", "action": "save"})  # fmt: skip

        made.refresh_from_db()
        assert (made.title, made.applied, made.revision) == ("Second", "elsewhere", 2)

    def test_is_not_saved_over_somebody_elses(self, made, client, address):
        href = address("change-request-edit", number=made.number)
        fields = {**sent(client.get(href)), "applied": "here", "policy_ids": "keep"}
        client.post(href, {**fields, "title": "Theirs", "action": "save"})

        answer = client.post(href, {**fields, "title": "Mine", "action": "save"})

        assert "was edited after you opened it" in answer.content.decode()
        assert 'value="Mine"' in answer.content.decode()

    def test_is_closed_once_the_request_is(self, made, client, address):
        ChangeRequest.objects.update(state="withdrawn")

        answer = client.get(address("change-request-edit", number=made.number))

        assert answer.status_code == 404
        assert "is withdrawn: it cannot be edited now" in answer.content.decode()
