"""The principals of usage: what binds each, read once for all records that name it."""

from __future__ import annotations

from typing import NamedTuple

from policies.evaluation.principal import (
    NotAPrincipal,
    PrincipalKind,
    RequestPrincipal,
    is_service_linked,
    parse_principal,
)
from policies.evaluation.request import OrganizationIds
from policies.usage.chains import AccountPair, TreePair
from policies.usage.record import NotUsage, UsageRecord
from policies.usage.used_context import PRINCIPAL_ARN, context_of, is_account


class CallerKind(NamedTuple):
    """What callers of one account have in common.

    `account`: as SCPs know it, None where a caller has none; `is_bound`: SCPs bind them;
    `is_linked`: they are service-linked roles; `is_by_aws`: they are those, or service principals;
    `traits`: one number for what rules look at in whatever policies bind them.
    """

    account_id: str | None
    account: AccountPair | None
    is_bound: bool
    is_linked: bool
    is_by_aws: bool
    partition: str
    traits: int


class UsageCaller:
    """A principal of usage. `is_unnamed`: no more than its account is known."""

    __slots__ = ("_principal", "is_unnamed", "kind")

    def __init__(
        self, principal: RequestPrincipal | str, kind: CallerKind, *, is_unnamed: bool = False
    ) -> None:
        """`principal`: read, or the ARN that is read when it is asked for."""
        self._principal = principal
        self.kind = kind
        self.is_unnamed = is_unnamed

    @property
    def principal(self) -> RequestPrincipal:
        """The principal itself."""
        if isinstance(self._principal, str):
            self._principal = parse_principal(self._principal)
        return self._principal


class UsageCallers:
    """The callers by the text that names them."""

    def __init__(self, service_control: TreePair, organization: OrganizationIds | None) -> None:
        self._service_control = service_control
        self._management = organization.management_account_id if organization else None
        self._found: dict[str, UsageCaller] = {}
        self._of_roles: dict[tuple[str, bool], CallerKind] = {}
        self._traits: dict[tuple[PrincipalKind, bool, bool], int] = {}

    def of(self, record: UsageRecord) -> UsageCaller:
        """Return who made a record's calls.

        :raises NotUsage: its principal is none.
        """
        return self._found.get(record.principal) or self._read(record)

    def _read(self, record: UsageRecord) -> UsageCaller:
        text = record.principal
        # Most are roles of accounts of which a role was read before.
        begins, _, rest = text.partition(":role/")
        alike = (begins, is_service_linked(text))
        kind = self._of_roles.get(alike)
        if kind is not None and rest and not rest.endswith("/"):
            made = self._found[text] = UsageCaller(text, kind)
            return made
        is_unnamed = is_account(text)
        try:
            principal = parse_principal(f"arn:aws:iam::{text}:role/-" if is_unnamed else text)
            if principal.kind is PrincipalKind.SESSION:
                # Sessions of equal ARN may differ in their role's path, so none is remembered.
                role = context_of(record).get(PRINCIPAL_ARN)
                if isinstance(role, str):
                    principal = principal.with_role(role)
                return UsageCaller(principal, self._kind(principal))
        except NotAPrincipal as error:
            raise NotUsage(str(error)) from error
        kind = self._kind(principal)
        if principal.kind is PrincipalKind.ROLE and not is_unnamed:
            self._of_roles[alike] = kind
        made = self._found[text] = UsageCaller(principal, kind, is_unnamed=is_unnamed)
        return made

    def _kind(self, principal: RequestPrincipal) -> CallerKind:
        account_id, kind = principal.account_id, principal.kind
        is_management = account_id is not None and account_id == self._management
        is_linked = principal.is_service_linked_role
        return CallerKind(
            account_id,
            None if account_id is None else self._service_control.account(account_id),
            not is_management and not is_linked,
            is_linked,
            is_linked or kind is PrincipalKind.SERVICE,
            _partition(principal.text),
            self._traits.setdefault((kind, is_linked, is_management), len(self._traits)),
        )


def _partition(text: str) -> str:
    return text.split(":", 2)[1] if text.startswith("arn:") else "aws"
