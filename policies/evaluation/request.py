"""A request as the engine reads it, and what a request says about its own context."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from policies.evaluation.principal import PrincipalKind, RequestPrincipal, parse_principal
from policies.language.conditions.values import UNKNOWN, ContextValue

RawValue = str | bool | int | float | Iterable[str | bool | int | float]
"""A context value as callers have it: text, truth, number, or several of these."""


@dataclass(frozen=True, slots=True)
class OrganizationIds:
    """The organization that the policies are of; its id is `o-…`, an account's 12 digits."""

    organization_id: str | None
    management_account_id: str | None


class Request(NamedTuple):
    """One request. `make_request` builds it from plain values.

    `action` in any case; `resource` an ARN or `*`; `context` by lower-case key: a key that is
    not there is absent from the request, UNKNOWN is present or absent with any value.
    """

    principal: RequestPrincipal
    action: str
    resource: str
    resource_account_id: str | None
    context: Mapping[str, ContextValue]


class NotARequest(ValueError):
    """The request cannot be read; the message says what to give."""


def make_request(
    principal: str | RequestPrincipal,
    action: str,
    resource: str = "*",
    *,
    resource_account_id: str | None = None,
    context: Mapping[str, RawValue] | None = None,
    unknown_context: Iterable[str] = (),
) -> Request:
    """Build a request.

    Without `resource_account_id` the resource is taken to be of the account in its ARN, else of
    the caller's. A session's role is given by `aws:PrincipalArn` in the context (a session's ARN
    lacks the role's path, by which service-linked roles are recognised).
    :raises NotARequest: an action without a service, a resource that is neither ARN nor `*`, an
        account that is not 12 digits, a key given both ways or twice, a value that is none.
    :raises NotAPrincipal: see `parse_principal`.
    """
    caller = parse_principal(principal) if isinstance(principal, str) else principal
    service, colon, name = action.partition(":")
    if not (service and colon and name) or "*" in action or "?" in action:
        raise NotARequest(f"{action!r} is not an action: give one such as s3:GetObject")
    if resource != "*" and resource.count(":") < 5:
        raise NotARequest(f"{resource!r} is not a resource: give an ARN, or * where there is none")
    if resource_account_id is None:
        in_arn = resource.split(":", 5)[4] if resource != "*" else ""
        resource_account_id = in_arn if _is_account(in_arn) else caller.account_id
    elif not _is_account(resource_account_id):
        raise NotARequest(
            f"{resource_account_id!r} is not an account id: give its 12 digits as text"
        )
    values = _context(context or {}, unknown_context)
    role = values.get("aws:principalarn")
    if caller.kind is PrincipalKind.SESSION and isinstance(role, str):
        caller = _session(caller, role)
    return Request(caller, action, resource, resource_account_id, values)


def context_value(value: RawValue, key: str) -> ContextValue:
    """Turn a plain value into a context value: text, or a tuple of texts.

    :raises NotARequest: it is, or holds, something else than text, truth and numbers.
    """
    if isinstance(value, (str, bool, int, float)):
        return _scalar(value, key)
    if isinstance(value, Iterable) and not isinstance(value, (Mapping, bytes)):
        return tuple([_scalar(item, key) for item in value])
    raise NotARequest(f"the value of {key!r} must be text, a number, true, false or a list of them")


def _scalar(value: str | bool | int | float, key: str) -> str:
    if isinstance(value, str):
        return str(value)  # of a subclass of str, as JSON readers give, too
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    raise NotARequest(f"the value of {key!r} must be text, a number, true, false or a list of them")


def _context(given: Mapping[str, RawValue], unknown: Iterable[str]) -> dict[str, ContextValue]:
    values: dict[str, ContextValue] = {}
    for key, value in given.items():
        lowered = key.lower()
        if lowered in values:
            raise NotARequest(f"the context holds {key!r} twice; keys ignore case")
        values[lowered] = context_value(value, key)
    for key in unknown:
        lowered = key.lower()
        if lowered in values and values[lowered] is not UNKNOWN:
            raise NotARequest(f"{key!r} is given a value and declared unknown; leave one out")
        values[lowered] = UNKNOWN
    return values


def _session(session: RequestPrincipal, principal_arn: str) -> RequestPrincipal:
    key = (session.text, principal_arn)
    found = _sessions.get(key)
    if found is None:
        if len(_sessions) >= _REMEMBERED_SESSIONS:
            _sessions.clear()
        found = _sessions[key] = session.with_role(principal_arn)
    return found


_REMEMBERED_SESSIONS = 65536
_sessions: dict[tuple[str, str], RequestPrincipal] = {}


def _is_account(text: str) -> bool:
    return len(text) == 12 and text.isdecimal() and text.isascii()
