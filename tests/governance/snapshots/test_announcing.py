"""People are told what changed from one run to the next, in the words of the comparison."""

from datetime import timedelta

import pytest
from django.db import transaction

from governance.notifications.kinds import kind_of
from governance.notifications.models import Notification, OutboxEvent
from governance.notifications.spreading import spread_events
from governance.snapshots.announcing import CHANGE_KINDS
from inventory.models import InventoryRun
from inventory.runs.ending import end_early
from inventory.signals import run_ended
from inventory.viewing import Viewer
from tests.factories.people import UserFactory, person
from tests.factories.second_state import second_state
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import SECOND_RUN_AT

pytestmark = pytest.mark.django_db
NOW = SECOND_RUN_AT + timedelta(minutes=5)
NOBODY = Viewer(sees_inventory=False)
KINDS = [kind.name for kind in CHANGE_KINDS]


@pytest.fixture
def ended():
    """A second run that saw changes has ended."""
    made = second_state(organization_snapshot())
    made.run.rows_opened = 9
    made.run.save()
    with transaction.atomic():
        run_ended.send(sender=InventoryRun, run=made.run, now=NOW)
    return made


def told(kind, viewer=None):
    event = OutboxEvent.objects.get(kind=kind)
    return kind_of(kind).words(event, viewer or Viewer(sees_inventory=True))


class TestPublishChanges:
    def test_publishes_one_event_of_each_kind_with_both_runs(self, ended):
        events = OutboxEvent.objects.filter(kind__in=KINDS)
        assert sorted(event.kind for event in events) == sorted(KINDS)
        before = InventoryRun.objects.exclude(pk=ended.run.pk).get()
        assert {event.subject["before_run_id"] for event in events} == {before.pk}

    def test_publishes_nothing_of_the_first_run_or_of_one_that_wrote_nothing(self):
        snapshot = organization_snapshot()
        snapshot.run.rows_opened = 100
        with transaction.atomic():
            run_ended.send(sender=InventoryRun, run=snapshot.run, now=NOW)
        made = second_state(snapshot)
        made.run.rows_opened = made.run.rows_closed = 0
        with transaction.atomic():
            run_ended.send(sender=InventoryRun, run=made.run, now=NOW)
        assert not OutboxEvent.objects.filter(kind__in=KINDS).exists()

    def test_is_told_of_by_whatever_ends_a_run(self):
        snapshot = organization_snapshot()
        made = second_state(snapshot)
        InventoryRun.objects.filter(pk=made.run.pk).update(
            state=InventoryRun.State.RUNNING, rows_opened=3
        )
        end_early(run_id=made.run.pk, state=InventoryRun.State.CANCELLED, error="", now=NOW)
        assert OutboxEvent.objects.filter(kind="account.changed").count() == 1


class TestWording:
    def test_names_each_policy_that_changed_with_what_happened_to_it(self, ended):
        wording = told("policy.changed")
        assert "policy changes in" in wording.title
        text = "\n".join(wording.lines)
        assert "Policy's text changed: " in text
        assert f"Seen by inventory run {ended.run.pk}" in text
        assert "/organization/compare/?before=" in wording.path
        assert {one["subject"] for one in wording.facts["differences"]} == {"POLICY"}

    def test_names_the_target_of_an_attachment(self, ended):
        wording = told("attachment.changed")
        lines = [one["text"] for one in wording.facts["differences"]]
        assert all(" to " in line or " from " in line for line in lines)
        assert any(line.startswith("Policy attached: ") for line in lines)

    def test_says_from_where_to_where_an_account_was_moved(self, ended):
        lines = [one["text"] for one in told("account.changed").facts["differences"]]
        moved = [line for line in lines if line.startswith("Account moved: ")]
        assert moved
        assert all(" from " in line and " to " in line for line in moved)
        assert any(ended.added_account_id in line for line in lines)

    def test_tells_nothing_to_who_may_not_see_the_organization(self, ended):
        assert told("account.changed", NOBODY) is None

    def test_reaches_the_inbox_of_who_may_see_it_and_nobody_elses(self, ended):
        reader = person("viewer")
        UserFactory.create()
        spread_events(now=NOW)
        assert {one.user for one in Notification.objects.all()} == {reader}
        kinds = set(Notification.objects.values_list("kind", flat=True))
        # Changes of resources are told only to who chose them.
        assert kinds == set(KINDS) - {"resource.changed"}
