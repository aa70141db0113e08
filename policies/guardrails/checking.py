"""Whether effect guardrails hold in each account, proven under its SCPs and RCPs.

An account's own principals are bound by its SCPs, and on its resources by its RCPs too; others on
its resources by its RCPs alone. Neither bind the management account, nor service-linked roles.
Source: Organizations user guide, "SCP evaluation", "RCP evaluation".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from policies.comparison.descent import statements_of
from policies.compiled import CompiledStatement, Compiler, PolicyLevel
from policies.evaluation.request import OrganizationIds
from policies.guardrails.answers import AccountAnswer, BindingLevels, WholeLevels
from policies.guardrails.compiled_guardrail import (
    BadGuardrail,
    CompiledGuardrail,
)
from policies.guardrails.concerning import AllStatements
from policies.guardrails.guardrail import EffectGuardrail
from policies.guardrails.memory import CheckerMemory
from policies.guardrails.places import AskedPlace, BoundPlace, TargetPlace
from policies.guardrails.plan import GuardrailPlan
from policies.guardrails.results import GuardrailResults, SharedAnswers
from policies.guardrails.spaces import GuardedOrganization
from policies.targets import Target, TargetTree


class UnknownAccount(ValueError):
    """An account is not among the targets; the message names it."""


class GuardrailChecker:
    """Decides guardrails under the policies of one organization; see `check`.

    `service_control` and `resource_control`: targets with the levels of their SCPs and RCPs, of
    `compiler`; None: RCPs are not enabled. `organization_id`: `o-…`, None if it is not known.
    `partition`: of the organization's ARNs; without it the one that its policies name.

    Keep it: what is proven of a chain of levels serves every account and every later check, also
    of the checkers that `replaced` makes. Not safe in threads.
    """

    def __init__(
        self,
        compiler: Compiler,
        service_control: TargetTree,
        resource_control: TargetTree | None = None,
        management_account_id: str | None = None,
        *,
        organization_id: str | None = None,
        partition: str | None = None,
    ) -> None:
        ids = OrganizationIds(organization_id, management_account_id)
        self._start(
            compiler,
            service_control,
            resource_control,
            ids,
            partition,
            CheckerMemory(compiler, organization_id),
        )

    def _start(
        self,
        compiler: Compiler,
        service_control: TargetTree,
        resource_control: TargetTree | None,
        ids: OrganizationIds,
        partition: str | None,
        memory: CheckerMemory,
    ) -> None:
        self.compiler = compiler
        self.service_control = service_control
        self.resource_control = resource_control
        self.ids = ids
        self._given_partition = partition
        self._memory = memory
        scps = statements_of(_levels(service_control))
        rcps = statements_of(() if resource_control is None else _levels(resource_control))
        self._statements = AllStatements(frozenset(scps), frozenset(rcps))
        self.partition = partition or _partition_of((*scps, *rcps))
        self._questions = memory.questions(
            GuardedOrganization(service_control, ids, self.partition)
        )
        self._plans: dict[CompiledGuardrail, GuardrailPlan] = {}
        self._places: list[TargetPlace] = []
        self._place_of: dict[str, int] = {}
        self._find_places()

    def replaced(
        self,
        *,
        service_control: Iterable[Target] = (),
        resource_control: Iterable[Target] = (),
    ) -> GuardrailChecker:
        """Return a checker in which these targets stand instead of those with their ids.

        What is unchanged is shared, and so is all that was proven.

        :raises TreeError: the targets form no tree.
        """
        resource_tree = self.resource_control
        changed = tuple(resource_control)
        if changed:
            resource_tree = (
                TargetTree(changed) if resource_tree is None else resource_tree.replaced(changed)
            )
        return self.under(self.service_control.replaced(service_control), resource_tree)

    def under(
        self, service_control: TargetTree, resource_control: TargetTree | None
    ) -> GuardrailChecker:
        """Return a checker of the same organization under other policies; see `replaced`."""
        made = GuardrailChecker.__new__(GuardrailChecker)
        made._start(
            self.compiler,
            service_control,
            resource_control,
            self.ids,
            self._given_partition,
            self._memory,
        )
        return made

    @property
    def proofs(self) -> int:
        """How many proofs are remembered, those of checkers that share them included."""
        return len(self._questions)

    def check(
        self,
        guardrails: Sequence[EffectGuardrail],
        account_ids: Collection[str] | None = None,
    ) -> Mapping[str, GuardrailResults]:
        """Decide guardrails: guardrail id → account id → result, of accounts in the tree's order.

        `account_ids`: without it every account of the tree.

        :raises BadGuardrail: see `compile_guardrail`; or two guardrails have one id.
        :raises UnknownAccount: an account is not in the tree.
        """
        found: dict[str, GuardrailResults] = {}
        asked = self._asked(account_ids)
        for guardrail in guardrails:
            if guardrail.id in found:
                raise BadGuardrail(f"guardrail {guardrail.id} is given twice")
            found[guardrail.id] = self._results(self._memory.compiled(guardrail), asked)
        return found

    def plan_of(self, guardrail: EffectGuardrail) -> GuardrailPlan:
        """Return what concerns a guardrail.

        :raises BadGuardrail: see `compile_guardrail`.
        """
        return self.plan(self._memory.compiled(guardrail))

    def asked_places(self, plan: GuardrailPlan) -> Iterator[AskedPlace]:
        """Yield the accounts, those together that one guardrail's policies do not tell apart."""
        for place in self._places:
            paths = place.paths(self.service_control, self.resource_control)
            groups: dict[tuple[object, ...], list[str]] = {(): place.account_ids}
            if not plan.classes.are_one:
                groups = {}
                for account_id in place.account_ids:
                    signature = self._signature(plan, account_id)
                    groups.setdefault(signature, []).append(account_id)
            for signature, account_ids in groups.items():
                answer = self._answer(plan, account_ids[0], signature, place.bound)
                yield AskedPlace(account_ids, answer, place.bound.whole, *paths)

    def decided(
        self, plan: GuardrailPlan, account_id: str, levels: BindingLevels, whole: WholeLevels
    ) -> AccountAnswer:
        """Decide a guardrail in an account, were these its policies; see `QuestionMaker.answer`."""
        return self._questions.answer(plan, account_id, levels, whole)

    def _asked(self, account_ids: Collection[str] | None) -> Sequence[str]:
        if account_ids is None:
            return tuple(self._place_of)
        wanted = dict.fromkeys(account_ids)
        for account_id in wanted:
            if account_id not in self._place_of:
                raise UnknownAccount(f"account {account_id} is not among the targets")
        return tuple(wanted)

    def _find_places(self) -> None:
        by_key: dict[tuple[object, ...], int] = {}
        chains = self._questions.chains
        above = chains.of_parents(self.service_control)
        rcps_above = (
            {} if self.resource_control is None else chains.of_parents(self.resource_control)
        )
        rcps = {} if self.resource_control is None else self.resource_control.by_id
        management = self.ids.management_account_id
        for target_id, target in self.service_control.by_id.items():
            if not target.is_account:
                continue
            rcp = rcps.get(target_id)
            is_management = target_id == management
            key = (
                target.parent_id,
                target.level,
                is_management,
                None if rcp is None else (rcp.parent_id, rcp.level),
            )
            at = by_key.get(key)
            if at is None:
                at = by_key[key] = len(self._places)
                bound = chains.place(
                    chains.below(above[target.parent_id], target.level),
                    None if rcp is None else chains.below(rcps_above[rcp.parent_id], rcp.level),
                    is_management=is_management,
                )
                self._places.append(TargetPlace(bound))
            self._places[at].account_ids.append(target_id)
            self._place_of[target_id] = at
        if self.resource_control is not None:
            missing = next((one for one in self._place_of if one not in rcps), None)
            if missing is not None:
                raise UnknownAccount(
                    f"account {missing} has service control policies, but is not among the "
                    "targets of resource control policies"
                )

    def plan(self, guardrail: CompiledGuardrail) -> GuardrailPlan:
        """Return what concerns a guardrail."""
        found = self._plans.get(guardrail)
        if found is None:
            found = self._plans[guardrail] = self._memory.plan(
                guardrail, self._statements, self._questions.plans
            )
        return found

    def _results(self, guardrail: CompiledGuardrail, asked: Sequence[str]) -> GuardrailResults:
        plan = self.plan(guardrail)
        places, place_of = self._places, self._place_of
        found: Mapping[str, AccountAnswer]
        if plan.classes.are_one:
            wanted: Iterable[int] = range(len(places))
            if len(asked) < len(place_of):
                wanted = dict.fromkeys(place_of[account_id] for account_id in asked)
            of_place = {
                at: places[at].bound.answers.get(guardrail)
                or self._answer(plan, places[at].account_ids[0], (), places[at].bound)
                for at in wanted
            }
            found = SharedAnswers(asked, place_of, of_place)
        else:
            answers: dict[tuple[int, tuple[object, ...]], AccountAnswer] = {}
            each: dict[str, AccountAnswer] = {}
            for account_id in asked:
                at = place_of[account_id]
                key = (at, self._signature(plan, account_id))
                known = answers.get(key)
                if known is None:
                    known = self._answer(plan, account_id, key[1], places[at].bound)
                    answers[key] = known
                each[account_id] = known
            found = each
        management = self.ids.management_account_id
        return GuardrailResults(guardrail, found, management, self.compiler.catalogue)

    def _signature(self, plan: GuardrailPlan, account_id: str) -> tuple[object, ...]:
        signature = plan.classes.signature(account_id)
        if not plan.classes.reads_paths:
            return signature
        return (self._questions.place_of(account_id), plan.classes, *signature)

    def _answer(
        self,
        plan: GuardrailPlan,
        account_id: str,
        signature: tuple[object, ...],
        place: BoundPlace,
    ) -> AccountAnswer:
        is_one = not signature and not plan.reads_paths
        found = place.answers.get(plan.guardrail) if is_one else None
        if found is not None:
            return found
        levels = place.concerning(plan)
        # Tests by number mean something for one set of classes only.
        classes = plan.classes if len(signature) > 1 else None
        key = (plan.guardrail, classes, signature, levels, place.is_management)
        questions = self._questions
        answers = questions.answers(plan)
        found = answers.get(key)
        if found is None:
            asked = self._representative(plan, signature, account_id)
            found = answers[key] = questions.answer(plan, asked, levels, place.whole)
        if is_one:
            place.answers[plan.guardrail] = found
        return found

    def _representative(
        self, plan: GuardrailPlan, signature: tuple[object, ...], account_id: str
    ) -> str:
        """Return the account that stands for all that are like one; if it can be, the first."""
        representatives = self._questions.proofs(plan).representatives
        found = representatives.get(signature)
        if found is None:
            found = account_id
            if not signature:
                classes = plan.classes
                alike = (one for one in self._place_of if not classes.signature(one))
                found = next(alike, account_id)
            representatives[signature] = found
        return found


def _levels(tree: TargetTree) -> dict[PolicyLevel, None]:
    return dict.fromkeys(target.level for target in tree.by_id.values())


def _partition_of(statements: Iterable[CompiledStatement]) -> str:
    """Return the partition that ARNs in some statements name; `aws` where they name several."""
    texts = [
        text
        for one in statements
        for values in ((one.resources or ()), *(c.values for c in one.conditions))
        for text in values
    ]
    named = {text.split(":", 2)[1] for text in texts if text.startswith("arn:aws")}
    exact = {one for one in named if "*" not in one and "?" not in one}
    return exact.pop() if len(exact) == 1 else "aws"
