"""What a run that goes on waits for."""

from datetime import timedelta

import pytest

from governance.presentation.run_wait_wording import wait_words
from inventory.models import CollectionTask, InventoryRun
from inventory.selectors.run_waits import RunWait, Wait, run_wait
from tests.factories.runs import InventoryRunFactory, TaskFactory
from tests.factories.times import FIRST_RUN_AT

RUN = InventoryRun.State
TASK = CollectionTask.State
LATER = FIRST_RUN_AT + timedelta(seconds=10)


def waits(*tasks, state=RUN.RUNNING, **values):
    run = InventoryRunFactory.create(state=state, **values)
    for number, given in enumerate(tasks):
        TaskFactory.create(
            run=run, account_id=f"{number:012}", **({"sent_at": None, "finished_at": None} | given)
        )
    return run_wait(run, now=FIRST_RUN_AT)


@pytest.mark.django_db
class TestRunWait:
    def test_of_an_ended_run_is_none(self):
        assert waits(state=RUN.COMPLETE) is None

    def test_of_a_queued_run_is_a_worker_once_the_broker_has_it(self):
        assert waits(state=RUN.QUEUED, sent_at=None) == RunWait(Wait.BROKER)
        assert waits(state=RUN.QUEUED, sent_at=FIRST_RUN_AT) == RunWait(Wait.WORKER)

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ({"state": TASK.RUNNING, "lease_until": LATER}, RunWait(Wait.AWS, 1)),
            ({"state": TASK.RUNNING, "lease_until": FIRST_RUN_AT}, RunWait(Wait.LEASE, 1)),
            ({"state": TASK.PENDING, "sent_at": FIRST_RUN_AT}, RunWait(Wait.WORKER, 1)),
            ({"state": TASK.PENDING, "lease_until": LATER}, RunWait(Wait.BACK_OFF, 1, LATER)),
            ({"state": TASK.PENDING}, RunWait(Wait.BROKER, 1)),
        ],
    )
    def test_of_a_running_run_is_what_its_tasks_wait_for(self, given, expected):
        done = {"state": TASK.COMPLETE}
        assert waits(done, given) == expected

    def test_is_aws_while_anything_is_read(self):
        lost = {"state": TASK.RUNNING, "lease_until": FIRST_RUN_AT}
        assert waits(lost, {"state": TASK.RUNNING, "lease_until": LATER}) == RunWait(Wait.AWS, 1)


@pytest.mark.parametrize("wait", Wait)
def test_each_has_its_words(wait):
    assert wait_words(RunWait(wait, 2)).endswith(".")
