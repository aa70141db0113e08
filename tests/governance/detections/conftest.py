"""The small organization with logged events, and how rules judge them."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from governance.access.actors import user_actor
from governance.access.owners.acting import ActingPerson
from governance.access.viewers import viewer_of
from governance.changes.models import JournalEntry, Rollout
from governance.detections.detecting import detect
from inventory.models import (
    DailyDenial,
    DailyUsage,
    LoggedEvent,
    LogSource,
    UsageContext,
    UsedAccess,
)
from inventory.viewing import Place
from tests.factories.change_requests import change_request
from tests.factories.people import person

MANAGEMENT, PAYMENTS, WEBSITE = "111111111111", "222222222222", "222222222223"
AT = datetime(2026, 1, 20, 12, tzinfo=UTC)
ADMIN = f"arn:aws:iam::{MANAGEMENT}:role/Admin"


@pytest.fixture
def connection(snapshot):
    LogSource.objects.create(
        connection=snapshot.connection,
        name="organization",
        bucket="logs",
        bucket_region="eu-central-1",
        account_id=MANAGEMENT,
        read_from=AT.date(),
    )
    return snapshot.connection


@pytest.fixture
def logged(connection):
    """Return a function that stores an event, and returns its id."""

    def store(name, *, source="organizations", account=MANAGEMENT, at=AT, by=ADMIN, **record):
        event_id = str(uuid4())
        row = {
            "eventID": event_id,
            "eventSource": f"{source}.amazonaws.com",
            "eventName": name,
            "sourceIPAddress": "203.0.113.9",
            "userIdentity": {"type": "AssumedRole", "arn": by},
            **record,
        }
        LoggedEvent.objects.create(
            connection=connection,
            event_id=event_id,
            at=at,
            day=at.date(),
            account_id=account,
            region="us-east-1",
            event_source=row["eventSource"],
            event_name=name,
            principal=by,
            event=row,
        )
        return event_id

    return store


@pytest.fixture
def used(connection):
    """Return a function that stores a day's use of an action."""

    def store(action, principal, resource="*", *, account=PAYMENTS, at=AT, count=1, since=None):
        context, _ = UsageContext.objects.get_or_create(
            connection=connection,
            digest="00000000-0000-0000-0000-000000000001",
            defaults={"context": {}, "unknown_context": []},
        )
        day = at.date()
        access, _ = UsedAccess.objects.get_or_create(
            connection=connection,
            account_id=account,
            principal=principal,
            action=action,
            resource=resource,
            context=context,
            defaults={
                "digest": uuid4(),
                "first_day": since or day,
                "last_day": day,
                "last_at": at,
            },
        )
        DailyUsage.objects.create(
            connection=connection,
            access=access,
            day=day,
            count=count,
            first_at=at,
            last_at=at + timedelta(minutes=1),
        )
        return access

    return store


@pytest.fixture
def denied(connection):
    """Return a function that stores a day's denials of a principal."""

    def store(count, *, principal=ADMIN, policy_type="", at=AT):
        return DailyDenial.objects.create(
            connection=connection,
            day=at.date(),
            account_id=MANAGEMENT,
            principal=principal,
            action="s3:GetObject",
            resource="*",
            region="eu-central-1",
            policy_type=policy_type,
            policy="",
            reason="explicit",
            count=count,
            first_at=at,
            last_at=at,
            digest=uuid4(),
        )

    return store


@pytest.fixture
def judge(connection):
    """Return a function that judges events and days a minute after the newest."""

    def judged(*event_ids, days=(), now=AT + timedelta(minutes=1)):
        return detect(connection, event_ids=event_ids, days=days, now=now)

    return judged


@pytest.fixture
def rollout_line(connection, ada):
    """Return a function that stores a line of the journal of one rollout's first step."""
    asked = change_request(connection, ada.user)
    rollout = Rollout.objects.create(
        change_request=asked, plan={}, plan_sha256="", started_by=ada.user, started_at=AT, base={}
    )

    def store(phase, call, given, *, request_id="", at=AT):
        return JournalEntry.objects.create(
            rollout=rollout,
            step=1,
            phase=phase,
            call=call,
            aws_request_id=request_id,
            detail=given,
            recorded_at=at,
        )

    return store


class Somebody:
    """A person with what services and selectors take of them."""

    def __init__(self, user):
        self.user = user
        self.by = ActingPerson(user, user_actor(user))
        self.viewer = viewer_of(user)

    @property
    def asks(self):
        return {"by": self.by, "viewer": self.viewer}


@pytest.fixture
def ada(db):
    """Somebody of security."""
    return Somebody(person("security", username="ada"))


@pytest.fixture
def ben(connection):
    """Somebody who sees Payments alone."""
    return Somebody(person("approver", Place(connection.pk, PAYMENTS), username="ben"))
