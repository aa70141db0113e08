"""What pages and endpoints say of suspected deletions."""

from collections.abc import Mapping
from typing import Final

from inventory.record_types import RECORD_TYPES
from inventory.selectors.suspected import Suspicion

_NOUNS: Final = {declared.table: declared.noun for declared in RECORD_TYPES.values()}


def counted(table: str, number: int) -> str:
    """Return a number of things of a table, `1 policy` or `1,204 policies`."""
    return f"{number:,} {noun(table, number)}"


def noun(table: str, number: int) -> str:
    """Return what a thing of a table is called, in the plural but for one."""
    singular = _NOUNS[table]
    if number == 1:
        return singular
    first, of, rest = singular.partition(" of ")
    plural = f"{first[:-1]}ies" if first.endswith("y") else f"{first}s"
    return f"{plural}{of}{rest}"


def together(rows: Mapping[str, int]) -> str:
    """Return several tables' things in words: `25 attachments and 1 policy`."""
    parts = [counted(table, number) for table, number in sorted(rows.items())]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def missing_words(found: Suspicion) -> str:
    """Say what was not found and stays listed."""
    where = f" in {found.accounts:,} account{'' if found.accounts == 1 else 's'}"
    run = f"run {found.run_id}" if found.run_id is not None else "a run"
    one = sum(found.rows.values()) == 1
    return (
        f"{together(found.rows)}{where if found.accounts else ''} {'was' if one else 'were'} not "
        f"found by {run}, too many at once to count as deleted. "
        f"{'It stays' if one else 'They stay'} listed until another run or a person confirms."
    )
