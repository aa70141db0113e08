"""Whether a request of one class of callers passes what binds one resource.

Source: Organizations user guide, "Service control policies (SCPs)" and "Resource control policies
(RCPs)", whom and what each binds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from policies.comparison.callers import PRINCIPAL_ORGANIZATION
from policies.comparison.domains import Domain
from policies.compiled import CompiledStatement, Compiler
from policies.evaluation.evaluate import RETIRE_GRANT, Evaluator
from policies.evaluation.policy_set import PolicySet, TargetPolicies
from policies.evaluation.principal import Reach, principal_reach
from policies.evaluation.request import OrganizationIds, Request
from policies.evaluation.verdict import DecisionOutcome
from policies.language.conditions.values import ABSENT, ContextValue
from policies.language.document import Effect, PolicyDocument, Statement
from policies.language.policy_types import PolicyType
from policies.trust.attempt import PassingAttempt
from policies.trust.binding import (
    POLICY,
    RCP,
    SCP,
    BindingStatement,
    BindingStatements,
    SearchAnswer,
)
from policies.trust.callers import CallerClass
from policies.trust.question import Levels, TrustQuestion


class RequestSearch:
    """Searches requests that pass one policy. `question.policy` is the one."""

    def __init__(self, question: TrustQuestion, compiler: Compiler) -> None:
        self._question = question
        self._compiler = compiler
        self._compiled = compiler.document(question.policy)
        self._own = tuple(
            BindingStatement(compiled, POLICY, None, None, number, written)
            for number, (compiled, written) in enumerate(
                zip(self._compiled, question.policy.statements, strict=True)
            )
        )
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
        if not organization.accounts:
            own = account_id == self._question.resource.account_id
            is_member = own or caller.value(PRINCIPAL_ORGANIZATION) == organization.id
        else:
            is_member = account_id in organization.accounts
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
        """Return what becomes of the requests that a statement allows a class of callers.

        `action` in lower case; `resources`: what may be called.
        """
        chain = self.chain(caller)
        deciding = self._deciding(action, caller, chain or ())
        attempt = self._attempt(number, caller, action, resources, deciding, chain or ())
        found = attempt.find()
        if found.blocked_by is not None:
            return found
        if chain is None:
            account = caller.account_id
            return SearchAnswer(
                undecided=f"the service control policies of account {account} are not given"
            )
        if found.witness is not None:
            return found
        # Variables relate two keys: with a value for the one, the other's can be found.
        for guess in attempt.guesses() if attempt.open_keys else ():
            narrower = caller.with_values(dict.fromkeys(attempt.open_keys, guess))
            again = self._attempt(number, narrower, action, resources, deciding, chain).find()
            if again.witness is not None:
                return again
        return found

    def _attempt(
        self,
        number: int,
        caller: CallerClass,
        action: str,
        resources: Domain,
        deciding: BindingStatements,
        chain: Levels,
    ) -> PassingAttempt:
        return PassingAttempt(
            self._question,
            self._own[number],
            caller,
            action,
            resources,
            deciding,
            self._compiler.catalogue,
            lambda request: self._is_confirmed(request, chain, self._compiled[number]),
        )

    def _deciding(self, action: str, caller: CallerClass, chain: Levels) -> BindingStatements:
        """Return what of the policy, the RCPs and the SCPs covers an action and binds a caller."""
        own_type, rcp_type = self._question.policy_type, PolicyType.RESOURCE_CONTROL_POLICY
        denies = [
            one
            for one in self._own
            if one.statement.effect is Effect.DENY
            and one.statement.covers_action(action)
            and self._reach(one.statement, caller, own_type)
        ]
        if self.is_bound_by_rcp(action) and not caller.stand_in.is_service_linked_role:
            denies += [
                one
                for level in self._rcps
                for one in self._of_level(level, RCP, action)
                if one.statement.effect is Effect.DENY
                and self._reach(one.statement, caller, rcp_type)
            ]
        levels = tuple((level, tuple(self._of_level(level, SCP, action))) for level in chain)
        return BindingStatements(tuple(denies), levels)

    def is_bound_by_rcp(self, action: str) -> bool:
        """Whether resource control policies can bind an action (in lower case)."""
        service = action.partition(":")[0]
        return service in self._compiler.catalogue.rcp_services and action != RETIRE_GRANT

    def _of_level(self, level: TargetPolicies, by: str, action: str) -> Iterator[BindingStatement]:
        for place, document in enumerate(level.policies):
            compiled = self._compiler.document(document)
            for number, statement in enumerate(compiled):
                if statement.covers_action(action):
                    yield BindingStatement(
                        statement, by, level, place, number, document.statements[number]
                    )

    def _is_confirmed(self, request: Request, chain: Levels, allow: CompiledStatement) -> bool:
        """Whether a statement allows a request, and the evaluator where the caller may do all."""
        key = id(chain)
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
        if evaluator.evaluate(request).decision is not DecisionOutcome.ALLOWED:
            return False
        # Another statement, or identity policies in one account, may have been what allowed it.
        derived = evaluator.caller(request.principal, request.resource_account_id).derived

        def lookup(key: str) -> ContextValue:
            value = request.context.get(key)
            return derived.get(key, ABSENT) if value is None else value

        return allow.covers_resource(request.resource, lookup) is True and all(
            condition.holds(lookup) is True for condition in allow.conditions
        )

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


def allow_everything() -> PolicyDocument:
    """Return the identity policy that a witness is confirmed with: it allows everything."""
    return _ALLOW_EVERYTHING


_ALLOW_EVERYTHING: Final = PolicyDocument(
    PolicyType.IDENTITY_POLICY,
    "2012-10-17",
    None,
    (Statement(None, Effect.ALLOW, ("*",), None, ("*",), None, None, None, (), ("Statement",)),),
)
