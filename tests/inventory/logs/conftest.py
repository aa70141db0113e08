"""What tests of reading logs share: a bucket in moto's S3 and a source that names it."""

from datetime import timedelta

import pytest
from moto import mock_aws

from tests.factories.logs import DAY, LogSourceFactory, at_noon
from tests.inventory.logs.bucket import make_bucket


@pytest.fixture
def aws(monkeypatch):
    """AWS in this process; the workers' own credentials open nothing."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield


@pytest.fixture
def source(db, aws):
    made = LogSourceFactory.create()
    make_bucket(made)
    return made


@pytest.fixture
def now():
    return at_noon(DAY) + timedelta(hours=11)
