"""What an answer holds, as JSON: for the API and for jobs that are kept."""

from datetime import datetime
from typing import Any, Final

import numpy

from governance.posture.who_can.answer import WhoCanAnswer
from governance.posture.who_can.listing import accounts_below, shares
from governance.posture.who_can.numbering import Numbers
from governance.posture.who_can.population import KINDS
from governance.posture.who_can.ways import Standing
from governance.posture.who_can.wording import Source, described
from inventory.models import PrincipalActivity
from inventory.selectors.last_use import last_use_of

MOST_PRINCIPALS: Final = 10_000
JsonObject = dict[str, Any]


def summary_json(answer: WhoCanAnswer, rows: Numbers, *, under: str) -> JsonObject:
    """Return the numbers of an answer. `under`: the scope of the question, empty for all.

    `units` counts what lies right below the scope.
    """
    counts = answer.count(rows)
    kinds = numpy.bincount(answer.population.kinds[rows], minlength=len(KINDS))
    question, missing = answer.question, answer.not_collected
    if under:
        missing &= accounts_below(answer.organization, under)
    top = under or answer.organization.root_id
    return {
        "action": question.action,
        "actions": len(question.actions),
        "resource": question.resource,
        "resource_account_id": question.resource_account_id or None,
        "assume": list(question.assumed.address()),
        "resource_policy": question.resource_policy.value,
        "principals": len(rows),
        "accounts": len(numpy.unique(answer.population.accounts[rows])),
        **{standing.value: counts[standing] for standing in Standing},
        "kinds": {kind: int(kinds[place]) for place, kind in enumerate(KINDS)},
        "accounts_not_collected": len(missing),
        "may_be_let_in_besides": question.may_have_resource_policy,
        "also_named_by_trust": list(answer.let_in),
        "units": [
            {
                "target_id": share.target.target_id,
                "name": share.target.name,
                "always": share.always,
                "conditional": share.conditional,
                "unknown": share.unknown,
                "accounts": share.accounts,
                "accounts_not_collected": share.not_collected,
            }
            for share in (shares(answer, rows, top) if top else ())
        ],
    }


def principal_json(
    answer: WhoCanAnswer,
    row: int,
    activity: PrincipalActivity | None,
    *,
    as_of: datetime | None,
) -> JsonObject:
    """Return one principal: what it may, how, and when it was last used."""
    population = answer.population
    ways = answer.way(row)
    best = next(way for _, way in ways.parts if way.standing is ways.standing)
    description = described(answer, row, best)
    kind = KINDS[population.kinds[row]]
    use = last_use_of(kind, activity, as_of=as_of)
    return {
        "arn": population.arn(row),
        "account_id": population.account_id(row),
        "kind": kind,
        "standing": ways.standing.value,
        "service_linked": population.identity(row).is_service_linked,
        "actions": {
            standing.value: sorted(ways.actions(standing))
            for standing in Standing
            if ways.actions(standing)
        },
        "allowed_by": [_source(one) for one in description.granted_by],
        "conditions": [
            {
                "effect": "Deny" if one.denies else "Allow",
                "text": one.sentence,
                "policies": [_source(source) for source in one.sources],
            }
            for one in description.conditions
        ],
        "not_known": list(description.unknown),
        "last_use": use.use.value,
        "last_used_at": use.at,
    }


def _source(source: Source) -> JsonObject:
    return {
        "kind": source.kind,
        "name": source.name,
        "arn": source.arn or None,
        "policy_id": source.policy_id or None,
        "target_id": source.target_id or None,
        "via_group": source.via_group or None,
    }


def result_json(answer: WhoCanAnswer, rows: Numbers, *, under: str) -> JsonObject:
    """Return the numbers and who may, the first of them where they are very many."""
    names = answer.population
    return {
        **summary_json(answer, rows, under=under),
        "results": [
            {
                "arn": names.arn(int(row)),
                "account_id": names.account_id(int(row)),
                "standing": answer.way(int(row)).standing.value,
            }
            for row in rows[:MOST_PRINCIPALS]
        ],
        "is_complete": len(rows) <= MOST_PRINCIPALS,
    }
