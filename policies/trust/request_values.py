"""What some keys can hold in a request, and a condition without the values that none of them is.

An account's id has twelve digits, an ARN holds such an id or none, an external ID has two
characters at least, and aws:SourceIp holds public addresses. A value that a key never has decides
nothing, so it is left out before the engine asks.

Source: IAM user guide, "AWS global condition context keys" (aws:SourceAccount, aws:SourceArn,
aws:SourceIp: "public IP ranges"), "Amazon Resource Names (ARNs)"; STS API reference, AssumeRole
(ExternalId).
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final

from policies.comparison.callers import SOURCE_ACCOUNT, SOURCE_ARN
from policies.compiled import CompiledCondition
from policies.language.conditions import ARN_OPERATORS, STRING_OPERATORS
from policies.language.conditions.ip import parse_network
from policies.language.conditions.string import plain_text
from policies.language.document import Operator
from policies.language.patterns import Glob, Piece, Wild, string_glob
from policies.language.variables import Template, Variable

SOURCE_IP: Final = "aws:sourceip"
EXTERNAL_ID: Final = "sts:externalid"
PRIVATE_RANGES: Final[dict[int, tuple[IPv4Network | IPv6Network, ...]]] = {
    4: tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))),
    6: (IPv6Network("fc00::/7"),),
}
"""Ranges that aws:SourceIp, which holds public addresses, never has."""

ACCOUNT_ID: Final = (Wild.ONE_IN_PART,) * 12
ARN_HEAD: Final = ("arn:", Wild.PART, ":", Wild.PART, ":", Wild.PART, ":")
ARN_OF_ANY_ACCOUNT: Final = Glob((*ARN_HEAD, *ACCOUNT_ID, ":", Wild.ANY))
ARN_WITHOUT_ACCOUNT: Final = Glob((*ARN_HEAD, ":", Wild.ANY))

_ACCOUNT_KEYS: Final = frozenset({SOURCE_ACCOUNT, "aws:vpceaccount", "s3:dataaccesspointaccount"})
_LIMITED: Final = _ACCOUNT_KEYS | {SOURCE_ARN, EXTERNAL_ID}
_SHORTEST_EXTERNAL_ID: Final = 2
_BY_TEXT: Final = ARN_OPERATORS | STRING_OPERATORS
_ACCOUNT_PLACE: Final = 4
_IN_ACCOUNT: Final = frozenset("0123456789*?")


@lru_cache(maxsize=65_536)
def with_possible_values(condition: CompiledCondition) -> CompiledCondition:
    """Return a condition without the values that its key has in no request.

    It holds for the same requests; without any value left a positive one never does.
    """
    key, operator = condition.key, condition.operator
    if operator is Operator.IP_ADDRESS:
        if key != SOURCE_IP:
            return condition
    elif operator not in _BY_TEXT or key not in _LIMITED:
        return condition
    left = [
        (value, parts)
        for value, parts in zip(condition.values, condition.templates, strict=True)
        if _is_possible(condition, parts)
    ]
    if len(left) == len(condition.values):
        return condition
    values, templates = tuple(value for value, _ in left), tuple(parts for _, parts in left)
    return replace(condition, values=values, templates=templates)


def _is_possible(condition: CompiledCondition, parts: Template) -> bool:
    pieces = tuple(part for part in parts if not isinstance(part, Variable))
    if len(pieces) < len(parts):
        return True
    if condition.operator is Operator.IP_ADDRESS:
        return not _is_private(plain_text(pieces))
    if condition.key == EXTERNAL_ID:
        tokens = _tokens(condition, pieces)
        if any(isinstance(token, str) and "$" in token for token in tokens):
            # A variable in a policy of version 2008 is text, which STS takes from nobody.
            return False
        return (
            Wild.ANY in tokens
            or sum(len(token) if isinstance(token, str) else 1 for token in tokens)
            >= _SHORTEST_EXTERNAL_ID
        )
    if condition.key == SOURCE_ARN:
        return _may_be_source_arn(condition, pieces)
    return all(token.isdecimal() for token in _literals(condition, pieces))


def _is_private(text: str) -> bool:
    network = parse_network(text)
    return network is not None and any(
        network.network_address in private and network.broadcast_address in private
        for private in PRIVATE_RANGES[network.version]
    )


def is_private_address(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address lies in a range that aws:SourceIp never has."""
    return any(address in private for private in PRIVATE_RANGES[address.version])


def _may_be_source_arn(condition: CompiledCondition, pieces: tuple[Piece, ...]) -> bool:
    """Whether the account of an ARN can be an id; an ARN's parts are known up to a `*`."""
    if condition.operator in ARN_OPERATORS:
        text = "".join(piece if isinstance(piece, str) else piece.text for piece in pieces)
    else:
        first = next(iter(_tokens(condition, pieces)), "")
        text = first if isinstance(first, str) else ""
    parts = text.split(":", _ACCOUNT_PLACE + 1)
    return len(parts) <= _ACCOUNT_PLACE or _IN_ACCOUNT.issuperset(parts[_ACCOUNT_PLACE])


def _literals(condition: CompiledCondition, pieces: tuple[Piece, ...]) -> list[str]:
    return [token for token in _tokens(condition, pieces) if isinstance(token, str)]


def _tokens(condition: CompiledCondition, pieces: tuple[Piece, ...]) -> tuple[str | Wild, ...]:
    if condition.operator is Operator.STRING_LIKE or condition.operator in ARN_OPERATORS:
        return string_glob(pieces).tokens
    return (plain_text(pieces),)
