"""What guardrail checkers of one organization share: what was compiled, and what was proven."""

from __future__ import annotations

from policies.comparison.confirmation import Confirmation
from policies.comparison.witness import Witness
from policies.compiled import Compiler
from policies.evaluation.aws_rules import RuleKind, rules_for
from policies.evaluation.principal import parse_principal
from policies.guardrails.answers import GuardedBoxes, Levels
from policies.guardrails.compiled_guardrail import CompiledGuardrail, compile_guardrail
from policies.guardrails.concerning import AllStatements, ConcerningStatements
from policies.guardrails.guardrail import EffectGuardrail
from policies.guardrails.plan import RCP, SCP, GuardrailPlan
from policies.guardrails.spaces import GuardedOrganization, QuestionMaker
from policies.language.conditions.values import ABSENT, ContextValue


class CheckerMemory:
    """What they share."""

    def __init__(self, compiler: Compiler, organization_id: str | None) -> None:
        self._compiler = compiler
        self._guardrails: dict[str, CompiledGuardrail] = {}
        self._concerning = ConcerningStatements(compiler, organization_id)
        self._confirmations = (Confirmation(compiler, SCP), Confirmation(compiler, RCP))
        self._questions: QuestionMaker | None = None

    def compiled(self, guardrail: EffectGuardrail) -> CompiledGuardrail:
        """Return a guardrail compiled; one object for equal ones."""
        key = repr(guardrail)
        found = self._guardrails.get(key)
        if found is None:
            found = self._guardrails[key] = compile_guardrail(guardrail, self._compiler)
        return found

    def plan(
        self,
        guardrail: CompiledGuardrail,
        statements: AllStatements,
        plans: dict[CompiledGuardrail, GuardrailPlan],
    ) -> GuardrailPlan:
        """Return a guardrail's plan; that of `plans`, if the same statements concern it."""
        known = plans.get(guardrail)
        if known is not None and not statements.bits_beyond(known.statements) & guardrail.bits:
            known.statements = statements
            return known
        made = GuardrailPlan(guardrail, statements, self._concerning, self._compiler)
        plans[guardrail] = made
        return made

    def questions(self, organization: GuardedOrganization) -> QuestionMaker:
        """Return what makes questions; the one there is, if the organization is the same."""
        known = self._questions
        if known is None or not known.organization.has_same_targets(organization):
            known = self._questions = QuestionMaker(organization, self._compiler, self.confirms)
        elif not known.organization.has_same_places(organization):
            known = self._questions = known.moved(organization)
        return known

    def confirms(self, witness: Witness, guarded: GuardedBoxes, scps: Levels, rcps: Levels) -> bool:
        """Whether a guarded request gets past some levels, and AWS permits it at all."""
        of_scps, of_rcps = self._confirmations
        if not of_scps.passes(scps, witness) or not of_rcps.passes(rcps, witness):
            return False
        context = of_scps.context(witness) or {}
        never = rules_for(
            witness.action.lower(), parse_principal(witness.principal), RuleKind.NEVER_PERMITTED
        )

        def lookup(key: str) -> ContextValue:
            return context.get(key, ABSENT) if key else witness.resource

        if any(rule.holds(lookup) for rule in never):
            return False
        return guarded.hold(witness.resource, lookup)
