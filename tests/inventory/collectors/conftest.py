"""Stubbed services."""

import pytest

from tests.inventory.stubs import stubbed


@pytest.fixture
def organizations():
    with stubbed("organizations") as aws:
        yield aws


@pytest.fixture
def iam():
    with stubbed("iam") as aws:
        yield aws


@pytest.fixture
def tagging():
    with stubbed("resourcegroupstaggingapi") as aws:
        yield aws
