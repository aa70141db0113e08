"""A witness as people read it: the request, what became of it before and after, and by what."""

from dataclasses import dataclass

from governance.effects.compared_states import ComparedStates
from governance.effects.request_effects import RequestEffect, Verdict
from governance.posture.state.organization import SCP, CompiledOrganization, ControlPolicies
from policies import Catalogue, DecisionOutcome, Evaluator, PolicySet, make_request
from policies.comparison.witness import Witness
from policies.context_keys import spelled
from policies.evaluation.trace import LayerTrace


@dataclass(frozen=True, slots=True)
class WitnessDecider:
    """The statement that denies, or the level at which nothing allows.

    `policy_id`, `statement` (from 1) and `sid` are empty where no statement allows.
    """

    target_id: str
    target_name: str
    policy_id: str = ""
    policy_name: str = ""
    statement: int = 0
    sid: str = ""

    @property
    def words(self) -> str:
        """`at OPG, statement 1 of DenyRegions`, or that nothing allows it there."""
        if not self.policy_id:
            return f"at {self.target_name}, where nothing allows it"
        return f"at {self.target_name}, statement {self.statement} of {self.policy_name}"


@dataclass(frozen=True, slots=True)
class LevelsDecision:
    """Whether all levels let a request pass (None: it cannot be told), and what denies it."""

    allowed: bool | None
    decider: WitnessDecider | None


@dataclass(frozen=True, slots=True)
class ShownWitness:
    """One request that shows a difference, of the account `account_id`.

    Its verdict changes from `allowed_before`. `decider`: what denies it, before or after; None
    where more than one level must be looked at together.
    """

    account_id: str
    account_name: str
    principal: str
    action: str
    resource: str
    resource_account_id: str | None
    context: tuple[tuple[str, tuple[str, ...]], ...]
    allowed_before: bool
    decider: WitnessDecider | None


class Witnesses:
    """Shows the witnesses of one change's effects."""

    def __init__(self, states: ComparedStates, catalogue: Catalogue) -> None:
        self._states = states
        self._catalogue = catalogue

    def of(self, effect: RequestEffect) -> ShownWitness | None:
        """Return the witness of an effect, for the first of its accounts; None if undecided."""
        difference = effect.difference
        if difference is None:
            return None
        account_id = effect.account_ids[0]
        if difference.account_id not in effect.account_ids:
            witness = difference.witness.for_account(difference.account_id, account_id)
        else:
            account_id, witness = difference.account_id, difference.witness
        allowed_before = effect.verdict is Verdict.NEWLY_DENIED
        before, after = self._decisions(effect, account_id, witness)
        decider = (after if allowed_before else before).decider
        return self.shown(witness, account_id, allowed_before=allowed_before, decider=decider)

    def in_account(self, effect: RequestEffect, account_id: str) -> ShownWitness | None:
        """Return the witness of an effect for one of its accounts; None if it shows nothing there.

        What actions outside of the catalogue an effect is about may differ between its accounts.
        """
        difference = effect.difference
        if difference is None:
            return None
        witness = difference.witness.for_account(difference.account_id, account_id)
        allowed_before = effect.verdict is Verdict.NEWLY_DENIED
        before, after = self._decisions(effect, account_id, witness)
        if (before.allowed, after.allowed) != (allowed_before, not allowed_before):
            return None
        decider = (after if allowed_before else before).decider
        return self.shown(witness, account_id, allowed_before=allowed_before, decider=decider)

    def _decisions(
        self, effect: RequestEffect, account_id: str, witness: Witness
    ) -> tuple[LevelsDecision, LevelsDecision]:
        states, kind = self._states, effect.policy_type
        return (
            decision_in(states.before, states.before.control(kind), account_id, witness),
            decision_in(states.shown, states.after[kind], account_id, witness),
        )

    def shown(
        self,
        witness: Witness,
        account_id: str,
        *,
        allowed_before: bool,
        decider: WitnessDecider | None,
    ) -> ShownWitness:
        """Return a request of an account as people read it."""
        return ShownWitness(
            account_id=account_id,
            account_name=self._states.shown.names[account_id].name,
            principal=witness.principal,
            action=witness.action,
            resource=witness.resource,
            resource_account_id=witness.resource_account_id,
            context=tuple(
                (spelled(self._catalogue, key), (value,) if isinstance(value, str) else value)
                for key, value in witness.context.items()
            ),
            allowed_before=allowed_before,
            decider=decider,
        )


def decision_in(
    organization: CompiledOrganization,
    control: ControlPolicies,
    account_id: str,
    witness: Witness,
) -> LevelsDecision:
    """Decide a request of an account by the policies of one type in an organization."""
    levels = control.target_policies(account_id)
    is_scp = control.policy_type is SCP
    evaluator = Evaluator(
        PolicySet(
            organization=organization.organization,
            service_control_policies=levels if is_scp else None,
            resource_control_policies=None if is_scp else levels,
        )
    )
    request = make_request(
        witness.principal,
        witness.action,
        witness.resource,
        resource_account_id=witness.resource_account_id,
        context=witness.context,
    )
    layers = evaluator.explain(request).layers
    of_levels = [layer for layer in layers if layer.target_id]
    for wanted in (DecisionOutcome.EXPLICIT_DENY, DecisionOutcome.IMPLICIT_DENY):
        for layer in of_levels:
            if layer.result is wanted:
                return LevelsDecision(False, _named(organization, control, layer))
    unknown = any(layer.result is DecisionOutcome.UNKNOWN for layer in of_levels)
    return LevelsDecision(None if unknown else True, None)


def _named(
    organization: CompiledOrganization, control: ControlPolicies, layer: LayerTrace
) -> WitnessDecider:
    target_id = layer.target_id or ""
    name = organization.names[target_id].name
    if layer.result is DecisionOutcome.EXPLICIT_DENY:
        for statement in layer.statements:
            if statement.matched and statement.effect == "Deny":
                policy = control.readable(target_id)[statement.policy]
                return WitnessDecider(
                    target_id,
                    name,
                    policy.policy_id,
                    policy.name,
                    statement.statement + 1,
                    statement.sid or "",
                )
    return WitnessDecider(target_id, name)
