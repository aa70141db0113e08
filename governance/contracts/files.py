"""Contracts as a YAML file, read and written in one form.

    - from: {vendor: Datadog}
      to: {organizational_unit: ou-ab12-prod0001}
      actions: [sts:AssumeRole]
      guards: [external_id]
      purpose: Datadog reads metrics.
      until: 2027-06-30

`from` and `to` name one kind and its value; a provider may have a `tenant` beside it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import yaml

from governance.approvals.agreements.terms import AgreementInvalid
from governance.contracts.directory import ContractDirectory
from governance.contracts.reading import read_terms
from governance.contracts.terms import ContractTerms, SourceKind, TargetKind
from governance.edits.placed_yaml import PlacedValue, YamlUnreadable, read_placed

MOST_CONTRACTS: Final = 1000
_TENANT: Final = "tenant"


class ContractFileUnreadable(ValueError):
    """The file holds no list of contracts; the message says why."""


@dataclass(frozen=True, slots=True)
class ContractFileError:
    """What is wrong in a line, counted from 1, and how to mend it."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class FileContract:
    """One contract of a file, and the line that it begins in."""

    line: int
    terms: ContractTerms


@dataclass(frozen=True, slots=True)
class ContractFile:
    """What a file holds. With an error nothing of it is declared."""

    contracts: tuple[FileContract, ...] = ()
    errors: tuple[ContractFileError, ...] = field(default=())


def read_contract_file(
    content: bytes, directory: ContractDirectory, *, today: date
) -> ContractFile:
    """Read the contracts of a file, with errors by line.

    :raises ContractFileUnreadable: it is no YAML list, or holds too many.
    """
    try:
        placed = read_placed(content)
    except YamlUnreadable as error:
        where = f"line {error.line}: " if error.line else ""
        raise ContractFileUnreadable(f"{where}{error}") from None
    entries = placed.value
    if not isinstance(entries, list) or not entries:
        raise ContractFileUnreadable("give a list of contracts, each with from, to and actions")
    if len(entries) > MOST_CONTRACTS:
        raise ContractFileUnreadable(f"give {MOST_CONTRACTS:,} contracts at most")
    found: list[FileContract] = []
    errors: list[ContractFileError] = []
    for number, entry in enumerate(entries):
        line = placed.line((number,))
        if not isinstance(entry, Mapping):
            errors.append(ContractFileError(line, "a contract has names: from, to, actions, …"))
            continue
        problems: dict[str, str] = {}
        given = {**entry, **_ends(entry, problems)}
        try:
            terms = read_terms(given, directory, today=today)
        except AgreementInvalid as error:
            ends = set(problems)
            problems |= {
                path: said for path, said in error.errors.items() if path.split(".")[0] not in ends
            }
        if problems:
            errors += [
                ContractFileError(_line_of(placed, number, path), _said(path, message))
                for path, message in problems.items()
            ]
            continue
        twice = next((one.line for one in found if one.terms == terms), None)
        if twice is not None:
            errors.append(ContractFileError(line, f"the same contract is in line {twice} already"))
            continue
        found.append(FileContract(line, terms))
    return ContractFile(tuple(found), tuple(sorted(errors, key=lambda one: one.line)))


def _ends(entry: Mapping[str, Any], problems: dict[str, str]) -> dict[str, Any]:
    """Return `from` and `to` as `read_terms` takes them."""
    ends = {}
    for name, kinds, beside in (("from", SourceKind, {_TENANT}), ("to", TargetKind, set[str]())):
        given = entry.get(name)
        if not isinstance(given, Mapping):
            continue
        named = [member for member in given if member not in beside]
        if len(named) != 1:
            known = ", ".join(kind.value for kind in kinds)
            problems[name] = f"name one of {known}, and its value"
            continue
        ends[name] = {
            "kind": named[0],
            "value": given[named[0]] or "",
            **({_TENANT: given[_TENANT] or ""} if _TENANT in given else {}),
        }
    return ends


def _line_of(placed: PlacedValue, number: int, path: str) -> int:
    steps = [step for step in path.split(".") if step]
    # In a file the kind is the name of the value itself.
    if len(steps) == 2 and steps[1] in ("kind", "value"):
        end = placed.value[number].get(steps[0])
        named = [member for member in end if member != _TENANT] if end else []
        steps = [steps[0], *named[:1]]
    return placed.line((number, *steps))


def _said(path: str, message: str) -> str:
    name = path.split(".")[0]
    return f"{name}: {message}" if name else message


def contract_file(terms: Iterable[ContractTerms]) -> str:
    """Return contracts as a file that `read_contract_file` reads as the same contracts."""
    entries = []
    for one in terms:
        source: dict[str, Any] = {one.source.kind.value: one.source.value}
        if one.source.tenant:
            source[_TENANT] = one.source.tenant
        entries.append(
            {
                "from": source,
                "to": {one.target.kind.value: one.target.value},
                "actions": list(one.actions),
                "guards": [guard.value for guard in one.guards],
                "purpose": one.purpose,
                **({"until": one.until} if one.until else {}),
            }
        )
    return yaml.safe_dump(entries, sort_keys=False, allow_unicode=True, width=100)
