"""The simulator's credentials and role names: fixed, published, worth nothing outside of it.

A worker signs with WORKER, an IAM user of the security tooling account, by the environment:
AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. From there it assumes

- ORGANIZATION_READER_ROLE in the management account,
- AUDIT_ROLE in each member account,

always with EXTERNAL_ID. APPLY_WORKER is another user there, and it alone may assume APPLY_ROLE in
the management account, for the organization's policy writes. CONSOLE is an administrator of the
management account: whoever plays a person at the console (drift, tests) signs with it.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A long-lived key. `user_name`: the IAM user it belongs to."""

    user_name: str
    access_key_id: str
    secret_access_key: str

    def environment(self) -> dict[str, str]:
        """Return the variables with which boto3's default chain finds this key."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
        }


WORKER: Final = AccessKey(
    "orgwarden", "AKIAORGWARDENDEMO001", "orgwarden-demo-key-opens-nothing-at-all-"
)
APPLY_WORKER: Final = AccessKey(
    "orgwarden-apply", "AKIAORGWARDENDEMO002", "orgwarden-apply-demo-key-opens-nothing-"
)
CONSOLE: Final = AccessKey(
    "console-administrator", "AKIACONSOLEADMIN0001", "console-demo-key-opens-nothing-at-all---"
)

ORGANIZATION_READER_ROLE: Final = "OrgwardenOrganizationReader"
AUDIT_ROLE: Final = "OrgwardenAudit"
APPLY_ROLE: Final = "OrgwardenApply"
EXTERNAL_ID: Final = "orgwarden-demo-7f3a9c"
