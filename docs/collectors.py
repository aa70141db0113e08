"""`make roles`: writes into the documents and role templates what the collectors declare.

Only the lists of actions and the tables are written; what stands around them is written by hand.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from inventory.collectors import registry
from inventory.collectors.collector import Collector, Reader
from inventory.collectors.regions import asks_for_regions
from inventory.record_types import RECORD_TYPES, Keep

_ROOT: Final = Path(__file__).resolve().parents[1]
_TABLES: Final = "docs/collectors.md"
_PERMISSIONS: Final = "docs/roles/README.md"
# Of each reader: its heading in the collectors' page, its role in the roles' page, its files.
_ORGANIZATION: Final = ("Of the organization", "organization reader", "organization-reader")
_ACCOUNT: Final = ("Of each account", "audit role", "audit")
_PLACES: Final[Mapping[Reader, tuple[str, str, str]]] = {
    Reader.ORGANIZATION: _ORGANIZATION,
    Reader.ACCOUNT: _ACCOUNT,
}


class NothingToReplace(LookupError):
    """A document lacks the table or list that is to be written."""


def written() -> dict[Path, str]:
    """Return each document and template with what the collectors declare in it."""
    tables = (_ROOT / _TABLES).read_text(encoding="utf-8")
    permissions = (_ROOT / _PERMISSIONS).read_text(encoding="utf-8")
    found: dict[Path, str] = {}
    for reader, (heading, role, name) in _PLACES.items():
        needed = registry.needed_actions(registry.collectors(reader), live=True)
        tables = _with_table(tables, heading, _collector_rows(registry.collectors(reader)))
        permissions = _with_table(
            permissions,
            f"What the {role} may do",
            [f"| `{each}` | {action.purpose} |" for each, (_, action) in needed.items()],
        )
        for path, begin, line, end in (
            (f"{name}.yaml", r"                Action:\n", "                  - {}\n", ""),
            (f"terraform/{name}/main.tf", r"    actions = \[\n", '      "{}",\n', r"    \]\n"),
        ):
            file = _ROOT / "docs" / "roles" / path
            lines = "".join(line.format(action) for action in needed)
            listed = re.escape(line).replace(r"\{\}", r"[\w-]+:\w+")
            found[file] = _replaced(
                file.read_text(encoding="utf-8"), f"({begin})(?:{listed})+({end})", lines
            )
    return found | {_ROOT / _TABLES: tables, _ROOT / _PERMISSIONS: permissions}


def _collector_rows(collectors: Iterable[Collector]) -> list[str]:
    return [
        f"| `{each.name}`{' *' if each.essential else ''} | {each.label} | "
        f"{', '.join(f'`{action.name}`' for action in each.actions)} | {_kept(each)} |"
        for each in collectors
    ]


def _kept(collector: Collector) -> str:
    declared = [RECORD_TYPES[each.record] for each in collector.covers]
    tables = ", ".join(each.table for each in declared)
    if asks_for_regions(collector):
        return "nothing: it says where the group reads"
    return tables or ", ".join(
        each.noun for each in RECORD_TYPES.values() if each.keep == Keep.ON_OTHERS
    )


def _with_table(text: str, heading: str, rows: list[str]) -> str:
    """Put `rows` into the first table below a heading, under the table's own head."""
    table = rf"(## {re.escape(heading)}\n(?:(?!\n## ).)*?\|[-|]+\|\n)(?:\|[^\n]*\n)+()"
    return _replaced(text, table, "".join(f"{row}\n" for row in rows))


def _replaced(text: str, pattern: str, lines: str) -> str:
    new, count = re.subn(
        pattern, lambda found: found.group(1) + lines + found.group(2), text, flags=re.DOTALL
    )
    if count != 1:
        raise NothingToReplace(f"found {count} places for {pattern!r}, not 1")
    return new


def main() -> None:
    """Write what differs and name it."""
    for path, text in written().items():
        if path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(_ROOT)}")


if __name__ == "__main__":
    main()
