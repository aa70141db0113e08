"""Which accounts a guardrail's scope means, as the organization stands."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Final

from governance.access.owners.labels import LabelMap, label_map
from governance.access.owners.targets import ACCOUNT, ORGANIZATIONAL_UNIT, OwnedTarget
from governance.baseline.guardrails.documents import (
    GuardrailScope,
    ManagementAccount,
    TargetSelection,
)
from governance.baseline.guardrails.parameters import (
    GuardrailParameters,
    filled_texts,
    parameters_of,
)
from governance.baseline.landing_zone.models import CoreAccount
from governance.edits.suggestions import did_you_mean
from inventory.models import Connection
from inventory.visible_targets import VisibleTargets

# In these nobody can do anything, and nothing can be read.
_CLOSED: Final = frozenset({"SUSPENDED", "PENDING_CLOSURE", "CLOSED"})


class ScopeDirectory:
    """Accounts with tags, environments and OUs, read when it is made; asked by every guardrail."""

    def __init__(
        self, connection: Connection, *, parameters: GuardrailParameters | None = None
    ) -> None:
        self.connection = connection
        self.parameters = parameters or parameters_of(connection)
        self.labels: LabelMap = label_map(connection)
        self.management_account_id = next(
            iter(self.parameters.values.get("management_account_id", ())), None
        )
        self._known: dict[GuardrailScope, tuple[str, ...]] = {}

    @cached_property
    def accounts(self) -> Mapping[str, OwnedTarget]:
        """The accounts that are open, by id, in the order of the tree."""
        return {
            one.target_id: one
            for one in self.labels.tree.in_order()
            if one.kind == ACCOUNT and one.state not in _CLOSED
        }

    @cached_property
    def units(self) -> Mapping[str, tuple[str, ...]]:
        """The ids of OUs by their id and by their names from below the root: `Workloads/Prod`."""
        tree = self.labels.tree
        paths: dict[str, str] = {}
        found: dict[str, tuple[str, ...]] = {}
        for one in tree.in_order():
            if one.kind == ACCOUNT:
                continue
            found[one.target_id] = (one.target_id,)
            if one.kind != ORGANIZATIONAL_UNIT:
                continue
            above = paths.get(one.parent_id, "")
            path = paths[one.target_id] = f"{above}/{one.name}" if above else one.name
            found[path] = (*found.get(path, ()), one.target_id)
        return found

    @cached_property
    def core_accounts(self) -> Mapping[str, str]:
        """The account that a person confirmed for each purpose of the landing zone."""
        rows = CoreAccount.objects.filter(connection=self.connection)
        found = dict(rows.values_list("purpose", "account_id"))
        if self.management_account_id:
            found.setdefault(CoreAccount.Purpose.MANAGEMENT, self.management_account_id)
        return found

    def account_ids(self, scope: GuardrailScope) -> tuple[str, ...]:
        """Return the open accounts in a scope, in the order of the tree.

        :raises ParameterUnset: the scope names a parameter that has no value.
        """
        found = self._known.get(scope)
        if found is None:
            found = self._known[scope] = self._chosen(scope)
        return found

    def _chosen(self, scope: GuardrailScope) -> tuple[str, ...]:
        chosen = self._filled(scope.chosen)
        excluded = self._filled(scope.excluded)
        everywhere = scope.chosen.is_empty
        inside, outside = self._below(chosen), self._below(excluded)
        core = {self.core_accounts.get(purpose) for purpose in scope.core_accounts}
        found = []
        for one in self.accounts.values():
            is_management = one.target_id == self.management_account_id
            if is_management and scope.management_account is ManagementAccount.EXCLUDE:
                continue
            if not is_management and scope.management_account is ManagementAccount.ONLY:
                continue
            if scope.core_accounts and one.target_id not in core:
                continue
            if not everywhere and not self._is_in(one, chosen, inside):
                continue
            if not excluded.is_empty and self._is_in(one, excluded, outside):
                continue
            found.append(one.target_id)
        return tuple(found)

    def _filled(self, selection: TargetSelection) -> TargetSelection:
        return replace(
            selection,
            organizational_units=filled_texts(selection.organizational_units, self.parameters),
            accounts=filled_texts(selection.accounts, self.parameters),
        )

    def _below(self, selection: TargetSelection) -> frozenset[str]:
        tree = self.labels.tree
        return frozenset(
            below.target_id
            for name in selection.organizational_units
            for unit_id in self.units.get(name, ())
            for below in tree.below(unit_id)
            if below.kind == ACCOUNT
        )

    def _is_in(
        self, account: OwnedTarget, selection: TargetSelection, inside: frozenset[str]
    ) -> bool:
        if account.target_id in inside or account.target_id in selection.accounts:
            return True
        if selection.environments:
            value = self.labels.environment(account.target_id).value
            if value is not None and value.value in selection.environments:
                return True
        return any(account.tags.get(key) in values for key, values in selection.tags)

    def problems(
        self, scope: GuardrailScope, seen: VisibleTargets
    ) -> Iterator[tuple[tuple[int | str, ...], str]]:
        """Yield what a scope names and the organization does not have, each with its place.

        What lies outside of `seen` counts as not there, and is not proposed instead either.
        """
        units: Iterable[str] = self.units
        accounts: Iterable[str] = self.labels.tree.by_id
        if not seen.everything:
            ids = {*seen.unit_ids, *seen.ancestor_ids}
            units = [name for name, named in self.units.items() if not ids.isdisjoint(named)]
            accounts = seen.account_ids
        for path, selection in ((("scope",), scope.chosen), (("scope", "except"), scope.excluded)):
            yield from self._unknown(
                (*path, "organizational_units"), selection.organizational_units, units, "OU"
            )
            yield from self._unknown((*path, "accounts"), selection.accounts, accounts, "account")

    def _unknown(
        self, path: tuple[int | str, ...], given: Iterable[str], known: Iterable[str], kind: str
    ) -> Iterator[tuple[tuple[int | str, ...], str]]:
        listed = set(known)
        for number, one in enumerate(given):
            if "{{" in one or one in listed:
                continue
            hint = did_you_mean(one, sorted(listed))
            yield (*path, number), f"the organization has no {kind} {one[:80]}{hint}"
