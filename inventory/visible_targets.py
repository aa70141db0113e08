"""What of one organization's tree lies in some places, as the tree is now."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.db import connection as database

from inventory.models import Account, OrganizationalUnit


@dataclass(frozen=True)
class VisibleTargets:
    """The accounts and OUs that lie in some places, and the OUs and root above them.

    `everything`: nothing is hidden, and the rest is empty. Of `ancestor_ids` only the name, the
    policies attached there and their texts may be seen. Where an account or OU lies is decided by
    its newest version, for past states too; of what is gone, by its last one.
    """

    everything: bool
    account_ids: tuple[str, ...] = ()
    unit_ids: tuple[str, ...] = ()
    ancestor_ids: tuple[str, ...] = ()

    @classmethod
    def nothing(cls) -> "VisibleTargets":
        """Return what somebody without the right sees."""
        return cls(everything=False)

    @cached_property
    def units_and_ancestors(self) -> tuple[str, ...]:
        """The OUs that may be seen wholly or by name, and the root."""
        return (*self.unit_ids, *self.ancestor_ids)

    @cached_property
    def attachment_targets(self) -> tuple[str, ...]:
        """The targets of which it may be seen what is attached there."""
        return (*self.account_ids, *self.unit_ids, *self.ancestor_ids)

    @cached_property
    def accounts(self) -> frozenset[str]:
        """`account_ids` to look one up."""
        return frozenset(self.account_ids)

    @cached_property
    def units(self) -> frozenset[str]:
        """`unit_ids` to look one up."""
        return frozenset(self.unit_ids)

    @cached_property
    def key(self) -> str:
        """16 bytes in hex that are equal for equal parts of the tree; empty for all of it."""
        if self.everything:
            return ""
        parts = (self.account_ids, self.unit_ids, self.ancestor_ids)
        text = "|".join(",".join(part) for part in parts)
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

    def holds_account(self, account_id: str) -> bool:
        """Return whether this account may be seen."""
        return self.everything or account_id in self.accounts

    def holds_by_name(self, target_id: str) -> bool:
        """Return whether at least the name of this account, OU or root may be seen."""
        return self.holds_wholly(target_id) or target_id in self.ancestor_ids

    def holds_wholly(self, target_id: str) -> bool:
        """Return whether all of this account or OU may be seen, not only its name."""
        return self.everything or target_id in self.accounts or target_id in self.units


def visible_targets_of(connection_id: int, limits: Sequence[frozenset[str]]) -> VisibleTargets:
    """Return what lies in each of some limits, in one of its places; one query.

    `limits`: ids of OUs and accounts; an empty id is the whole organization.
    """
    narrowing = [sorted(limit) for limit in limits if "" not in limit]
    if not narrowing:
        return VisibleTargets(everything=True)
    if not all(narrowing):
        return VisibleTargets.nothing()
    parameters: dict[str, Any] = {"connection": connection_id}
    parameters |= {f"limit_{number}": ids for number, ids in enumerate(narrowing)}
    with database.cursor() as cursor:
        cursor.execute(_query(len(narrowing)), parameters)
        accounts, units, above = cursor.fetchone()
    unit_ids = tuple(sorted(units or ()))
    inside = set(unit_ids)
    return VisibleTargets(
        everything=False,
        account_ids=tuple(sorted(accounts or ())),
        unit_ids=unit_ids,
        ancestor_ids=tuple(sorted(each for each in above or () if each not in inside)),
    )


def targets_above(connection_id: int, target_id: str) -> frozenset[str]:
    """Return an account or OU with all OUs and the root above it, as its newest version tells.

    Only itself where the organization never had it; one query.
    """
    with database.cursor() as cursor:
        cursor.execute(_ABOVE, {"connection": connection_id, "target": target_id})
        found = cursor.fetchone()
    steps = found[0].split("/") if found else []
    return frozenset({target_id, *filter(None, steps)})


_ACCOUNTS: Final = Account._meta.db_table
_UNITS: Final = OrganizationalUnit._meta.db_table
_ABOVE: Final = f"""
SELECT path FROM (
    SELECT path, seen_from FROM {_ACCOUNTS}
    WHERE connection_id = %(connection)s AND account_id = %(target)s
    UNION ALL
    SELECT path, seen_from FROM {_UNITS}
    WHERE connection_id = %(connection)s AND target_id = %(target)s
) AS versions ORDER BY seen_from DESC LIMIT 1
"""  # noqa: S608


def _query(limits: int) -> str:
    """Return the query: newest versions of OUs, their paths, and what begins with one of those.

    Open versions and those that closed last are read apart, because nearly all are open.
    """
    paths = ", ".join(
        "ARRAY(SELECT path FROM units "  # noqa: S608
        f"WHERE target_id = ANY(%(limit_{number})s)) AS paths_{number}"
        for number in range(limits)
    )

    def lies(table: str, key: str) -> str:
        return " AND ".join(
            f"({table}.path ^@ ANY(paths_{number}) OR {table}.{key} = ANY(%(limit_{number})s))"
            for number in range(limits)
        )

    def newest(table: str, key: str) -> str:
        return (
            f"SELECT {key}, path FROM {table} "  # noqa: S608
            "WHERE connection_id = %(connection)s AND seen_until IS NULL "
            f"UNION ALL SELECT closed.{key}, closed.path FROM {table} AS closed "
            "WHERE closed.connection_id = %(connection)s AND closed.seen_until IS NOT NULL "
            f"AND NOT EXISTS (SELECT 1 FROM {table} AS later "
            f"WHERE later.connection_id = %(connection)s AND later.{key} = closed.{key} "
            "AND later.seen_from > closed.seen_from)"
        )

    return f"""
WITH units AS MATERIALIZED ({newest(_UNITS, "target_id")}),
accounts AS ({newest(_ACCOUNTS, "account_id")}),
prefixes AS MATERIALIZED (SELECT {paths}),
units_in AS MATERIALIZED (
    SELECT target_id, units.path FROM units, prefixes WHERE {lies("units", "target_id")}
),
accounts_in AS MATERIALIZED (
    SELECT account_id, accounts.path FROM accounts, prefixes WHERE {lies("accounts", "account_id")}
),
paths AS (SELECT path FROM units_in UNION SELECT path FROM accounts_in)
SELECT
    (SELECT array_agg(account_id::text) FROM accounts_in),
    (SELECT array_agg(target_id::text) FROM units_in),
    (SELECT array_agg(DISTINCT step) FROM paths, unnest(string_to_array(path, '/')) AS step
     WHERE step <> '')
"""  # noqa: S608
