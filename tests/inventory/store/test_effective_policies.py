"""Answers about effective policies are stored once a chain and given back to who asks next."""

from datetime import timedelta

import pytest

from inventory.collectors.effective_policies import COLLECTORS, collector_name
from inventory.models import EffectivePolicy, EffectivePolicyAsking
from inventory.records import EffectivePolicyAskingRecord, EffectivePolicyRecord
from inventory.store.effective_policies import kept_effective_policies
from inventory.store.scopes import CollectorReading, store_readings
from tests.factories.connections import ConnectionFactory
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT

pytestmark = pytest.mark.django_db

TAGS, BACKUP = "TAG_POLICY", "BACKUP_POLICY"
COLLECTOR = {each.name: each for each in COLLECTORS}


@pytest.fixture
def connection():
    return ConnectionFactory.create()


def answer(chain, text="{}", *, kind=TAGS, asked_at=FIRST_RUN_AT):
    return (
        EffectivePolicyRecord(kind, chain, text),
        EffectivePolicyAskingRecord(kind, chain, "222222222222", asked_at, None),
    )


def store(connection, *records, at=FIRST_RUN_AT, complete=True, kind=TAGS):
    reading = CollectorReading(COLLECTOR[collector_name(kind)], records, complete)
    return store_readings([reading], connection=connection, account_id="", moment=at)


class TestAnswers:
    def test_come_back_as_the_records_they_were_by_collector(self, connection):
        tags, backups = answer("a"), answer("b", None, kind=BACKUP)
        store(connection, *tags)
        store(connection, *backups, kind=BACKUP)
        assert kept_effective_policies(connection) == {
            collector_name(TAGS): tags,
            collector_name(BACKUP): backups,
        }
        assert kept_effective_policies(ConnectionFactory.create()) == {}

    def test_that_are_the_same_again_begin_no_version_and_are_known_to_be_newer(self, connection):
        store(connection, *answer("a"))
        written = store(connection, *answer("a", asked_at=SECOND_RUN_AT), at=SECOND_RUN_AT)
        assert (written.opened, written.closed) == (0, 0)
        assert EffectivePolicyAsking.objects.get().asked_at == SECOND_RUN_AT

    def test_of_chains_that_are_gone_end_with_a_complete_reading_alone(self, connection):
        store(connection, *answer("a"), *answer("b"))
        store(connection, *answer("b", kind=BACKUP), kind=BACKUP)
        partly = store(connection, *answer("a"), at=SECOND_RUN_AT, complete=False)
        assert (partly.opened, partly.closed) == (0, 0)
        assert EffectivePolicyAsking.objects.filter(policy_type=TAGS).count() == 2
        later = SECOND_RUN_AT + timedelta(hours=1)
        whole = store(connection, *answer("a"), at=later)
        assert (whole.opened, whole.closed) == (0, 1)
        assert {row.chain for row in EffectivePolicyAsking.objects.filter(policy_type=TAGS)} == {
            "a"
        }
        assert EffectivePolicy.objects.as_of(SECOND_RUN_AT).filter(policy_type=TAGS).count() == 2
        assert EffectivePolicy.objects.as_of(None).filter(policy_type=BACKUP).count() == 1
