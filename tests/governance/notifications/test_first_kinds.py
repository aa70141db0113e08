"""The first events: runs that failed or lost coverage, tokens that end."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from governance.access.models import ApiToken, Profile
from governance.access.rights import VIEW_INVENTORY
from governance.notifications.first_kinds.tokens import publish_tokens_ending
from governance.notifications.kinds import kind_of
from governance.notifications.models import Message, Notification, OutboxEvent
from governance.notifications.spreading import spread_events
from inventory.models import InventoryRun
from inventory.runs.ending import fail_run, finish_run
from inventory.viewing import Viewer
from tests.factories.people import person, token_of
from tests.factories.runs import CoverageFactory, DeniedCoverageFactory, InventoryRunFactory
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT
from tests.governance.notifications.conftest import NOW

pytestmark = pytest.mark.django_db
EVERYTHING = Viewer(sees_inventory=True)
ACCOUNT = "222222222222"


def words(kind):
    return kind_of(kind).words(OutboxEvent.objects.get(kind=kind), EVERYTHING)


class TestRunFailed:
    def test_is_told_with_the_error_and_where_to_look(self, reader):
        run = InventoryRunFactory.create(state=InventoryRun.State.RUNNING)
        fail_run(run_id=run.pk, error="the role cannot be assumed", now=NOW)
        spread_events(now=NOW)
        told = Notification.objects.get(user=reader, kind="run.failed")
        assert told.title == f"Inventory run {run.pk} of {run.connection.name} failed"
        assert told.lines == ["the role cannot be assumed"]
        assert told.path.endswith(f"/inventory-runs/{run.pk}/")

    def test_is_told_once_however_often_the_run_is_ended(self):
        run = InventoryRunFactory.create(state=InventoryRun.State.RUNNING)
        for _ in range(3):
            fail_run(run_id=run.pk, error="no", now=NOW)
        assert OutboxEvent.objects.filter(kind="run.failed").count() == 1

    def test_is_not_told_of_a_run_that_was_complete(self):
        run = InventoryRunFactory.create(state=InventoryRun.State.RUNNING)
        finish_run(run_id=run.pk, now=NOW)
        assert not OutboxEvent.objects.filter(kind="run.failed").exists()


class TestRunLostCoverage:
    @pytest.fixture
    def first(self):
        run = InventoryRunFactory.create(started_at=FIRST_RUN_AT)
        CoverageFactory.create(run=run, account_id=ACCOUNT)
        return run

    def second(self, first, factory):
        run = InventoryRunFactory.create(
            connection=first.connection,
            started_at=SECOND_RUN_AT,
            state=InventoryRun.State.RUNNING,
        )
        factory.create(run=run, account_id=ACCOUNT)
        finish_run(run_id=run.pk, now=NOW)
        return InventoryRun.objects.get(pk=run.pk)

    def test_names_accounts_whose_collectors_were_complete_before(self, first, reader):
        run = self.second(first, DeniedCoverageFactory)
        assert run.state == InventoryRun.State.PARTIAL
        wording = words("run.lost_coverage")
        assert wording.title == (
            f"Inventory run {run.pk} of {run.connection.name} lost coverage of 1 account"
        )
        assert wording.lines == (f"{ACCOUNT}: 0 of 1 iam collectors complete, 1 denied; 1 before",)

    def test_tells_nobody_where_nothing_was_lost(self, first, reader):
        self.second(first, CoverageFactory)
        spread_events(now=NOW)
        assert not Notification.objects.filter(kind="run.lost_coverage").exists()

    def test_does_not_tell_again_what_was_lost_by_an_earlier_run(self, reader):
        first = InventoryRunFactory.create(started_at=FIRST_RUN_AT)
        DeniedCoverageFactory.create(run=first, account_id=ACCOUNT)
        self.second(first, DeniedCoverageFactory)
        assert words("run.lost_coverage") is None


class TestTokenEnding:
    def ending(self, days, *, life=90):
        owner = person("viewer")
        token, _ = token_of(owner, VIEW_INVENTORY)
        ApiToken.objects.filter(pk=token.pk).update(
            expires_at=NOW + timedelta(days=days),
            created_at=NOW + timedelta(days=days - life),
        )
        return owner

    def test_is_told_to_its_owner_alone_by_inbox_and_mail(self):
        owner = self.ending(10)
        person("administrator")
        assert publish_tokens_ending(now=NOW) == 1
        spread_events(now=NOW)
        told = Notification.objects.get()
        assert told.user == owner
        assert told.title == (
            f"The API token tests of {owner.username} ends on 2026-12-08 09:00 UTC"
        )
        assert Message.objects.get().user == owner

    def test_is_told_once_within_14_days_and_once_within_3(self):
        self.ending(20)
        told = [
            publish_tokens_ending(now=NOW + timedelta(hours=hours))
            for hours in range(0, 20 * 24, 6)
        ]
        assert sum(told) == 2

    def test_is_not_told_of_one_that_was_made_for_less(self):
        self.ending(2, life=2)
        self.ending(10, life=12)
        assert publish_tokens_ending(now=NOW) == 0

    def test_is_not_told_of_one_that_was_revoked_before_it_was_told(self):
        self.ending(10)
        publish_tokens_ending(now=NOW)
        ApiToken.objects.update(revoked_at=NOW)
        spread_events(now=NOW)
        assert not Notification.objects.exists()


class TestBreakGlass:
    def test_is_told_at_once_to_those_who_watch_over_access(self, client):
        emergency = person("administrator", username="emergency")
        Profile.objects.filter(user=emergency).update(break_glass=True)
        security, viewer = person("security"), person("viewer")
        client.force_login(User.objects.get(pk=emergency.pk))
        spread_events(now=timezone.now())
        told = Notification.objects.filter(kind="sign_in.break_glass")
        assert told.get(user=security).title == "emergency signed in with a break-glass account"
        assert not told.filter(user=viewer).exists()
        message = Message.objects.get(user=security)
        assert message.urgent
        assert message.due_at <= timezone.now()

    def test_is_not_told_of_other_sign_ins(self, client):
        client.force_login(person("administrator"))
        assert not OutboxEvent.objects.exists()
