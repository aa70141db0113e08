"""`userIdentity` of an event: who called, as CloudTrail writes it.

Source: CloudTrail user guide, "CloudTrail userIdentity element".
"""

import base64
import hashlib
from dataclasses import dataclass
from typing import Any, Final

from demo.cloudtrail.plan import CallerPlan
from demo.simulator.callers import iam_of, role_named
from demo.simulator.calls import Caller
from demo.simulator.credentials import EXTERNAL_ID

SESSION: Final = "@SESSION@"
"""Stands for the session's name where an identity is of several sessions."""
CREATED: Final = "@CREATED@"
"""Stands for the time at which a session began."""


class NoSuchPrincipal(LookupError):
    """The account has no principal of this name."""


@dataclass(frozen=True, slots=True)
class Identity:
    """`members`: the element; `SESSION` and `CREATED` are to be replaced in its text.

    `arn`: of the principal as policies see it; empty for who is in no account.
    `session_arn`: as AWS's messages name the caller.
    """

    members: dict[str, Any]
    arn: str = ""
    session_arn: str = ""


def identity_of(by: CallerPlan, account_id: str, *, mfa: bool, invoked_by: str) -> Identity:
    """Return who a plan names in an account.

    :raises NoSuchPrincipal: the account has none of this name.
    """
    if by.role:
        return _role(by.role, account_id, mfa=mfa, invoked_by=invoked_by)
    if by.user:
        return _user(by.user, account_id, mfa=mfa)
    if by.root or by.assumed_root:
        return _root(account_id, mfa=mfa, assumed=by.assumed_root)
    if by.service:
        return Identity({"type": "AWSService", "invokedBy": by.service})
    if by.account:
        principal_id = f"AIDA{_letters(by.account)}"
        members = {"type": "AWSAccount", "principalId": principal_id, "accountId": by.account}
        return Identity(members, f"arn:aws:iam::{by.account}:root")
    provider = next(iter(iam_of(account_id).saml_providers.values()), None)
    arn = provider.arn if provider is not None else ""
    members = {
        "type": "SAMLUser",
        "principalId": f"{_letters(arn)}:{by.saml}",
        "userName": by.saml,
        "identityProvider": _letters(arn),
    }
    return Identity(members)


def identity_of_caller(caller: Caller, at: str) -> dict[str, Any]:
    """Return the element for who signed a call to the simulator."""
    if caller.kind == "User":
        return {
            "type": "IAMUser",
            "principalId": caller.user_id,
            "arn": caller.arn,
            "accountId": caller.account_id,
            "accessKeyId": caller.access_key_id,
            "userName": caller.name,
        }
    session: dict[str, Any] = {
        "sessionIssuer": {
            "type": "Role",
            "principalId": caller.user_id.partition(":")[0],
            "arn": caller.principal_arn,
            "accountId": caller.account_id,
            "userName": caller.name,
        },
        "attributes": {"creationDate": at, "mfaAuthenticated": "false"},
    }
    if caller.source_identity:
        session["sourceIdentity"] = caller.source_identity
    return {
        "type": "AssumedRole",
        "principalId": caller.user_id,
        "arn": caller.arn,
        "accountId": caller.account_id,
        "accessKeyId": caller.access_key_id,
        "sessionContext": session,
    }


def _role(name: str, account_id: str, *, mfa: bool, invoked_by: str) -> Identity:
    role = role_named(account_id, name)
    if role is None:
        raise NoSuchPrincipal(f"{account_id} has no role {name}")
    arn = f"arn:aws:sts::{account_id}:assumed-role/{name}/{SESSION}"
    members: dict[str, Any] = {
        "type": "AssumedRole",
        "principalId": f"{role.id}:{SESSION}",
        "arn": arn,
        "accountId": account_id,
        "accessKeyId": f"ASIA{_letters(role.arn)}",
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": role.id,
                "arn": role.arn,
                "accountId": account_id,
                "userName": name,
            },
            "webIdFederationData": {},
            "attributes": {"creationDate": CREATED, "mfaAuthenticated": str(mfa).lower()},
        },
    }
    if invoked_by:
        members["invokedBy"] = invoked_by
    return Identity(members, role.arn, arn)


def _user(name: str, account_id: str, *, mfa: bool) -> Identity:
    user = iam_of(account_id).users.get(name)
    if user is None:
        raise NoSuchPrincipal(f"{account_id} has no user {name}")
    members: dict[str, Any] = {
        "type": "IAMUser",
        "principalId": user.id,
        "arn": user.arn,
        "accountId": account_id,
        "accessKeyId": next(
            (key.access_key_id for key in user.access_keys), f"AKIA{_letters(user.arn)}"
        ),
        "userName": name,
    }
    if mfa:
        attributes = {"creationDate": CREATED, "mfaAuthenticated": "true"}
        members["sessionContext"] = {"attributes": attributes}
    return Identity(members, user.arn, user.arn)


def _root(account_id: str, *, mfa: bool, assumed: bool) -> Identity:
    arn = f"arn:aws:iam::{account_id}:root"
    members: dict[str, Any] = {
        "type": "Root",
        "principalId": account_id,
        "arn": arn,
        "accountId": account_id,
        "accessKeyId": f"ASIA{_letters(arn)}",
    }
    if assumed or mfa:
        members["sessionContext"] = {
            "attributes": {"creationDate": CREATED, "mfaAuthenticated": str(mfa).lower()}
        }
    if assumed:
        members["sessionContext"]["assumedRoot"] = "true"
    return Identity(members, arn, arn)


def _letters(text: str) -> str:
    digest = hashlib.sha256(f"{EXTERNAL_ID}/{text}".encode()).digest()
    return base64.b32encode(digest)[:16].decode()
