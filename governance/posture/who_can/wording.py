"""What lets a principal do an action, on which conditions, and what is not known, in words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from governance.posture.state.organization import SCP, ControlPolicies
from governance.posture.state.resources import ResourceKnowledge
from governance.posture.who_can.answer import WhoCanAnswer
from governance.posture.who_can.contents import UNREADABLE, Content
from governance.posture.who_can.population import Held, IdentityClass
from governance.posture.who_can.search import Search
from governance.posture.who_can.ways import Way
from inventory.selectors.population import with_account
from policies import (
    UNKNOWN,
    CompiledCondition,
    CompiledStatement,
    ContextValue,
    Effect,
    PolicyType,
    default_compiler,
    load_catalogue,
)
from policies.comparison.wording import condition_in_words
from policies.context_keys import spelled
from policies.evaluation.applicable import RESOURCE_KEY, ApplicableLayer
from policies.evaluation.judge import OpenGap
from policies.evaluation.layers import Decider
from policies.evaluation.principal import Reach, principal_reach
from policies.evaluation.verdict import DecisionOutcome

_SHOWN: Final = 6


@dataclass(frozen=True, slots=True)
class Source:
    """A policy as it bears.

    `kind`: scp, rcp, managed, inline, boundary, trust, resource, root or aws.
    `policy_id` and the target: of an SCP or RCP. `via_group`: the group a user has it from.
    """

    kind: str
    name: str
    arn: str = ""
    via_group: str = ""
    policy_id: str = ""
    target_id: str = ""
    target_name: str = ""


@dataclass(frozen=True, slots=True)
class OpenStatementWords:
    """A statement on which it hangs. `words`: when it holds; `sources`: the policies it is of.

    `resources`: those that it allows, where the resource decides.
    """

    denies: bool
    words: str
    sources: tuple[Source, ...]
    resources: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """Say what must be so: `only if …` or `unless …`."""
        return f"{'unless' if self.denies else 'only if'} {self.words}"


@dataclass(frozen=True, slots=True)
class Described:
    """How a principal may do one action.

    `granted_by`: what allows it, perhaps on a condition. `conditions`: what it hangs on.
    `unknown`: what is not known and could change it.
    """

    way: Way
    granted_by: tuple[Source, ...]
    conditions: tuple[OpenStatementWords, ...]
    unknown: tuple[str, ...]

    @property
    def resources(self) -> tuple[str, ...]:
        """The resources that statements allow, where the resource decides."""
        return tuple(text for one in self.conditions for text in one.resources)


def described(answer: WhoCanAnswer, row: int, way: Way) -> Described:
    """Say how the principal of a row may, in one way of its own."""
    telling = _Describer(answer, answer.searches[way.action], row)
    return Described(
        way,
        granted_by=telling.granted(),
        conditions=telling.conditions(way),
        unknown=tuple(telling.gap(gap) for gap in way.gaps) or telling.undecided(way),
    )


class _Describer:
    def __init__(self, answer: WhoCanAnswer, search: Search, row: int) -> None:
        self.answer = answer
        self.search = search
        self.row = row
        self.account_id = answer.population.account_id(row)
        self.held: IdentityClass = answer.population.identity(row)
        self.applicable = search.applicable(row)
        self.principal = search.principal(row)
        self.values = {
            RESOURCE_KEY: UNKNOWN,
            **search.context(self.applicable, self.principal, row),
        }

    def _value(self, key: str) -> ContextValue:
        return self.values.get(key, UNKNOWN) if key else self.search.resource_text

    def _left(self, statement: CompiledStatement) -> list[CompiledCondition] | None:
        """Return the conditions of a statement that are open; None where one does not hold."""
        left = []
        for condition in statement.conditions:
            holds = condition.holds(self._value)
            if holds is False:
                return None
            if holds is None:
                left.append(condition)
        return left

    # Who grants.

    def granted(self) -> tuple[Source, ...]:
        """Return the policies with a statement that allows, or may."""
        if self.search.needs_no_permission(self.row):
            return (Source("aws", "AWS: the action needs no permission"),)
        if self.held.kind == "root":
            return (Source("root", "The root user needs no policy"),)
        found = [
            source
            for held, statements in self._identity_statements()
            for source in (self._of_held(held),)
            if any(
                s.effect is Effect.ALLOW
                and (own := self.search.view.statement(s)) is not None
                and self._left(own) is not None
                for s in statements
            )
        ]
        place = self.applicable.resource
        of_resource = self.applicable.is_trust or self.answer.resource is not None
        if of_resource and place is not None and place.may_allow:
            found.append(self._of_resource())
        return tuple(dict.fromkeys(found))

    def _identity_statements(self) -> Iterator[tuple[Held, tuple[CompiledStatement, ...]]]:
        for held in self.held.policies:
            if held.sha256 is not None:
                content: Content = (held.sha256, PolicyType.IDENTITY_POLICY)
                yield held, self.search.statements.get(content, ())

    def _of_held(self, held: Held) -> Source:
        return Source(
            held.kind,
            with_account(held.name, self.account_id),
            with_account(held.arn, self.account_id),
            held.via_group,
        )

    # What it hangs on.

    def conditions(self, way: Way) -> tuple[OpenStatementWords, ...]:
        """Return the statements that decide, denies first."""
        if way.decision.decision is DecisionOutcome.ALLOWED:
            return ()
        keys = frozenset(way.decision.unknown_keys)
        found: dict[OpenStatementWords, None] = {}
        for decider, place in self._places():
            for statement in place.statements:
                open_one = self._open(decider, place, statement, keys)
                if open_one is not None:
                    found[open_one] = None
        return tuple(sorted(found, key=lambda one: (not one.denies, one.words)))

    def _places(self) -> Iterator[tuple[Decider, ApplicableLayer]]:
        applicable = self.applicable
        for place in applicable.service_control:
            yield Decider.SERVICE_CONTROL_POLICY, place
        for place in applicable.resource_control:
            yield Decider.RESOURCE_CONTROL_POLICY, place
        if applicable.resource is not None:
            yield Decider.RESOURCE_POLICY, applicable.resource
        if applicable.boundary is not None:
            yield Decider.PERMISSION_BOUNDARY, applicable.boundary
        if self.held.kind != "root":
            yield Decider.IDENTITY_POLICY, applicable.identity

    def _open(
        self,
        decider: Decider,
        place: ApplicableLayer,
        statement: CompiledStatement,
        keys: frozenset[str],
    ) -> OpenStatementWords | None:
        left = self._left(statement)
        if not left or not self._reaches(statement):
            return None
        if statement.effect is Effect.ALLOW and self._is_allowed(place):
            return None
        read = {key for one in left for key in (one.key, *one.variable_keys)}
        if keys and read.isdisjoint(keys):
            return None
        words = " and ".join(_in_words(one) for one in left)
        sources = tuple(dict.fromkeys(self._sources(decider, statement)))
        denies = statement.effect is Effect.DENY
        resources = tuple(
            text
            for one in left
            if one.key == RESOURCE_KEY and not one.negated and not denies
            for text in one.values
        )
        return OpenStatementWords(denies, words, sources, resources)

    def _is_allowed(self, place: ApplicableLayer) -> bool:
        """Whether something else in a place allows for certain."""
        return any(
            s.effect is Effect.ALLOW and self._left(s) == [] and self._reaches(s)
            for s in place.statements
        )

    def _reaches(self, statement: CompiledStatement) -> bool:
        """Whether a statement is about this principal, or about no principal in particular."""
        if statement.principals is None:
            return True
        is_trust = self.applicable.is_trust
        kind = PolicyType.TRUST_POLICY if is_trust else PolicyType.RESOURCE_POLICY
        reach, _ = principal_reach(statement, self.principal, kind)
        return reach is not Reach.NONE

    def _sources(self, decider: Decider, reduced: CompiledStatement) -> Iterator[Source]:
        """Yield the policies with a statement that is left as `reduced`."""
        match decider:
            case Decider.SERVICE_CONTROL_POLICY:
                control = self.answer.organization.service_control
                yield from self._of_levels(control, self.account_id, reduced)
            case Decider.RESOURCE_CONTROL_POLICY:
                control = self.answer.organization.resource_control
                there = self.answer.question.resource_account_id or self.account_id
                yield from self._of_levels(control, there, reduced)
            case Decider.IDENTITY_POLICY:
                for held, statements in self._identity_statements():
                    if self._has(statements, reduced):
                        yield self._of_held(held)
            case Decider.PERMISSION_BOUNDARY:
                if self.held.boundary is not None:
                    yield self._of_held(self.held.boundary)
            case _:
                yield self._of_resource()

    def _of_resource(self) -> Source:
        resource = self.answer.resource
        if resource is None:
            return Source("trust", "The role's trust policy")
        what = "policy" if resource.granted is None else "policy or a grant"
        return Source("resource", f"The {what} of {resource.name}", arn=resource.arn)

    def _has(self, statements: Iterable[CompiledStatement], reduced: CompiledStatement) -> bool:
        return any(self.search.view.statement(s) is reduced for s in statements)

    def _of_levels(
        self, control: ControlPolicies, account_id: str, reduced: CompiledStatement
    ) -> Iterator[Source]:
        if account_id not in control.tree.by_id:
            return
        kind = "scp" if control.policy_type is SCP else "rcp"
        compiler = default_compiler()
        for step in control.tree.path(account_id):
            for policy in control.readable(step.target_id):
                if policy.document and self._has(compiler.document(policy.document), reduced):
                    name = self.answer.organization.names[step.target_id].name
                    yield Source(
                        kind,
                        policy.name,
                        policy_id=policy.policy_id,
                        target_id=step.target_id,
                        target_name=name,
                    )

    # What is not known.

    def gap(self, gap: OpenGap) -> str:
        """Say what is not known."""
        match gap.decider:
            case Decider.IDENTITY_POLICY:
                return self._missing(self.held.policies)
            case Decider.PERMISSION_BOUNDARY:
                boundary = self.held.boundary
                return self._missing((boundary,) if boundary else ())
            case Decider.SERVICE_CONTROL_POLICY:
                control = self.answer.organization.service_control
                return self._unreadable(control, self.account_id, "SCPs")
            case Decider.RESOURCE_CONTROL_POLICY:
                control = self.answer.organization.resource_control
                there = self.answer.question.resource_account_id or self.account_id
                return self._unreadable(control, there, "RCPs")
            case _:
                if self.applicable.is_trust:
                    return "The role's trust policy is not collected or cannot be read."
                return self._resource_not_known()

    def _resource_not_known(self) -> str:
        resource = self.answer.resource
        if resource is None:
            return "Whether the resource has a policy of its own is not collected."
        match resource.knowledge:
            case ResourceKnowledge.DENIED:
                return f"The policy of {resource.name} could not be read: {resource.error_code}."
            case ResourceKnowledge.UNREADABLE:
                return f"The policy of {resource.name} cannot be understood."
            case _ if not resource.grants_are_known:
                return f"The grants of {resource.name} could not be read."
            case _ if resource.acl_may_allow:
                return f"The access control list of {resource.name} may let others in."
            case _:
                return (
                    f"Whether S3 Block Public Access restricts {resource.name}, whose policy is "
                    "public, is not collected."
                )

    def _missing(self, policies: Iterable[Held]) -> str:
        gone = [held for held in policies if held.sha256 is None]
        broken = [
            held
            for held in policies
            if held.sha256 is not None
            and self.search.mentioned.get((held.sha256, _type_of(held))) == UNREADABLE
        ]
        sentences = []
        if gone:
            sentences.append(f"The text of {self._names(gone)} was not collected.")
        if broken:
            sentences.append(f"The text of {self._names(broken)} cannot be read.")
        return " ".join(sentences)

    def _names(self, policies: Iterable[Held]) -> str:
        names = list(dict.fromkeys(with_account(held.name, self.account_id) for held in policies))
        more = len(names) - _SHOWN
        return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")

    def _unreadable(self, control: ControlPolicies, account_id: str, kind: str) -> str:
        names = self.answer.organization.names
        if account_id not in names:
            return f"Which {kind} bind account {account_id} is not known."
        broken = [
            f"{policy.name} at {names[target_id].name}"
            for target_id, policy in control.unreadable_on_path(account_id)
        ]
        if broken:
            return f"The text of {', '.join(broken)} cannot be read."
        return f"The {kind} of this organization were never read completely."

    def undecided(self, way: Way) -> tuple[str, ...]:
        """Say that nobody can decide, where nothing that has a name is open."""
        if way.decision.decision is DecisionOutcome.UNKNOWN and not way.decision.unknown_keys:
            return ("A condition with an operator that AWS does not have decides.",)
        return ()


def _type_of(held: Held) -> PolicyType:
    boundary = held.kind == "boundary"
    return PolicyType.PERMISSION_BOUNDARY if boundary else PolicyType.IDENTITY_POLICY


def _in_words(condition: CompiledCondition) -> str:
    if condition.key == RESOURCE_KEY:
        listed = ", ".join(f"`{value}`" for value in condition.values[:_SHOWN])
        more = len(condition.values) - _SHOWN
        listed += f" and {more} more" if more > 0 else ""
        none = "is none of" if condition.negated else "is"
        return f"the resource {none} {listed}"
    return condition_in_words(
        f"`{spelled(load_catalogue(), condition.key)}`", condition, holds=True
    )
