"""Action names: misspelt, unknown, needless, and `NotAction` with Allow.

Source: IAM user guide, "IAM JSON policy elements: Action" and "…: NotAction"; Organizations user
guide, "Resource control policies" (supported services); Service Authorization Reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.action_suggestions import nearest_action, nearest_service
from policies.compiled import CompiledStatement
from policies.coverage import pattern_covers
from policies.language.document import Effect, Path, Statement
from policies.language.json_reader import shown
from policies.language.patterns import action_glob
from policies.language.policy_types import PolicyType
from policies.lint.finding import LintFinding
from policies.lint.subject import LintSubject, some_names

_GUARDRAIL_TYPES: Final = frozenset(
    {PolicyType.SERVICE_CONTROL_POLICY, PolicyType.PERMISSION_BOUNDARY, PolicyType.SESSION_POLICY}
)
_TRUST_ACTIONS: Final = (
    "sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity", "sts:tagsession",
    "sts:setsourceidentity", "sts:setcontext",
)  # fmt: skip


def check_actions(subject: LintSubject) -> Iterator[LintFinding]:
    """Yield what is odd about the actions that the statements name."""
    for index, statement, compiled in subject.statements():
        names = statement.actions if statement.actions is not None else statement.not_actions
        element = "Action" if statement.actions is not None else "NotAction"
        if names is None:
            continue
        path = (*statement.path, element)
        yield from _unknown_names(subject, index, names, path)
        yield from _needless_names(subject, index, names, path)
        yield from _not_action_with_allow(subject, index, statement)
        if subject.policy_type is PolicyType.RESOURCE_CONTROL_POLICY:
            yield from _beyond_resource_control(subject, index, names, path)
        if subject.policy_type is PolicyType.TRUST_POLICY:
            yield from _not_about_trust(subject, index, compiled, path)


def _unknown_names(
    subject: LintSubject, index: int, names: tuple[str, ...], path: Path
) -> Iterator[LintFinding]:
    catalogue = subject.catalogue
    for name in names:
        if catalogue.bits(name) or name.strip() != name:
            continue
        service, colon, action = name.lower().partition(":")
        if not colon:
            continue
        wild = "*" in service or "?" in service
        if not wild and service not in catalogue.service_ranges:
            near = nearest_service(catalogue, service)
            hint = f" Did you mean '{near}'?" if near else ""
            yield subject.warning(
                "unknown_service",
                f"{shown(name)}: AWS has no service with the prefix {shown(service)} "
                f"(catalogue of {catalogue.updated_at[:10]}).{hint}",
                path,
                index,
            )
        elif "*" in action or "?" in action or wild:
            yield subject.warning(
                "pattern_matches_no_action",
                f"{shown(name)} matches no action; correct it or remove it.",
                path,
                index,
            )
        else:
            better = nearest_action(catalogue, service, action)
            hint = f" Did you mean '{better}'?" if better else " Correct it or remove it."
            yield subject.warning(
                "unknown_action",
                f"AWS has no action {shown(name)} "
                f"(catalogue of {catalogue.updated_at[:10]}).{hint}",
                path,
                index,
            )


def _needless_names(
    subject: LintSubject, index: int, names: tuple[str, ...], path: Path
) -> Iterator[LintFinding]:
    lowered = [name.lower() for name in names]
    seen: set[str] = set()
    # Only a pattern covers another name, and only as many as there are have to be looked through.
    wide = [name for name in dict.fromkeys(lowered) if "*" in name or "?" in name]
    for name, written in zip(lowered, names, strict=True):
        if name in seen:
            yield subject.note(
                "repeated_action", f"{shown(written)} is listed twice; remove one.", path, index
            )
            continue
        seen.add(name)
        cover = next((w for w in wide if w != name and pattern_covers(w, name)), None)
        if cover is not None and not (pattern_covers(name, cover) and cover not in seen):
            yield subject.note(
                "needless_action",
                f"{shown(written)} is covered by {shown(cover)} in the same list; remove it.",
                path,
                index,
            )


def _not_action_with_allow(
    subject: LintSubject, index: int, statement: Statement
) -> Iterator[LintFinding]:
    if statement.effect is not Effect.ALLOW or statement.not_actions is None:
        return
    path = (*statement.path, "NotAction")
    if subject.policy_type in _GUARDRAIL_TYPES:
        yield subject.note(
            "not_action_with_allow",
            "NotAction with Allow allows everything except the list, including services that AWS "
            "adds later; if that is not intended, list what is allowed with Action.",
            path,
            index,
        )
    else:
        yield subject.warning(
            "not_action_with_allow",
            "NotAction with Allow grants everything except the list, including services that AWS "
            "adds later; list what is granted with Action, or deny the list separately.",
            path,
            index,
        )


def _beyond_resource_control(
    subject: LintSubject, index: int, names: tuple[str, ...], path: Path
) -> Iterator[LintFinding]:
    catalogue = subject.catalogue
    outside = [
        name for name in names
        if name != "*" and catalogue.bits(name) and not catalogue.bits(name) & catalogue.rcp_bits
    ]  # fmt: skip
    if outside:
        services = sorted({name.partition(":")[0].lower() for name in outside})
        yield subject.warning(
            "service_without_resource_control",
            f"Resource control policies do not bind {some_names(services)}; "
            f"{some_names(outside)} has no effect here. Use a service control policy.",
            path,
            index,
        )


def _not_about_trust(
    subject: LintSubject, index: int, compiled: CompiledStatement, path: Path
) -> Iterator[LintFinding]:
    if compiled.not_action:
        yield subject.warning(
            "not_action_in_trust",
            "In a trust policy list what is allowed: sts:AssumeRole, sts:AssumeRoleWithSAML, "
            "sts:AssumeRoleWithWebIdentity, sts:TagSession or sts:SetSourceIdentity.",
            path,
            index,
        )
        return
    idle = [
        pattern for pattern in compiled.action_patterns
        if not any(action_glob(pattern).matches(action) for action in _TRUST_ACTIONS)
    ]  # fmt: skip
    if idle:
        yield subject.warning(
            "action_not_about_trust",
            f"{some_names(idle)} has no effect in a trust policy, which is about assuming the role "
            "only; put permissions into an identity policy.",
            path,
            index,
        )
