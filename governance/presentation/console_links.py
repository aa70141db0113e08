"""Addresses of AWS's own console, for what a page is about.

The reader must be signed in there, to the management account for what Organizations holds and to
the account itself for IAM.
"""

from typing import Final
from urllib.parse import quote

_HOSTS: Final = {"cn-": "console.amazonaws.cn", "us-gov-": "console.amazonaws-us-gov.com"}
_HOST: Final = "console.aws.amazon.com"
# As the console spells types of policies in its addresses.
_TYPES: Final = {
    "SERVICE_CONTROL_POLICY": "service-control-policy",
    "RESOURCE_CONTROL_POLICY": "resource-control-policy",
    "TAG_POLICY": "tag-policy",
    "BACKUP_POLICY": "backup-policy",
}
_IAM: Final = {"role": "roles", "user": "users", "group": "groups"}


def _host(region: str) -> str:
    return next((host for start, host in _HOSTS.items() if region.startswith(start)), _HOST)


def account_console(account_id: str, *, region: str) -> str:
    """Return the page of an account in the console of Organizations. `region`: of its partition."""
    return f"https://{_host(region)}/organizations/v2/home/accounts/{quote(account_id)}"


def unit_console(target_id: str, *, region: str) -> str:
    """Return the page of an OU; a root has none of its own, so its is the tree."""
    home = f"https://{_host(region)}/organizations/v2/home"
    if not target_id.startswith("ou-"):
        return f"{home}/accounts"
    return f"{home}/organizational-units/{quote(target_id)}"


def policy_console(policy_id: str, policy_type: str, *, region: str) -> str:
    """Return the page of a policy, or the list of policies for types whose address is not known."""
    home = f"https://{_host(region)}/organizations/v2/home/policies"
    kind = _TYPES.get(policy_type)
    return f"{home}/{kind}/{quote(policy_id)}" if kind else home


def principal_console(kind: str, name: str, *, region: str) -> str:
    """Return the page of a user, role or group in IAM's console; empty for other principals."""
    listed = _IAM.get(kind)
    if listed is None:
        return ""
    return f"https://{_host(region)}/iam/home#/{listed}/details/{quote(name, safe='')}"
