"""One act on many rows: what is ticked, what the page says it reaches, what is done."""

import pytest
from django.urls import reverse
from django.utils import timezone

from governance.access import rights
from governance.access.models import ApiToken
from governance.audit.models import AuditEntry
from governance.baseline.exceptions.models import GuardrailException
from governance.changes.models import ChangeRequest
from governance.detections.models import Detection
from inventory.models import InventoryRun
from inventory.viewing import Place
from tests.factories.change_requests import change_request
from tests.factories.connections import ConnectionFactory
from tests.factories.detections import DetectionFactory
from tests.factories.exceptions import guardrail_exception
from tests.factories.organization import AccountFactory, OrganizationalUnitFactory
from tests.factories.people import person, token_of
from tests.governance.web.test_notifications import told

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection():
    return ConnectionFactory.create()


@pytest.fixture
def sam(client):
    user = person("security", username="sam")
    client.force_login(user)
    return user


def at(connection, name):
    return reverse(name, kwargs={"slug": connection.slug})


def stays(answer):
    assert answer.status_code == 200
    return {row.name: row.stays for row in answer.context["rows"]}


def recorded(action):
    return AuditEntry.objects.filter(action=action).count()


class TestDetections:
    CLOSING = Detection.DetectionClosing.values[0]

    def test_are_closed_for_one_reason_and_those_that_are_closed_stay(
        self, client, connection, sam
    ):
        two = [DetectionFactory.create(connection=connection, title=name) for name in "ab"]
        closed = {"closed_at": timezone.now(), "closed_by": sam, "closed_as": self.CLOSING}
        over = DetectionFactory.create(connection=connection, title="c", **closed)
        where, ids = at(connection, "detections-close"), [one.pk for one in (*two, over)]
        answer = client.get(where, {"item": ids})
        assert answer.context["page_title"] == "Close 2 detections"
        assert stays(answer) == {"a": "", "b": "", "c": "it is closed"}

        missing = client.post(where, {"item": ids, "closed_as": self.CLOSING, "reason": ""})
        assert set(missing.context["form"].errors) == {"reason"}
        assert stays(missing) == stays(answer)

        client.post(where, {"item": ids, "closed_as": self.CLOSING, "reason": "A drill."})
        assert sorted(Detection.objects.values_list("closed_for", flat=True)) == [
            "", "A drill.", "A drill.",
        ]  # fmt: skip
        assert recorded("detection.close") == 2

    def test_of_other_places_stay_and_need_the_right(self, client, connection):
        DetectionFactory.create(connection=connection)
        client.force_login(person("auditor"))
        where = at(connection, "detections-close")
        page = client.get(at(connection, "detections"))
        assert not page.context["bulk_buttons"]
        assert client.post(where, {"item": [1]}).status_code == 403

    def test_say_that_nothing_is_chosen(self, client, connection, sam):
        answer = client.get(at(connection, "detections-close"), {"item": ["x", "9" * 30]})
        assert "Nothing is chosen" in answer.content.decode()
        assert client.post(at(connection, "detections-close")).status_code == 200
        many = {"item": list(range(501))}
        assert client.get(at(connection, "detections-close"), many).status_code == 400


class TestAccounts:
    def test_are_collected_by_one_run(self, client, connection, sam):
        one, two = AccountFactory.create_batch(2, connection=connection)
        closed = AccountFactory.create(connection=connection, state="CLOSED", name="closed")
        listing = client.get(at(connection, "accounts")).content.decode()
        assert f'name="item" value="{one.account_id}"' in listing
        where = at(connection, "accounts-collect")
        ids = [row.account_id for row in (one, two, closed)]
        assert stays(client.get(where, {"item": ids}))["closed"] == "it is not active"

        answer = client.post(where, {"item": ids})
        run = InventoryRun.objects.get()
        assert run.account_ids == sorted([one.account_id, two.account_id])
        assert answer["Location"] == reverse(
            "inventory-run", kwargs={"slug": connection.slug, "run_id": run.pk}
        )
        assert recorded("run.refresh") == 1
        again = client.post(where, {"item": ids}, follow=True)
        assert "wait until it has ended" in again.content.decode()

    def test_elsewhere_stay(self, client, connection):
        here, there = (OrganizationalUnitFactory.create(connection=connection) for _ in range(2))
        mine = AccountFactory.create(connection=connection, parent=here)
        other = AccountFactory.create(connection=connection, parent=there)
        ada = person("viewer", username="ada")
        give = person("security", Place(connection.pk, here.target_id), username="ed")
        client.force_login(give)
        answer = client.get(
            at(connection, "accounts-collect"), {"item": [mine.account_id, other.account_id]}
        )
        assert [row.key for row in answer.context["rows"]] == [mine.account_id]
        client.force_login(ada)
        assert client.post(at(connection, "accounts-collect")).status_code == 403


class TestExceptions:
    def test_that_are_active_end_and_those_asked_for_are_withdrawn(self, client, connection, sam):
        states = ("active", "draft", "ended")
        rows = [guardrail_exception(connection, sam, state=state) for state in states]
        where, ids = at(connection, "exceptions-end"), [row.pk for row in rows]
        answer = client.get(where, {"item": ids})
        assert list(stays(answer).values()) == ["", "", "it is ended"]
        assert answer.context["page_title"] == "End 2 exceptions"

        client.post(where, {"item": ids, "reason": "The tool is gone."})
        found = GuardrailException.objects.order_by("number").values_list("state", flat=True)
        assert list(found) == ["ended", "withdrawn", "ended"]


class TestChangeRequests:
    def test_that_are_ones_own_and_not_under_way_are_withdrawn(self, client, connection):
        ada, bob = person("author", username="ada"), person("author", username="bob")
        rows = [
            change_request(connection, ada, title="draft"),
            change_request(connection, ada, title="failed", state="checks_failed"),
            change_request(connection, ada, title="applying", state="applying"),
            change_request(connection, bob, title="bob's"),
        ]
        client.force_login(ada)
        queue = client.get(at(connection, "change-requests"))
        assert f'name="item" value="{rows[0].pk}"' in queue.content.decode()
        where, ids = at(connection, "changes-withdraw"), [row.pk for row in rows]
        answer = client.get(where, {"item": ids})
        assert stays(answer) == {
            "CR-1 draft": "",
            "CR-2 failed": "",
            "CR-3 applying": "it is applying",
            "CR-4 bob's": "only its author and security can withdraw it",
        }
        assert answer.context["page_title"] == "Withdraw 2 requests"

        client.post(where, {"item": ids, "reason": "Asked for anew."})
        assert [row.state for row in ChangeRequest.objects.order_by("number")] == [
            "withdrawn", "withdrawn", "applying", "draft",
        ]  # fmt: skip
        assert {row.state_reason for row in ChangeRequest.objects.filter(state="withdrawn")} == {
            "Asked for anew."
        }
        assert recorded("change_request.withdraw") == 2

        client.force_login(person("auditor"))
        assert not client.get(at(connection, "change-requests")).context["bulk_buttons"]
        client.post(where, {"item": ids})
        assert recorded("change_request.withdraw") == 2


class TestTokens:
    def test_of_ones_own_are_revoked_and_nobody_elses(self, client):
        ada = person("author", username="ada")
        client.force_login(ada)
        mine = [token_of(ada, rights.VIEW_INVENTORY)[0] for _ in range(2)]
        other, _ = token_of(person("author", username="bob"), rights.VIEW_INVENTORY)
        where, ids = reverse("tokens-revoke"), [one.pk for one in (*mine, other)]
        answer = client.get(where, {"item": ids})
        assert answer.context["page_title"] == "Revoke 2 tokens"

        client.post(where, {"item": ids})
        assert set(ApiToken.objects.filter(revoked_at__isnull=True)) == {other}
        assert recorded("token.revoke") == 2
        assert set(stays(client.get(where, {"item": ids})).values()) == {"it has ended"}


class TestNotifications:
    def test_are_marked_together_and_only_ones_own(self, client):
        ada = person("viewer", username="ada")
        client.force_login(ada)
        mine = [told(ada, name) for name in "ab"]
        other = told(person("viewer"))
        ids = [one.pk for one in (*mine, other)]
        where = reverse("inbox-mark")
        answer = client.post(where, {"item": ids, "act": "read", "query": "state=unread"})
        assert answer["Location"] == f"{reverse('inbox')}?state=unread"
        for one in (*mine, other):
            one.refresh_from_db()
        assert [bool(one.read_at) for one in (*mine, other)] == [True, True, False]
        client.post(where, {"item": ids[:1], "act": "unread"})
        mine[0].refresh_from_db()
        assert mine[0].read_at is None
        assert client.post(where, {"item": ids, "act": "burn"}).status_code == 400
