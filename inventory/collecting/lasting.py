"""What AWS never deletes: a list that lacks it is not believed."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from inventory.aws.errors import AwsInconsistent
from inventory.collecting.outcomes import CollectorOutcome
from inventory.models import Connection, Policy, Root
from inventory.records import OrganizationRecord, PolicyRecord, RootRecord

_ENABLED = "ENABLED"


def contradict_lasting(
    outcomes: Sequence[CollectorOutcome], *, connection: Connection
) -> list[CollectorOutcome]:
    """Return the outcomes, with an error in those that lack the root or a policy of AWS's own.

    Policies only of types that are enabled, since AWS may list those of others or not. What is
    read of another organization than the connection's is left as it is.
    """
    read = [each for outcome in outcomes for each in outcome.records]
    if not any(
        isinstance(each, OrganizationRecord) and each.organization_id == connection.organization_id
        for each in read
    ):
        return list(outcomes)
    roots = {each.target_id: each for each in read if isinstance(each, RootRecord)}
    types = {
        name
        for root in roots.values()
        for name, status in root.policy_types.items()
        if status == _ENABLED
    }
    kept_roots = Root.objects.filter(connection=connection, seen_until__isnull=True)
    kept_policies = list(
        Policy.objects.filter(
            connection=connection, seen_until__isnull=True, aws_managed=True, type__in=types
        )
    )
    missing_roots = [each.target_id for each in kept_roots if each.target_id not in roots]
    return [
        _contradicted(
            outcome,
            missing_roots
            if _covers(outcome, RootRecord)
            else _missing_policies(outcome, kept_policies),
        )
        for outcome in outcomes
    ]


def _missing_policies(outcome: CollectorOutcome, kept: Iterable[Policy]) -> list[str]:
    types = {
        covered.where.get("type")
        for covered in outcome.collector.covers
        if covered.record is PolicyRecord
    }
    listed = {each.policy_id for each in outcome.records if isinstance(each, PolicyRecord)}
    return [each.policy_id for each in kept if each.type in types and each.policy_id not in listed]


def _covers(outcome: CollectorOutcome, kind: type) -> bool:
    return any(covered.record is kind for covered in outcome.collector.covers)


def _contradicted(outcome: CollectorOutcome, missing: Sequence[str]) -> CollectorOutcome:
    if outcome.error is not None or not missing:
        return outcome
    error = AwsInconsistent(
        f"AWS did not list {', '.join(missing)}, which it never deletes",
        operation=outcome.collector.actions[0].name,
        code="NotListed",
        remedy="nothing was closed; the next run reads it again",
    )
    return replace(outcome, error=error)
