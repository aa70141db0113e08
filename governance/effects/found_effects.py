"""The effects of a change, with where they reach, their witnesses and counts."""

from collections.abc import Mapping
from functools import cached_property

from governance.effects.breakdown import EffectGrouping, EffectShare, breakdown
from governance.effects.compared_states import ComparedStates
from governance.effects.comparing import effects_of
from governance.effects.reach import Reaches
from governance.effects.request_effects import Effects
from governance.effects.witnesses import Witnesses
from policies import PolicyType, load_catalogue
from policies.ceiling import Ceiling, CeilingMaker


class FoundEffects:
    """What differs between the two `states`, found when it is first asked for."""

    @property
    def states(self) -> ComparedStates:
        """What is compared."""
        raise NotImplementedError(f"{type(self).__qualname__} must define states")

    @cached_property
    def effects(self) -> Effects:
        """What is newly denied and allowed."""
        return effects_of(self.states)

    @cached_property
    def ceilings(self) -> Mapping[PolicyType, Mapping[str, Ceiling]]:
        """What policies of each type leave every target in the later state, nothing assumed."""
        return {
            kind: CeilingMaker(load_catalogue(), policy_type=kind).ceilings(control.tree)
            for kind, control in self.states.after.items()
        }

    @cached_property
    def reaches(self) -> Reaches:
        """Short names for groups of accounts, such as an OU's."""
        return Reaches(self.states.shown)

    @cached_property
    def witnesses(self) -> Witnesses:
        """Shows witnesses."""
        return Witnesses(self.states, load_catalogue())

    def breakdown(self, side: EffectGrouping) -> tuple[EffectShare, ...]:
        """Count the effects by OU, account, service or access level."""
        return breakdown(self.effects, self.states, load_catalogue(), side)
