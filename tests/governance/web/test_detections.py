"""Detections on screen: the list, one with its timeline, and the rules."""

import pytest
from django.urls import reverse
from django.utils import timezone

from governance.detections.detecting import detect
from governance.detections.models import Detection
from governance.detections.written_rules import rule_in_force
from governance.inbox.models import InboxItem
from governance.inbox.refreshing import refresh_inbox
from inventory.viewing import Place
from tests.factories.people import person
from tests.governance.detections.conftest import *  # noqa: F403
from tests.governance.detections.conftest import AT, MANAGEMENT, PAYMENTS

pytestmark = pytest.mark.django_db
MOVED = {
    "requestParameters": {
        "accountId": PAYMENTS,
        "sourceParentId": "ou-ab12-00000001",
        "destinationParentId": "ou-ab12-00000002",
    },
    "userIdentity": {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::{MANAGEMENT}:assumed-role/Admin/eve@example.com",
    },
    "sessionCredentialFromConsole": "true",
    "sourceIPAddress": "198.51.100.7",
}


@pytest.fixture
def moved(connection, logged):
    detect(connection, event_ids=[logged("MoveAccount", **MOVED)], now=AT)
    return Detection.objects.get()


@pytest.fixture
def show(client, connection):
    """Return a function that opens a page as somebody of security."""
    client.force_login(person("security", username="sam"))

    def opened(name, **kwargs):
        return client.get(reverse(name, kwargs={"slug": connection.slug, **kwargs}))

    return opened


def text_of(response):
    assert response.status_code == 200
    return response.getvalue().decode()


def test_who_sees_its_subject_alone_is_not_told_who_did_it_elsewhere(client, connection, moved):
    refresh_inbox(connection, now=AT)
    within = Place(connection.pk, PAYMENTS)
    client.force_login(person("security", within, username="otto"))
    base = {"slug": connection.slug}
    item = InboxItem.objects.get(source="detection")
    for address in (
        reverse("detections", kwargs=base),
        reverse("detections", kwargs=base) + "?format=csv",
        reverse("detection", kwargs={**base, "detection_id": moved.pk}),
        reverse("findings", kwargs=base),
        reverse("finding-timeline", kwargs=base),
        reverse("finding-item", kwargs={**base, "item_id": item.pk}),
    ):
        page = text_of(client.get(address))
        assert "Account moved outside a change request" in page
        assert MANAGEMENT not in page
        assert "role Admin" not in page
    assert "utside your access" in page


def test_who_sees_where_it_happened_alone_is_not_told_of_its_subject(client, connection, moved):
    refresh_inbox(connection, now=AT)
    within = Place(connection.pk, MANAGEMENT)
    client.force_login(person("security", within, username="otto"))
    base = {"slug": connection.slug}
    item = InboxItem.objects.get(source="detection")
    for address in (
        reverse("detections", kwargs=base),
        reverse("detection", kwargs={**base, "detection_id": moved.pk}),
        reverse("findings", kwargs=base),
        reverse("findings", kwargs=base) + "?format=json",
        reverse("finding-timeline", kwargs=base),
        f"/api/v1/organizations/{connection.slug}/findings/{item.pk}",
        f"/api/v1/organizations/{connection.slug}/detections?account_id={MANAGEMENT}",
    ):
        page = text_of(client.get(address))
        assert "Account moved outside a change request" in page
        assert "payments" not in page
    for words in ("payments", PAYMENTS):
        for name in ("findings", "detections"):
            page = text_of(client.get(reverse(name, kwargs=base) + f"?q={words}"))
            assert "Account moved outside" not in page
    for name, asked in (("findings", "target_id"), ("detections", "account_id")):
        page = text_of(client.get(reverse(name, kwargs=base) + f"?{asked}={PAYMENTS}"))
        assert "Account moved outside" not in page


def test_who_sees_its_subject_alone_does_not_find_it_by_who_did_it(client, connection, moved):
    page = reverse("detections", kwargs={"slug": connection.slug})
    for place, is_found in ((PAYMENTS, False), (MANAGEMENT, True)):
        client.force_login(person("security", Place(connection.pk, place), username=f"o{place}"))
        assert "Account moved outside" in text_of(client.get(page))
        found = text_of(client.get(page, {"principal": moved.principal}))
        assert ("Account moved outside" in found) is is_found


def test_the_list_names_subject_actor_and_state(show, moved):
    page = text_of(show("detections"))
    assert "Account moved outside a change request" in page
    assert "payments" in page
    assert "role Admin" in page
    assert "Open" in page


def test_without_logs_nothing_is_known(show, connection):
    connection.log_sources.all().delete()
    assert "No CloudTrail logs are read" in text_of(show("detections"))
    assert "Not known" in text_of(show("detection-rules"))


def test_where_athena_counts_events_alone_rules_for_events_are_not_known(show, connection):
    connection.log_sources.update(
        kind="athena", athena_database="logs", athena_table="trail", athena_workgroup="primary"
    )
    assert "Events not stored" in text_of(show("detections"))
    assert "which counts events and stores none" in text_of(
        show("detection-rule", detection_rule_id="account-moved")
    )


def test_a_detection_shows_who_from_where_and_by_what(show, moved):
    page = text_of(show("detection", detection_id=moved.pk))
    assert "role Admin (eve@example.com)" in page
    assert "Console, 198.51.100.7" in page
    assert "organizations:MoveAccount" in page
    assert "Close detection" in page


def test_closing_says_what_it_was_and_by_whom(client, show, moved, connection):
    address = reverse("detection", kwargs={"slug": connection.slug, "detection_id": moved.pk})
    client.post(address, {"closed_as": "expected", "reason": "Planned move."})
    page = text_of(show("detection", detection_id=moved.pk))
    assert "Expected activity" in page
    assert "Planned move." in page
    assert "by sam" in page


def test_somebody_elsewhere_finds_none(client, connection, logged):
    event = logged("DisablePolicyType", requestParameters={"policyType": "TAG_POLICY"})
    detect(connection, event_ids=[event], now=AT)
    client.force_login(person("viewer", Place(connection.pk, PAYMENTS)))
    address = reverse(
        "detection",
        kwargs={"slug": connection.slug, "detection_id": Detection.objects.get().pk},
    )
    assert client.get(address).status_code == 404


def test_a_rule_shows_its_file_and_what_it_found(show, moved):
    page = text_of(show("detection-rule", detection_rule_id="account-moved"))
    assert "names:" in page
    assert "MoveAccount" in page
    assert "Unless" in page
    assert "1 detection" in page


def test_the_finding_shows_the_events(show, connection, moved):
    refresh_inbox(connection, now=AT, sources=("detection",))
    item = InboxItem.objects.get(source="detection")
    page = text_of(show("finding-item", item_id=item.pk))
    assert "role Admin (eve@example.com)" in page
    assert "Open detection" in page
    assert "No log source" not in page


def test_contain_shows_what_it_would_do_and_drafts_it(client, show, moved, connection):
    page = text_of(show("detection-contain", detection_id=moved.pk))
    assert "Quarantine the account by an SCP" in page
    assert "1 account" in page
    asked = {"way": "deny_account", "reason": "Moved by nobody we know."}
    address = reverse(
        "detection-contain", kwargs={"slug": connection.slug, "detection_id": moved.pk}
    )
    answer = client.post(address, asked)
    assert answer["Location"].endswith("/changes/1/")


class TestOwnRules:
    OWN = """\
id: snapshot-copied
title: Snapshot copied
why: Copies leave the account that guards them.
topic: sharing
severity: high
events:
  - {source: ec2.amazonaws.com, names: [CopySnapshot]}
subject: {kind: principal}
remedy: Ask the caller.
"""

    @pytest.fixture
    def send(self, client, show, connection):
        """Return a function that sends a form as somebody of security."""

        def sent(name, values, **kwargs):
            return client.post(reverse(name, kwargs={"slug": connection.slug, **kwargs}), values)

        return sent

    def test_one_is_tried_on_the_logs_and_nothing_is_stored(self, send, logged, connection):
        logged("CopySnapshot", source="ec2", account=PAYMENTS, at=timezone.now())
        page = text_of(send("detection-rule-write", {"act": "try", "content": self.OWN}))
        assert "What it would have found" in page
        assert "role Admin" in page
        assert "Not stored throughout these days" in page
        assert rule_in_force(connection, "snapshot-copied") is None

    def test_one_is_saved_edited_and_disabled_with_who_and_why(self, send, show, connection):
        named = {"detection_rule_id": "snapshot-copied"}
        values = {"act": "save", "content": self.OWN, "reason": "Agreed.", "version": "0"}
        assert send("detection-rule-write", values).status_code == 302
        again = text_of(send("detection-rule-write", values))
        assert "there is a detection rule snapshot-copied: choose another id" in again

        edited = {**values, "content": self.OWN.replace("high", "low"), "version": "1"}
        assert send("detection-rule-edit", edited, **named).status_code == 302
        assert "was changed after you opened it" in text_of(
            send("detection-rule-edit", {**edited, "content": self.OWN}, **named)
        )
        send("detection-rule-switch", {"act": "disable", "reason": "Noise."}, **named)
        page = text_of(show("detection-rule", **named))
        for shown in ("3 by sam", "Noise.", "Agreed.", "Disabled"):
            assert shown in page
        assert "Your organization" in text_of(show("detection-rules"))

    def test_a_fault_is_shown_with_its_line_and_what_was_meant(self, send):
        content = self.OWN.replace("severity: high", "severity: hihg")
        page = text_of(send("detection-rule-write", {"act": "try", "content": content}))
        assert "<b>Line 5</b>" in page
        assert "did you mean high?" in page

    def test_others_read_the_text_alone(self, client, connection):
        client.force_login(person("viewer"))
        address = reverse("detection-rule-write", kwargs={"slug": connection.slug})
        assert " readonly" in client.get(address).content.decode()
        assert client.post(address, {"act": "try", "content": self.OWN}).status_code == 403
