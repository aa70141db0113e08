"""Coverage of groups that fared as before: the usual case, so it takes one statement a group."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from django.db import connection as database

from inventory.models import GroupCoverage, InventoryRun
from inventory.store.covered import Covered, Part, fingerprint_of, taken

# `oldest_complete_at` as in `GroupCounts.as_of_attempt`. A run that stored something before may
# have opened rows of its own, which are looked at one by one.
_WRITE_OVER: Final = f"""
    UPDATE {GroupCoverage._meta.db_table} SET
        run_id = %s, newest_attempt_at = %s, calls = %s, measures = %s,
        oldest_complete_at = CASE
            WHEN complete < total - unsupported THEN oldest_complete_at
            WHEN complete > 0 THEN %s END
    WHERE connection_id = %s AND account_id = %s AND "group" = %s
    AND fingerprint = %s AND run_id <> %s
"""  # noqa: S608


def keep_unchanged(parts: Mapping[Part, Sequence[Covered]], *, run: InventoryRun) -> set[Part]:
    """Store of parts that fared as before what the run took; return which they are.

    Each part holds all collectors and regions of its group.
    """
    kept = set()
    with database.cursor() as cursor:
        # In one order everywhere, so that two writers never wait for each other.
        for account_id, group in sorted(parts):
            covered = parts[account_id, group]
            took = taken(covered)
            cursor.execute(
                _WRITE_OVER,
                [
                    *(run.pk, took.attempted_at),
                    *(json.dumps(took.calls), json.dumps(took.measures), took.attempted_at),
                    *(run.connection_id, account_id, group, fingerprint_of(covered), run.pk),
                ],
            )
            if cursor.rowcount:
                kept.add((account_id, group))
    return kept
