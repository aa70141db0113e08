"""A concrete request that shows a difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from policies.catalogue import Catalogue
from policies.comparison.callers import (
    PRINCIPAL_ACCOUNT,
)
from policies.context_keys import spelled


@dataclass(frozen=True, slots=True, eq=False)
class Witness:
    """One request. `context` holds lower-case keys; a key that is not there is absent.

    `is_own_caller`: the caller is of the account that the policies bind, whichever that is.
    `account_keys`: keys of the context that name that account, whichever it is.
    """

    principal: str
    action: str
    resource: str
    resource_account_id: str | None
    context: Mapping[str, str | tuple[str, ...]]
    is_own_caller: bool = True
    account_keys: frozenset[str] = frozenset({PRINCIPAL_ACCOUNT})

    def for_account(self, was: str, account_id: str) -> Witness:
        """Return the same request with another account in the place of `was`."""
        if was == account_id:
            return self
        principal = self.principal
        if self.is_own_caller:
            principal = principal.replace(was, account_id)
        context = dict(self.context)
        for key in self.account_keys & context.keys():
            named = context[key]
            if isinstance(named, str):
                context[key] = named.replace(was, account_id)
        return replace(
            self,
            principal=principal,
            resource=self.resource.replace(was, account_id),
            resource_account_id=account_id
            if self.resource_account_id == was
            else self.resource_account_id,
            context=context,
        )

    def by_account(self, was: str, account_id: str) -> Witness:
        """Return the same request by and for another account wherever it names `was`."""
        context = {
            key: value.replace(was, account_id)
            if isinstance(value, str)
            else tuple(text.replace(was, account_id) for text in value)
            for key, value in self.context.items()
        }
        moved = replace(self, context=context, is_own_caller=True)
        return moved.for_account(was, account_id)

    def as_json(self, catalogue: Catalogue) -> dict[str, object]:
        """Return the request as the commands read it, with keys as AWS spells them."""
        written: dict[str, object] = {
            "principal": self.principal,
            "action": self.action,
            "resource": self.resource,
        }
        if self.resource_account_id is not None:
            written["resource_account_id"] = self.resource_account_id
        written["context"] = {
            spelled(catalogue, key): value if isinstance(value, str) else list(value)
            for key, value in self.context.items()
        }
        return written


@dataclass(frozen=True, slots=True)
class Proposal:
    """A request to confirm.

    `own_resource`: its resource is of a type that its action takes. `unusual_caller`: its context
    holds keys of the caller that AWS is not known to send together.
    """

    witness: Witness
    own_resource: bool
    unusual_caller: bool = False

    def of_account(self, was: str, account_id: str) -> Iterator[Proposal]:
        """Yield the same request by another account's principal, the resource its own or not."""
        own = self.witness.for_account(was, account_id)
        yield replace(self, witness=own)
        if own.resource_account_id is not None:
            yield replace(self, witness=self.witness.by_account(was, account_id))
        if own.resource != self.witness.resource:
            yield replace(self, witness=replace(own, resource=self.witness.resource))
