"""Kinds of events of the tests' own, people who are told, and a clock that the tests set."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from governance.access import rights
from governance.audit.actors import Actor
from governance.notifications import kinds as registry
from governance.notifications.kinds import EventKind, Wording, register_kind
from governance.notifications.models import NotificationWay, OutboxEvent, Webhook
from governance.notifications.outbox import event_publish
from governance.notifications.webhooks.services import webhook_create
from tests.factories.people import person

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
ACTOR = Actor(kind="command", user_id=None, name="tests")


class Clock:
    """A clock that stands until it is moved on."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def on(self, **by: float) -> datetime:
        self.at += timedelta(**by)
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _words(event, viewer):
    if event.subject.get("raises"):
        raise RuntimeError("no words for it")
    if event.subject.get("hidden") or not viewer.sees_inventory:
        return None
    title = event.subject.get("title", "Something happened")
    return Wording(title, ("A detail",), "/somewhere/", {"number": event.subject.get("number")})


@pytest.fixture
def kinds(monkeypatch):
    """Register `test.happened`, told by inbox and mail, and `test.urgent`, told at once."""
    monkeypatch.setattr(registry, "_KINDS", dict(registry._KINDS))
    for name, urgent in (("test.happened", False), ("test.urgent", True)):
        register_kind(
            EventKind(
                name=name,
                label=f"Test {name}",
                help="Of tests.",
                group="Tests",
                audience=rights.VIEW_INVENTORY,
                words=_words,
                default=frozenset({NotificationWay.INBOX, NotificationWay.MAIL}),
                urgent=urgent,
            )
        )


@pytest.fixture
def reader(db) -> User:
    """Somebody who may see the inventory."""
    return person("viewer")


def publish(kind: str = "test.happened", *, now: datetime = NOW, **subject) -> OutboxEvent:
    with transaction.atomic():
        event = event_publish(kind=kind, subject=subject, now=now)
    assert event is not None
    return event


def webhook_at(url: str, *, name: str = "siem", kinds=(), now: datetime = NOW, **more) -> Webhook:
    """Make a webhook without resolving its address."""
    made, _ = webhook_create(
        actor=ACTOR,
        name=name,
        url=url,
        kinds_wanted=kinds,
        connection=None,
        now=now,
        addresses_of=lambda host, port: ["93.184.215.14"],
        **more,
    )
    return made
