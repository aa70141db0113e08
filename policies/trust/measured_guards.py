"""Guards on keys whose values are measured: MFA, addresses and times.

Source: IAM user guide, "AWS global condition context keys" (aws:MultiFactorAuthPresent,
aws:MultiFactorAuthAge, aws:SourceIp, aws:CurrentTime …).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address
from itertools import pairwise
from typing import Final

from policies.compiled import CompiledCondition
from policies.language.conditions.ip import parse_network
from policies.language.conditions.values import ABSENT, ContextValue
from policies.trust.guard_keys import KeyPresence
from policies.trust.guard_wording import GuardTrap, GuardVerdict
from policies.trust.request_values import PRIVATE_RANGES, SOURCE_IP, is_private_address

_ADDRESSES: Final = frozenset({SOURCE_IP, "aws:vpcsourceip", "aws:ec2instancesourceprivateipv4"})
_TIMES: Final = frozenset({"aws:currenttime", "aws:epochtime", "aws:tokenissuetime"})
_MFA: Final = "aws:multifactorauthpresent"
_MFA_AGE: Final = "aws:multifactorauthage"
MEASURED: Final = _ADDRESSES | _TIMES | {_MFA, _MFA_AGE}
"""The keys, in lower case, that this module judges."""

MOST_ADDRESSES: Final = {4: 1 << 20, 6: 1 << 96}
"""How many addresses a guard may admit: an IPv4 /12, an IPv6 /32. More is no one network's."""

_FAR_FUTURE: Final = ("2999-01-01T00:00:00Z", "32472144000")


def measured_verdict(
    condition: CompiledCondition,
    conditions: Sequence[CompiledCondition],
    presence: KeyPresence,
    *,
    in_known_network: bool = False,
) -> GuardVerdict:
    """Return whether a condition on one of the keys holds, alone or with the others on its key.

    `in_known_network`: another guard fixes the VPC or endpoint, where private addresses are its.
    """
    found = _alone_or_together(condition, conditions, presence)
    if in_known_network and found.trap is GuardTrap.SAYS_NOT_WHO:
        return GuardVerdict(None, reason="Only the addresses listed.")
    return found


def _alone_or_together(
    condition: CompiledCondition,
    conditions: Sequence[CompiledCondition],
    presence: KeyPresence,
) -> GuardVerdict:
    may_be_absent = presence is not KeyPresence.ALWAYS
    alone = _verdict((condition,), may_be_absent)
    others = [c for c in conditions if c is not condition]
    if alone.holds or not others:
        return alone
    together = _verdict(conditions, may_be_absent)
    return together if together.holds and not _verdict(others, may_be_absent).holds else alone


def _verdict(conditions: Sequence[CompiledCondition], may_be_absent: bool) -> GuardVerdict:
    key = conditions[0].key
    absent = may_be_absent and _admits(conditions, ABSENT)
    if key in _ADDRESSES:
        return _addresses(conditions, absent)
    if key in _TIMES:
        return _time(conditions, absent)
    return _mfa(conditions, absent)


def _admits(conditions: Sequence[CompiledCondition], value: ContextValue) -> bool:
    return all(c.holds(lambda _: value) is True for c in conditions)


def _without_key(conditions: Sequence[CompiledCondition]) -> GuardVerdict:
    name = conditions[0]
    trap = GuardTrap.ABSENCE
    if name.set_operator is not None:
        trap = GuardTrap.FOR_ALL_VALUES
    elif name.if_exists:
        trap = GuardTrap.IF_EXISTS
    elif name.negated:
        trap = GuardTrap.NEGATED
    return GuardVerdict(trap, ABSENT)


def _mfa(conditions: Sequence[CompiledCondition], absent: bool) -> GuardVerdict:
    if absent:
        return _without_key(conditions)
    if conditions[0].key == _MFA_AGE:
        # The key is there only if MFA was used, however long ago.
        return GuardVerdict(None, reason="Only sessions signed in with MFA.")
    if _admits(conditions, "false"):
        return GuardVerdict(GuardTrap.OPEN_ENDED, "false", others="sessions signed in without MFA")
    if not _admits(conditions, "true"):
        return GuardVerdict(None, is_empty=True)
    return GuardVerdict(None, reason="Only sessions signed in with MFA.")


def _time(conditions: Sequence[CompiledCondition], absent: bool) -> GuardVerdict:
    if absent:
        return _without_key(conditions)
    if any(_admits(conditions, moment) for moment in _FAR_FUTURE):
        return GuardVerdict(GuardTrap.TOO_WIDE, reason="Requests at any later time.")
    return GuardVerdict(None, reason="Only requests up to the time given.")


def _addresses(conditions: Sequence[CompiledCondition], absent: bool) -> GuardVerdict:
    if absent:
        return _without_key(conditions)
    is_public = conditions[0].key == SOURCE_IP
    admitted = {4: 0, 6: 0}
    example = ""
    for version, start, size in _cells(conditions):
        address = IPv4Address(start) if version == 4 else IPv6Address(start)
        if is_public and is_private_address(address):
            continue
        if _admits(conditions, str(address)):
            admitted[version] += size
            example = example or str(address)
    if not any(admitted.values()):
        return GuardVerdict(None, is_empty=True)
    if any(admitted[version] > most for version, most in MOST_ADDRESSES.items()):
        return GuardVerdict(
            GuardTrap.TOO_WIDE, example, reason="More addresses than one network has."
        )
    if not is_public:
        return GuardVerdict(
            GuardTrap.SAYS_NOT_WHO,
            reason="Any VPC can use these private addresses; name the VPC or its endpoint, too.",
        )
    return GuardVerdict(None, reason="Only the addresses listed.")


def _cells(conditions: Sequence[CompiledCondition]) -> Iterator[tuple[int, int, int]]:
    """Yield ranges within which every address is judged alike: version, first address, size."""
    starts: dict[int, set[int]] = {4: {0, 1 << 32}, 6: {0, 1 << 128}}
    for version, private in PRIVATE_RANGES.items():
        for network in private:
            first = int(network.network_address)
            starts[version] |= {first, first + network.num_addresses}
    for condition in conditions:
        for value in condition.values:
            listed = parse_network(value)
            if listed is not None:
                first = int(listed.network_address)
                starts[listed.version] |= {first, first + listed.num_addresses}
    for version, found in starts.items():
        points = sorted(found)
        for start, end in pairwise(points):
            yield version, start, end - start
