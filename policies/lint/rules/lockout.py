"""Denies that lock out a role the organization depends on: audit, apply, break-glass.

Each role is tried as a caller whose ARN, account and kind are known and whose every other context
key is not: a deny that holds all the same locks it out, one that may hold is worth a look.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.compiled import CompiledStatement
from policies.language.conditions.values import ABSENT, UNKNOWN, ContextValue
from policies.language.document import Effect, Statement
from policies.language.policy_types import PolicyType
from policies.lint.finding import LintFinding
from policies.lint.settings import ProtectedRole
from policies.lint.subject import LintSubject, some_names

_BINDING: Final = frozenset(
    {
        PolicyType.SERVICE_CONTROL_POLICY,
        PolicyType.RESOURCE_CONTROL_POLICY,
        PolicyType.PERMISSION_BOUNDARY,
        PolicyType.IDENTITY_POLICY,
    }
)
_ANY_ACCOUNT: Final = "123456789012"


def check_lockout(subject: LintSubject) -> Iterator[LintFinding]:
    """Yield the denies that hit a protected role's own actions."""
    if subject.policy_type not in _BINDING:
        return
    for role in subject.settings.protected_roles:
        for index, statement, compiled in subject.statements():
            if compiled.effect is Effect.DENY:
                yield from _hit(subject, role, index, statement, compiled)


def _hit(
    subject: LintSubject,
    role: ProtectedRole,
    index: int,
    statement: Statement,
    compiled: CompiledStatement,
) -> Iterator[LintFinding]:
    catalogue = subject.catalogue
    bits = compiled.action_bits & catalogue.union(role.needed_actions)
    if subject.policy_type is PolicyType.RESOURCE_CONTROL_POLICY:
        bits &= catalogue.rcp_bits
    if not bits:
        return
    arn = role.arn.replace("::*:", f"::{_ANY_ACCOUNT}:")
    lookup = _caller(arn)
    open_keys: set[str] = set()
    for condition in compiled.conditions:
        holds = condition.holds(lookup)
        if holds is False:
            return
        if holds is None:
            open_keys.add(condition.key)
    names = catalogue.actions(bits)
    what = f"the {role.purpose.replace('_', '-')} role {role.arn}"
    everywhere = compiled.resources is None
    if not open_keys and everywhere:
        yield subject.warning(
            "locks_out_protected_role",
            f"This denies {what} {some_names(names)}; exempt it with "
            f'"ArnNotLike": {{"aws:PrincipalArn": "{role.arn}"}}.',
            statement.path,
            index,
        )
        return
    depends = sorted(open_keys) + ([] if everywhere else ["the resource"])
    yield subject.note(
        "may_lock_out_protected_role",
        f"This may deny {what} {some_names(names)}, depending on {some_names(depends)}; exempt "
        "it if it needs them.",
        statement.path,
        index,
    )


def _caller(arn: str) -> _Lookup:
    account = arn.split(":")[4] if arn.count(":") >= 5 else _ANY_ACCOUNT
    known: dict[str, ContextValue] = {
        "aws:principalarn": arn,
        "aws:principalaccount": account,
        "aws:principaltype": "AssumedRole",
        "aws:principalisawsservice": "false",
        "aws:username": ABSENT,
        "aws:assumedroot": ABSENT,
        "aws:principalservicename": ABSENT,
        "aws:principalservicenameslist": ABSENT,
        "aws:viaawsservice": "false",
        "aws:securetransport": "true",
    }
    return _Lookup(known)


class _Lookup:
    """The caller's context: what is known of it, and everything else not known."""

    def __init__(self, known: dict[str, ContextValue]) -> None:
        self._known = known

    def __call__(self, key: str) -> ContextValue:
        return self._known.get(key, UNKNOWN)
