"""Whose requests a sentence is about: a role, anyone except some, anyone outside the organization.

Read from the conditions of a clause; what doesn't fit stays among its conditions.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from governance.effects.headline_words import few, listed, values_of

_NAMED: Final = 3
_OWNER: Final = re.compile(
    r"arn:aws[\w-]*:iam::(?P<account>[^:]*):(?P<kind>role|user)/(?P<name>.+)"
)
_PERMISSION_SET: Final = re.compile(
    r"arn:aws[\w-]*:iam::[^:]*:role/aws-reserved/sso\.amazonaws\.com/(?:[^/]*/)?AWSReservedSSO_([^/]+)"
)
_NOT_THESE: Final = ("the principal does not match `", "the principal matches none of `")
_THESE: Final = ("the principal matches ", "the principal is `", "the principal is one of `")
_OTHER_ORGANIZATION: Final = re.compile(
    r"`aws:PrincipalOrgID` is not `([^`*?]+)` \(or it is absent\)"
)
_SOURCE_ORGANIZATION: Final = re.compile(
    r"`aws:SourceOrgID` is not `([^`*?]+)` \(or it is absent\)"
)
_NO_SERVICE: Final = "`aws:PrincipalIsAWSService` is `false`"
_A_SERVICE: Final = "`aws:PrincipalIsAWSService` is `true`"
_FOR_AN_ACCOUNT: Final = "`aws:SourceAccount` is present"


@dataclass(frozen=True, slots=True)
class Callers:
    """Whose requests are meant: those of `only`, or anybody's with `rest` after it.

    `phrases`: the conditions that this says already.
    """

    only: str = ""
    rest: str = ""
    phrases: frozenset[str] = frozenset()


def callers_of(phrases: Sequence[str], organization_id: str = "") -> Callers:
    """Return whose requests are meant by a clause's conditions."""
    found = _by_organization(phrases, organization_id)
    own = [phrase for phrase in phrases if phrase.startswith("the principal ")]
    if not own:
        return found
    excepted: dict[str, None] = {}
    only: list[str] = []
    for phrase in own:
        if phrase.startswith(_NOT_THESE):
            excepted.update(dict.fromkeys(values_of(phrase)))
        elif phrase.startswith(_THESE) and values_of(phrase) and not only:
            only = values_of(phrase)
        else:
            return found
    if found.only:
        return found
    named = [one for one in only if one not in excepted]
    if only and not named:
        return found
    said = found.phrases.union(own)
    others = [one for one in excepted if not named or any(_may_overlap(one, x) for x in named)]
    names = listed(few(_principals(named), _NAMED))
    but = listed(few(_principals(others), _NAMED))
    if named:
        return Callers(f"{names}{f' (but not {but})' if but else ''}{found.rest}", phrases=said)
    return Callers(rest=f"{found.rest} except {but}", phrases=said)


def _by_organization(phrases: Sequence[str], organization_id: str) -> Callers:
    """Return what keys on the organization say: outside it, or a service for accounts outside."""
    for phrase in phrases:
        outside = _OTHER_ORGANIZATION.fullmatch(phrase)
        if outside is not None:
            place = _outside(outside[1], organization_id)
            if _NO_SERVICE not in phrases:
                return Callers(rest=f" {place}", phrases=frozenset({phrase}))
            return Callers(
                rest=f" {place} (AWS services aside)", phrases=frozenset({phrase, _NO_SERVICE})
            )
        source = _SOURCE_ORGANIZATION.fullmatch(phrase)
        if source is not None and {_A_SERVICE, _FOR_AN_ACCOUNT} <= set(phrases):
            place = _outside(source[1], organization_id)
            return Callers(
                only=f"AWS services acting for accounts {place}",
                phrases=frozenset({phrase, _A_SERVICE, _FOR_AN_ACCOUNT}),
            )
    return Callers()


def _outside(found_id: str, organization_id: str) -> str:
    if found_id == organization_id:
        return "outside the organization"
    return f"outside organization {found_id}"


def _principals(patterns: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(_principal(one) for one in patterns))


def _principal(pattern: str) -> str:
    if pattern.startswith("arn:aws:iam::") and pattern.endswith(":root"):
        return "the root user"
    permission_set = _PERMISSION_SET.fullmatch(pattern)
    if permission_set is not None:
        return f"permission set {permission_set[1].rstrip('_*')}"
    match = _OWNER.fullmatch(pattern)
    if match is None:
        return pattern
    if not match["name"].strip("*"):
        return f"every {match['kind']}"
    return f"{match['kind']} {match['name']}"


def _may_overlap(one: str, other: str) -> bool:
    """Whether one principal may match both patterns; True where their beginnings do not tell."""
    first, second = _OWNER.fullmatch(one), _OWNER.fullmatch(other)
    if first is None or second is None:
        return True
    if first["kind"] != second["kind"]:
        return False
    begins = [re.split(r"[*?]", match["name"], maxsplit=1)[0] for match in (first, second)]
    ends_open = [any(sign in match["name"] for sign in "*?") for match in (first, second)]
    if not any(ends_open):
        return begins[0] == begins[1]
    return begins[0].startswith(begins[1]) or begins[1].startswith(begins[0])
