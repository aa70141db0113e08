"""Resource and NotResource values that no resource of the statement's actions can match.

Decided by the catalogue's resource types: a value is reported only if the ARNs of every type of
every action exclude it. What to write instead is tried before it is proposed.

Source: Service Authorization Reference, "Resource types defined by …"; IAM user guide, "IAM JSON
policy elements: Resource", "IAM Access Analyzer policy check reference" (ARN Region not allowed,
ARN account not allowed, Missing ARN field, Missing ARN Region, Invalid ARN service case).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from policies.compiled import CompiledStatement
from policies.language.document import Effect, Path
from policies.language.json_reader import shown
from policies.language.patterns import arn_glob
from policies.language.variables import template
from policies.lint.finding import LintFinding
from policies.lint.subject import LintSubject, some_names
from policies.resource_arns import (
    ARN_PARTS,
    can_be_resource,
    is_of_a_type,
    resource_pattern,
    services_of,
)
from policies.resource_suggestions import suggested_resources

_SERVICE, _REGION, _ACCOUNT = 2, 3, 4
_MOST_ACTIONS: Final = 60
"""Beyond so many actions a message does not name their resource types."""


def check_resources(subject: LintSubject) -> Iterator[LintFinding]:
    """Yield the resource ARNs that match nothing the statement's actions work on."""
    for index, statement, compiled in subject.statements():
        if not compiled.action_bits or _names_unlisted_actions(subject, compiled):
            continue
        element = "Resource" if statement.resources is not None else "NotResource"
        values = dict.fromkeys(statement.resources or statement.not_resources or ())
        idle = [value for value in values if not _can_match(subject, compiled, value)]
        for value in values:
            if value not in idle and not _is_of_a_type(subject, subject.catalogue.all_bits, value):
                yield _unknown_type(subject, compiled, value, (*statement.path, element), index)
        for value in idle:
            report = subject.warning
            if compiled.not_resource:
                consequence = "it excludes no resource"
            elif len(idle) == len(values):
                consequence = f"this {_kind(compiled)} never applies"
            else:
                consequence, report = "it adds nothing to the list", subject.note
            own = services_of(subject.catalogue, compiled.action_bits)
            names = _actions(subject, compiled)
            if not own or _service(value) in own:
                code = "resource_never_matches"
                message = f"{shown(value)} matches no resource of {names}, so {consequence}. "
                message += _remedy(subject, compiled, value)
            elif not _may_be_unlisted(subject, compiled, _service(value)):
                code, report = "resource_of_another_service", subject.note
                message = (
                    f"{shown(value)} is not a resource that AWS lists for {names}; if it is right, "
                    f"{consequence}. {_expected(subject, compiled)}"
                )
            else:
                continue
            yield report(code, message, (*statement.path, element), index)


def _service(value: str) -> str:
    parts = value.split(":", _SERVICE + 1)
    return parts[_SERVICE].lower() if len(parts) > _SERVICE else ""


def _may_be_unlisted(subject: LintSubject, compiled: CompiledStatement, service: str) -> bool:
    """Whether a service may have resources of the statement's actions that no reference lists.

    Such is one that has the actions too, as one has that AWS renamed. The actions' own service is
    one in an allow only: AWS's own policies allow some on resources that it lists elsewhere.
    """
    catalogue = subject.catalogue
    names = (catalogue.lower_names[at].split(":") for at in catalogue.indexes(compiled.action_bits))
    return all(
        f"{service}:{name}" in catalogue.index_of
        and (own != service or compiled.effect is Effect.ALLOW)
        for own, name in names
    )


def _names_unlisted_actions(subject: LintSubject, compiled: CompiledStatement) -> bool:
    """Whether an action pattern matches nothing that the catalogue knows, so may be newer."""
    return not compiled.not_action and any(
        not subject.catalogue.bits(pattern) for pattern in compiled.action_patterns
    )


def _can_match(subject: LintSubject, compiled: CompiledStatement, value: str) -> bool:
    if not value.startswith("arn:") or not value.rstrip(":*?"):
        return True
    before_wildcard = re.split(r"[*?]|\$\{", value, maxsplit=1)[0]
    if before_wildcard.count(":") < ARN_PARTS - 1 and "/" in before_wildcard:
        return False
    pattern = resource_pattern(template(value, subject.document.expands_variables))
    return can_be_resource(subject.catalogue, compiled.action_bits, pattern)


def _is_of_a_type(subject: LintSubject, action_bits: int, value: str) -> bool:
    return not value.startswith("arn:") or is_of_a_type(
        subject.catalogue, action_bits, template(value, subject.document.expands_variables)
    )


def _unknown_type(
    subject: LintSubject, compiled: CompiledStatement, value: str, path: Path, index: int
) -> LintFinding:
    """Report a resource that is of none of its service's types, with the type it was meant to be.

    The catalogue leaves out some types (`arn:aws:codebuild:*:*:build/*`), so an allow of one whose
    name is like no other's is worth a note only.
    """
    code = "unknown_resource_type"
    message = f"{shown(value)} is of no resource type that AWS lists for {_service(value)}"
    better = _respelled(subject, compiled, value)
    if better:
        return subject.warning(code, f"{message}. Write {shown(better)}.", path, index)
    report = subject.warning if compiled.effect is Effect.DENY else subject.note
    effect = "excludes no resource" if compiled.not_resource else "matches none"
    is_short = value.count(":") < ARN_PARTS - 1
    advice = _remedy(subject, compiled, value) if is_short else _expected(subject, compiled)
    message += f"; if that is right, it {effect}. {advice}"
    return report(code, message, path, index)


def _respelled(subject: LintSubject, compiled: CompiledStatement, value: str) -> str | None:
    suggested = suggested_resources(subject.catalogue, compiled.action_bits, value)
    return next(
        (arn for arn in suggested if _is_of_a_type(subject, compiled.action_bits, arn)), None
    )


def _kind(compiled: CompiledStatement) -> str:
    return "deny" if compiled.effect is Effect.DENY else "allow"


def _actions(subject: LintSubject, compiled: CompiledStatement) -> str:
    if compiled.action_bits.bit_count() > _MOST_ACTIONS:
        return "the statement's actions"
    return some_names(subject.catalogue.actions(compiled.action_bits), shown=2)


def _remedy(subject: LintSubject, compiled: CompiledStatement, value: str) -> str:
    for mended, advice in _proposals(value):
        pattern = arn_glob((mended,))
        if pattern and can_be_resource(subject.catalogue, compiled.action_bits, pattern):
            return f"{advice} {shown(mended)}."
    if better := _respelled(subject, compiled, value):
        return f"Write {shown(better)}."
    if value.count(":") < ARN_PARTS - 1:
        return (
            "An ARN has six parts: arn:partition:service:region:account:resource; this has "
            f"{value.count(':') + 1}."
        )
    return _expected(subject, compiled)


def _proposals(value: str) -> Iterator[tuple[str, str]]:
    """Yield ways to write an ARN that authors often mean, with the advice to each."""
    parts = value.split(":", ARN_PARTS - 1)
    if len(parts) < ARN_PARTS:
        if len(parts) > _SERVICE + 1:
            head, rest = parts[: _SERVICE + 1], ":".join(parts[_SERVICE + 1 :])
            for region, account in (("", ""), ("", "*"), ("*", "*"), ("*", "")):
                yield ":".join((*head, region, account, rest)), "Parts are missing; write"
        return
    service, region, account = parts[_SERVICE], parts[_REGION], parts[_ACCOUNT]

    def changed(**new: str) -> str:
        at = {"service": _SERVICE, "region": _REGION, "account": _ACCOUNT}
        written = list(parts)
        for name, text in new.items():
            written[at[name]] = text
        return ":".join(written)

    lowered = service.lower()
    if lowered != service:
        yield changed(service=lowered), "Services are written in lower case; write"
    if value[-1] not in "*/":
        yield f"{value}/*", "For what it contains, write"
    if region:
        yield changed(region=""), f"ARNs of {lowered} resources of this kind have no region; write"
    if account:
        yield (
            changed(account=""),
            f"ARNs of {lowered} resources of this kind have no account; write",
        )
        yield (
            changed(region="", account=""),
            f"ARNs of {lowered} resources of this kind have neither region nor account; write",
        )
    if not region:
        yield changed(region="*"), "Name the region, or * for all; write"
        yield changed(region="*", account=""), "Name the region, and no account; write"
    if not account:
        yield changed(account="*"), "Name the account, or * for all; write"
        yield changed(region="*", account="*"), "Name region and account, or * for all; write"


def _expected(subject: LintSubject, compiled: CompiledStatement) -> str:
    bits, catalogue = compiled.action_bits, subject.catalogue
    if bits.bit_count() > _MOST_ACTIONS:
        return "Correct it or remove it."
    patterns = dict.fromkeys(
        kind.pattern.replace("arn:*:", "arn:aws:", 1)
        for at in catalogue.indexes(bits)
        for kind, _ in catalogue.resource_types(at)
    )
    if not patterns:
        return 'These actions work on no resource in particular; write "Resource": "*".'
    return f"They work on {some_names(patterns, shown=3)}."
