"""Results of guardrails as stored, with the tallies that matrices are read from."""

import hashlib
from collections import Counter

import factory

from governance.baseline.guardrails.models import (
    GuardrailProof,
    GuardrailReading,
    GuardrailResult,
    GuardrailTally,
)
from inventory.models import Account, Connection
from tests.factories.times import FIRST_RUN_AT
from tests.factories.versions import VersionFactory


class GuardrailProofFactory(factory.django.DjangoModelFactory[GuardrailProof]):
    """A counterexample: a role stops the trail."""

    class Meta:
        model = GuardrailProof

    digest = factory.Sequence(lambda n: hashlib.sha256(f"proof {n}".encode()).hexdigest())
    content = factory.LazyFunction(
        lambda: {
            "because": "nothing denies cloudtrail:StopLogging to role/ops",
            "counterexample": {
                "principal": {"arn": "arn:aws:iam::{account_id}:role/ops"},
                "action": "cloudtrail:StopLogging",
                "resource": "arn:aws:cloudtrail:eu-central-1:{account_id}:trail/main",
                "context": {"aws:RequestedRegion": "eu-central-1"},
            },
            "keys": [],
            "read": [],
        }
    )


class GuardrailResultFactory(VersionFactory[GuardrailResult]):
    """CloudTrail can be stopped in payments."""

    class Meta:
        model = GuardrailResult

    guardrail_id = "cloudtrail-stays-on"
    account_id = "222222222222"
    outcome = "fails"
    proof = factory.SubFactory(GuardrailProofFactory)
    fingerprint = factory.Sequence(lambda n: hashlib.sha256(f"result {n}".encode()).hexdigest())


def tallied(connection: Connection) -> None:
    """Count the results that are stored, as a refresh does, and note that they were worked out."""
    parents = dict(
        Account.objects.as_of(None)
        .filter(connection=connection)
        .values_list("account_id", "parent_id")
    )
    rows = GuardrailResult.objects.as_of(None).filter(connection=connection)
    counted: Counter[tuple[str, str, str]] = Counter(
        (one.guardrail_id, parents[one.account_id], one.outcome) for one in rows
    )
    tallies: dict[tuple[str, str], GuardrailTally] = {}
    for (guardrail_id, parent_id, outcome), count in counted.items():
        tally = tallies.setdefault(
            (guardrail_id, parent_id),
            GuardrailTally(
                connection=connection,
                guardrail_id=guardrail_id,
                parent_id=parent_id,
                held_from=FIRST_RUN_AT,
            ),
        )
        setattr(tally, outcome, count)
    GuardrailTally.objects.bulk_create(tallies.values())
    for guardrail_id in {guardrail_id for guardrail_id, _ in tallies}:
        GuardrailReading.objects.create(
            connection=connection,
            guardrail_id=guardrail_id,
            inputs_sha256="0" * 64,
            moment=FIRST_RUN_AT,
            read_at=FIRST_RUN_AT,
        )
