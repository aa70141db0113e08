"""Counts by guardrail and OU as versions, worked out from results where these changed."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import connection as database
from django.db.models import Max

from governance.baseline.guardrails.excepting import excepted_accounts
from governance.baseline.guardrails.models import GuardrailTally
from inventory.models import Connection

_NAMES: Final = ("holds", "fails", "undecided", "not_covered", "excepted")
_COUNTING: Final = """
SELECT result.guardrail_id, coalesce(bound.parent_id, ''), result.outcome, count(*)
FROM guardrails_guardrailresult AS result
LEFT JOIN guardrails_boundaccount AS bound
    ON bound.connection_id = result.connection_id AND bound.account_id = result.account_id
WHERE result.connection_id = %(connection)s AND result.seen_until IS NULL
    AND result.guardrail_id = ANY(%(guardrails)s)
GROUP BY 1, 2, 3
"""


def refresh_tallies(
    connection: Connection, guardrail_ids: Collection[str], *, moment: datetime
) -> None:
    """Bring the counts of some guardrails up to their results; equal ones are left alone."""
    if not guardrail_ids:
        return
    written = GuardrailTally.objects.filter(connection=connection)
    last: datetime | None = written.aggregate(last=Max("held_from"))["last"]
    moment = max(moment, last) if last else moment
    found = _counted(connection, guardrail_ids)
    held = GuardrailTally.objects.filter(
        connection=connection, held_until__isnull=True, guardrail_id__in=list(guardrail_ids)
    )
    ending = []
    for pk, guardrail_id, parent_id, began, *numbers in held.values_list(
        "pk", "guardrail_id", "parent_id", "held_from", *_NAMES
    ):
        counts = found.get((guardrail_id, parent_id))
        if counts is not None and [counts[name] for name in _NAMES] == numbers:
            del found[guardrail_id, parent_id]
        else:
            ending.append((pk, began))
    rows = GuardrailTally.objects.filter(pk__in=[pk for pk, _ in ending])
    rows.filter(held_from__gte=moment).delete()
    rows.filter(held_from__lt=moment).update(held_until=moment)
    GuardrailTally.objects.bulk_create(
        (
            GuardrailTally(
                connection=connection,
                guardrail_id=guardrail_id,
                parent_id=parent_id,
                held_from=moment,
                **counts,
            )
            for (guardrail_id, parent_id), counts in found.items()
        ),
        batch_size=2_000,
    )


def _counted(
    connection: Connection, guardrail_ids: Collection[str]
) -> dict[tuple[str, str], dict[str, int]]:
    found: dict[tuple[str, str], dict[str, int]] = {}
    with database.cursor() as cursor:
        cursor.execute(
            _COUNTING, {"connection": connection.pk, "guardrails": sorted(guardrail_ids)}
        )
        for guardrail_id, parent_id, outcome, count in cursor.fetchall():
            counts = found.setdefault((guardrail_id, parent_id), dict.fromkeys(_NAMES, 0))
            counts[outcome] += count
    _except(connection, excepted_accounts(connection), guardrail_ids, found)
    return found


_EXCEPTED: Final = """
SELECT coalesce(bound.parent_id, ''), result.outcome, count(*)
FROM guardrails_guardrailresult AS result
LEFT JOIN guardrails_boundaccount AS bound
    ON bound.connection_id = result.connection_id AND bound.account_id = result.account_id
WHERE result.connection_id = %(connection)s AND result.seen_until IS NULL
    AND result.guardrail_id = %(guardrail)s AND result.account_id = ANY(%(accounts)s)
    AND result.outcome <> 'holds'
GROUP BY 1, 2
"""


def _except(
    connection: Connection,
    covered: Mapping[str, Mapping[str, int]],
    guardrail_ids: Collection[str],
    found: Mapping[tuple[str, str], dict[str, int]],
) -> None:
    """Count what an exception covers as excepted in place of what it is."""
    for guardrail_id in guardrail_ids:
        accounts = covered.get(guardrail_id)
        if not accounts:
            continue
        values: dict[str, Any] = {
            "connection": connection.pk,
            "guardrail": guardrail_id,
            "accounts": sorted(accounts),
        }
        with database.cursor() as cursor:
            cursor.execute(_EXCEPTED, values)
            for parent_id, outcome, count in cursor.fetchall():
                counts = found[guardrail_id, parent_id]
                counts[outcome] -= count
                counts["excepted"] += count
