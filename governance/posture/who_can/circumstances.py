"""The circumstances of principals: values of context keys, and who must be told apart."""

from collections.abc import Mapping
from typing import Final

import numpy

from governance.posture.requests.context_keys import cannot_have
from governance.posture.state.identities import IdentityKnowledge
from governance.posture.who_can.accounts import PATH_KEYS, AccountMatters, account_matters
from governance.posture.who_can.numbering import Numbers
from governance.posture.who_can.population import KINDS, ROOT
from governance.posture.who_can.reductions import Reductions
from policies import ABSENT, UNKNOWN, ContextValue
from policies.evaluation.applicable import ApplicableStatements
from policies.evaluation.derived_context import derived_context
from policies.evaluation.principal import PrincipalKind, RequestPrincipal
from policies.evaluation.requested_resource import RequestedResource

_ARN_KEYS: Final = frozenset({"aws:principalarn", "aws:username"})
_PRINCIPAL_TAG: Final = "aws:principaltag/"
RESOURCE_PLACE_KEYS: Final = frozenset(
    {"aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths", "s3:resourceaccount"}
)
"""Keys that say whose a resource is."""
_RESOURCE_TAGS: Final = ("aws:resourcetag/", "iam:resourcetag/")


class Circumstances:
    """What of each principal can decide one action: its ARN, tags, account and place."""

    def __init__(self, reductions: Reductions, resource: RequestedResource) -> None:
        self._asked = reductions.asked
        self._levels = reductions.levels
        self._resource_place = reductions.resource_place
        self._resource = resource

    def distinguishing(self, applicable: ApplicableStatements, row: int) -> tuple[Numbers, ...]:
        """Return the columns by which members of a group may differ; none: all are alike.

        `row`: one of them, for their kind.
        """
        population = self._asked.population
        is_root = KINDS[population.kinds[row]] == ROOT
        keys = applicable.asked_keys()
        columns: list[Numbers] = []
        if keys & _ARN_KEYS:
            columns.append(population.called)
        if any(key.startswith(_PRINCIPAL_TAG) for key in keys):
            columns.append(population.tagged)
        matters = account_matters(applicable, of_root=is_root)
        if matters.every:
            columns.append(population.accounts)
        elif matters.named:
            columns.append(self._named_accounts(matters))
        if keys & PATH_KEYS:
            columns.append(self._parents())
        columns += self._named_by_resource(applicable)
        return tuple(columns)

    def _named_accounts(self, matters: AccountMatters) -> Numbers:
        return self._marked(frozenset(matters.named))[self._asked.population.accounts]

    def _marked(self, account_ids: frozenset[str]) -> Numbers:
        """Number the accounts that are named; all others are 0."""
        population = self._asked.population
        marks = numpy.zeros(len(population.account_ids), dtype=numpy.int64)
        for number, account_id in enumerate(sorted(account_ids), start=1):
            place = population.place_of.get(account_id)
            if place is not None:
                marks[place] = number
        return marks

    def _parents(self) -> Numbers:
        names = self._asked.organization.names
        found: dict[str | None, int] = {}
        numbers = []
        for account_id in self._asked.population.account_ids:
            name = names.get(account_id)
            parent = name.parent_id if name else None
            numbers.append(found.setdefault(parent, len(found)))
        return numpy.array(numbers, dtype=numpy.int64)[self._asked.population.accounts]

    def _named_by_resource(self, applicable: ApplicableStatements) -> list[Numbers]:
        """Tell apart whom the resource's policy names: accounts, and principals one by one."""
        if applicable.resource is not self._resource_place or applicable.resource is None:
            return []
        population = self._asked.population
        arns: set[str] = set()
        accounts: set[str] = set()
        for statement in applicable.resource.statements:
            for element in statement.principals or ():
                parts = element.value.split(":")
                account_id = element.value if len(parts) < 5 else parts[4]
                accounts.add(account_id)
                arns.add(element.value)
        named = numpy.zeros(len(population), dtype=numpy.int64)
        marks = self._marked(frozenset(accounts))[population.accounts]
        number = 0
        for row in numpy.flatnonzero(marks):
            if population.arn(int(row)) in arns:
                number += 1
                named[row] = number
        return [marks, named]

    def context(
        self, applicable: ApplicableStatements, principal: RequestPrincipal, row: int
    ) -> Mapping[str, ContextValue]:
        """Return the values of the keys that statements read, for one principal.

        The same as why-denied takes: given, then derived, then collected; all else is unknown.
        """
        asked = self._asked
        derived = self._derived(principal)
        found: dict[str, ContextValue] = {}
        for key in applicable.asked_keys():
            if key in asked.given:
                found[key] = asked.given[key]
            elif cannot_have(principal, key):
                found[key] = ABSENT
            elif asked.is_anywhere and key in RESOURCE_PLACE_KEYS:
                found[key] = UNKNOWN
            elif key in derived:
                found[key] = derived[key]
            else:
                found[key] = self._collected(key, principal, row)
        return found

    def _derived(self, principal: RequestPrincipal) -> dict[str, ContextValue]:
        asked = self._asked
        account_id = principal.account_id or ""
        resource_account = asked.account_id or account_id
        return derived_context(
            principal,
            resource_account,
            asked.organization.organization,
            self._levels.service_control.path(account_id),
            self._levels.resource_control.path(resource_account),
        )

    def _collected(self, key: str, principal: RequestPrincipal, row: int) -> ContextValue:
        prefix, slash, tag = key.partition("/")
        if prefix + slash == _PRINCIPAL_TAG:
            value = _tag(self._asked.population.tags_of(row), tag)
            if value is not None:
                return value
            return ABSENT if principal.kind is PrincipalKind.USER else UNKNOWN
        role = self._asked.role
        if prefix + slash in _RESOURCE_TAGS and role is not None:
            value = _tag(role.tags, tag)
            if value is not None:
                return value
            if role.knowledge is IdentityKnowledge.COLLECTED:
                return ABSENT
        if key == "aws:requestedregion" and self._resource.text.count(":") >= 5:
            region = self._resource.text.split(":")[3]
            if region and "*" not in region:
                return region
        return UNKNOWN


def _tag(tags: Mapping[str, str], key: str) -> str | None:
    return next((value for name, value in tags.items() if name.lower() == key), None)
