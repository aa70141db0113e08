"""Detections as stored."""

from datetime import UTC, datetime
from typing import Any

import factory

from governance.detections.models import Detection, DetectionEvidence
from inventory.models import Connection
from tests.factories.connections import ConnectionFactory

AT = datetime(2026, 1, 20, 12, tzinfo=UTC)


class DetectionFactory(factory.django.DjangoModelFactory[Detection]):
    """A root sign-in in Payments."""

    class Meta:
        model = Detection

    connection = factory.SubFactory(ConnectionFactory)
    rule_id = "root-signed-in"
    title = "Root user signed in"
    severity = "critical"
    topic = "access"
    subject_kind = "account"
    subject_id = factory.Sequence(lambda number: f"22222222{number + 2222}"[:12])
    subject_account_id = "222222222222"
    account_id = "222222222222"
    principal = "arn:aws:iam::222222222222:root"
    window_start = datetime(2026, 1, 20, tzinfo=UTC)
    first_at = AT
    last_at = AT
    count = 1
    raised_at = AT
    updated_at = AT


def detection_with_event(connection: Connection, **values: Any) -> Detection:
    """Store a detection with the event that shows it."""
    made = DetectionFactory.create(connection=connection, **values)
    DetectionEvidence.objects.create(
        detection=made,
        key="event-1",
        at=AT,
        last_at=AT,
        account_id="222222222222",
        region="us-east-1",
        event_source="signin.amazonaws.com",
        event_name="ConsoleLogin",
        principal="arn:aws:iam::222222222222:root",
        content={"sourceIPAddress": "198.51.100.7"},
    )
    return made
