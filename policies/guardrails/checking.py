"""Whether effect guardrails hold in each account, proven under its SCPs and RCPs.

An account's own principals are bound by its SCPs, and on its resources by its RCPs too; others on
its resources by its RCPs alone. Neither bind the management account, nor service-linked roles.
Source: Organizations user guide, "SCP evaluation", "RCP evaluation".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from policies.comparison.confirmation import Confirmation
from policies.comparison.descent import statements_of
from policies.comparison.witness import Witness
from policies.compiled import CompiledStatement, Compiler, PolicyLevel
from policies.evaluation.aws_rules import RuleKind, rules_for
from policies.evaluation.principal import parse_principal
from policies.evaluation.request import OrganizationIds
from policies.guardrails.answers import UNBOUND, AccountAnswer, BindingLevels, Levels, WholeLevels
from policies.guardrails.compiled_guardrail import (
    BadGuardrail,
    CompiledGuardrail,
    compile_guardrail,
)
from policies.guardrails.concerning import AllStatements, Binding, ConcerningStatements
from policies.guardrails.guardrail import EffectGuardrail
from policies.guardrails.plan import RCP, SCP, GuardrailPlan
from policies.guardrails.results import GuardrailResults, SharedAnswers
from policies.guardrails.spaces import GuardedOrganization, QuestionMaker
from policies.language.conditions.values import ABSENT, ContextValue
from policies.targets import Target, TargetTree


class UnknownAccount(ValueError):
    """An account is not among the targets; the message names it."""


class _Place:
    """Accounts that all policies bind alike: the same parents with the same levels."""

    __slots__ = ("account_ids", "is_management", "own", "parent_id", "rcp_own", "rcp_parent_id")

    def __init__(self, target: Target, rcp: Target | None, *, is_management: bool) -> None:
        self.account_ids: list[str] = []
        self.is_management = is_management
        self.parent_id, self.own = target.parent_id, target.level
        self.rcp_parent_id = rcp.parent_id if rcp is not None else None
        self.rcp_own = rcp.level if rcp is not None else None


class AskedPlace(NamedTuple):
    """Accounts that are alike, with all that binds them. The paths are the targets', root first."""

    account_ids: Sequence[str]
    answer: AccountAnswer
    whole: WholeLevels
    scp_path: tuple[str, ...]
    rcp_path: tuple[str, ...]


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
            _Memory(compiler, organization_id),
        )

    def _start(
        self,
        compiler: Compiler,
        service_control: TargetTree,
        resource_control: TargetTree | None,
        ids: OrganizationIds,
        partition: str | None,
        memory: _Memory,
    ) -> None:
        self.compiler = compiler
        self.service_control = service_control
        self.resource_control = resource_control
        self.ids = ids
        self._given_partition = partition
        self._memory = memory
        self._places: list[_Place] = []
        self._place_of: dict[str, int] = {}
        self._find_places()
        scps = statements_of(_levels(service_control))
        rcps = statements_of(() if resource_control is None else _levels(resource_control))
        self._statements = AllStatements(frozenset(scps), frozenset(rcps))
        self.partition = partition or _partition_of((*scps, *rcps))
        self._questions = memory.questions(
            GuardedOrganization(service_control, ids, self.partition)
        )
        self._plans: dict[int, GuardrailPlan] = {}

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
        made = GuardrailChecker.__new__(GuardrailChecker)
        resource_tree = self.resource_control
        changed = tuple(resource_control)
        if changed:
            resource_tree = (
                TargetTree(changed) if resource_tree is None else resource_tree.replaced(changed)
            )
        made._start(
            self.compiler,
            self.service_control.replaced(service_control),
            resource_tree,
            self.ids,
            self._given_partition,
            self._memory,
        )
        return made

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
        chains = _Chains(self.service_control, self.resource_control, plan)
        are_one = plan.classes.are_one and not plan.classes.reads_paths
        for place in self._places:
            groups: dict[tuple[object, ...], list[str]] = {(): place.account_ids}
            if not are_one:
                groups = {}
                for account_id in place.account_ids:
                    signature = self._signature(plan, account_id)
                    groups.setdefault(signature, []).append(account_id)
            for signature, account_ids in groups.items():
                answer = self._answer(plan, account_ids[0], signature, chains, place)
                yield AskedPlace(account_ids, answer, chains.whole(place), *chains.paths(place))

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
                self._places.append(_Place(target, rcp, is_management=is_management))
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
        found = self._plans.get(id(guardrail))
        if found is None:
            found = self._memory.plan(guardrail, self._statements)
            self._plans[id(guardrail)] = found
        return found

    def _results(self, guardrail: CompiledGuardrail, asked: Sequence[str]) -> GuardrailResults:
        plan = self.plan(guardrail)
        chains = _Chains(self.service_control, self.resource_control, plan)
        places, place_of = self._places, self._place_of
        found: Mapping[str, AccountAnswer]
        if plan.classes.are_one and not plan.classes.reads_paths:
            wanted: Iterable[int] = range(len(places))
            if len(asked) < len(place_of):
                wanted = dict.fromkeys(place_of[account_id] for account_id in asked)
            of_place = {
                at: self._answer(plan, places[at].account_ids[0], (), chains, places[at])
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
                    known = self._answer(plan, account_id, key[1], chains, places[at])
                    answers[key] = known
                each[account_id] = known
            found = each
        management = self.ids.management_account_id
        return GuardrailResults(guardrail, found, management, self.compiler.catalogue)

    def _signature(self, plan: GuardrailPlan, account_id: str) -> tuple[object, ...]:
        signature = plan.classes.signature(account_id)
        if not plan.classes.reads_paths:
            return signature
        return (self._questions.path_of(account_id), plan.classes, *signature)

    def _answer(
        self,
        plan: GuardrailPlan,
        account_id: str,
        signature: tuple[object, ...],
        chains: _Chains,
        place: _Place,
    ) -> AccountAnswer:
        levels = chains.of_place(place)
        # Tests by number mean something for one set of classes only.
        classes = plan.classes if len(signature) > 1 else None
        key = (plan.guardrail, classes, signature, levels, place.is_management)
        answers = self._memory.answers
        found = answers.get(key)
        if found is None:
            asked = self._representative(plan, signature, account_id)
            found = answers[key] = self._questions.answer(plan, asked, levels, chains.whole(place))
        return found

    def _representative(
        self, plan: GuardrailPlan, signature: tuple[object, ...], account_id: str
    ) -> str:
        """Return the account that stands for all that are like one; if it can be, the first."""
        found = plan.representatives.get(signature)
        if found is None:
            found = account_id
            if not signature:
                classes = plan.classes
                alike = (one for one in self._place_of if not classes.signature(one))
                found = next(alike, account_id)
            plan.representatives[signature] = found
        return found


class _Chains:
    """The levels that bind the accounts at a place, as far as they concern one guardrail."""

    def __init__(self, scps: TargetTree, rcps: TargetTree | None, plan: GuardrailPlan) -> None:
        self._scps, self._rcps = scps, rcps
        self._reduced = {
            Binding.SCP: _ReducedTree(scps, plan, Binding.SCP),
        }
        if rcps is not None:
            self._reduced[Binding.RCP_OF_OWN] = _ReducedTree(rcps, plan, Binding.RCP_OF_OWN)
            if plan.outsider_bits:
                others = Binding.RCP_OF_OTHERS
                self._reduced[others] = _ReducedTree(rcps, plan, others)

    def of_place(self, place: _Place) -> BindingLevels:
        """Return the levels, root first."""
        if place.is_management:
            return UNBOUND
        found = {Binding.SCP: self._reduced[Binding.SCP].below(place.parent_id, place.own)}
        if place.rcp_own is not None:
            for binding in (Binding.RCP_OF_OWN, Binding.RCP_OF_OTHERS):
                tree = self._reduced.get(binding)
                if tree is not None:
                    found[binding] = tree.below(place.rcp_parent_id, place.rcp_own)
        return BindingLevels(
            found[Binding.SCP],
            found.get(Binding.RCP_OF_OWN, ()),
            found.get(Binding.RCP_OF_OTHERS, ()),
        )

    def whole(self, place: _Place) -> WholeLevels:
        """Return all that binds the accounts at a place."""
        if place.is_management:
            return WholeLevels((), ())
        scps = self._scps.chain(place.account_ids[0])
        if self._rcps is None or place.rcp_own is None:
            return WholeLevels(scps, ())
        return WholeLevels(scps, self._rcps.chain(place.account_ids[0]))

    def paths(self, place: _Place) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the targets of the levels of SCPs, and of RCPs."""
        if place.is_management:
            return (), ()
        first = place.account_ids[0]
        scps = tuple(target.target_id for target in self._scps.path(first))
        if self._rcps is None or place.rcp_own is None:
            return scps, ()
        return scps, tuple(target.target_id for target in self._rcps.path(first))


class _ReducedTree:
    """The chains of one tree's targets, without what a guardrail does not need."""

    def __init__(self, tree: TargetTree, plan: GuardrailPlan, binding: Binding) -> None:
        self._tree = tree.by_id
        self._plan = plan
        self._binding = binding
        self._chains: dict[str | None, Levels] = {None: ()}

    def below(self, parent_id: str | None, level: PolicyLevel) -> Levels:
        """Return the chain of a target with a level, below another."""
        above = self._chains.get(parent_id)
        if above is None:
            parent = self._tree[str(parent_id)]
            above = self._chains[parent_id] = self.below(parent.parent_id, parent.level)
        own = self._plan.reduced(level, self._binding)
        return above if own is None or own in above else (*above, own)


class _Memory:
    """What checkers of one organization share: what was compiled, and what was proven."""

    def __init__(self, compiler: Compiler, organization_id: str | None) -> None:
        self._compiler = compiler
        self._guardrails: dict[str, CompiledGuardrail] = {}
        self._concerning = ConcerningStatements(compiler, organization_id)
        self._plans: dict[CompiledGuardrail, GuardrailPlan] = {}
        self._confirmations = (Confirmation(compiler, SCP), Confirmation(compiler, RCP))
        self._questions: QuestionMaker | None = None
        self.answers: dict[tuple[object, ...], AccountAnswer] = {}

    def compiled(self, guardrail: EffectGuardrail) -> CompiledGuardrail:
        """Return a guardrail compiled; one object for equal ones."""
        key = repr(guardrail)
        found = self._guardrails.get(key)
        if found is None:
            found = self._guardrails[key] = compile_guardrail(guardrail, self._compiler)
        return found

    def plan(self, guardrail: CompiledGuardrail, statements: AllStatements) -> GuardrailPlan:
        """Return a guardrail's plan; the one there is, if the same statements concern it."""
        known = self._plans.get(guardrail)
        if known is not None and not statements.bits_beyond(known.statements) & guardrail.bits:
            known.statements = statements
            return known
        made = GuardrailPlan(guardrail, statements, self._concerning, self._compiler)
        self._plans[guardrail] = made
        return made

    def questions(self, organization: GuardedOrganization) -> QuestionMaker:
        """Return what makes questions; the one there is, if the organization is the same."""
        known = self._questions
        if known is None or not known.organization.is_like(organization):
            known = self._questions = QuestionMaker(organization, self._compiler, self.confirms)
            self.answers.clear()
            self._plans.clear()
        return known

    def confirms(self, witness: Witness, scps: Levels, rcps: Levels) -> bool:
        """Whether the evaluator lets a request past some levels, and AWS permits it at all."""
        of_scps, of_rcps = self._confirmations
        if not of_scps.passes(scps, witness) or not of_rcps.passes(rcps, witness):
            return False
        context = of_scps.context(witness) or {}
        never = rules_for(
            witness.action.lower(), parse_principal(witness.principal), RuleKind.NEVER_PERMITTED
        )

        def lookup(key: str) -> ContextValue:
            return context.get(key, ABSENT) if key else witness.resource

        return not any(rule.holds(lookup) for rule in never)


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
