"""What the pages of a draft show: its edits, the first part of the answer, the differences."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import QueryDict

from governance.edits.checks import DraftCheck
from governance.edits.draft import EditedPolicy
from governance.edits.operations import Operation
from governance.effects.breakdown import EffectGrouping, EffectShare
from governance.effects.of_edits import Simulated, simulate
from governance.effects.request_effects import Effects, RequestEffect, Verdict
from governance.simulations.models import Simulation
from governance.simulations.services import operations_of
from governance.web.simulator.wording import ShownEdit, names_in, shown_edit
from inventory.models import Connection
from inventory.selectors.policies import policy
from inventory.viewing import Viewer
from policies.lint import LintFinding, LintSettings, lint_policy

EFFECTS_A_PAGE: Final = 20
SHARES_A_PAGE: Final = 25
CONDITIONAL: Final = "in_condition"
_FINDINGS_SHOWN: Final = 8
CHECK_STATES: Final = {"holds": "holds", "warned": "partial", "refused": "failed"}


@dataclass(frozen=True, slots=True)
class ShownEditedPolicy:
    """An edited policy: its text before and after, and what lint has to say of it."""

    edited: EditedPolicy
    before: str
    findings: tuple[LintFinding, ...]
    more_findings: int


@dataclass(frozen=True)
class DraftReading:
    """A draft and what it does, as a viewer may see it."""

    simulation: Simulation
    operations: tuple[Operation, ...]
    edits: tuple[ShownEdit, ...]
    simulated: Simulated
    policies: tuple[ShownEditedPolicy, ...] = field(default=())

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Each operation that cannot be done, in words, with the reason."""
        return [
            (self.edits[problem.number].words, problem.message)
            for problem in self.simulated.drafted.problems
        ]

    @property
    def checks(self) -> list[tuple[str, DraftCheck]]:
        """The checks, each with the state that it is shown as."""
        return [(CHECK_STATES[check.mark], check) for check in self.simulated.checks]


def read_draft(
    viewer: Viewer, *, connection: Connection, simulation: Simulation, today: date
) -> DraftReading:
    """Apply a draft's operations, and return what can be said without a simulation."""
    operations = operations_of(simulation)
    simulated = simulate(
        viewer,
        connection=connection,
        operations=operations,
        as_of=simulation.as_of,
        today=today,
    )
    names = names_in(simulated.drafted.before, list(operations))
    resource_policy_ids = set(simulated.drafted.before.resource_control.by_id)
    edits = tuple(
        shown_edit(stored["id"], operation, names, resource_policy_ids)
        for stored, operation in zip(simulation.operations, operations, strict=True)
    )
    policies = tuple(
        _shown_policy(viewer, connection, simulation, edited, today)
        for edited in simulated.drafted.edited
    )
    return DraftReading(simulation, operations, edits, simulated, policies)


def _shown_policy(
    viewer: Viewer,
    connection: Connection,
    simulation: Simulation,
    edited: EditedPolicy,
    today: date,
) -> ShownEditedPolicy:
    before = ""
    if edited.was is not None:
        found = policy(
            viewer,
            connection=connection,
            policy_id=edited.policy.policy_id,
            as_of=simulation.as_of,
        )
        before = found.content.text if found else ""
    report = lint_policy(edited.text, edited.policy_type, settings=LintSettings(limits_on=today))
    return ShownEditedPolicy(
        edited,
        before,
        report.findings[:_FINDINGS_SHOWN],
        max(0, len(report.findings) - _FINDINGS_SHOWN),
    )


@dataclass(frozen=True, slots=True)
class ChosenDifferences:
    """Which differences somebody looks at: `verdict` empty is all; pages count from 1."""

    verdict: str
    side: EffectGrouping
    page: int
    place: int

    def query(self, **changes: Any) -> str:
        """Return the address's query with some of it changed, the usual left out."""
        query = QueryDict(mutable=True)
        values = {
            "verdict": self.verdict,
            "by": self.side.value,
            "page": self.page,
            "rows": self.place,
            **changes,
        }
        usual = {"verdict": "", "by": EffectGrouping.UNIT.value, "page": 1, "rows": 1}
        for name, value in values.items():
            if value != usual[name]:
                query[name] = str(value)
        return query.urlencode()


VERDICTS: Final = (
    ("", "All"),
    (Verdict.NEWLY_DENIED.value, "Newly denied"),
    (Verdict.NEWLY_ALLOWED.value, "Newly allowed"),
    (CONDITIONAL, "In some requests"),
    (Verdict.UNDECIDED.value, "Undecided"),
)
SIDES: Final = (
    (EffectGrouping.UNIT, "OU"),
    (EffectGrouping.ACCOUNT, "Account"),
    (EffectGrouping.SERVICE, "Service"),
    (EffectGrouping.ACCESS_LEVEL, "Access level"),
)


def asked_of(query: QueryDict) -> ChosenDifferences:
    """Read what somebody looks at from the address.

    :raises BadRequest: a choice that is none, or no number of a page.
    """
    verdict, side = query.get("verdict", ""), query.get("by", EffectGrouping.UNIT.value)
    if verdict not in dict(VERDICTS):
        raise BadRequest(
            f"verdict is {verdict!r}; it can be {', '.join(v for v, _ in VERDICTS if v)}."
        )
    if side not in set(EffectGrouping):
        raise BadRequest(f"by is {side!r}; it can be {', '.join(EffectGrouping)}.")
    numbers = []
    for name in ("page", "rows"):
        text = query.get(name, "1")
        if not text.isascii() or not text.isdecimal() or len(text) > 6 or int(text) < 1:
            raise BadRequest(f"{name} is {text!r}; give a number from 1.")
        numbers.append(int(text))
    return ChosenDifferences(verdict, EffectGrouping(side), *numbers)


def chosen_effects(effects: Effects, verdict: str) -> list[RequestEffect]:
    """Return the differences with a verdict, or all."""
    if verdict == CONDITIONAL:
        return [
            effect
            for effect in effects.effects
            if effect.is_conditional and effect.verdict is not Verdict.UNDECIDED
        ]
    return [effect for effect in effects.effects if verdict in ("", effect.verdict)]


def page_of_effects(effects: list[RequestEffect], number: int) -> Any:
    """Return one page; one beyond the end is the last."""
    return Paginator(effects, EFFECTS_A_PAGE).get_page(number)


def page_of_shares(shares: tuple[EffectShare, ...], number: int) -> Any:
    """Return one page; one beyond the end is the last."""
    return Paginator(shares, SHARES_A_PAGE).get_page(number)
