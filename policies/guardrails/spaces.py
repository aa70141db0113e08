"""Makes the questions of guardrails; questions about the same callers share one space of values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from policies.comparison.caller_dimension import CallerDimension
from policies.comparison.callers import (
    ORGANIZATION_KEYS,
    PRINCIPAL_ACCOUNT,
    PRINCIPAL_ARN,
    PRINCIPAL_ORGANIZATION,
    RESOURCE_ACCOUNT,
    RESOURCE_ORGANIZATION,
    CallerScope,
    CallersOrganization,
)
from policies.comparison.questions import MOST_BOXES
from policies.comparison.space import Space
from policies.comparison.witness import Witness
from policies.compiled import CompiledCondition, Compiler
from policies.evaluation.aws_rules import RuleKind, aws_rules
from policies.evaluation.principal import PrincipalKind
from policies.evaluation.request import OrganizationIds
from policies.guardrails.answers import (
    NOTHING_PASSES,
    AccountAnswer,
    BindingLevels,
    Confirm,
    GuardAnswer,
    GuardedBoxes,
    WholeLevels,
)
from policies.guardrails.compiled_guardrail import CompiledGuardrail
from policies.guardrails.domains import (
    OTHER_ACCOUNTS,
    GuardedAccount,
    GuardedCallers,
    GuardedDomains,
)
from policies.guardrails.guarded_requests import GuardedRequests
from policies.guardrails.guardrail import GuardrailOutcome
from policies.guardrails.places import ChainMemory
from policies.guardrails.plan import RCP, GuardrailPlan, PlanProofs
from policies.guardrails.question import GuardQuestion
from policies.language.conditions.values import ABSENT, ContextValue
from policies.language.document import Operator
from policies.language.variables import template
from policies.targets import TargetTree

_PARTITIONS: Final = (
    "aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc",
)  # fmt: skip
_UNBOUND_CALLERS: Final = {
    PrincipalKind.USER: "user/ExampleUser",
    PrincipalKind.ROLE: "role/ExampleRole",
    PrincipalKind.ROOT_USER: "root",
}
_PROVIDER_ACTIONS: Final = ("sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")


@dataclass(frozen=True, eq=False)
class GuardedOrganization:
    """The organization whose accounts are asked about. `partition`: of its ARNs."""

    tree: TargetTree
    ids: OrganizationIds
    partition: str

    def has_same_targets(self, other: GuardedOrganization) -> bool:
        """Whether two have the same accounts and OUs, wherever these are."""
        if (self.ids, self.partition) != (other.ids, other.partition):
            return False
        return self.tree is other.tree or self.tree.by_id.keys() == other.tree.by_id.keys()

    def has_same_places(self, other: GuardedOrganization) -> bool:
        """Whether each target, the same in both, is at the same place."""
        mine, theirs = self.tree.by_id, other.tree.by_id
        return mine is theirs or all(
            theirs[target_id].parent_id == target.parent_id for target_id, target in mine.items()
        )


class QuestionMaker:
    """Makes the questions of guardrails in one organization, and remembers their answers.

    Its length is the number of answers.
    """

    def __init__(
        self, organization: GuardedOrganization, compiler: Compiler, confirm: Confirm
    ) -> None:
        self.organization = organization
        self._compiler = compiler
        self._confirm = confirm
        self._callers = CallersOrganization(organization.tree, organization.ids)
        self._spaces: dict[tuple[object, ...], Space] = {}
        self._spaces_of_paths: dict[tuple[object, ...], Space] = {}
        self._proofs_of_paths: dict[GuardrailPlan, PlanProofs] = {}
        self._answers: dict[tuple[object, ...], AccountAnswer] = {}
        self._answers_of_paths: dict[tuple[object, ...], AccountAnswer] = {}
        self.chains = ChainMemory()
        self.plans: dict[CompiledGuardrail, GuardrailPlan] = {}
        self._elsewhere = _of_another_partition(organization.partition)

    def moved(self, organization: GuardedOrganization) -> QuestionMaker:
        """Return what makes questions of the same targets at other places.

        Shares what was found where places do not matter.
        """
        made = QuestionMaker(organization, self._compiler, self._confirm)
        made._spaces = self._spaces
        made._answers = self._answers
        made.chains = self.chains
        made.plans = self.plans
        return made

    def answers(self, plan: GuardrailPlan) -> dict[tuple[object, ...], AccountAnswer]:
        """Return what was proven, of guardrails for which it matters where accounts are apart."""
        return self._answers_of_paths if plan.reads_paths else self._answers

    def __len__(self) -> int:
        return len(self._answers) + len(self._answers_of_paths)

    def proofs(self, plan: GuardrailPlan) -> PlanProofs:
        """Return what was found of a plan."""
        if not plan.reads_paths:
            return plan.proofs
        return self._proofs_of_paths.setdefault(plan, PlanProofs())

    def place_of(self, account_id: str) -> str | None:
        """Return what is above an account, `r-…/ou-…/`; None where it is not known."""
        return self._callers.place_of(account_id)

    def answer(
        self, plan: GuardrailPlan, account_id: str, levels: BindingLevels, whole: WholeLevels
    ) -> AccountAnswer:
        """Decide a guardrail in an account. `levels`: what of `whole` concerns the guardrail."""
        asked = _asked_callers(plan, account_id)
        if plan.guardrail.unbound:
            unbound = self._unbound(plan, account_id)
            if unbound is not None:
                return AccountAnswer(account_id, unbound, GuardedCallers.OWN, asked)
        undecided: AccountAnswer | None = None
        for callers in asked:
            if callers is GuardedCallers.OWN:
                chain, bound = (*levels.scps, *levels.rcps_of_own), whole
            elif callers is GuardedCallers.OWN_ELSEWHERE:
                chain, bound = levels.scps, WholeLevels(whole.scps, ())
            else:
                chain, bound = levels.rcps_of_others, WholeLevels((), whole.rcps)
            found = self._question(plan, callers, account_id).answer(chain, bound)
            if found.outcome is GuardrailOutcome.FAILS:
                return AccountAnswer(account_id, found, callers, asked)
            if found.outcome is GuardrailOutcome.UNDECIDED and undecided is None:
                undecided = AccountAnswer(account_id, found, callers, asked)
        return undecided or AccountAnswer(account_id, NOTHING_PASSES, None, asked)

    def _question(
        self, plan: GuardrailPlan, callers: GuardedCallers, account_id: str
    ) -> GuardQuestion:
        key = (callers, account_id)
        questions = self.proofs(plan).questions
        found = questions.get(key)
        if found is None:
            found = questions[key] = self.question(plan, callers, account_id)
        return found

    def question(
        self, plan: GuardrailPlan, callers: GuardedCallers, account_id: str
    ) -> GuardQuestion:
        """Return a guardrail's question about some callers and an account."""
        groups, guardrail = plan.groups, plan.guardrail
        is_of_outsiders = callers is GuardedCallers.OUTSIDERS
        guarded = groups.all_groups
        if is_of_outsiders:
            guarded = groups.of_actions(plan.outsider_bits)
        fails = () if guardrail.exceptions is None else (guardrail.exceptions,)
        if plan.reads_principals:
            fails = (*fails, self._elsewhere)
        space = self._space(plan, callers, account_id)
        return GuardQuestion(
            space,
            groups,
            GuardedBoxes(
                guardrail.resources,
                fails,
                guardrail.unless,
                unsaid=self._elsewhere if plan.reads_principals else None,
            ),
            guarded,
            GuardedRequests(
                space,
                self.organization.partition,
                elsewhere=other_account(account_id)
                if callers is GuardedCallers.OWN_ELSEWHERE
                else None,
                any_type=guardrail.asks_outsiders,
                known={
                    key: value
                    for key, value in self._known(callers, account_id).items()
                    if key in plan.read_keys & ORGANIZATION_KEYS
                }
                if not is_of_outsiders
                else {},
            ),
            self._confirm,
            rules=plan.rules,
            most_boxes=MOST_BOXES,
        )

    def _unbound(self, plan: GuardrailPlan, account_id: str) -> GuardAnswer | None:
        """Return a request that needs no permission, None where all who can make it are excepted.

        `unless` is not asked: such a request can be made without any context.
        """
        begins = f"arn:{self.organization.partition}:iam::{account_id}:"
        for action in self._compiler.catalogue.actions(plan.guardrail.unbound):
            callers = _callers_without_permission(action)
            for kind, name in _UNBOUND_CALLERS.items():
                principal = f"{begins}{name}"
                if kind in callers and not _is_excepted(plan.guardrail, principal):
                    return GuardAnswer(
                        GuardrailOutcome.FAILS,
                        witness=Witness(principal, action, "*", None, {}),
                        needs_no_permission=True,
                    )
        return None

    def _space(self, plan: GuardrailPlan, callers: GuardedCallers, account_id: str) -> Space:
        is_own = callers is not GuardedCallers.OUTSIDERS
        has_providers = not is_own and any(
            plan.guardrail.bits & self._compiler.catalogue.bits(one) for one in _PROVIDER_ACTIONS
        )
        relates = plan.relates_keys or not is_own
        key = (callers, account_id, relates, has_providers, plan.list_keys)
        spaces = self._spaces_of_paths if plan.reads_paths else self._spaces
        found = spaces.get(key)
        if found is None:
            scope = CallerScope(
                own=is_own,
                others=not is_own,
                providers=has_providers,
                own_resource=callers is not GuardedCallers.OWN_ELSEWHERE,
            )
            ids = self.organization.ids
            found = spaces[key] = Space(
                self._compiler.catalogue,
                GuardedDomains(
                    RCP,
                    account_id,
                    self._compiler.catalogue.rcp_services,
                    callers=callers,
                    facts=GuardedAccount(
                        account_id, ids.organization_id, self.place_of(account_id)
                    ),
                    partition=self.organization.partition,
                ),
                list_keys=plan.list_keys,
                organization=None if is_own else self._callers,
                callers=CallerDimension(account_id, self._callers, scope) if relates else None,
                known=self._known(callers, account_id) if is_own else None,
            )
        return found

    def _known(self, callers: GuardedCallers, account_id: str) -> dict[str, str]:
        """Return what policy variables stand for in every request."""
        known = {PRINCIPAL_ACCOUNT: account_id}
        organization_id = self.organization.ids.organization_id
        if organization_id is not None:
            known[PRINCIPAL_ORGANIZATION] = organization_id
        if callers is GuardedCallers.OWN:
            known[RESOURCE_ACCOUNT] = account_id
            if organization_id is not None:
                known[RESOURCE_ORGANIZATION] = organization_id
        return known


def _asked_callers(plan: GuardrailPlan, account_id: str) -> tuple[GuardedCallers, ...]:
    """Return whose requests decide a guardrail in an account."""
    asked = [GuardedCallers.OWN]
    if plan.asks_elsewhere or plan.guardrail.named_accounts() - {account_id}:
        asked.append(GuardedCallers.OWN_ELSEWHERE)
    if plan.outsider_bits:
        asked.append(GuardedCallers.OUTSIDERS)
    return tuple(asked)


def _callers_without_permission(action: str) -> frozenset[PrincipalKind]:
    """Return who needs no permission for an action."""
    return frozenset[PrincipalKind]().union(
        *(
            rule.callers or ()
            for rule in aws_rules()
            if rule.kind is RuleKind.NO_PERMISSION_NEEDED
            and action.lower() in map(str.lower, rule.actions)
        )
    )


def _is_excepted(guardrail: CompiledGuardrail, principal: str) -> bool:
    """Whether a guardrail excepts a principal."""

    def lookup(key: str) -> ContextValue:
        return principal if key == PRINCIPAL_ARN else ABSENT

    return guardrail.exceptions is not None and guardrail.exceptions.holds(lookup) is True


def other_account(account_id: str) -> str:
    """Return an account that stands for any other one."""
    return next(one for one in OTHER_ACCOUNTS if one != account_id)


def _of_another_partition(partition: str) -> CompiledCondition:
    """Return a condition that holds for principals of other partitions."""
    others = [f"arn:{one}:*" for one in _PARTITIONS if one != partition]
    values = ("arn:aws-*",) if partition == "aws" else tuple(sorted(others))
    return CompiledCondition(
        key=PRINCIPAL_ARN,
        operator=Operator.STRING_LIKE,
        negated=False,
        set_operator=None,
        if_exists=False,
        values=values,
        written_operator="",
        templates=tuple(template(value, False) for value in values),
        variable_keys=frozenset(),
    )
