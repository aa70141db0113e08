"""One sentence that says what a change does, derived from its facts, for all or some places.

Simulator, comparison and change requests begin with it. Readers are managers who own accounts: no
word of the engine. It never says more than the boxes do; what does not fit is named in short or
counted, and stands in the differences below it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from governance.effects.headline_callers import callers_of
from governance.effects.headline_words import SentencePlaces, act_of, capital, units_of

_MOST_SENTENCES: Final = 2
_MOST_LETTERS: Final = 160
_CONDITIONS: Final = (" where ", " in ", " on ", " outside ")
_NAMED: Final = 3
_POLICIES: Final = {"SERVICE_CONTROL_POLICY": "SCPs", "RESOURCE_CONTROL_POLICY": "RCPs"}

_MOST_ALSO: Final = 2

DENIED, ALLOWED, UNDECIDED = "newly_denied", "newly_allowed", "undecided"
_ALSO: Final = {
    DENIED: "newly denied",
    ALLOWED: "no longer blocked",
    UNDECIDED: "undecided",
}


def headline(content: Mapping[str, Any], target_ids: Collection[str] | None = None) -> str:
    """Return what a change does by its stored or made evidence, `content`; see `headline_of`."""
    return headline_of(content["headline"], target_ids)


def headline_of(facts: Mapping[str, Any], target_ids: Collection[str] | None = None) -> str:
    """Return what a change does, in one or two sentences, that first on which most hangs.

    `facts`: of `headline_facts`. `target_ids`: accounts and OUs of whoever reads it; None: the
    whole organization. Their accounts are called "your accounts".
    """
    chosen = _chosen(facts, target_ids)
    places = SentencePlaces(facts["units"], facts["accounts"], is_own=chosen is not None)
    sentences = _of_clauses(facts, chosen, places)
    if not sentences:
        sentences += _of_unlisted(facts, chosen, places)
    for one in facts["management"]:
        accounts = _shown(one["account_ids"], chosen)
        if accounts:
            sentences.append(f"The effective {one['label']} changes in {places.of(accounts)}.")
    unknown = _shown(facts["unknown"], chosen)
    if unknown:
        where = places.of(unknown)
        counts = "counts" if len(unknown) == 1 else "count"
        sentences.append(f"{capital(where)} can't be compared and {counts} as changed.")
    if not sentences:
        in_own = "" if target_ids is None else " in your accounts"
        return f"Nobody's permissions change{in_own}."
    return " ".join(sentences)


def _shown(account_ids: Collection[str], chosen: frozenset[str] | None) -> list[str]:
    return [one for one in account_ids if chosen is None or one in chosen]


def _of_clauses(
    facts: Mapping[str, Any], chosen: frozenset[str] | None, places: SentencePlaces
) -> list[str]:
    """Say the heaviest change of each verdict, two where there is one verdict; name the rest."""
    groups: list[list[_SaidClause]] = []
    rest: list[list[_SaidClause]] = []
    verdicts = _riskiest_first(facts["clauses"])
    by_verdict = {verdict: _groups_of(facts, verdict, chosen) for verdict in verdicts}
    present = [found for found in by_verdict.values() if found]
    most = _MOST_SENTENCES if len(present) == 1 else 1
    for found in present:
        groups += found[:most]
        if found[most:]:
            rest.append([one for group in found[most:] for one in group])
    return [
        *(_sentence(facts, group, places) for group in groups),
        *(_also(said, places) for said in rest),
    ]


def effect_counts(
    content: Mapping[str, Any], target_ids: Collection[str] | None = None
) -> dict[str, dict[str, int]]:
    """Return by verdict in how many accounts and OUs something changes, in all or some places."""
    facts = content["headline"]
    chosen = _chosen(facts, target_ids)
    found: dict[str, dict[str, int]] = {}
    for verdict in (DENIED, ALLOWED, UNDECIDED):
        accounts = {
            account_id
            for clause in facts["clauses"]
            if clause["verdict"] == verdict
            for part in clause["parts"]
            for account_id in part["account_ids"]
            if chosen is None or account_id in chosen
        }
        if verdict == UNDECIDED:
            accounts |= {a for a in facts["unknown"] if chosen is None or a in chosen}
        if accounts:
            found[verdict] = {
                "accounts": len(accounts),
                "units": len(units_of(facts["units"], accounts)),
            }
    return found


def _chosen(facts: Mapping[str, Any], target_ids: Collection[str] | None) -> frozenset[str] | None:
    """Return the affected accounts that some places hold; None for all."""
    if target_ids is None:
        return None
    wanted = set(target_ids)
    found: set[str] = set()
    for unit in facts["units"]:
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


def _riskiest_first(clauses: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the verdicts by their heaviest clause. Older evidence does not hold what weighs."""
    risks: dict[str, int] = dict.fromkeys((DENIED, ALLOWED, UNDECIDED), 0)
    for clause in clauses:
        verdict = clause["verdict"]
        risks[verdict] = max(risks[verdict], clause.get("risk", 0))
    return sorted(risks, key=lambda verdict: -risks[verdict])


def _groups_of(
    facts: Mapping[str, Any], verdict: str, chosen: frozenset[str] | None
) -> list[list[_SaidClause]]:
    return _together(
        [
            found
            for clause in facts["clauses"]
            if clause["verdict"] == verdict and (found := _in_accounts(clause, chosen)) is not None
        ]
    )


def _of_unlisted(
    facts: Mapping[str, Any], chosen: frozenset[str] | None, places: SentencePlaces
) -> list[str]:
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
            for one in facts["unlisted"]
            if one["verdict"] == verdict
            for account_id in one["account_ids"]
            if chosen is None or account_id in chosen
        }
        if accounts:
            where = places.of(accounts)
            sentences.append(f"Only actions that AWS may add later {said} in {where}.")
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
    """Put clauses together that differ in what they are about and in nothing else, if short."""
    groups: list[list[_SaidClause]] = []
    for one in said:
        for group in groups:
            first = group[0]
            if (
                len(group) < _NAMED
                and first.account_ids == one.account_ids
                and first.even == one.even
                and _of_type(first.clause) == _of_type(one.clause)
                and callers_of(first.clause["phrases"]) == callers_of(one.clause["phrases"])
                and sum(len(_act(each)) for each in (*group, one)) <= _MOST_LETTERS
            ):
                group.append(one)
                break
        else:
            groups.append([one])
    return groups


def _sentence(
    facts: Mapping[str, Any], group: Sequence[_SaidClause], places: SentencePlaces
) -> str:
    first = group[0]
    verdict = first.clause["verdict"]
    who = callers_of(first.clause["phrases"], facts.get("organization_id") or "")
    acts = " or ".join(_act(one, gerund=verdict == ALLOWED) for one in group)
    is_long = any(word in acts for word in _CONDITIONS)
    # A condition that ends in a place's name would read on into the accounts.
    where = f"{',' if is_long else ''} in {places.of(first.account_ids)}"
    where += "" if first.even else " (in some of them only in part)"
    if verdict == DENIED:
        if who.only:
            return f"{capital(who.only)} can no longer {acts}{where}."
        if is_long:
            return f"Nobody{who.rest} can any longer {acts}{where}."
        return f"Nobody{who.rest} can {acts} any more{where}."
    whom = who.only or f"anyone{who.rest}"
    if verdict == ALLOWED:
        stopping = _POLICIES.get(first.clause.get("policy_type", ""), "Policies")
        others = ""
        if any(one.clause.get("others_deny") for one in group):
            others = ", where no other policy denies it"
        return f"{stopping} no longer stop {whom} from {acts}{where}{others}."
    return f"Whether {whom} can still {acts}{where} isn't decided: it counts as changed."


def _also(said: Sequence[_SaidClause], places: SentencePlaces) -> str:
    """Name the heaviest of what else a verdict holds, as far as the names are short."""
    accounts = {account_id for one in said for account_id in one.account_ids}
    acts = list(dict.fromkeys(_act(one, gerund=True) for one in said))
    named = acts[:_MOST_ALSO]
    while named and sum(map(len, named)) > _MOST_LETTERS:
        named.pop()
    more = len(acts) - len(named)
    if more:
        named.append(f"{more:,} more" if named else "see the differences")
    verdict = _ALSO[said[0].clause["verdict"]]
    return f"Also {verdict} in {places.of(accounts)}: {'; '.join(named)}."


def _of_type(clause: Mapping[str, Any]) -> str | None:
    """Return what allowing clauses say of their policies; denying ones say nothing of them."""
    return clause.get("policy_type") if clause["verdict"] == ALLOWED else None


def _act(one: _SaidClause, *, gerund: bool = False) -> str:
    phrases = one.clause["phrases"]
    said = callers_of(phrases).phrases
    return act_of(one.what, [each for each in phrases if each not in said], gerund=gerund)
