"""What is published is in the outbox if and only if what caused it is stored."""

import pytest
from django.db import transaction

from governance.audit.services import NotInTransaction
from governance.notifications.kinds import UnknownKind
from governance.notifications.models import OutboxEvent
from governance.notifications.outbox import event_publish
from tests.governance.notifications.conftest import NOW, publish


class TestEventPublish:
    def test_goes_with_the_transaction_that_is_undone(self, db, kinds):
        with transaction.atomic():
            event_publish(kind="test.happened", now=NOW)
            transaction.set_rollback(True)
        assert not OutboxEvent.objects.exists()

    def test_refuses_to_write_outside_of_a_transaction(self, transactional_db, kinds):
        with pytest.raises(NotInTransaction, match=r"test\.happened"):
            event_publish(kind="test.happened", now=NOW)

    def test_refuses_a_kind_that_nobody_declared(self, db, kinds):
        with pytest.raises(UnknownKind, match=r"test\.unheard"), transaction.atomic():
            event_publish(kind="test.unheard", now=NOW)

    def test_writes_once_what_happens_once(self, db, kinds):
        with transaction.atomic():
            first = event_publish(kind="test.happened", once="a", now=NOW)
            again = event_publish(kind="test.happened", once="a", now=NOW)
            other = event_publish(kind="test.happened", once="b", now=NOW)
        assert first is not None
        assert again is None
        assert other is not None
        assert OutboxEvent.objects.count() == 2

    def test_writes_the_same_any_number_of_times_otherwise(self, db, kinds):
        publish()
        publish()
        assert OutboxEvent.objects.count() == 2
