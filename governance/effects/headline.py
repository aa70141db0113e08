"""One sentence that says what a change does, derived from its facts, for all or some places.

Simulator, comparison and change requests begin with it. Readers are managers who own accounts: no
word of the engine. It never says more than the boxes do; what does not fit is counted and stands
in the differences below it.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_MOST_SENTENCES: Final = 2
_NAMED: Final = 3
_VALUES: Final = re.compile(r"`([^`]*)`")
_ROLE: Final = re.compile(r"arn:aws[\w-]*:iam::[^:]*:(role|user)/(.+)")
_PERMISSION_SET: Final = re.compile(
    r"arn:aws[\w-]*:iam::[^:]*:role/aws-reserved/sso\.amazonaws\.com/(?:[^/]*/)?AWSReservedSSO_([^/]+)"
)
_MORE: Final = re.compile(r"` and (\d+) more")
_COUNTED: Final = re.compile(r"(\d+) more")
_REGIONS_NAMED: Final = 4

_IN_REGIONS: Final = ("`aws:RequestedRegion` is `", "`aws:RequestedRegion` is one of `")

DENIED, ALLOWED, UNDECIDED = "newly_denied", "newly_allowed", "undecided"


def headline(content: Mapping[str, Any], target_ids: Collection[str] | None = None) -> str:
    """Return what a change does by its stored or made evidence, `content`; see `headline_of`."""
    return headline_of(content["headline"], target_ids)


def headline_of(told: Mapping[str, Any], target_ids: Collection[str] | None = None) -> str:
    """Return what a change does, in one or two sentences, that first on which most hangs.

    `told`: of `headline_facts`. `target_ids`: accounts and OUs of whoever reads it; None: the whole
    organization. Their accounts are called "your accounts".
    """
    chosen = _chosen(told, target_ids)
    sentences: list[str] = []
    for verdict in _riskiest_first(told["clauses"]):
        sentences += _of_verdict(told, verdict, chosen)
    if not sentences:
        sentences += _of_unlisted(told, chosen)
    for one in told["management"]:
        accounts = [a for a in one["account_ids"] if chosen is None or a in chosen]
        if accounts:
            where = _where(told, accounts, chosen is not None)
            sentences.append(f"The effective {one['label']} changes {where}.")
    unknown = [a for a in told["unknown"] if chosen is None or a in chosen]
    if unknown:
        where = _where(told, unknown, chosen is not None)
        sentences.append(f"What changes {where} is not known: they count as changed.")
    if not sentences:
        if target_ids is None:
            return "Nothing that anybody may do changes."
        return "Nothing that anybody may do in your accounts changes."
    return " ".join(sentences)


def _riskiest_first(clauses: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the verdicts by their heaviest clause. Older evidence does not hold what weighs."""
    risks: dict[str, int] = dict.fromkeys((DENIED, ALLOWED, UNDECIDED), 0)
    for clause in clauses:
        verdict = clause["verdict"]
        risks[verdict] = max(risks[verdict], clause.get("risk", 0))
    return sorted(risks, key=lambda verdict: -risks[verdict])


def effect_counts(
    content: Mapping[str, Any], target_ids: Collection[str] | None = None
) -> dict[str, dict[str, int]]:
    """Return by verdict in how many accounts and OUs something changes, in all or some places."""
    told = content["headline"]
    chosen = _chosen(told, target_ids)
    found: dict[str, dict[str, int]] = {}
    for verdict in (DENIED, ALLOWED, UNDECIDED):
        accounts = {
            account_id
            for clause in told["clauses"]
            if clause["verdict"] == verdict
            for part in clause["parts"]
            for account_id in part["account_ids"]
            if chosen is None or account_id in chosen
        }
        if verdict == UNDECIDED:
            accounts |= {a for a in told["unknown"] if chosen is None or a in chosen}
        if accounts:
            found[verdict] = {"accounts": len(accounts), "units": len(_units(told, accounts))}
    return found


def _chosen(told: Mapping[str, Any], target_ids: Collection[str] | None) -> frozenset[str] | None:
    """Return the affected accounts that some places hold; None for all."""
    if target_ids is None:
        return None
    wanted = set(target_ids)
    found: set[str] = set()
    for unit in told["units"]:
        whole = bool(wanted & set(unit["path"]))
        found.update(a for a in unit["account_ids"] if whole or a in wanted)
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class _SaidClause:
    """One clause in some accounts. `even`: all of them have all of it."""

    clause: Mapping[str, Any]
    what: Mapping[str, Any]
    even: bool
    account_ids: tuple[str, ...]


def _of_verdict(told: Mapping[str, Any], verdict: str, chosen: frozenset[str] | None) -> list[str]:
    said = [
        found
        for clause in told["clauses"]
        if clause["verdict"] == verdict and (found := _in_accounts(clause, chosen)) is not None
    ]
    groups = _together(said)
    shown = groups[:_MOST_SENTENCES]
    sentences = [_sentence(told, verdict, group, chosen is not None) for group in shown]
    rest = [one for group in groups[_MOST_SENTENCES:] for one in group]
    if rest:
        accounts = sorted({account_id for one in rest for account_id in one.account_ids})
        what = {DENIED: "is denied", ALLOWED: "is no longer blocked", UNDECIDED: "is not decided"}
        where = _where(told, accounts, chosen is not None)
        sentences.append(f"More {what[verdict]} {where}; the differences list it.")
    return sentences


def _of_unlisted(told: Mapping[str, Any], chosen: frozenset[str] | None) -> list[str]:
    """Say what changes for actions alone that no list of AWS's actions holds yet."""
    words = {
        DENIED: "are newly denied",
        ALLOWED: "are no longer blocked",
        UNDECIDED: "may change",
    }
    sentences = []
    for verdict, said in words.items():
        accounts = {
            account_id
            for one in told["unlisted"]
            if one["verdict"] == verdict
            for account_id in one["account_ids"]
            if chosen is None or account_id in chosen
        }
        if accounts:
            where = _where(told, accounts, chosen is not None)
            sentences.append(f"Only actions that AWS may add later {said} {where}.")
    return sentences


def _in_accounts(clause: Mapping[str, Any], chosen: frozenset[str] | None) -> _SaidClause | None:
    parts = [
        (part["what"], [a for a in part["account_ids"] if chosen is None or a in chosen])
        for part in clause["parts"]
    ]
    parts = [(what, accounts) for what, accounts in parts if accounts]
    if not parts:
        return None
    accounts = tuple(sorted({a for _, found in parts for a in found}))
    one = all(what == parts[0][0] for what, _ in parts)
    return _SaidClause(clause, parts[0][0] if one else clause["what"], one, accounts)


def _together(said: Sequence[_SaidClause]) -> list[list[_SaidClause]]:
    """Put clauses together that differ in what they are about and in nothing else."""
    groups: list[list[_SaidClause]] = []
    for one in said:
        for group in groups:
            first = group[0]
            if (
                len(group) < _NAMED
                and first.account_ids == one.account_ids
                and first.even == one.even
                and _others_deny(first.clause) == _others_deny(one.clause)
                and _who(first.clause["phrases"]) == _who(one.clause["phrases"])
            ):
                group.append(one)
                break
        else:
            groups.append([one])
    return groups


def _sentence(
    told: Mapping[str, Any], verdict: str, group: Sequence[_SaidClause], is_own: bool
) -> str:
    first = group[0]
    where = _where(told, first.account_ids, is_own)
    partly = "" if first.even else ", in some of them only part of it"
    others = ", unless another policy denies it" if _others_deny(first.clause) else ""
    who = _who(first.clause["phrases"])
    if verdict == DENIED:
        acts = " or ".join(_verb(one.what, one.clause["phrases"]) for one in group)
        if who.only:
            return f"{_capital(who.only)} can no longer {acts} {where}{partly}."
        nobody = f"Except for {who.excepted}, nobody" if who.excepted else "Nobody"
        return f"{nobody} can {acts} any more {where}{partly}."
    nouns = _listed([_noun(one.what, one.clause["phrases"]) for one in group])
    by = f" for {who.only}" if who.only else ""
    by = f" for anybody except {who.excepted}" if who.excepted else by
    if verdict == ALLOWED:
        return f"No longer blocked{by} {where}{partly}: {nouns}{others}."
    return f"Whether {nouns} changes{by} {where} could not be decided: it counts as changed."


def _others_deny(clause: Mapping[str, Any]) -> bool:
    return bool(clause.get("others_deny"))


@dataclass(frozen=True, slots=True)
class _Callers:
    """Whose requests a clause is about. Both empty: anybody's."""

    only: str = ""
    excepted: str = ""


def _who(phrases: Sequence[str]) -> _Callers:
    """Return whose requests are meant; what does not fit stays among the conditions."""
    own = [phrase for phrase in phrases if phrase.startswith("the principal ")]
    excepted: dict[str, None] = {}
    only: list[str] = []
    for phrase in own:
        names = [_principal(value) for value in _values(phrase)]
        if phrase.startswith(_NOT_THESE):
            excepted.update(dict.fromkeys(names))
        elif phrase.startswith(_THESE) and names and not only:
            only = names
        else:
            return _Callers()
    named, others = _listed(_few(only, _NAMED)), _listed(_few(list(excepted), _NAMED))
    if only and excepted:
        return _Callers(only=f"{named} (but not {others})")
    return _Callers(only=named, excepted=others)


_NOT_THESE: Final = ("the principal does not match `", "the principal matches none of `")
_THESE: Final = ("the principal matches ", "the principal is `", "the principal is one of `")


def _values(phrase: str) -> list[str]:
    """Return what a phrase lists; `2 more` stands for what it counts only."""
    found = _VALUES.findall(phrase)
    more = _MORE.search(phrase)
    return [*found, f"{more[1]} more"] if more else found


def _few(words: Sequence[str], most: int) -> list[str]:
    """Return the first of some words, and how many more there are."""
    if len(words) <= most + 1:
        return list(words)
    counted = _COUNTED.fullmatch(words[-1])
    named = len(words) - 1 if counted else len(words)
    rest = named - most + (int(counted[1]) if counted else 0)
    return [*words[:most], f"{rest:,} more"]


def _principal(pattern: str) -> str:
    if pattern.startswith("arn:aws:iam::") and pattern.endswith(":root"):
        return "the root user"
    permission_set = _PERMISSION_SET.fullmatch(pattern)
    if permission_set is not None:
        return f"permission set {permission_set[1].rstrip('_*')}"
    match = _ROLE.fullmatch(pattern)
    if match is None:
        return pattern
    return f"{match[1]} {match[2]}" if match[2].strip("*") else f"every {match[1]}"


def _conditions(phrases: Sequence[str]) -> tuple[str, str]:
    """Return the regions of a clause and the rest of its conditions, in words."""
    regions, rest, clauses = "", [], []
    told_callers = _who(phrases) != _Callers()
    for phrase in phrases:
        if phrase.startswith("the principal ") and told_callers:
            continue
        values = _listed(_few(_values(phrase.partition(" is ")[2]), _REGIONS_NAMED))
        if phrase.startswith(_IN_REGIONS) and not regions:
            regions = f"in {values}"
        elif phrase.startswith("`aws:RequestedRegion` is n") and not regions:
            regions = f"outside {values}"
        elif phrase.startswith("`aws:SecureTransport` is `false`"):
            rest.append("without TLS")
        elif phrase == "`aws:MultiFactorAuthPresent` is `false` or absent":
            rest.append("without MFA")
        elif phrase.startswith(("the resource matches `", "the resource matches one of `")):
            rest.append(f"on {_listed(_few(_values(phrase), _NAMED), 'or')}")
        else:
            clauses.append(phrase.replace("`", ""))
    if clauses:
        rest.append(f"where {_listed(clauses)}")
    return regions, " ".join(rest)


def _verb(what: Mapping[str, Any], phrases: Sequence[str]) -> str:
    regions, rest = _conditions(phrases)
    thing = _thing(what, regions)
    if thing:
        done = f"use {thing}"
    elif what["everything"]:
        done = "do anything"
    elif what["named"]:
        done = f"call {_listed(what['named'], 'or')}"
    else:
        done = f"use {_services(what)}"
    if regions and not thing:
        done += f" {regions}"
    return f"{done} {rest}".rstrip()


def _noun(what: Mapping[str, Any], phrases: Sequence[str]) -> str:
    regions, rest = _conditions(phrases)
    thing = _thing(what, regions)
    if thing:
        done = thing
    elif what["everything"]:
        done = "all actions"
    elif what["named"]:
        done = _listed(what["named"])
    else:
        done = _services(what)
    if regions and not thing:
        done += f" {regions}"
    return f"{done} {rest}".rstrip()


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
    shown = left[:_NAMED]
    more = len(left) - len(shown)
    words = [*shown, f"{more:,} more services"] if more > 1 else left[: _NAMED + 1]
    return f" (apart from {_listed(words)})"


def _services(what: Mapping[str, Any]) -> str:
    if what["left_out"] is not None:
        return "any service" + _excepted(what)
    whole, partly = what["services"], what["partly"]
    if whole and not partly:
        if len(whole) <= _NAMED:
            return _listed(whole)
        return f"{len(whole):,} services, among them {_listed(whole[:_NAMED])}"
    labels = [*whole, *partly]
    shown = _listed(labels) if len(labels) <= _NAMED else f"{len(labels):,} services"
    return f"{what['actions']:,} actions of {shown}"


def _where(told: Mapping[str, Any], account_ids: Collection[str], is_own: bool) -> str:
    count = len(account_ids)
    if is_own:
        return f"in {count:,} of your accounts" if count > 1 else "in 1 of your accounts"
    if count == told["accounts"] and count > 1:
        return f"in all {count:,} accounts"
    units = _units(told, account_ids)
    accounts = f"{count:,} account{'s' if count != 1 else ''}"
    if not units:
        return f"in {accounts}"
    return f"in {accounts} of {len(units):,} OU{'s' if len(units) != 1 else ''}"


def _units(told: Mapping[str, Any], account_ids: Collection[str]) -> set[str]:
    wanted = set(account_ids)
    return {
        unit["unit_id"]
        for unit in told["units"]
        if unit["unit_id"].startswith("ou-") and not wanted.isdisjoint(unit["account_ids"])
    }


def _listed(words: Sequence[str], last: str = "and") -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
