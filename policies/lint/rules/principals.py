"""Whom a resource or trust policy lets in.

Source: IAM user guide, "AWS JSON policy elements: Principal", "…: NotPrincipal", "The confused
deputy problem", "Create a role for OpenID Connect federation"; "Unique identifiers" (deleted
principals).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from policies.compiled import CompiledStatement
from policies.language.document import Effect, PrincipalElement, Statement
from policies.language.json_reader import shown
from policies.language.policy_types import PolicyType
from policies.lint.finding import LintFinding
from policies.lint.subject import LintSubject, some_names

_PUBLIC: Final = frozenset({PrincipalElement("*", "*"), PrincipalElement("AWS", "*")})
_TYPES: Final = frozenset({PolicyType.RESOURCE_POLICY, PolicyType.TRUST_POLICY})
_NARROWING: Final = (
    "aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principalarn",
    "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourcearn",
    "aws:sourcevpce", "aws:sourcevpc", "aws:vpceaccount", "aws:vpceorgid", "aws:sourceip",
    "aws:sourceowner", "aws:principaltag/", "sts:externalid", "kms:calleraccount",
)  # fmt: skip
_DEPUTY: Final = (
    "aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths",
    "aws:sourceowner",
)  # fmt: skip
_AWS_FORM = re.compile(
    r"\*|\d{12}|arn:[a-z-]+:(iam|sts)::\d{12}:(root|user/.+|role/.+|assumed-role/.+"
    r"|federated-user/.+)|arn:[a-z-]+:iam::cloudfront:user/.+"
)
_UNIQUE_ID = re.compile(r"A(IDA|ROA|GPA|KIA)[A-Z0-9]{12,}")
_SERVICE_FORM = re.compile(r"[a-z0-9][a-z0-9.-]*\.(amazonaws\.com(\.cn)?|aws\.internal|[a-z.]+)")
_UNTIED_DEPUTIES: Final = frozenset({"cloudfront.amazonaws.com"})


def check_principals(subject: LintSubject) -> Iterator[LintFinding]:
    """Yield principals that are open to too many, or that nobody is."""
    for index, statement, compiled in subject.statements():
        element = "Principal" if statement.principals is not None else "NotPrincipal"
        named = statement.principals or statement.not_principals or ()
        path = (*statement.path, element)
        for principal in named:
            yield from _form(subject, index, principal, path)
        if statement.not_principals is not None:
            yield from _not_principal(subject, index, statement)
        elif statement.effect is Effect.ALLOW and subject.policy_type in _TYPES:
            yield from _open(subject, index, statement, compiled)


def _form(
    subject: LintSubject, index: int, principal: PrincipalElement, path: tuple[str | int, ...]
) -> Iterator[LintFinding]:
    kind, value = principal.kind, principal.value
    if kind == "AWS" and _UNIQUE_ID.fullmatch(value):
        yield subject.warning(
            "deleted_principal",
            f"{shown(value)} is what AWS leaves of a user or role that was deleted; remove it.",
            path,
            index,
        )
    elif kind == "AWS" and not _AWS_FORM.fullmatch(value):
        wild = "*" in value or "?" in value
        advice = (
            "wildcards have no meaning in a principal; use a condition on aws:PrincipalArn"
            if wild
            else "write an account id, or the ARN of a user, role or session"
        )
        yield subject.warning(
            "principal_form", f"{shown(value)} is not a principal: {advice}.", path, index
        )
    elif kind == "Service" and not _SERVICE_FORM.fullmatch(value):
        yield subject.warning(
            "principal_form",
            f"{shown(value)} is not a service principal; write it like 'lambda.amazonaws.com'.",
            path,
            index,
        )


def _not_principal(subject: LintSubject, index: int, statement: Statement) -> Iterator[LintFinding]:
    path = (*statement.path, "NotPrincipal")
    if statement.effect is Effect.ALLOW:
        yield subject.warning(
            "not_principal_with_allow",
            "NotPrincipal with Allow allows everyone else, including anonymous callers; name the "
            "intended principals with Principal.",
            path,
            index,
        )
    else:
        yield subject.note(
            "not_principal_with_deny",
            "NotPrincipal exempts a role's sessions only if the account, the role and each session "
            'are listed; "ArnNotLike" on aws:PrincipalArn is safer.',
            path,
            index,
        )


def _open(
    subject: LintSubject, index: int, statement: Statement, compiled: CompiledStatement
) -> Iterator[LintFinding]:
    named = set(statement.principals or ())
    path = (*statement.path, "Principal")
    positive = [c.key for c in compiled.conditions if not c.negated and not c.if_exists]
    if named & _PUBLIC and not any(key.startswith(_NARROWING) for key in positive):
        whom = (
            "may assume the role"
            if subject.policy_type is PolicyType.TRUST_POLICY
            else "is allowed"
        )
        yield subject.warning(
            "open_to_everybody",
            f'Principal "*" means everyone: any caller of any AWS account {whom}. Name '
            "principals, or add a condition such as aws:PrincipalOrgID.",
            path,
            index,
        )
    deputies = sorted(p.value for p in named if p.kind == "Service")
    if (
        deputies
        and subject.policy_type is PolicyType.RESOURCE_POLICY
        and not any(key in _DEPUTY for key in positive)
        and not _UNTIED_DEPUTIES.issuperset(deputies)
    ):
        yield subject.note(
            "service_without_source",
            f"{some_names(deputies)} acts for any AWS account that asks it; add aws:SourceArn, "
            "aws:SourceAccount or aws:SourceOrgID.",
            path,
            index,
        )
    for provider in sorted(p.value for p in named if p.kind == "Federated"):
        yield from _federated(subject, index, provider, compiled, path)


def _federated(
    subject: LintSubject,
    index: int,
    provider: str,
    compiled: CompiledStatement,
    path: tuple[str | int, ...],
) -> Iterator[LintFinding]:
    if ":saml-provider/" in provider or subject.policy_type is not PolicyType.TRUST_POLICY:
        return
    host = provider.partition(":oidc-provider/")[2] or provider
    tied = [
        condition for condition in compiled.conditions
        if condition.key in (f"{host}:sub".lower(), f"{host}:aud".lower()) and not condition.negated
    ]  # fmt: skip
    subjects = [c for c in tied if c.key.endswith(":sub")]
    shared = host in ("token.actions.githubusercontent.com", "gitlab.com", "app.terraform.io")
    if not tied or (shared and not subjects):
        yield subject.warning(
            "federation_without_subject",
            f"Everyone whom {host} signs in may assume the role; add a condition on "
            f"'{host}:sub'{'' if shared else f' or {host}:aud'}.",
            path,
            index,
        )
    elif shared and any(value.startswith("*") for c in subjects for value in c.values):
        yield subject.warning(
            "federation_without_subject",
            f"'{host}:sub' begins with a wildcard, so other tenants of {host} match; name the "
            "organization.",
            path,
            index,
        )
