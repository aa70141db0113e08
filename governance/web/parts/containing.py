"""The way from an account or a principal to what cuts it off."""

from urllib.parse import urlencode

from governance.access import rights
from governance.web.parts.pages import ConnectionPage


def contain_href(page: ConnectionPage, account_id: str, principal: str = "") -> str:
    """Return the address of Contain; empty: not this person, or the page looks back.

    `principal`: the ARN of a role or user of the account; empty: the account is meant.
    """
    if page.as_of is not None or not page.may(rights.EMERGENCY_CHANGE, account_id):
        return ""
    asked = {"account_id": account_id}
    if principal:
        asked |= {"principal": principal, "way": "deny_principal"}
    return f"{page.href('contain')}?{urlencode(asked)}"
