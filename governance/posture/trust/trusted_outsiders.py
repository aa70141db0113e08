"""Whom a role's trust policy lets in from outside the organization.

Outside is everybody with an AWS identity in an account that is not the organization's. Not
counted are service principals (AWS acts for the account itself) and sign-in through an identity
provider (SAML, OIDC): whom the provider lets in is not written in AWS.

A policy is asked as AWS would ask it: may such a stranger, with everything allowed by their own
account, assume the role? Conditions that a stranger may meet, such as an external id, do not
keep strangers out; those on the caller's organization or account do.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from governance.posture.state.parsed_policies import parsed_policy
from policies import (
    DecisionOutcome,
    Effect,
    Evaluator,
    NotAPrincipal,
    PolicyDocument,
    PolicySet,
    PolicyType,
    PrincipalKind,
    RequestPrincipal,
    Statement,
    make_request,
    parse_policy,
    parse_principal,
)

ACTION: Final = "sts:AssumeRole"
_ACCOUNT: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")
_WILD: Final = re.compile(r"[*?]+")
_MAY: Final = (DecisionOutcome.ALLOWED, DecisionOutcome.UNKNOWN)
_OF_CALLER: Final = frozenset(
    {
        *("aws:principalarn", "aws:principalaccount", "aws:principaltype"),
        *("aws:principalorgid", "aws:principalorgpaths", "aws:principalisawsservice"),
        *("aws:principalservicename", "aws:principalservicenameslist"),
    }
)
_ALLOW_ALL: Final = (
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
)


_Context = Mapping[str, str | list[str]]


class LetsIn(StrEnum):
    """NOBODY from outside. NAMED: accounts or principals that it names. ANYONE: with any AWS
    account, perhaps under conditions such as an external id. UNKNOWN: it cannot be read.
    """

    NOBODY = "nobody"
    NAMED = "named"
    ANYONE = "anyone"
    UNKNOWN = "unknown"


class Inside(NamedTuple):
    """The organization whose accounts are no strangers."""

    organization_id: str | None
    account_ids: Collection[str]


def outsiders_let_in(sha256: str, text: str, inside: Inside) -> LetsIn:
    """Say whom a trust policy lets in from outside."""
    if _names_own_only(text, inside):
        return LetsIn.NOBODY
    document = parsed_policy(sha256, text, PolicyType.TRUST_POLICY).document
    if document is None:
        return LetsIn.UNKNOWN
    gate = _Gate(document, inside)
    answers = {gate.opens_to(stranger) for stranger in gate.strangers()}
    return next((one for one in (LetsIn.ANYONE, LetsIn.NAMED) if one in answers), LetsIn.NOBODY)


def _names_own_only(text: str, inside: Inside) -> bool:
    """Whether a text cannot name anybody from outside, told without reading it as a policy.

    A principal of another account has that account's number, and everybody is `"*"`; in JSON both
    can also be written with a backslash.
    """
    return (
        '"*"' not in text
        and "\\" not in text
        and "notprincipal" not in text.lower()
        and all(number in inside.account_ids for number in _ACCOUNT.findall(text))
    )


class _Gate:
    """A trust policy, asked by one stranger after another."""

    def __init__(self, document: PolicyDocument, inside: Inside) -> None:
        self._statements = document.statements
        self._inside = inside
        self._own = next(iter(inside.account_ids), "000000000001")
        self.stranger_account = _unused_account(document, inside)
        self._evaluator = Evaluator(
            PolicySet(identity_policies=(_allow_all(),), resource_policy=document)
        )
        self._keys = {
            condition.key.lower()
            for statement in document.statements
            for condition in statement.conditions
        }

    def strangers(self) -> Iterator[RequestPrincipal]:
        """Yield who is to ask: somebody of no account that it names, and everybody it names."""
        written = [f"arn:aws:iam::{self.stranger_account}:role/stranger"]
        for statement in self._statements:
            written += _named_in(statement, self.stranger_account)
        for text in dict.fromkeys(written):
            try:
                principal = parse_principal(text)
            except NotAPrincipal:
                continue
            if self._is_outside(principal):
                yield principal

    def _is_outside(self, principal: RequestPrincipal) -> bool:
        return (
            principal.kind not in (PrincipalKind.SERVICE, PrincipalKind.IDENTITY_PROVIDER)
            and principal.account_id is not None
            and principal.account_id not in self._inside.account_ids
        )

    def opens_to(self, principal: RequestPrincipal) -> LetsIn:
        """Say whether it lets somebody in, and whether it names them or their organization."""
        if any(self._may_enter(principal, context) for context in _NO_ORGANIZATION_OF_NOTE):
            named = principal.account_id != self.stranger_account
            return LetsIn.NAMED if named else LetsIn.ANYONE
        if any(self._may_enter(principal, context) for context in self._named_organizations()):
            return LetsIn.NAMED
        return LetsIn.NOBODY

    def _may_enter(self, principal: RequestPrincipal, context: _Context) -> bool:
        request = make_request(
            principal,
            ACTION,
            f"arn:aws:iam::{self._own}:role/asked",
            context=context,
            unknown_context=self._keys - _OF_CALLER,
        )
        return self._evaluator.evaluate(request).decision in _MAY

    def _named_organizations(self) -> Iterator[_Context]:
        """Yield what the context says of the other organizations that conditions name."""
        for organization_id in sorted(self._named("aws:principalorgid")):
            yield _of_organization(organization_id, f"{organization_id}/r-none/")
        for path in sorted(self._named("aws:principalorgpaths")):
            yield _of_organization(path.partition("/")[0], path)

    def _named(self, key: str) -> set[str]:
        found = {
            _WILD.sub("x", value)
            for statement in self._statements
            for condition in statement.conditions
            if condition.key.lower() == key
            for value in condition.values
        }
        own = self._inside.organization_id
        return {value for value in found if value.partition("/")[0] != own}


def _of_organization(organization_id: str, path: str) -> _Context:
    return {"aws:PrincipalOrgID": organization_id, "aws:PrincipalOrgPaths": [path]}


_NO_ORGANIZATION_OF_NOTE: Final[tuple[_Context, ...]] = (
    {},
    _of_organization("o-stranger00", "o-stranger00/r-none/"),
)


def _named_in(statement: Statement, stranger_account: str) -> Iterator[str]:
    """Yield ARNs of those whom a statement names as principals or in conditions on the caller."""
    if statement.effect is not Effect.ALLOW:
        return
    for element in statement.principals or ():
        if element.kind == "AWS" and element.value != "*":
            account = _ACCOUNT.fullmatch(element.value) or element.value.endswith(":root")
            if account:
                number = _ACCOUNT.search(element.value)
                yield f"arn:aws:iam::{number[0] if number else ''}:role/stranger"
            else:
                yield element.value
    for condition in statement.conditions:
        key = condition.key.lower()
        for value in condition.values:
            if key == "aws:principalaccount" and _ACCOUNT.fullmatch(value):
                yield f"arn:aws:iam::{value}:role/stranger"
            elif key == "aws:principalarn":
                yield _one_of(value, stranger_account)


def _one_of(pattern: str, stranger_account: str) -> str:
    """Return an ARN that a pattern of ARNs matches, of the stranger where any account does."""
    parts = pattern.split(":", 5)
    if len(parts) < 6:
        return f"arn:aws:iam::{stranger_account}:role/stranger"
    if not parts[4].isdecimal():
        parts[4] = stranger_account
    service = "iam" if _WILD.search(parts[2]) else parts[2]
    kind = _WILD.sub("stranger", parts[5])
    if "/" not in kind and kind != "root":
        kind = "role/stranger"
    return ":".join(("arn", _WILD.sub("", parts[1]) or "aws", service, "", parts[4], kind))


def _unused_account(document: PolicyDocument, inside: Inside) -> str:
    """Return an account id that neither the policy nor the organization knows."""
    named = {
        number
        for statement in document.statements
        for text in (
            *(e.value for e in statement.principals or ()),
            *(e.value for e in statement.not_principals or ()),
            *(value for c in statement.conditions for value in c.values),
        )
        for number in _ACCOUNT.findall(text)
    }
    number = 999999999999
    while str(number) in named or str(number) in inside.account_ids:
        number -= 1
    return str(number)


def _allow_all() -> PolicyDocument:
    document = parse_policy(_ALLOW_ALL, PolicyType.IDENTITY_POLICY).document
    if document is None:
        raise AssertionError("a policy that allows everything can be read")
    return document
