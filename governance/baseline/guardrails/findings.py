"""What is found of one guardrail in one account, before it is stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from governance.baseline.guardrails.models import GuardrailResult

Outcome = GuardrailResult.ResultOutcome

_WORST_FIRST: Final = (Outcome.FAILS, Outcome.UNDECIDED, Outcome.NOT_COVERED, Outcome.HOLDS)


@dataclass(frozen=True, slots=True)
class GuardrailFinding:
    """`because`: a sentence. `counterexample`: a request, where an effect fails. `keys`: what an
    undecided one hangs on. `read`: rows that a state rests on. `is_general`: the account's own id
    is taken out of it, so that it is the same for all accounts that are alike."""

    outcome: Outcome
    because: str
    counterexample: Mapping[str, Any] | None = None
    keys: tuple[str, ...] = ()
    read: tuple[Mapping[str, Any], ...] = ()
    is_general: bool = False


def worst_of(found: Iterable[GuardrailFinding]) -> GuardrailFinding:
    """Return the worst of several findings about one account, the first of those."""
    return min(found, key=lambda one: _WORST_FIRST.index(one.outcome))
