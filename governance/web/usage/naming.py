"""Names for what logs name by ARNs and ids: principals, accounts, resources, sources."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from governance.drift.explaining import PERMISSION_SET_ROLE
from governance.web.parts.pages import ConnectionPage
from inventory.cloudtrail.callers import UNKNOWN_ACCOUNT
from inventory.selectors.hierarchy import accounts
from inventory.selectors.principals import principals

_SOURCES: Final = ("aws:CalledViaLast", "aws:SourceVpce", "aws:SourceIp", "aws:SourceAccount")


def name_principals(page: ConnectionPage, rows: Sequence[Any]) -> None:
    """Give each row `principal_name`, `principal_href` (empty: not collected) and `account_name`.

    Rows have `principal` and `account_id`.
    """
    ids = {row.account_id for row in rows} | {row.principal for row in rows if _is_id(row)}
    names = dict(
        accounts(page.viewer, connection=page.connection, as_of=page.as_of)
        .filter(account_id__in=ids)
        .values_list("account_id", "name")
    )
    known = set(
        principals(page.viewer, connection=page.connection, as_of=page.as_of)
        .filter(arn__in={row.principal for row in rows})
        .values_list("arn", flat=True)
    )
    for row in rows:
        row.account_name = names.get(row.account_id, "")
        row.principal_name = principal_name(row.principal)
        if row.principal in names:
            row.principal_name = f"Account {names[row.principal]}"
        row.principal_href = (
            page.href("principal", arn=row.principal) if row.principal in known else ""
        )


def _is_id(row: Any) -> bool:
    return bool(row.principal.isdecimal())


def principal_name(principal: str) -> str:
    """Return a short name: of a role or user its own, of others what the log has."""
    if principal == UNKNOWN_ACCOUNT:
        return "Not recorded"
    if principal.startswith("arn:"):
        last = principal.rpartition("/")[2] or principal
        if found := PERMISSION_SET_ROLE.fullmatch(last):
            return f"{found[1]} (Identity Center)"
        return f"Root user {principal.split(':')[4]}" if principal.endswith(":root") else last
    return f"Account {principal}" if principal.isdecimal() else principal


def short_resource(resource: str) -> str:
    """Return an ARN without what every ARN of its service begins with."""
    parts = resource.split(":", 5)
    return parts[5] if len(parts) == 6 and parts[5] else resource


def used_from(context: Mapping[str, Any]) -> str:
    """Return where calls came from, as far as their context says: a service, endpoint, address."""
    for key in _SOURCES:
        value = context.get(key)
        if value:
            return value if isinstance(value, str) else ", ".join(map(str, value))
    return ""
