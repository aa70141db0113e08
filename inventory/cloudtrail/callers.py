"""Who made a call: the principal that policies see, from an event's `userIdentity`.

Source: CloudTrail user guide, "CloudTrail userIdentity element"; IAM user guide, "aws:PrincipalArn"
(of a session it is the role's ARN).
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from inventory.cloudtrail.events import CloudTrailEvent, UserIdentity, is_account
from policies.evaluation.principal import NotAPrincipal, parse_principal

UNKNOWN_ACCOUNT: Final = "000000000000"
"""In place of an account id, and of a principal, where the event names none; nobody has this id."""

_SESSION: Final = re.compile(r"arn:(aws[a-z-]*):sts::(\d{12}):assumed-role/([^/]+)(?:/.*)?", re.S)
_ARN: Final = re.compile(r"arn:aws[a-z-]*:(?:iam|sts)::(\d{12}):(root|[a-z-]+/.+)", re.S)
_ROLE: Final = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/.+", re.S)
_SERVICE: Final = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?")
_ANONYMOUS: Final = ("ANONYMOUS_PRINCIPAL", "anonymous")
_PRINCIPAL_TYPES: Final = {
    "Root": "Account",
    "IAMUser": "User",
    "AssumedRole": "AssumedRole",
    "Role": "AssumedRole",
    "FederatedUser": "FederatedUser",
}


class Caller(NamedTuple):
    """A principal as usage counts it.

    `principal`: the ARN of a role (not of its session), user, federated user or root user, a
    service principal, an identity provider, `anonymous`, or the bare account id where the event
    tells no more. `principal_type`: the value of aws:PrincipalType, if known. `is_role_certain`:
    False for a role without a known path, whose ARN may be another.
    """

    principal: str
    account_id: str | None
    principal_type: str | None
    is_role_certain: bool


def caller_of(event: CloudTrailEvent) -> Caller:
    """Return who made an event's call; equal callers of one recording account are one object."""
    identity = event.user_identity
    if identity is None:
        return _account_alone(event.recipient_account_id, None)
    context = identity.session_context
    issuer = context.session_issuer if context is not None else None
    issuer_arn = issuer.arn if issuer is not None else None
    if issuer_arn is not None and identity.kind == "AssumedRole":
        of_role = known_roles.get(issuer_arn)
        if of_role is None and (match := _ROLE.fullmatch(issuer_arn)):
            if len(known_roles) >= _REMEMBERED:
                known_roles.clear()
            if _is_principal(issuer_arn):
                of_role = Caller(issuer_arn, match[1], "AssumedRole", True)
                known_roles[issuer_arn] = of_role
        if of_role is not None:
            return of_role
    key = (
        identity.kind,
        identity.account_id,
        issuer_arn or identity.arn,
        identity.invoked_by if identity.arn is None else None,
        identity.identity_provider,
        identity.principal_id if identity.arn is None else None,
        event.recipient_account_id,
    )
    found = _callers.get(key)
    if found is None:
        if len(_callers) >= _REMEMBERED:
            _callers.clear()
        found = _caller(identity, issuer_arn, event.recipient_account_id)
        if not _is_principal(found.principal):
            account = found.account_id or identity.account_id
            found = _account_alone(account or event.recipient_account_id, None)
        _callers[key] = found
    return found


def _is_principal(text: str) -> bool:
    """Whether usage may name this as a principal: what makes requests, or an account's id."""
    if is_account(text):
        return True
    try:
        parse_principal(text)
    except NotAPrincipal:
        return False
    return True


_REMEMBERED: Final = 65536
_callers: dict[tuple[str | None, ...], Caller] = {}
known_roles: Final[dict[str, Caller]] = {}
"""By ARN the roles whose sessions were met: nothing else of such a session names the caller."""


def _caller(identity: UserIdentity, issuer_arn: str | None, recipient: str | None) -> Caller:
    kind, arn = identity.kind, identity.arn
    if kind == "FederatedUser" and arn and (found := _ARN.fullmatch(arn)):
        return Caller(arn, found[1], "FederatedUser", True)
    if issuer_arn and (found := _ROLE.fullmatch(issuer_arn)):
        return Caller(issuer_arn, found[1], "AssumedRole", True)
    if arn and (found := _SESSION.fullmatch(arn)):
        role = f"arn:{found[1]}:iam::{found[2]}:role/{found[3]}"
        return Caller(role, found[2], "AssumedRole", False)
    if arn and (found := _ARN.fullmatch(arn)):
        principal_type = _PRINCIPAL_TYPES.get(kind or "")
        if principal_type is None:
            principal_type = _type_of(found[2])
        return Caller(arn, found[1], principal_type, True)
    account = identity.account_id
    if kind == "Root" and is_account(account):
        return Caller(f"arn:aws:iam::{account}:root", account, "Account", True)
    if kind in ("SAMLUser", "WebIdentityUser"):
        return _federated(identity, account)
    if account in _ANONYMOUS or identity.principal_id in _ANONYMOUS:
        return Caller("anonymous", None, "Anonymous", True)
    service = identity.invoked_by
    if service is not None and _SERVICE.fullmatch(service) and kind in (None, "AWSService"):
        return Caller(service, None, None, True)
    return _account_alone(account if is_account(account) else recipient, kind)


def _federated(identity: UserIdentity, account: str | None) -> Caller:
    """Return the provider that vouches for somebody without an AWS identity."""
    provider = identity.identity_provider
    if provider and (provider.startswith("arn:aws") or _WEB.fullmatch(provider)):
        return Caller(provider, None, None, True)
    return _account_alone(account, identity.kind)


_WEB: Final = re.compile(
    r"accounts\.google\.com|graph\.facebook\.com|www\.amazon\.com|"
    r"cognito-identity\.amazonaws\.com"
)


def _type_of(rest: str) -> str | None:
    if rest == "root":
        return "Account"
    form = rest.partition("/")[0]
    return {"user": "User", "role": "AssumedRole", "federated-user": "FederatedUser"}.get(form)


def _account_alone(account: str | None, kind: str | None) -> Caller:
    if account is not None and is_account(account):
        return Caller(account, account, _PRINCIPAL_TYPES.get(kind or ""), False)
    return Caller(UNKNOWN_ACCOUNT, None, None, False)


def recording_account(event: CloudTrailEvent, caller: Caller) -> str:
    """Return the account whose log an event is in, else the caller's, else zeros."""
    recipient = event.recipient_account_id
    if recipient is not None and is_account(recipient):
        return recipient
    identity = event.user_identity
    account = caller.account_id or (identity.account_id if identity is not None else None)
    return account if account is not None and is_account(account) else UNKNOWN_ACCOUNT
