"""The statements of principals, accounts and the resource that apply to one action, grouped."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy

from governance.posture.state.identities import Identity, IdentityKnowledge
from governance.posture.state.organization import CompiledOrganization
from governance.posture.state.resources import Resource, ResourceKnowledge
from governance.posture.who_can.contents import UNREADABLE, Content
from governance.posture.who_can.levels import AccountLevels, ControlViews, control_views
from governance.posture.who_can.numbering import Numbers
from governance.posture.who_can.population import KINDS, ROOT, IdentityClass, Population
from governance.posture.who_can.ways import NOBODY
from policies import (
    CompiledStatement,
    ContextValue,
    PolicyDocument,
    PolicyType,
    default_compiler,
)
from policies.evaluation.applicable import ActionView, ApplicableLayer, ApplicableStatements
from policies.evaluation.aws_rules import RuleKind, rules_of_action
from policies.evaluation.judge import Judge


@dataclass(frozen=True)
class ReductionScope:
    """What is the same for all actions of a question.

    `given`: values of context keys by lower-case name, ABSENT for those that are not there.
    `account_id`: the resource's, None for each caller's own. `role`: the role that is to be
    assumed, where that is the question. `resource`: the one that is asked for, where it and its own
    policy are collected. `resource_policy_is_open`: a policy of the resource's own may be there
    that is not known. `beside_is_open`: something beside the resource's policy may let callers in.
    `is_anywhere`: the resource may be of any account, so that no RCP counts and the keys that say
    whose it is are open; identity policies alone then grant.
    """

    organization: CompiledOrganization
    population: Population
    given: Mapping[str, ContextValue]
    account_id: str | None
    role: Identity | None
    resource: Resource | None
    resource_policy_is_open: bool
    beside_is_open: bool
    mentioned: Mapping[Content, int]
    statements: Mapping[Content, tuple[CompiledStatement, ...]]
    is_anywhere: bool = False

    @property
    def management_account_id(self) -> str | None:
        """The account that SCPs and RCPs do not bind."""
        return self.organization.management_account_id


@dataclass(frozen=True, slots=True)
class ReducedIdentity:
    """The statements of a class that apply to the action. Equal ones are decided together.

    `is_service_linked`: set only where AWS's own rules tell service-linked roles from others.
    """

    kind: str
    is_service_linked: bool
    identity: ApplicableLayer
    boundary: ApplicableLayer | None


@dataclass(frozen=True, slots=True)
class Relation:
    """How a caller's account stands to the resource's, and what is known of where both are."""

    is_same: bool
    paths_known: tuple[bool, bool]


@dataclass(frozen=True, slots=True)
class ReducedAccount:
    """The statements of an account that apply to the action, for one kind of principal.

    `is_exempt`: its SCPs do not bind (the management account, or a service-linked role).
    `is_service_linked`: set only where AWS's own rules tell service-linked roles from others.
    """

    service_control: tuple[ApplicableLayer, ...]
    resource_control: tuple[ApplicableLayer, ...]
    kind: str
    is_service_linked: bool
    is_exempt: bool
    paths_known: tuple[bool, bool]


class Reductions:
    """Reduces statements to one action."""

    def __init__(self, asked: ReductionScope, view: ActionView, judge: Judge, action: str) -> None:
        self.asked = asked
        self.view = view
        self.levels: ControlViews = control_views(asked.organization, view, judge)
        self.resource_place = self._of_resource(is_same=True)
        self._resource_across = self._of_resource(is_same=False)
        self._limited = judge.is_bound_by_rcp(action) and not asked.is_anywhere
        kinds = {rule.kind for rule in rules_of_action(action.lower())}
        self._needs_no_permission = RuleKind.NO_PERMISSION_NEEDED in kinds
        self._tells_service_linked = RuleKind.NEVER_PERMITTED in kinds

    def classes(self) -> tuple[Numbers, list[ReducedIdentity]]:
        """Reduce every class; NOBODY for those that nothing grants the action."""
        found: dict[ReducedIdentity, int] = {}
        numbers = []
        for held in self.asked.population.identities:
            reduced = self._identity(held)
            if (
                held.kind != ROOT
                and not reduced.identity.may_allow
                and self.resource_place is None
                and not self._needs_no_permission
            ):
                numbers.append(NOBODY)
            else:
                numbers.append(found.setdefault(reduced, len(found)))
        return numpy.array(numbers, dtype=numpy.int64), list(found)

    def _identity(self, held: IdentityClass) -> ReducedIdentity:
        kind = PolicyType.IDENTITY_POLICY
        identity = self._place([(policy.sha256, kind) for policy in held.policies])
        boundary = None
        if held.boundary is not None:
            boundary = self._place([(held.boundary.sha256, PolicyType.PERMISSION_BOUNDARY)])
        is_linked = held.is_service_linked and self._tells_service_linked
        return ReducedIdentity(held.kind, is_linked, identity, boundary)

    def _place(self, contents: Iterable[tuple[str | None, PolicyType]]) -> ApplicableLayer:
        asked, is_open = self.asked, False
        statements: list[CompiledStatement] = []
        for sha256, kind in contents:
            if sha256 is None or asked.mentioned[sha256, kind] == UNREADABLE:
                is_open = True
            else:
                statements += asked.statements.get((sha256, kind), ())
        return self.view.layer(statements, is_open=is_open)

    def relations(self) -> tuple[Numbers, list[Relation]]:
        """Number how each account stands to the resource's."""
        asked = self.asked
        found: dict[Relation, int] = {}
        numbers = []
        for account_id in asked.population.account_ids:
            here, there = self._levels_of(account_id)
            relation = Relation(
                asked.account_id in (None, account_id),
                (here.path_known, there.path_known),
            )
            numbers.append(found.setdefault(relation, len(found)))
        return numpy.array(numbers, dtype=numpy.int64), list(found)

    def _levels_of(self, account_id: str) -> tuple[AccountLevels, AccountLevels]:
        """Return the SCP levels of a caller's account and the RCP levels of the resource's."""
        there = self.asked.account_id or account_id
        return (
            self.levels.service_control.of(account_id),
            self.levels.resource_control.of(there),
        )

    def accounts(self) -> tuple[Numbers, list[ReducedAccount]]:
        """Number what binds each account, by kind and by whether the role is service-linked."""
        asked = self.asked
        alike_ones: dict[tuple[AccountLevels, AccountLevels, bool], int] = {}
        of_account = [
            alike_ones.setdefault(
                (*self._levels_of(account_id), account_id == asked.management_account_id),
                len(alike_ones),
            )
            for account_id in asked.population.account_ids
        ]
        found: dict[ReducedAccount, int] = {}
        numbers = [
            found.setdefault(
                ReducedAccount(
                    here.places,
                    there.places if self._limited and not is_linked else (),
                    kind,
                    is_linked and self._tells_service_linked,
                    manages or is_linked,
                    (here.path_known, there.path_known),
                ),
                len(found),
            )
            for here, there, manages in alike_ones
            for kind in KINDS
            for is_linked in (False, True)
        ]
        table = numpy.array(numbers, dtype=numpy.int64).reshape(-1, 2 * len(KINDS))
        return table[numpy.array(of_account, dtype=numpy.int64)], list(found)

    def resource_for(self, relation: "Relation") -> ApplicableLayer | None:
        """Return the place of the resource's policy for callers of an account."""
        return self.resource_place if relation.is_same else self._resource_across

    def _of_resource(self, *, is_same: bool) -> ApplicableLayer | None:
        """Return the place of the resource's policy; None where there is none that is known of.

        `is_same`: for callers of the resource's own account, whom Block Public Access spares.
        """
        role = self.asked.role
        if self.asked.resource is not None:
            return self._of_collected(self.asked.resource, is_same=is_same)
        if role is None:
            return (
                ApplicableLayer(frozenset(), is_open=True)
                if self.asked.resource_policy_is_open
                else None
            )
        if role.knowledge is IdentityKnowledge.NOT_FOUND:
            return None
        document: PolicyDocument | None = role.trust.document if role.trust else None
        if document is None:
            return ApplicableLayer(frozenset(), is_open=True)
        return self.view.layer(default_compiler().document(document))

    def _of_collected(self, resource: Resource, *, is_same: bool) -> ApplicableLayer | None:
        if resource.is_for_services_alone:
            return None
        if resource.knowledge in {ResourceKnowledge.DENIED, ResourceKnowledge.UNREADABLE}:
            return ApplicableLayer(frozenset(), is_open=True)
        own = resource.document_for(is_same_account=is_same)
        documents = [each for each in (own, resource.granted) if each is not None]
        is_restricted = False if is_same else resource.restricts_others
        is_open, more = is_restricted is None, self.asked.beside_is_open
        if not documents and not is_open and not more:
            return None
        compiler = default_compiler()
        statements = [one for each in documents for one in compiler.document(each)]
        return self.view.layer(statements, is_open=is_open, may_allow_more=more)

    def applicable(self, row: int) -> ApplicableStatements:
        """Return all statements that apply to one principal."""
        population = self.asked.population
        held = population.identity(row)
        here, there = self._levels_of(population.account_id(row))
        reduced = self._identity(held)
        exempt = held.is_service_linked or (
            population.account_id(row) == self.asked.management_account_id
        )
        limits = self._limited and not held.is_service_linked
        return ApplicableStatements(
            identity=reduced.identity,
            boundary=reduced.boundary,
            service_control=() if exempt else here.places,
            resource_control=there.places if limits else (),
            resource=self.resource_place
            if self.asked.account_id in (None, population.account_id(row))
            else self._resource_across,
            is_trust=self.asked.role is not None,
        )
