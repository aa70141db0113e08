"""Addresses of AWS's own console, for what a page is about.

The reader must be signed in there, to the management account for what Organizations holds and to
the account itself for IAM. Addresses of lists are those of the AWS Organizations user guide.
"""

from typing import Final
from urllib.parse import quote

_HOSTS: Final = {"cn-": "console.amazonaws.cn", "us-gov-": "console.amazonaws-us-gov.com"}
_HOST: Final = "console.aws.amazon.com"
# Types of policies, as the console's addresses of single policies spell them.
_TYPES: Final = {
    "SERVICE_CONTROL_POLICY": "service-control-policy",
    "RESOURCE_CONTROL_POLICY": "resource-control-policy",
    "TAG_POLICY": "tag-policy",
    "BACKUP_POLICY": "backup-policy",
}
# Types of which only the list's address is known.
_LISTS: Final = {
    "AISERVICES_OPT_OUT_POLICY": "aiservices-opt-out-policy",
    "CHATBOT_POLICY": "chatbot-policy",
    "DECLARATIVE_POLICY_EC2": "declarative-policy-ec2",
}
_IAM: Final = {"role": "roles", "user": "users", "group": "groups"}


def _host(region: str) -> str:
    return next((host for start, host in _HOSTS.items() if region.startswith(start)), _HOST)


def account_console(account_id: str, *, region: str) -> str:
    """Return the page of an account in the console of Organizations. `region`: of its partition."""
    return f"https://{_host(region)}/organizations/v2/home/accounts/{quote(account_id)}"


def unit_console(target_id: str, *, region: str) -> str:
    """Return the page of an OU or of the root, of which there is one."""
    home = f"https://{_host(region)}/organizations/v2/home"
    if not target_id.startswith("ou-"):
        return f"{home}/root"
    return f"{home}/organizational-units/{quote(target_id)}"


def policy_console(policy_id: str, policy_type: str, *, region: str) -> str:
    """Return the page of a policy, else the list of its type, else that of all types."""
    home = f"https://{_host(region)}/organizations/v2/home/policies"
    kind = _TYPES.get(policy_type)
    if kind is not None:
        return f"{home}/{kind}/{quote(policy_id)}"
    return f"{home}/{_LISTS[policy_type]}" if policy_type in _LISTS else home


def principal_console(kind: str, name: str, *, region: str) -> str:
    """Return the page of a user, role or group in IAM's console; empty for other principals."""
    listed = _IAM.get(kind)
    if listed is None:
        return ""
    return f"https://{_host(region)}/iam/home#/{listed}/details/{quote(name, safe='')}"
