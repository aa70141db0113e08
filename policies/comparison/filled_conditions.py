"""Conditions with policy variables whose values the resource determines, with these filled in.

A resource control policy binds the resources of one account of one organization, so that
`${aws:ResourceAccount}` and, where the organization is known, `${aws:ResourceOrgID}` each stand
for one text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from policies.comparison.callers import (
    PRINCIPAL_ACCOUNT,
    RESOURCE_ACCOUNT,
    RESOURCE_ORGANIZATION,
    CallersOrganization,
)
from policies.compiled import CompiledCondition
from policies.language.conditions import STRING_OPERATORS
from policies.language.conditions.values import UNKNOWN, ContextValue, Missing
from policies.language.patterns import Literal, Piece
from policies.language.variables import Variable, resolve


class FilledConditions:
    """Fills variables in, where resources of an account are called; remembers the conditions.

    `account_id`: the resource's, None where it may be any. `organization`: the resource's, None
    where the policies bind callers instead. `known`: values of variables, instead of those that
    these two determine. `written`: of a filled condition, the one as written.
    """

    def __init__(
        self,
        account_id: str | None,
        organization: CallersOrganization | None,
        known: Mapping[str, str] | None = None,
    ) -> None:
        self.written: dict[CompiledCondition, CompiledCondition] = {}
        self._filled: dict[CompiledCondition, CompiledCondition | None] = {}
        self._account_id = account_id
        self._values: dict[str, str] = dict(known or {})
        if organization is None or known is not None:
            return
        if account_id is not None:
            self._values[RESOURCE_ACCOUNT] = account_id
        if organization.organization_id is not None:
            self._values[RESOURCE_ORGANIZATION] = organization.organization_id

    def of(self, condition: CompiledCondition) -> CompiledCondition | None:
        """Return a condition without variables that means the same; None if there is none."""
        if condition not in self._filled:
            filled = self._filled[condition] = self._fill(condition)
            if filled is not None:
                self.written[filled] = condition
        return self._filled[condition]

    def _fill(self, condition: CompiledCondition) -> CompiledCondition | None:
        if condition.variable_keys <= self._values.keys():
            templates: list[tuple[Piece, ...]] = []
            for parts in condition.templates:
                pieces = resolve(parts, self._value)
                if isinstance(pieces, Missing):
                    return None
                templates.append(pieces)
            texts = tuple(
                "".join(piece.text if isinstance(piece, Literal) else piece for piece in pieces)
                for pieces in templates
            )
            return replace(
                condition, values=texts, templates=tuple(templates), variable_keys=frozenset()
            )
        return self._turned_round(condition)

    def _value(self, key: str) -> ContextValue:
        return self._values.get(key, UNKNOWN)

    def _turned_round(self, condition: CompiledCondition) -> CompiledCondition | None:
        """Turn "the resource's account is the caller's" into a condition on the caller's.

        The resource's account is always there; a caller without one is as no match.
        """
        account_id = self._values.get(RESOURCE_ACCOUNT)
        if (
            account_id is None
            or condition.key != RESOURCE_ACCOUNT
            or condition.set_operator is not None
            or condition.operator not in STRING_OPERATORS
            or condition.templates != ((Variable(PRINCIPAL_ACCOUNT, None),),)
        ):
            return None
        return replace(
            condition,
            key=PRINCIPAL_ACCOUNT,
            if_exists=False,
            values=(account_id,),
            templates=((Literal(account_id),),),
            variable_keys=frozenset(),
        )
