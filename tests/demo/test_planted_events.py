"""The demo's month of CloudTrail read and judged: planted events are found, and nothing else."""

import io
from datetime import UTC, datetime

import pytest
import yaml
from django.db import transaction
from moto.moto_api._internal.models import moto_api_backend

from demo.seeding.organization_files import seeding_of
from governance.detections.detecting import detect_unjudged
from governance.detections.models import DetectionEvidence
from inventory.logs.keys import parse_log_key
from inventory.logs.reading import read_files
from inventory.logs.session import LogSession
from inventory.models import LogObject
from tests.factories.demo_organization import FOLDER, demo_organization
from tests.factories.logs import LogSourceFactory

pytestmark = pytest.mark.django_db

SEEDED_AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Bucket:
    """Answers as S3 does from the objects of a trail."""

    def __init__(self, objects):
        self.bodies = {each.key: each.body for each in objects}

    def call(self, _operation, **asked):
        return {"Body": io.BytesIO(self.bodies[asked["Key"]])}


def log_files():
    """Return the files of the accounts that events are planted in."""
    moto_api_backend.reset()
    try:
        seed = seeding_of(FOLDER)(SEEDED_AT)
        assert seed.log_bucket is not None
        history = seed.log_bucket.history()
    finally:
        moto_api_backend.reset()
    names = {each["account"] for each in planted()}
    accounts = {one.account_id for one in seed.organization.accounts.values() if one.name in names}
    return [each for each in history if not each.signature and each.key.split("/")[2] in accounts]


def file_of(source, each):
    key = parse_log_key(each.key)
    assert key is not None
    return LogObject(
        source=source,
        key=each.key,
        account_id=key.account_id,
        region=key.region,
        day=key.day,
        size_bytes=len(each.body),
        found_at=each.at,
    )


@pytest.fixture(scope="module")
def judged(django_db_setup, django_db_blocker):
    """Read and judge everything once; what was found holds no rows, so they can go again."""
    objects = log_files()
    with (
        django_db_blocker.unblock(),
        pytest.MonkeyPatch.context() as patch,
        transaction.atomic(),
    ):
        patch.setattr(LogSession, "client", lambda *_: Bucket(objects))
        # Partitions of thirty days are made in seconds, and change nothing that is read.
        patch.setattr("inventory.logs.storing.add_partitions_about", lambda *_: None)
        made = demo_organization()
        source = LogSourceFactory.create(connection=made.connection, read_from=SEEDED_AT.date())
        LogObject.objects.bulk_create([file_of(source, each) for each in objects])
        read = read_files(source_id=source.pk, clock=lambda: SEEDED_AT)
        detect_unjudged(made.connection, with_days=True, now=SEEDED_AT)
        names = {account_id: name for name, account_id in made.ids.items()}
        found = {
            (rule, names.get(account_id, account_id))
            for rule, account_id in DetectionEvidence.objects.filter(
                detection__connection=made.connection, detection__raised_at__isnull=False
            ).values_list("detection__rule_id", "account_id")
        }
        transaction.set_rollback(True)
    return read, found


def planted():
    listed = yaml.safe_load((FOLDER / "planted-events.yaml").read_text())
    assert isinstance(listed, list)
    return listed


def test_each_planted_event_is_found_in_its_account_by_its_rule(judged):
    read, found = judged
    assert read.events > 10_000
    assert {(each["rule"], each["account"]) for each in planted()} - found == set()


def test_no_other_rule_and_account_is_found(judged):
    _, found = judged
    assert found - {(each["rule"], each["account"]) for each in planted()} == set()
