"""The classes of callers that an edge stands for, most telling first; together they are all of it.

Accounts of the organization whose SCPs are the same, whose place no condition asks for and that no
policy names are one class. Source: IAM user guide, "AWS JSON policy elements: Principal";
Organizations user guide, "Service control policies (SCPs)".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import Final

from policies.comparison.callers import PRINCIPAL_PATHS, RESOURCE_ACCOUNT, RESOURCE_ORGANIZATION
from policies.compiled import CompiledStatement
from policies.language.conditions.values import ContextValue
from policies.language.policy_types import PolicyType
from policies.trust.callers import (
    CallerClass,
    CallerForm,
    anonymous_class,
    canonical_class,
    exact_class,
    identity_class,
    origin_access_class,
    provider_class,
    service_class,
    stranger_class,
)
from policies.trust.chains import MemberGroups
from policies.trust.crossing import crossing_of_account, is_member
from policies.trust.edges import PolicyCrossing, TrustPrincipal, TrustPrincipalKind
from policies.trust.memberships import (
    UNKNOWN_ORGANIZATION,
    Membership,
    member_of,
    paths_below,
    strangers_memberships,
)
from policies.trust.mentions import ACCOUNT, PolicyMentions
from policies.trust.principals import OWN_PARTITION, SAML, is_origin_access_identity, partition_of
from policies.trust.question import TrustQuestion
from policies.trust.service_sources import ServiceSources

_SOME_ACCOUNTS: Final = ("000000000001", "000000000002", "000000000003")
_SOME_SERVICES: Final = (
    "cloudtrail.amazonaws.com",
    "s3.amazonaws.com",
    "sns.amazonaws.com",
    "lambda.amazonaws.com",
    "ec2.amazonaws.com",
)
_IN_TRUST: Final = ("role", "user")
_ELSEWHERE: Final = ("role", "user", "root", "federated-user")


class Candidates:
    """Makes the classes of callers of one question."""

    def __init__(
        self, question: TrustQuestion, compiled: Sequence[CompiledStatement], groups: MemberGroups
    ) -> None:
        self._question = question
        self._groups = groups
        self._facts = groups.facts
        self._organization = question.organization
        self._own_id = _own_id(question)
        self._compiled = compiled
        self._partition = partition_of(question.resource.arn) or OWN_PARTITION

    @cached_property
    def _statements(self) -> tuple[CompiledStatement, ...]:
        """The policy's statements and the RCPs', which tell callers of any account apart."""
        found = list(self._compiled)
        for level in self._facts.levels(self._question.resource_control_policies or ()):
            found += level.statements
        return tuple(found)

    @cached_property
    def _mentions(self) -> PolicyMentions:
        return PolicyMentions(self._compiled, self._statements)

    def of(self, principal: TrustPrincipal) -> Iterator[CallerClass]:
        """Yield the classes of a principal's callers, with what their requests say of the resource.

        A class is made when it is asked for: mostly the first one passes.
        """
        for caller in self._of(principal):
            yield caller.with_values(self._resource_values)

    @cached_property
    def _resource_values(self) -> Mapping[str, ContextValue]:
        account_id = self._question.resource.account_id
        values: dict[str, ContextValue] = {
            RESOURCE_ACCOUNT: account_id,
            "s3:resourceaccount": account_id,
        }
        known = self._organization
        if known is not None and self._is_member(account_id):
            if self._own_id is not None:
                values[RESOURCE_ORGANIZATION] = self._own_id
            path = known.accounts.get(account_id)
            if path:
                values["aws:resourceorgpaths"] = (path,)
        return values

    def _of(self, principal: TrustPrincipal) -> Iterator[CallerClass]:
        match principal.kind:
            case TrustPrincipalKind.EVERYONE:
                yield from self._everyone()
            case TrustPrincipalKind.SERVICE:
                yield from self._services(principal.id)
            case TrustPrincipalKind.FEDERATED:
                yield from self._providers(principal)
            case TrustPrincipalKind.ACCOUNT:
                yield from self._account(principal.id)
            case TrustPrincipalKind.ORGANIZATION | TrustPrincipalKind.ORGANIZATIONAL_UNIT:
                yield from self._organization_callers(principal.id)
            case TrustPrincipalKind.ROLE | TrustPrincipalKind.USER | TrustPrincipalKind.SESSION:
                yield from self._exact(principal.id)
            case TrustPrincipalKind.CANONICAL_USER:
                yield from self._canonical(principal.id)
            case _:
                return

    def _canonical(self, text: str) -> Iterator[CallerClass]:
        """Yield the callers of whichever account a canonical user id is of, outsiders first."""
        strange = list(strangers_memberships(self._own_id, self._mentions.organizations))
        members = (self._account(one) for one in self._representatives(""))
        for member in chain(self._outsiders(self._stranger, strange), *members):
            found = canonical_class(text, member)
            if found is not None and member.form is CallerForm.IDENTITY:
                yield found

    def _exact(self, text: str) -> Iterator[CallerClass]:
        if is_origin_access_identity(text):
            of_cloudfront = origin_access_class(text)
            if of_cloudfront is not None:
                yield of_cloudfront
            return
        match = ACCOUNT.search(text)
        if match is None:
            return
        account_id = match[0]
        crossing = self._crossing(account_id)
        sessions = tuple(self._sessions_of(text))
        for membership in self._memberships(account_id):
            for one in (text, *sessions):
                found = exact_class(one, membership, crossing)
                if found is not None:
                    yield found

    def _sessions_of(self, role_arn: str) -> Iterator[str]:
        """Yield the sessions of a role that policies name, which NotPrincipal may spare."""
        account, _, name = role_arn.partition(":role/")
        if not name:
            return
        prefix = f"{account.replace(':iam:', ':sts:')}:assumed-role/{name.rpartition('/')[2]}/"
        yield from (one for one in self._mentions.principals if one.startswith(prefix))

    def _account(self, account_id: str) -> Iterator[CallerClass]:
        crossing = self._crossing(account_id)
        for membership in self._memberships(account_id):
            yield from self._identities(account_id, membership, crossing)

    def _identities(
        self, account_id: str, membership: Membership, crossing: PolicyCrossing
    ) -> Iterator[CallerClass]:
        for kind in self._kinds:
            yield self._identity(account_id, kind, membership, crossing)
        for named in self._mentions.principals:
            if f"::{account_id}:" in named:
                found = exact_class(named, membership, crossing)
                if found is not None:
                    yield found

    def _identity(
        self, account_id: str, kind: str, membership: Membership, crossing: PolicyCrossing
    ) -> CallerClass:
        return identity_class(account_id, kind, membership, crossing, partition=self._partition)

    @property
    def _kinds(self) -> tuple[str, ...]:
        """Kinds of identities that can call. Source: STS API reference, AssumeRole."""
        is_trust = self._question.policy_type is PolicyType.TRUST_POLICY
        return _IN_TRUST if is_trust else _ELSEWHERE

    def _crossing(self, account_id: str) -> PolicyCrossing:
        return crossing_of_account(account_id, self._organization, self._question.resource)

    def _is_member(self, account_id: str) -> bool:
        return is_member(account_id, self._organization, self._question.resource) or (
            account_id in self._question.service_control_policies
        )

    def _memberships(self, account_id: str) -> Iterator[Membership]:
        if self._organization is None:
            yield UNKNOWN_ORGANIZATION
        elif self._is_member(account_id):
            yield member_of(self._own_id, self._organization.accounts.get(account_id))
        elif not self._organization.accounts and self._mentions.asks_for_organization:
            # Its accounts are not given, so any may be one of them.
            yield member_of(self._own_id, None)
            yield from strangers_memberships(self._own_id, self._mentions.organizations)
        elif not self._mentions.asks_for_organization:
            yield next(iter(strangers_memberships(self._own_id, frozenset())))
        else:
            yield from strangers_memberships(self._own_id, self._mentions.organizations)

    def _organization_callers(self, organization: str) -> Iterator[CallerClass]:
        """Yield callers of an organization, or below a path in it."""
        organization_id, _, below = organization.partition("/")
        known = self._organization
        if known is None or organization_id != self._own_id:
            # Another organization's accounts are not known; no SCP of ours binds them.
            membership = member_of(organization_id, None)
            if below:
                domains = {PRINCIPAL_PATHS: paths_below(organization)}
                membership = Membership(membership.given, domains)
            yield from self._identities(self._stranger, membership, PolicyCrossing.EXTERNAL)
            return
        for account_id in self._representatives(organization if below else ""):
            yield from self._account(account_id)
        if not known.accounts:
            membership = member_of(organization_id, None)
            yield from self._identities(self._stranger, membership, PolicyCrossing.ORGANIZATION)

    def _representatives(self, start: str) -> list[str]:
        """Return one account for each way in which policies can tell members apart.

        `start`: what their paths begin with; empty: all. Accounts with SCPs that are given come
        first, the management account and the resource's own last.
        """
        question = self._question
        own, known = question.resource.account_id, self._organization
        named = frozenset((*self._mentions.accounts, own))
        found: dict[str, None] = {}
        for group in self._groups.of(by_place=self._mentions.asks_for_place or bool(start)):
            if start and group.path and not group.path.startswith(start):
                continue
            chosen = next((one for one in group.accounts if one not in named), None)
            if chosen is not None:
                found[chosen] = None
        for account_id in (*self._mentions.accounts, own):
            path = known.accounts.get(account_id, "") if known is not None else ""
            if self._is_member(account_id) and (not path or path.startswith(start)):
                found[account_id] = None
        management = known.management_account_id if known is not None else None
        return sorted(
            found,
            key=lambda one: (
                one not in question.service_control_policies,
                one == management,
                one == own,
            ),
        )

    @property
    def _stranger(self) -> str:
        """An account that no policy names and that is of no known organization."""
        taken = set(self._mentions.accounts)
        return next(
            (one for one in _SOME_ACCOUNTS if one not in taken and not self._is_member(one)),
            _SOME_ACCOUNTS[0],
        )

    def _everyone(self) -> Iterator[CallerClass]:
        is_trust = self._question.policy_type is PolicyType.TRUST_POLICY
        stranger, addresses = self._stranger, self._mentions.addresses
        named = (
            self._mentions.organizations if self._mentions.asks_for_organization else frozenset()
        )
        strange = list(strangers_memberships(self._own_id, frozenset(named)))
        for address in addresses:
            for membership in strange:
                for kind in self._kinds:
                    yield stranger_class(stranger, kind, membership, address, self._partition)
            if not is_trust:
                yield anonymous_class(PolicyCrossing.PUBLIC, address)
        yield from self._outsiders(stranger, strange)
        for account_id in self._representatives(""):
            yield from self._account(account_id)
        if self._organization is None:
            yield from self._account(self._question.resource.account_id)
        yield from self._services("*")
        if is_trust:
            yield from self._some_providers()

    def _outsiders(self, stranger: str, strange: Iterable[Membership]) -> Iterator[CallerClass]:
        """Yield callers of no known account, wherever they come from, and of those named."""
        for membership in strange:
            for kind in self._kinds:
                yield self._identity(stranger, kind, membership, PolicyCrossing.EXTERNAL)
        if self._question.policy_type is not PolicyType.TRUST_POLICY:
            yield anonymous_class(PolicyCrossing.EXTERNAL, None)
        for account_id in self._mentions.accounts:
            if not self._is_member(account_id):
                yield from self._account(account_id)

    def _services(self, name: str) -> Iterator[CallerClass]:
        names = [name]
        if name == "*":
            texts = (text for text in self._mentions.texts if text.endswith(".amazonaws.com"))
            names = [*texts, *self._mentions.services_of_sources, *_SOME_SERVICES]
        for one in dict.fromkeys(names):
            found = service_class(one)
            if found is not None:
                yield from self._service_sources.of(found)

    @cached_property
    def _service_sources(self) -> ServiceSources:
        account_id = self._question.resource.account_id
        return ServiceSources(self._statements, self._organization, account_id, self._own_id)

    def _providers(self, principal: TrustPrincipal) -> Iterator[CallerClass]:
        if principal.id == "*":
            yield from self._some_providers()
            return
        is_saml = principal.provider == SAML
        found = provider_class(principal.id, principal.provider, is_saml=is_saml)
        if found is not None:
            yield found

    def _some_providers(self) -> Iterator[CallerClass]:
        account_id = self._question.resource.account_id
        saml = f"arn:aws:iam::{account_id}:saml-provider/Example"
        for text, provider in (("accounts.google.com", "accounts.google.com"), (saml, SAML)):
            found = provider_class(text, provider, is_saml=provider == SAML)
            if found is not None:
                yield found


def _own_id(question: TrustQuestion) -> str | None:
    organization = question.organization
    if organization is None:
        return None
    if organization.id is not None:
        return organization.id
    path = next((path for path in organization.accounts.values() if path), "")
    return path.partition("/")[0] or None
