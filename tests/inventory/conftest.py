"""What tests of the inventory share."""

import pytest

from inventory.runs import dispatch
from tests.factories.times import FIRST_RUN_AT
from tests.inventory.work import TellingClock, Work


@pytest.fixture
def clock():
    return TellingClock(FIRST_RUN_AT)


@pytest.fixture
def work(db, clock, monkeypatch, django_capture_on_commit_callbacks):
    work = Work(django_capture_on_commit_callbacks, clock)
    monkeypatch.setattr(dispatch, "send_start", work.send_start)
    monkeypatch.setattr(dispatch, "send_tasks", work.send_tasks)
    return work
