"""What the policies of a question name: accounts, organizations, principals, addresses, services.

Callers of any other are alike, so one of each class stands for all (`policies.trust.candidates`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from ipaddress import ip_network
from typing import Final

from policies.comparison.callers import (
    CALLER_ACCOUNT,
    PRINCIPAL_ACCOUNT,
    PRINCIPAL_ARN,
    PRINCIPAL_ORGANIZATION,
    PRINCIPAL_PATHS,
    SOURCE_ARN,
)
from policies.compiled import CompiledStatement
from policies.language.document import Operator
from policies.trust.callers import STRANGER_IP
from policies.trust.chains import texts_of
from policies.trust.request_values import is_private_address

ACCOUNT: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")
_ARN_SERVICE = re.compile(r"arn:[^:*?]*:([a-z0-9-]+):")
_ORGANIZATION = re.compile(r"\bo-[a-z0-9]{1,32}")
_CALLER_KEYS: Final = frozenset({PRINCIPAL_ARN, PRINCIPAL_ACCOUNT, CALLER_ACCOUNT})
_WIDEST_IPV4: Final = 8
_WIDEST_IPV6: Final = 32
"""Addresses wider than this are anywhere. Source: S3 user guide, "The meaning of 'public'"."""


class PolicyMentions:
    """What the statements of a question name.

    `compiled`: those of its policy. `statements`: those and the RCPs', which tell callers of any
    account apart.
    """

    def __init__(
        self, compiled: Sequence[CompiledStatement], statements: Sequence[CompiledStatement]
    ) -> None:
        self._compiled = compiled
        self._statements = statements

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Everything that may name an account or organization."""
        texts = (text for statement in self._statements for text in texts_of(statement))
        return tuple(dict.fromkeys(texts))

    @cached_property
    def accounts(self) -> tuple[str, ...]:
        """Ids of the accounts named, and one account for each pattern that matches some."""
        found = (account for text in self.texts for account in ACCOUNT.findall(text))
        return tuple(dict.fromkeys((*found, *self._accounts_of_patterns)))

    @cached_property
    def _accounts_of_patterns(self) -> tuple[str, ...]:
        """An account for each pattern that names a part of an id, such as `2222*`."""
        return tuple(
            account
            for statement in self._statements
            for condition in statement.conditions
            if condition.key in _CALLER_KEYS
            for text in condition.values
            if (account := _account_of_pattern(text)) is not None
        )

    @cached_property
    def organizations(self) -> frozenset[str]:
        """Ids of the organizations named."""
        return frozenset(one for text in self.texts for one in _ORGANIZATION.findall(text))

    @cached_property
    def asks_for_place(self) -> bool:
        """Whether a condition asks where in an organization a caller is."""
        return any(
            condition.key == PRINCIPAL_PATHS
            for statement in self._statements
            for condition in statement.conditions
        )

    @cached_property
    def asks_for_organization(self) -> bool:
        """Whether a condition asks of which organization a caller is."""
        return any(
            condition.key in (PRINCIPAL_PATHS, PRINCIPAL_ORGANIZATION)
            or condition.variable_keys & {PRINCIPAL_PATHS, PRINCIPAL_ORGANIZATION}
            for statement in self._statements
            for condition in statement.conditions
        )

    @cached_property
    def principals(self) -> tuple[str, ...]:
        """The users, roles and sessions that Principal elements name."""
        return tuple(
            dict.fromkeys(
                element.value
                for statement in self._statements
                for element in statement.principals or ()
                if element.kind == "AWS" and "/" in element.value
            )
        )

    @cached_property
    def addresses(self) -> tuple[str, ...]:
        """Addresses from anywhere: one, and one of each range too wide to be a network's."""
        found = [STRANGER_IP]
        for statement in self._compiled:
            for condition in statement.conditions:
                if condition.operator is Operator.IP_ADDRESS and not condition.negated:
                    found += filter(None, map(_wide_address, condition.values))
        return tuple(dict.fromkeys(found))

    @cached_property
    def services_of_sources(self) -> tuple[str, ...]:
        """The services whose resources the statements that allow name in aws:SourceArn."""
        found = (
            match[1]
            for statement in self._compiled
            for condition in statement.conditions
            if condition.key == SOURCE_ARN and not condition.negated
            for text in condition.values
            if (match := _ARN_SERVICE.match(text)) is not None
        )
        return tuple(f"{name}.amazonaws.com" for name in dict.fromkeys(found))


def _account_of_pattern(text: str) -> str | None:
    """Return an account id that a pattern of ids or of ARNs matches; None: it leaves it open, or
    writes it out."""
    parts = text.split(":", 5)
    part = parts[4] if len(parts) > 4 else text
    digits = part.replace("*", "").replace("?", "0")
    if not digits.strip("0?") or not digits.isdigit() or len(digits) > 12 or part.isdigit():
        return None
    head, _, tail = part.replace("?", "0").partition("*")
    tail = tail.replace("*", "")
    filled = f"{head}{'0' * (12 - len(head) - len(tail))}{tail}"
    return filled if (len(filled) == 12 and "*" in part) or len(digits) == 12 else None


def _wide_address(text: str) -> str | None:
    """Return a public address of a range that is anywhere; None for a narrower or private one."""
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return None
    widest = _WIDEST_IPV4 if network.version == 4 else _WIDEST_IPV6
    if network.prefixlen >= widest:
        return None
    ends = (network.network_address + 1, network.broadcast_address - 1)
    return next((str(one) for one in ends if not is_private_address(one)), None)
