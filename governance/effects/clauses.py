"""The differences of a change as few clauses: what, under which conditions, in which accounts.

Clauses are made of the boxes that the engine found: boxes with the same conditions in the same
accounts are one, and so are those that differ in one list of values alone. A clause denotes the
union of its boxes, no more and no less; where accounts have parts of it only, it says so.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from governance.effects.request_effects import Effects, Verdict
from governance.effects.risk import heaviest, heaviest_action
from policies import Catalogue, PolicyType, load_catalogue
from policies.ceiling import Ceiling
from policies.evaluation.aws_rules import unbound_bits

_NAMED_ACTIONS: Final = 3
_FIRST_OF: Final = 12
_MOST_CLAUSES: Final = 100
_VALUES: Final = re.compile(r"`([^`]*)`")
_IS: Final = re.compile(r"(?P<subject>.+?) is (?:one of )?(?P<values>`[^`]*`(?:, `[^`]*`)*)")


@dataclass(frozen=True)
class _Requests:
    """Some actions under some conditions, and the accounts whose requests they are.

    `others_deny`: those requests are left out that other policies deny.
    """

    verdict: Verdict
    policy_type: PolicyType
    phrases: tuple[str, ...]
    others_deny: bool
    bits: int
    account_ids: tuple[str, ...]

    @property
    def key(self) -> "_Conditions":
        """What requests of one clause have alike."""
        return (self.verdict, self.policy_type, self.phrases, self.others_deny)


def clauses_of(
    effects: Effects, ceilings: Mapping[PolicyType, Mapping[str, Ceiling]]
) -> list[dict[str, Any]]:
    """Return the clauses as JSON, those first on which most hangs.

    Each: `verdict`, `phrases` (all hold together), `others_deny` (but for requests that other
    policies deny), `parts` with `what` and `account_ids`, `what` for all parts together, `even`
    (what is said of all holds in each account), `risk`. Actions that the catalogue does not have
    are left to the list of differences. `ceilings`: in the end, by account.
    """
    catalogue = load_catalogue()
    clauses = [
        _clause(catalogue, parts, ceilings[parts[0].policy_type])
        for parts in _by_conditions(effects).values()
    ]
    clauses.sort(
        key=lambda one: (
            -one["risk"],
            _ORDER.index(one["verdict"]),
            -one["accounts"],
            -one["what"]["actions"],
            one["phrases"],
        )
    )
    return clauses[:_MOST_CLAUSES]


_ORDER: Final = (
    Verdict.NEWLY_DENIED.value,
    Verdict.UNDECIDED.value,
    Verdict.NEWLY_ALLOWED.value,
)
_Conditions = tuple[Verdict, PolicyType, tuple[str, ...], bool]


def _by_conditions(effects: Effects) -> dict[_Conditions, list[_Requests]]:
    """Return the requests by their conditions; an account stands once under each."""
    bits: dict[_Conditions, dict[tuple[str, ...], int]] = {}
    for effect in effects.effects:
        if effect.unlisted:
            continue
        phrases: tuple[str, ...] = ()
        others_deny = False
        if effect.difference is not None:
            when = effect.difference.when
            phrases, others_deny = when.phrases, when.path is not None
        key = (effect.verdict, effect.policy_type, phrases, others_deny)
        found = bits.setdefault(key, {})
        for part in effect.parts:
            found[part.account_ids] = found.get(part.account_ids, 0) | part.actions.bits
    return _merged(
        [
            _Requests(*conditions, found, account_ids)
            for conditions, parts in bits.items()
            for account_ids, found in _disjoint(parts).items()
        ]
    )


def _disjoint(parts: Mapping[tuple[str, ...], int]) -> dict[tuple[str, ...], int]:
    """Return actions by groups of accounts, each account in one group with all of its actions."""
    of_account: dict[str, int] = {}
    for account_ids, bits in parts.items():
        for account_id in account_ids:
            of_account[account_id] = of_account.get(account_id, 0) | bits
    groups: dict[int, list[str]] = {}
    for account_id, bits in of_account.items():
        groups.setdefault(bits, []).append(account_id)
    return {tuple(account_ids): bits for bits, account_ids in groups.items()}


def _merged(requests: Sequence[_Requests]) -> dict[_Conditions, list[_Requests]]:
    """Unite requests that differ only in the values of one condition: `a`, and `b`."""
    whole: dict[tuple[Any, ...], dict[int, list[_Requests]]] = {}
    for one in requests:
        for place, phrase in enumerate(one.phrases):
            if _IS.fullmatch(phrase):
                others = (one.phrases[:place], one.phrases[place + 1 :], _subject(phrase))
                key = (*one.key[:2], one.others_deny, one.bits, one.account_ids, others)
                whole.setdefault(key, {}).setdefault(place, []).append(one)
                break
    united: dict[int, _Requests] = {}
    gone: set[int] = set()
    for by_place in whole.values():
        for place, alike in by_place.items():
            if len(alike) > 1:
                first = alike[0]
                values = sorted({value for one in alike for value in _values(one.phrases[place])})
                listed = ", ".join(f"`{value}`" for value in values)
                said = f"{_subject(first.phrases[place])} is one of {listed}"
                phrases = (*first.phrases[:place], said, *first.phrases[place + 1 :])
                united[id(first)] = replace(first, phrases=phrases)
                gone.update(id(one) for one in alike[1:])
    found: dict[_Conditions, list[_Requests]] = {}
    for one in requests:
        if id(one) not in gone:
            kept = united.get(id(one), one)
            found.setdefault(kept.key, []).append(kept)
    return found


def _subject(phrase: str) -> str:
    match = _IS.fullmatch(phrase)
    return match["subject"] if match else phrase


def _values(phrase: str) -> list[str]:
    match = _IS.fullmatch(phrase)
    return _VALUES.findall(match["values"]) if match else []


def _clause(
    catalogue: Catalogue, parts: Sequence[_Requests], ceilings: Mapping[str, Ceiling]
) -> dict[str, Any]:
    first = parts[0]
    # What policies of a type never limit is not missed where they take all the rest.
    never = catalogue.all_bits & ~catalogue.rcp_bits
    if first.policy_type is PolicyType.SERVICE_CONTROL_POLICY:
        never = unbound_bits(catalogue)
    together = 0
    for part in parts:
        together |= part.bits
    impossible = [_impossible(part, catalogue, ceilings) | never for part in parts]
    everywhere = catalogue.all_bits
    for bits in impossible:
        everywhere &= bits
    accounts = len({one for part in parts for one in part.account_ids})
    return {
        "verdict": first.verdict.value,
        "policy_type": first.policy_type.value,
        "phrases": list(first.phrases),
        "others_deny": first.others_deny,
        "risk": heaviest(catalogue, together) * accounts,
        "what": what_json(catalogue, together, everywhere & ~together),
        "accounts": accounts,
        "even": not any(
            together & ~(part.bits | bits) for part, bits in zip(parts, impossible, strict=True)
        ),
        "parts": [
            {
                "what": what_json(catalogue, part.bits, bits & ~part.bits),
                "account_ids": sorted(part.account_ids),
            }
            for part, bits in zip(parts, impossible, strict=True)
        ],
    }


def _impossible(part: _Requests, catalogue: Catalogue, ceilings: Mapping[str, Ceiling]) -> int:
    """Return the actions that nobody in the accounts can do in the end, whatever the request.

    They were denied before: that nobody can do them any more is true of them as well.
    """
    if part.verdict is not Verdict.NEWLY_DENIED:
        return 0
    found = catalogue.all_bits
    seen: set[int] = set()
    for account_id in part.account_ids:
        ceiling = ceilings[account_id]
        if id(ceiling) not in seen:
            seen.add(id(ceiling))
            found &= ~ceiling.possible
    return found


def what_json(catalogue: Catalogue, bits: int, never: int = 0) -> dict[str, Any]:
    """Return actions in few words: how many, the services they are of, those that are left out.

    `services`: labels of the services that are covered whole; `partly`: of those covered in part;
    `named`: the actions by name where they are few; `first`: that on which most hangs, where
    it speaks for the rest;
    `left_out`: where all but few services are
    covered, the labels of those that are not, else null. `everything`: all actions. `never`: other
    actions that are not missed, since policies do not bind them or nobody could do them.
    """
    services, partly, left_out = [], [], []
    for service in catalogue.services:
        whole = catalogue.service_bits(service) & ~never
        if not whole:
            continue
        label = _short(catalogue.service_names[service])
        if not whole & ~bits:
            services.append(label)
        elif whole & bits:
            partly.append(label)
        else:
            left_out.append(label)
    actions = bits.bit_count()
    most = len(services) > len(catalogue.services) // 2
    return {
        "actions": actions,
        "everything": not catalogue.all_bits & ~(bits | never),
        "services": [] if most else services,
        "partly": partly,
        "named": catalogue.actions(bits) if actions <= _NAMED_ACTIONS else [],
        "first": heaviest_action(catalogue, bits) if actions <= _FIRST_OF else "",
        "left_out": left_out if most else None,
    }


_BRACKETS: Final = re.compile(r".*\(([A-Z][A-Za-z0-9 ]+)\)")


def _short(name: str) -> str:
    """Return a service's name as people say it: IAM, Amazon EC2."""
    match = _BRACKETS.fullmatch(name)
    return match[1] if match else name
