"""Findings are worked out once for a state, whichever process is asked."""

import orjson
import pytest
from celery import current_app
from django.core.cache import cache
from kombu.exceptions import OperationalError

from governance.posture.findings import shared_reports, structure
from governance.posture.findings.finding import PlaceKind
from governance.posture.findings.shared_reports import report_name
from governance.posture.findings.structure import (
    prepare_findings,
    ready_findings,
    structure_findings,
)
from governance.posture.tasks import find_task, prepare_task
from inventory.models import InventoryRun
from inventory.viewing import Viewer
from tests.factories.organization import AccountFactory
from tests.factories.principals import RoleFactory
from tests.factories.runs import InventoryRunFactory
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT

pytestmark = pytest.mark.django_db
SEES = Viewer(sees_inventory=True)


@pytest.fixture(autouse=True)
def _nothing_kept():
    cache.clear()
    structure._reports.clear()
    yield
    cache.clear()
    structure._reports.clear()


@pytest.fixture
def made():
    return organization_snapshot()


@pytest.fixture
def asked(monkeypatch):
    """Count how often all questions are asked."""
    times = []
    ask = structure.answers_to

    def counted(facts):
        times.append(facts)
        return ask(facts)

    monkeypatch.setattr(structure, "answers_to", counted)
    return times


def findings(made, **more):
    report = structure_findings(SEES, connection=made.connection, **more)
    return [one.key for one in report.findings]


def as_lists(answers):
    """Return answers as plain JSON, in which a tuple and a list are one."""
    return orjson.loads(orjson.dumps([shared_reports._plain(one) for one in answers]))


def other_process():
    structure._reports.clear()


class TestOnce:
    def test_is_what_another_process_found(self, made, asked):
        first = findings(made)
        other_process()
        assert findings(made) == first
        assert len(asked) == 1

    def test_is_the_same_in_every_detail(self, made):
        first = structure_findings(SEES, connection=made.connection)
        other_process()
        again = structure_findings(SEES, connection=made.connection)
        assert again is not first
        assert as_lists(again.answers) == as_lists(first.answers)
        assert {type(place.kind) for one in again.findings for place in one.places} == {PlaceKind}

    def test_is_again_where_the_cache_holds_something_else(self, made, asked):
        findings(made)
        (name,) = structure._reports.kept_keys()
        cache.set(name, [["no_such_kind", 0, [], []]])
        other_process()
        assert findings(made)
        assert len(asked) == 2

    def test_is_before_anybody_asks(self, made, asked):
        prepare_task()
        other_process()
        assert findings(made)
        assert prepare_findings(SEES, connection=made.connection) is False
        assert len(asked) == 1

    def test_is_again_when_something_changed(self, made, asked):
        before = findings(made)
        RoleFactory.create(connection=made.connection, seen_from=SECOND_RUN_AT)
        AccountFactory.create(connection=made.connection, name="loose", seen_from=SECOND_RUN_AT)
        assert findings(made) != before
        assert len(asked) == 2

    def test_is_again_without_a_cache(self, made, asked, settings):
        settings.CACHES = {
            name: {**cache, "LOCATION": "redis://127.0.0.1:1/0"}
            for name, cache in settings.CACHES.items()
        }
        assert findings(made)
        other_process()
        assert findings(made)
        assert len(asked) == 2

    def test_tells_sets_of_marks_alike_in_whichever_order(self):
        one = frozenset({"a", "b", "c"})
        assert report_name((1, one)) == report_name((1, frozenset(sorted(one, reverse=True))))
        assert report_name((1, one)) != report_name((2, one))


class TestOfManyAccounts:
    @pytest.fixture(autouse=True)
    def many(self, settings):
        settings.STRUCTURE_AT_ONCE_ACCOUNTS = 2

    @pytest.fixture
    def sent(self, monkeypatch):
        """Collect what is sent to the workers."""
        sent = []
        monkeypatch.setattr(
            current_app, "send_task", lambda name, kwargs: sent.append((name, kwargs))
        )
        return sent

    def ready(self, made, **more):
        return ready_findings(SEES, connection=made.connection, **more)

    def test_is_left_to_a_worker_and_there_when_it_is_done(self, made, asked, sent):
        assert self.ready(made) is None
        assert asked == []
        ((name, told),) = sent
        assert name == find_task.name
        find_task(**told)
        other_process()
        assert self.ready(made).findings
        assert len(asked) == 1

    def test_is_sent_once_however_many_ask(self, made, sent):
        for _ in range(3):
            assert self.ready(made) is None
        assert len(sent) == 1

    def test_of_a_past_time_is_found_as_of_that_time(self, made, sent):
        assert self.ready(made, as_of=FIRST_RUN_AT) is None
        ((_, told),) = sent
        find_task(**told)
        assert self.ready(made, as_of=FIRST_RUN_AT).findings

    def test_is_found_at_once_where_no_worker_can_be_reached(self, made, asked, monkeypatch):
        def unreachable(*_, **__):
            raise OperationalError("no broker")

        monkeypatch.setattr(current_app, "send_task", unreachable)
        assert self.ready(made).findings
        assert len(asked) == 1

    def test_of_an_organization_that_is_gone_is_nothing_to_find(self, asked):
        find_task(connection_id=0, as_of=None)
        assert asked == []


class TestWhileARunGoesOn:
    def begin(self, made):
        return InventoryRunFactory.create(
            connection=made.connection,
            started_at=SECOND_RUN_AT,
            state=InventoryRun.State.RUNNING,
        )

    def test_is_as_the_last_run_left_it_whatever_the_new_one_writes(self, made, asked):
        RoleFactory.create(connection=made.connection)
        RoleFactory.create(connection=made.connection)
        before = findings(made)
        other_process()
        self.begin(made)
        for number in range(3):
            AccountFactory.create(
                connection=made.connection, name=f"new-{number}", seen_from=SECOND_RUN_AT
            )
            RoleFactory.create(connection=made.connection, seen_from=SECOND_RUN_AT)
            assert findings(made) == before
        assert len(asked) == 1

    def test_is_what_the_run_wrote_once_it_has_ended(self, made):
        before = findings(made)
        run = self.begin(made)
        AccountFactory.create(connection=made.connection, name="loose", seen_from=SECOND_RUN_AT)
        run.state = InventoryRun.State.COMPLETE
        run.save()
        assert set(findings(made)) > set(before)

    def test_is_of_now_where_no_run_had_ended_before(self, made):
        InventoryRun.objects.all().update(state=InventoryRun.State.RUNNING)
        assert findings(made)
        assert findings(made) == findings(made, as_of=FIRST_RUN_AT)
