"""The principals of usage: what binds each, read once for all records that name it."""

from __future__ import annotations

from typing import NamedTuple

from policies.evaluation.principal import (
    NotAPrincipal,
    PrincipalKind,
    RequestPrincipal,
    parse_principal,
)
from policies.evaluation.request import OrganizationIds
from policies.usage.chains import AccountPair, TreePair
from policies.usage.record import NotUsage, UsageRecord
from policies.usage.used_context import PRINCIPAL_ARN, context_of, is_account


class UsageCaller(NamedTuple):
    """A principal of usage. `account`: its own; `is_bound`: SCPs bind it.

    `traits`: one number for what rules look at in whatever policies bind it.
    """

    principal: RequestPrincipal
    account: AccountPair | None
    is_bound: bool
    is_unnamed: bool
    is_by_aws: bool
    partition: str
    traits: int


class UsageCallers:
    """The callers by the text that names them."""

    def __init__(self, service_control: TreePair, organization: OrganizationIds | None) -> None:
        self._service_control = service_control
        self._management = organization.management_account_id if organization else None
        self._found: dict[str, UsageCaller] = {}
        self._traits: dict[tuple[PrincipalKind, bool, bool], int] = {}

    def of(self, record: UsageRecord) -> UsageCaller:
        """Return who made a record's calls.

        :raises NotUsage: its principal is none.
        """
        return self._found.get(record.principal) or self._read(record)

    def _read(self, record: UsageRecord) -> UsageCaller:
        text = record.principal
        is_unnamed = is_account(text)
        try:
            principal = parse_principal(f"arn:aws:iam::{text}:role/-" if is_unnamed else text)
            if principal.kind is PrincipalKind.SESSION:
                # Sessions of equal ARN may differ in their role's path, so none is remembered.
                role = context_of(record).get(PRINCIPAL_ARN)
                if isinstance(role, str):
                    return self._made(principal.with_role(role), is_unnamed=False)
        except NotAPrincipal as error:
            raise NotUsage(str(error)) from error
        made = self._made(principal, is_unnamed=is_unnamed)
        if principal.kind is not PrincipalKind.SESSION:
            self._found[text] = made
        return made

    def _made(self, principal: RequestPrincipal, *, is_unnamed: bool) -> UsageCaller:
        account_id, kind = principal.account_id, principal.kind
        is_management = account_id is not None and account_id == self._management
        is_linked = principal.is_service_linked_role
        return UsageCaller(
            principal,
            None if account_id is None else self._service_control.account(account_id),
            not is_management and not is_linked,
            is_unnamed,
            is_linked or kind is PrincipalKind.SERVICE,
            _partition(principal.text),
            self._traits.setdefault((kind, is_linked, is_management), len(self._traits)),
        )


def _partition(text: str) -> str:
    return text.split(":", 2)[1] if text.startswith("arn:") else "aws"
