"""The mutation test: each statement of each SCP and RCP removed in memory; who notices.

Asked for by people and programs, answered once by a worker and kept for some hours.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import F, Func, IntegerField, QuerySet

from governance.baseline.guardrails.definitions import guardrails_in_force
from governance.baseline.guardrails.dispatch import send_mutation
from governance.baseline.guardrails.effects import engine_guardrails, with_checker
from governance.baseline.guardrails.models import MutationJob
from governance.baseline.guardrails.parameters import ParameterUnset, parameters_of
from governance.jobs.life import job_queue, job_run
from governance.posture.state.organization import (
    CONTROL_TYPES,
    CompiledOrganization,
    InForce,
    load_organization,
)
from inventory.models import Connection
from inventory.viewing import Viewer, visible_key
from policies.guardrails import EffectGuardrail
from policies.guardrails.mutation import MutatedPolicy, MutationReport, mutation_test

KEPT_HOURS: Final = 24
_WHOLE: Final = Viewer(sees_inventory=True)
_PART: Final = "#"
# Accounts named of each guardrail that a removal breaks.
_MOST_NAMED: Final = 20


def mutation_request(
    *, connection: Connection, requested_by: User, viewer: Viewer, now: datetime
) -> MutationJob:
    """Queue a mutation test when the transaction commits; its report is kept for a day."""
    return job_queue(
        MutationJob(connection=connection, requested_by=requested_by, requested_at=now),
        viewer=viewer,
        kept_hours=KEPT_HOURS,
        send=send_mutation,
    )


def latest_mutation(viewer: Viewer, *, connection: Connection, now: datetime) -> MutationJob | None:
    """Return the newest test of who sees the same part, None: none was asked for lately."""
    return _tests(viewer, connection, now).select_related("requested_by").first()


def protecting_nothing_count(
    viewer: Viewer, *, connection: Connection, now: datetime
) -> int | None:
    """Return how many statements protect nothing by the newest report; None: there is none."""
    counted = Func(
        F("result__protecting_nothing"),
        function="jsonb_array_length",
        output_field=IntegerField(),
    )
    rows = _tests(viewer, connection, now).filter(result__protecting_nothing__isnull=False)
    return rows.annotate(counted=counted).values_list("counted", flat=True).first()


def _tests(viewer: Viewer, connection: Connection, now: datetime) -> "QuerySet[MutationJob]":
    return MutationJob.objects.filter(
        connection=connection, expires_at__gt=now, seen_part=visible_key(viewer, connection)
    ).order_by("-requested_at")


def mutation_run(*, job_id: UUID, clock: Callable[[], datetime]) -> None:
    """Answer a queued mutation test and keep its report."""
    job_run(MutationJob, job_id=job_id, clock=clock, answer=_report)


def _report(job: MutationJob, _viewer: Viewer) -> dict[str, Any]:
    return mutation_report(job.connection)


def mutation_report(connection: Connection) -> dict[str, Any]:
    """Remove each statement in turn and return, as JSON, which guardrails notice.

    `statements`: every statement that was removed, with the guardrails it breaks and in how many
    accounts; `protecting_nothing`: those no guardrail notices; `unbroken`: guardrails that no
    removal of one statement breaks, with the reason; `needed`: statements with which alone all
    guardrails hold that hold now, the fewest if `is_smallest`; `left_out`: guardrails that a
    parameter without value leaves undecided.
    """
    organization = load_organization(_WHOLE, connection=connection)
    parameters = parameters_of(connection)
    guardrails: list[EffectGuardrail] = []
    left_out: list[str] = []
    for one in guardrails_in_force(connection).values():
        if not one.enabled or not one.document.effect:
            continue
        try:
            guardrails += engine_guardrails(one.document, parameters)
        except ParameterUnset:
            left_out.append(one.id)
    policies = mutated_policies(organization)
    found: MutationReport = with_checker(
        organization, lambda checker: mutation_test(checker, guardrails, policies)
    )
    names = _names(organization)
    sids = {
        (policy.policy_id, number): statement.sid or ""
        for policy in policies
        for number, statement in enumerate(policy.document.statements)
    }

    def told(policy_id: str, number: int) -> dict[str, Any]:
        return {
            "policy_id": policy_id,
            "policy_name": names[policy_id],
            "statement": number + 1,
            "sid": sids.get((policy_id, number), ""),
        }

    return {
        "guardrails": len({one.id.partition(_PART)[0] for one in guardrails}),
        "left_out": left_out,
        "statements": [
            {**told(*one.place), "breaks": _breaks(one.breaks)} for one in found.statements
        ],
        "protecting_nothing": [told(*place) for place in found.protecting_nothing],
        "unbroken": _unbroken([one.id for one in guardrails], found),
        "needed": [told(*place) for place in found.needed],
        "is_smallest": found.is_smallest,
    }


def mutated_policies(organization: CompiledOrganization) -> list[MutatedPolicy]:
    """Return every SCP and RCP in force whose text can be read, with its targets."""
    targets: dict[str, set[str]] = {}
    found = []
    for kind in CONTROL_TYPES:
        control = organization.control(kind)
        if control.in_force is not InForce.IN_FORCE:
            continue
        for target_id, attached in control.attached.items():
            for policy in attached:
                targets.setdefault(policy.policy_id, set()).add(target_id)
        for policy_id, policy in control.by_id.items():
            if policy.document is not None and not policy.aws_managed and policy_id in targets:
                found.append(
                    MutatedPolicy(policy_id, policy.document, frozenset(targets[policy_id]))
                )
    return found


def _names(organization: CompiledOrganization) -> dict[str, str]:
    return {
        policy_id: policy.name
        for kind in CONTROL_TYPES
        for policy_id, policy in organization.control(kind).by_id.items()
    }


def _unbroken(engine_ids: list[str], found: MutationReport) -> list[dict[str, Any]]:
    """Return the guardrails of which no effect breaks, each with the reason of its first one."""
    parts: dict[str, list[str]] = {}
    for engine_id in engine_ids:
        parts.setdefault(engine_id.partition(_PART)[0], []).append(engine_id)
    return [
        {"guardrail_id": guardrail_id, "because": found.unbroken[own[0]].value}
        for guardrail_id, own in parts.items()
        if all(one in found.unbroken for one in own)
    ]


def _breaks(broken: Mapping[str, tuple[str, ...]]) -> list[dict[str, Any]]:
    accounts: dict[str, set[str]] = {}
    for guardrail_id, account_ids in broken.items():
        accounts.setdefault(guardrail_id.partition(_PART)[0], set()).update(account_ids)
    return [
        {
            "guardrail_id": guardrail_id,
            "accounts": len(account_ids),
            "account_ids": sorted(account_ids)[:_MOST_NAMED],
        }
        for guardrail_id, account_ids in sorted(accounts.items())
    ]
