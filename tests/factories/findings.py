"""Findings of the inbox as stored."""

from typing import Any

import factory

from governance.inbox.models import InboxEvent, InboxItem
from tests.factories.connections import ConnectionFactory
from tests.factories.times import FIRST_RUN_AT


class InboxItemFactory(factory.django.DjangoModelFactory[InboxItem]):
    """A finding of trust in payments, as it was found in the first run."""

    class Meta:
        model = InboxItem

    connection = factory.SubFactory(ConnectionFactory)
    source = "trust"
    source_key = factory.Sequence(lambda number: f"finding-{number}")
    kind = "external-without-external-id"
    title = "Any principal of 999999999999 may assume it"
    target_kind = "ROLE"
    target_id = "arn:aws:iam::222222222222:role/deploy"
    target_name = "payments"
    account_id = "222222222222"
    accounts = 1
    severity = "high"
    first_seen_at = FIRST_RUN_AT
    last_seen_at = FIRST_RUN_AT

    @classmethod
    def _after_postgeneration(
        cls, instance: InboxItem, create: bool, results: dict[str, Any] | None = None
    ) -> None:
        """Note that it was found."""
        if create:
            InboxEvent.objects.create(item=instance, at=instance.first_seen_at, what="found")
