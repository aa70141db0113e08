"""Whether a request of one class of callers passes: one that does, or what keeps all out.

The statement is a box over the keys that the callers' requests are free to say. What the policy
denies is taken out of it, then what RCPs deny, then each level of SCPs keeps what it allows. What
is left is a request, which the evaluator confirms; nothing left proves the edge shut.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from policies.comparison.callers import (
    PRINCIPAL_ARN,
    PRINCIPAL_ORGANIZATION,
    PRINCIPAL_PATHS,
    USER_NAME,
)
from policies.comparison.domains import Domain
from policies.comparison.questions import MOST_BOXES
from policies.comparison.reasons import Undecided
from policies.comparison.regions import Boxes, RegionAlgebra, StatementPart
from policies.comparison.space import RESOURCE, Space
from policies.compiled import CompiledStatement, Compiler
from policies.evaluation.evaluate import RETIRE_GRANT, Evaluator
from policies.evaluation.policy_set import PolicySet, TargetPolicies
from policies.evaluation.principal import NotAPrincipal, PrincipalKind, Reach, principal_reach
from policies.evaluation.request import NotARequest, OrganizationIds, Request, make_request
from policies.evaluation.verdict import DecisionOutcome
from policies.language.conditions.values import ContextValue, Missing
from policies.language.document import Effect, PolicyDocument, Statement
from policies.language.policy_types import PolicyType
from policies.trust.callers import CallerClass
from policies.trust.edges import EdgeBlock
from policies.trust.question import Levels, TrustQuestion
from policies.trust.reduction import CallerDomains, reduced, unresolved_keys

POLICY: Final = "policy"
SCP: Final = "service_control_policy"
RCP: Final = "resource_control_policy"

_MOST_TRIED: Final = 24
_GUESS: Final = "example"


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """A request that passes; else what keeps all out; else why neither could be told."""

    witness: Request | None = None
    blocked_by: EdgeBlock | None = None
    undecided: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Relevant:
    """A statement that can decide, and where it stands. `level` is None for the policy's own."""

    statement: CompiledStatement
    by: str
    level: TargetPolicies | None
    policy: int | None
    number: int
    written: Statement

    def block(self, because: str) -> EdgeBlock:
        """Return the block that it makes."""
        target_id = None if self.level is None else self.level.target_id
        return EdgeBlock(self.by, target_id, self.policy, self.number, self.written.sid, because)


class RequestSearch:
    """Searches requests that pass one policy. `question.policy` is the one."""

    def __init__(self, question: TrustQuestion, compiler: Compiler) -> None:
        self._question = question
        self._compiler = compiler
        self._compiled = compiler.document(question.policy)
        self._evaluators: dict[int, Evaluator] = {}
        self._organization = (
            None
            if question.organization is None
            else OrganizationIds(
                question.organization.id, question.organization.management_account_id
            )
        )
        management = self._organization and self._organization.management_account_id
        self._management = management
        rcps = question.resource_control_policies
        self._rcps: Levels = () if question.resource.account_id == management else rcps or ()

    def chain(self, caller: CallerClass) -> Levels | None:
        """Return the SCPs that bind a caller; None where they are not given though they do."""
        account_id = caller.account_id
        if account_id is None or account_id == self._management:
            return ()
        if caller.stand_in.is_service_linked_role:
            return ()
        given = self._question.service_control_policies.get(account_id)
        if given is not None:
            return given
        organization = self._question.organization
        if organization is None:
            return ()
        is_member = account_id in organization.accounts or (
            not organization.accounts and account_id == self._question.resource.account_id
        )
        return None if is_member else ()

    def reaches(self, number: int, caller: CallerClass) -> bool:
        """Whether a statement's principals hold a caller."""
        return self._reach(self._compiled[number], caller, self._question.policy_type)

    def _reach(
        self, statement: CompiledStatement, caller: CallerClass, policy_type: PolicyType
    ) -> bool:
        reach, certain = principal_reach(statement, caller.stand_in, policy_type)
        return certain and reach is not Reach.NONE

    def find(
        self, number: int, caller: CallerClass, action: str, resources: Domain
    ) -> SearchAnswer:
        """Return what becomes of the requests that a statement allows a class of callers."""
        chain = self.chain(caller)
        attempt = _Attempt(self, number, caller, action.lower(), resources, chain or ())
        found = attempt.find()
        if found.blocked_by is not None:
            return found
        if chain is None:
            account = caller.account_id
            return SearchAnswer(
                undecided=f"the service control policies of account {account} are not given"
            )
        if found.witness is None and attempt.open_keys:
            guessed = self._guess(attempt, number, caller, action, resources, chain)
            return guessed or found
        return found

    def _guess(
        self,
        attempt: _Attempt,
        number: int,
        caller: CallerClass,
        action: str,
        resources: Domain,
        chain: Levels,
    ) -> SearchAnswer | None:
        """Try a value for each key that variables read, since they relate two keys."""
        for guess in attempt.guesses():
            more = dict.fromkeys(attempt.open_keys, guess)
            narrower = CallerClass(
                caller.form,
                caller.stand_in,
                {**caller.given, **more},
                caller.domains,
                caller.crossing,
                caller.provider,
            )
            again = _Attempt(self, number, narrower, action.lower(), resources, chain).find()
            if again.witness is not None:
                return again
        return None

    def relevant(
        self, action: str, caller: CallerClass, chain: Levels
    ) -> tuple[list[_Relevant], list[_Relevant], list[tuple[TargetPolicies, list[_Relevant]]]]:
        """Return the policy's denies, the RCPs' denies, and the SCPs by level, for an action."""
        policy_type = self._question.policy_type
        denies = [
            _Relevant(compiled, POLICY, None, None, number, written)
            for number, (compiled, written) in enumerate(
                zip(self._compiled, self._question.policy.statements, strict=True)
            )
            if compiled.effect is Effect.DENY
            and compiled.covers_action(action)
            and self._reach(compiled, caller, policy_type)
        ]
        rcp_denies: list[_Relevant] = []
        if self.is_bound_by_rcp(action) and not caller.stand_in.is_service_linked_role:
            for level in self._rcps:
                rcp_denies += [
                    one
                    for one in self._of_level(level, RCP, action)
                    if one.statement.effect is Effect.DENY
                    and self._reach(one.statement, caller, PolicyType.RESOURCE_CONTROL_POLICY)
                ]
        scps = [(level, list(self._of_level(level, SCP, action))) for level in chain]
        return denies, rcp_denies, scps

    def is_bound_by_rcp(self, action: str) -> bool:
        """Whether resource control policies can bind an action (in lower case)."""
        service = action.partition(":")[0]
        return service in self._compiler.catalogue.rcp_services and action != RETIRE_GRANT

    def _of_level(self, level: TargetPolicies, by: str, action: str) -> Iterator[_Relevant]:
        for place, document in enumerate(level.policies):
            compiled = self._compiler.document(document)
            for number, statement in enumerate(compiled):
                if statement.covers_action(action):
                    yield _Relevant(
                        statement, by, level, place, number, document.statements[number]
                    )

    def confirmed(self, caller: CallerClass, request: Request, chain: Levels) -> bool:
        """Whether the evaluator allows a request whose caller may do everything."""
        key = id(chain) if caller.account_id is not None else 0
        evaluator = self._evaluators.get(key)
        if evaluator is None:
            question = self._question
            evaluator = self._evaluators[key] = Evaluator(
                PolicySet(
                    organization=self._organization,
                    service_control_policies=chain or None,
                    resource_control_policies=question.resource_control_policies,
                    identity_policies=(allow_everything(),),
                    resource_policy=question.policy,
                ),
                self._compiler,
            )
        return evaluator.evaluate(request).decision is DecisionOutcome.ALLOWED

    @property
    def question(self) -> TrustQuestion:
        """The question."""
        return self._question

    @property
    def compiler(self) -> Compiler:
        """What compiles policies."""
        return self._compiler

    @property
    def compiled(self) -> Sequence[CompiledStatement]:
        """The policy's statements, compiled."""
        return self._compiled


class _Attempt:
    """One statement, class of callers and action, under the levels that bind them."""

    def __init__(
        self,
        search: RequestSearch,
        number: int,
        caller: CallerClass,
        action: str,
        resources: Domain,
        chain: Levels,
    ) -> None:
        self._search = search
        self._number = number
        self._caller = caller
        self._action = action
        self._chain = chain
        self._denies, self._rcps, self._scps = search.relevant(action, caller, chain)
        self._allow = search.compiled[number]
        everything = [
            self._allow,
            *(one.statement for one in (*self._denies, *self._rcps)),
            *(one.statement for _, level in self._scps for one in level),
        ]
        self._conditions = [c for statement in everything for c in statement.conditions]
        self.open_keys: frozenset[str] = frozenset()
        self._space = Space(
            search.compiler.catalogue,
            CallerDomains(
                search.question.policy_type,
                None,
                keys=tuple(caller.domains.items()),
                resources=resources,
            ),
            list_keys=frozenset(c.key for c in self._conditions if c.set_operator is not None),
        )
        self._algebra = RegionAlgebra(self._space, {}, 1, most_boxes=MOST_BOXES)
        self._resources = resources
        self._keys = {c.key for c in self._conditions}.union(
            *(c.variable_keys for c in self._conditions),
            *(statement.resource_variable_keys for statement in everything),
        )
        if PRINCIPAL_PATHS in self._keys:
            self._keys.add(PRINCIPAL_ORGANIZATION)

    def _part(self, statement: CompiledStatement) -> StatementPart | None:
        left = reduced(statement, self._caller.value)
        if left is None:
            return None
        self.open_keys |= unresolved_keys(left)
        return StatementPart(1, self._space.box(left))

    def find(self) -> SearchAnswer:
        """Return a request, or what keeps all out, or why neither can be told."""
        question = self._search.question
        written = question.policy.statements[self._number]
        own = _Relevant(self._allow, POLICY, None, None, self._number, written)
        part = self._part(self._allow)
        if part is None or not self._space.is_possible(part.box.true, part.box.false):
            because = "no request of this principal meets its conditions"
            return SearchAnswer(blocked_by=own.block(because))
        left: Boxes = {(part.box.true, part.box.false): 1}
        cut = False
        for one in (*self._denies, *self._rcps):
            denied = self._part(one.statement)
            if denied is not None:
                self._algebra.subtract(left, denied)
                cut |= self._cut(left)
            if not left and not cut:
                return SearchAnswer(blocked_by=one.block("it denies every request that is left"))
        for level, statements in self._scps:
            block = self._through(left, level, statements)
            cut |= self._cut(left)
            if block is not None and not cut:
                return SearchAnswer(blocked_by=block)
        return self._confirmed(left)

    def _cut(self, left: Boxes) -> bool:
        if len(left) <= MOST_BOXES:
            return False
        for key in list(left)[MOST_BOXES:]:
            del left[key]
        return True

    def _through(
        self, left: Boxes, level: TargetPolicies, statements: Sequence[_Relevant]
    ) -> EdgeBlock | None:
        """Keep of some boxes what a level of SCPs allows; return what it lacks if nothing stays."""
        allows = [one for one in statements if one.statement.effect is Effect.ALLOW]
        parts = [part for one in allows if (part := self._part(one.statement)) is not None]
        if all(part.box.atoms for part in parts):
            kept: Boxes = {}
            for (true, false), groups in left.items():
                for part in parts:
                    both = self._algebra.intersect((groups, true, false), part)
                    if both is not None:
                        kept[both[1], both[2]] = 1
            left.clear()
            left.update(kept)
            if not left:
                because = "no statement of this level allows it"
                return EdgeBlock(SCP, level.target_id, None, None, None, because)
        for one in statements:
            if one.statement.effect is not Effect.DENY:
                continue
            part = self._part(one.statement)
            if part is not None:
                self._algebra.subtract(left, part)
            if not left:
                return one.block("it denies every request that is left")
        return None

    def _confirmed(self, left: Boxes) -> SearchAnswer:
        reason: str = Undecided.BOX_LIMIT if not left else Undecided.NOT_CONFIRMED
        for true, false in islice(left, _MOST_TRIED):
            values: dict[str, ContextValue] = {}
            for at in self._space.used(true, false):
                found = self._space.value(at, true, false)
                if isinstance(found, Undecided):
                    reason = found
                elif isinstance(found, str | tuple):
                    values[str(self._space.names[at])] = found
            for request in self._requests(values):
                if self._search.confirmed(self._caller, request, self._chain):
                    return SearchAnswer(witness=request)
        return SearchAnswer(undecided=str(reason))

    def _requests(self, values: Mapping[str, ContextValue]) -> Iterator[Request]:
        """Yield the request that has these values and what the caller gives of the keys read."""
        question, caller = self._search.question, self._caller
        context: dict[str, str | tuple[str, ...]] = {}
        for key in sorted(self._keys):
            value = caller.value(key)
            if isinstance(value, str | tuple):
                context[key] = value
        resource = self._resources.seeds[0]
        for key, value in values.items():
            if isinstance(value, Missing):
                continue
            if key == RESOURCE:
                resource = str(value)
            else:
                context[key] = value
        principal = self._principal(context)
        try:
            yield make_request(
                principal,
                self._spelled(),
                resource,
                resource_account_id=question.resource.account_id,
                context=context,
            )
        except (NotARequest, NotAPrincipal):
            return

    def _principal(self, context: dict[str, str | tuple[str, ...]]) -> str:
        """Return who calls; of a user's ARN and name in the context, one follows the other."""
        stand_in = self._caller.stand_in
        arn = context.get(PRINCIPAL_ARN)
        if PRINCIPAL_ARN not in self._caller.domains or stand_in.kind is PrincipalKind.SESSION:
            return stand_in.text
        name = context.get(USER_NAME)
        if stand_in.kind is PrincipalKind.USER and isinstance(name, str):
            if isinstance(arn, str):
                context[USER_NAME] = arn.rpartition("/")[2]
            else:
                return f"{stand_in.text.rpartition('/')[0]}/{name}"
        return arn if isinstance(arn, str) else stand_in.text

    def _spelled(self) -> str:
        catalogue = self._search.compiler.catalogue
        index = catalogue.index_of.get(self._action)
        return self._action if index is None else catalogue.names[index]

    def guesses(self) -> Iterator[str]:
        """Yield texts that keys related by variables may both have."""
        yield _GUESS
        for condition in self._conditions:
            if condition.key in self.open_keys:
                yield from condition.values[:4]


def allow_everything() -> PolicyDocument:
    """Return the identity policy that a witness is confirmed with: it allows everything."""
    return _ALLOW_EVERYTHING


_ALLOW_EVERYTHING: Final = PolicyDocument(
    PolicyType.IDENTITY_POLICY,
    "2012-10-17",
    None,
    (Statement(None, Effect.ALLOW, ("*",), None, ("*",), None, None, None, (), ("Statement",)),),
)
