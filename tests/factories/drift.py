"""A baseline, drift and an ignore rule as stored."""

from typing import Any

from django.contrib.auth.models import User

from governance.baseline.structure.collected import collected_structure
from governance.baseline.structure.document import document_digest
from governance.baseline.structure.models import BaselineVersion
from governance.drift.models import DriftItem, IgnoreRule
from inventory.digests import sha256
from inventory.models import Connection
from tests.factories.people import LONG_AGO

PAYMENTS = "222222222222"


def baseline_version(connection: Connection, by: User, **values: Any) -> BaselineVersion:
    """Store a version that says what is collected."""
    document = collected_structure(connection).as_json()
    return BaselineVersion.objects.create(
        connection=connection,
        **{
            "number": BaselineVersion.objects.filter(connection=connection).count() + 1,
            "document": document,
            "digest": document_digest(document),
            "source": "adopted",
            "reason": "As it should be.",
            "made_by": by,
            "made_at": LONG_AGO,
            **values,
        },
    )


def drift_item(connection: Connection, **values: Any) -> DriftItem:
    """Store drift: Payments lies in another OU than agreed."""
    number = DriftItem.objects.filter(connection=connection).count()
    return DriftItem.objects.create(
        connection=connection,
        **{
            "key": sha256(f"drift {number}"),
            "subject": f"account:{PAYMENTS}",
            "kind": DriftItem.Kind.ACCOUNT_MOVED,
            "target_kind": "account",
            "target_id": PAYMENTS,
            "target_name": "payments",
            "account_id": PAYMENTS,
            "place_id": PAYMENTS,
            "attribute": "parent",
            "desired": {"parent_id": "ou-ab12-test0001"},
            "collected": {"parent_id": "ou-ab12-prod0001"},
            "effect": "allows",
            "severity": "high",
            "accounts": 1,
            "first_seen_at": LONG_AGO,
            "last_seen_at": LONG_AGO,
            **values,
        },
    )


def ignore_rule(connection: Connection, by: User, **values: Any) -> IgnoreRule:
    """Store a rule that ignores other names of OUs."""
    return IgnoreRule.objects.create(
        connection=connection,
        **{
            "number": IgnoreRule.objects.filter(connection=connection).count() + 1,
            "kind": DriftItem.Kind.OU_RENAMED,
            "reason": "Names do no harm.",
            "until": LONG_AGO.date(),
            "made_by": by,
            "made_at": LONG_AGO,
            **values,
        },
    )
