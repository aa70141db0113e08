"""Entries are written with what they record, and stay as they were written."""

import datetime

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.models import AuditEntry
from governance.audit.services import NotInTransaction, UnknownAction, audit_record

NOW = datetime.datetime(2026, 11, 28, 12, tzinfo=datetime.UTC)
SOMEBODY = Actor(kind="person", user_id=7, name="ada", address="192.0.2.1", request_id="r1")


def record(**changed):
    """Write an entry of a token that `SOMEBODY` issued."""
    values = {
        "actor": SOMEBODY,
        "action": actions.TOKEN_ISSUE,
        "object_kind": "token",
        "object_id": "3",
        "now": NOW,
    }
    return audit_record(**{**values, **changed})


@pytest.mark.django_db
class TestAuditRecord:
    def test_keeps_actor_object_values_and_outcome(self):
        record(
            object_name="ci", before={"scopes": []}, after={"ends": NOW, "n": 2}, outcome="refused"
        )
        entry = AuditEntry.objects.get()
        assert (entry.actor_kind, entry.actor_id, entry.actor_name) == ("person", 7, "ada")
        assert (entry.address, entry.request_id) == ("192.0.2.1", "r1")
        assert (entry.object_kind, entry.object_id, entry.object_name) == ("token", "3", "ci")
        assert entry.before == {"scopes": []}
        assert entry.after == {"ends": "2026-11-28T12:00:00Z", "n": 2}
        assert (entry.outcome, entry.recorded_at) == ("refused", NOW)

    def test_refuses_an_act_that_is_not_declared(self):
        with pytest.raises(UnknownAction, match="moon\\.land"):
            record(action="moon.land")

    def test_is_undone_with_what_it_records(self):
        with transaction.atomic():
            record()
            transaction.set_rollback(True)
        assert not AuditEntry.objects.exists()

    @given(text=st.text(st.characters(), max_size=400))
    @settings(
        max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    def test_stores_any_text_in_any_field(self, text):
        entry = record(
            actor=Actor(kind="person", user_id=None, name=text, address=text, request_id=text),
            object_id=text,
            object_name=text,
            after={text: [text, {"deep": text}]},
        )
        entry.refresh_from_db()
        assert len(entry.object_name) <= 300
        assert "\0" not in entry.object_name
        assert len(entry.after) == 1

    def test_cuts_what_is_longer_than_its_column(self):
        entry = record(object_name="x" * 10_000, after={"text": "y" * 20_000})
        entry.refresh_from_db()
        assert len(entry.object_name) == 300
        assert entry.object_name.endswith("…")
        assert len(entry.after["text"]) == 10_000


@pytest.mark.django_db(transaction=True)
class TestOutsideATransaction:
    def test_refuses_to_write(self):
        with pytest.raises(NotInTransaction, match="token\\.issue"):
            record()


@pytest.mark.django_db
class TestAppendOnly:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE audit_auditentry SET actor_name = 'eve'",
            "UPDATE audit_auditentry SET actor_name = 'eve' WHERE id = -1",
            "DELETE FROM audit_auditentry",
            "TRUNCATE audit_auditentry CASCADE",
            "UPDATE audit_auditleaf SET position = 0",
            "DELETE FROM audit_auditnode",
            "DELETE FROM audit_auditcheckpoint",
        ],
    )
    def test_the_database_refuses_to_change_or_remove_entries(self, statement):
        record()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
        assert AuditEntry.objects.get().actor_name == "ada"
