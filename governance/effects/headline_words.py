"""Words of the sentence about a change: what is done, where, lists that stay short."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_NAMED: Final = 3
_REGIONS_NAMED: Final = 4
_VALUES: Final = re.compile(r"`([^`]*)`")
_MORE: Final = re.compile(r"` and (\d+) more")
_COUNTED: Final = re.compile(r"(\d+) more")
_IN_REGIONS: Final = ("`aws:RequestedRegion` is `", "`aws:RequestedRegion` is one of `")
_SAID: Final = {
    "`aws:SecureTransport` is `false`": "without TLS",
    "`aws:SecureTransport` is `false` or absent": "without TLS",
    "`aws:MultiFactorAuthPresent` is `false` or absent": "without MFA",
    "`aws:MultiFactorAuthPresent` is not `false`": "with MFA",
}


def act_of(what: Mapping[str, Any], phrases: Sequence[str], *, gerund: bool = False) -> str:
    """Return what is done: `call s3:PutObject on arn:…`, or `calling …`.

    `what`: as `clauses.what_json` makes it. `phrases`: the conditions, without those on callers.
    """
    use, call, do = ("using", "calling", "doing") if gerund else ("use", "call", "do")
    regions, rest = _conditions(phrases)
    thing = _thing(what, regions)
    if thing:
        done = f"{use} {thing}"
    elif what["everything"]:
        done = f"{do} anything"
    elif what["named"]:
        done = f"{call} {listed(what['named'], 'or')}"
    else:
        done = _services(what, use=use, call=call)
    if regions and not thing:
        done += f" {regions}"
    return f"{done} {rest}".rstrip()


def _conditions(phrases: Sequence[str]) -> tuple[str, str]:
    """Return the regions of a clause and the rest of its conditions, in words."""
    regions, rest, clauses = "", [], []
    for phrase in phrases:
        if phrase.startswith(_IN_REGIONS) and not regions:
            regions = f"in {_regions(phrase)}"
        elif phrase.startswith("`aws:RequestedRegion` is n") and not regions:
            regions = f"outside {_regions(phrase)}"
        elif phrase in _SAID:
            rest.append(_SAID[phrase])
        elif phrase.startswith(("the resource matches `", "the resource matches one of `")):
            values = few(values_of(phrase), 1, "more resources")
            rest.append(f"on {listed(values, 'or')}")
        else:
            clauses.append(phrase.replace("`", ""))
    if clauses:
        rest.append(f"where {listed(clauses)}")
    return regions, " ".join(rest)


def _regions(phrase: str) -> str:
    return listed(few(values_of(phrase.partition(" is ")[2]), _REGIONS_NAMED))


def _thing(what: Mapping[str, Any], regions: str) -> str:
    """Return the regions as what is used, where all or nearly all services are meant."""
    if not regions:
        return ""
    place = regions.removeprefix("in ") if regions.startswith("in ") else f"regions {regions}"
    if what["everything"]:
        return place
    if what["left_out"] is None:
        return ""
    return place + _excepted(what)


def _excepted(what: Mapping[str, Any]) -> str:
    left = [*what["left_out"], *(f"parts of {label}" for label in what["partly"])]
    if not left:
        return ""
    if len(left) > _NAMED:
        part = "all or part of " if what["left_out"] and what["partly"] else ""
        part = "parts of " if not what["left_out"] else part
        return f" (apart from {part}{len(left):,} services)"
    return f" (apart from {listed(left)})"


def _services(what: Mapping[str, Any], *, use: str, call: str) -> str:
    if what["left_out"] is not None:
        return f"{use} any service{_excepted(what)}"
    whole, partly = what["services"], what["partly"]
    if whole and not partly:
        if len(whole) <= _NAMED:
            return f"{use} {listed(whole, 'or')}"
        return f"{use} {len(whole):,} services, among them {listed(whole[:_NAMED])}"
    labels = [*whole, *partly]
    shown = listed(labels) if len(labels) <= _NAMED else f"{len(labels):,} services"
    first = what.get("first")
    if first:
        return f"{call} {first} and {what['actions'] - 1:,} more actions of {shown}"
    return f"{use} {what['actions']:,} actions of {shown}"


@dataclass(frozen=True, slots=True)
class SentencePlaces:
    """Counts the places of accounts. `units`, `accounts`: of the headline's facts.

    `is_own`: they are called those of whoever reads it.
    """

    units: Sequence[Mapping[str, Any]]
    accounts: int
    is_own: bool

    def of(self, account_ids: Collection[str]) -> str:
        """Return `66 accounts of 22 OUs`, `3 accounts of OU Customs`, `all 66 accounts`."""
        count = len(account_ids)
        if self.is_own:
            return f"{count:,} of your accounts"
        if count == self.accounts and count > 1:
            return f"all {count:,} accounts"
        units = units_of(self.units, account_ids)
        accounts = f"{count:,} account{'s' if count != 1 else ''}"
        if not units:
            return accounts
        if len(units) == 1 and not self._is_beyond(account_ids, units):
            return f"{accounts} of OU {next(iter(units.values()))}"
        return f"{accounts} of {len(units):,} OU{'s' if len(units) != 1 else ''}"

    def _is_beyond(self, account_ids: Collection[str], units: Collection[str]) -> bool:
        """Whether some of the accounts are in none of the OUs."""
        inside = {
            account_id
            for unit in self.units
            if unit["unit_id"] in units
            for account_id in unit["account_ids"]
        }
        return not inside.issuperset(account_ids)


def units_of(units: Sequence[Mapping[str, Any]], account_ids: Collection[str]) -> dict[str, str]:
    """Return the OUs that hold some accounts themselves, by id with their names."""
    wanted = set(account_ids)
    return {
        unit["unit_id"]: unit["name"]
        for unit in units
        if unit["unit_id"].startswith("ou-") and not wanted.isdisjoint(unit["account_ids"])
    }


def values_of(phrase: str) -> list[str]:
    """Return what a phrase lists; `2 more` stands for what it counts only."""
    found = _VALUES.findall(phrase)
    more = _MORE.search(phrase)
    return [*found, f"{more[1]} more"] if more else found


def few(words: Sequence[str], most: int, more: str = "more") -> list[str]:
    """Return the first of some words, and how many more there are."""
    if len(words) <= most + 1:
        return list(words)
    counted = _COUNTED.fullmatch(words[-1])
    named = len(words) - 1 if counted else len(words)
    rest = named - most + (int(counted[1]) if counted else 0)
    return [*words[:most], f"{rest:,} {more}"]


def listed(words: Sequence[str], last: str = "and") -> str:
    """Return `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def capital(text: str) -> str:
    """Return a text with its first letter as a capital."""
    return text[:1].upper() + text[1:]
