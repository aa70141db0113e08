"""State assertions, decided from rows: unread is not covered, and never holds."""

from collections.abc import Iterable, Sequence
from enum import Enum
from functools import partial
from typing import Any, Final

from governance.baseline.guardrails.documents import Expectation, StateAssertion, Within
from governance.baseline.guardrails.findings import GuardrailFinding, Outcome, worst_of
from governance.baseline.guardrails.state_facts import REGIONS, AccountState, StateRow
from governance.baseline.guardrails.state_kinds import (
    ROW_FACTS,
    StateSource,
    collectors_of,
    source_of,
)
from governance.baseline.guardrails.state_tests import NOT_READ, looked_up, passes
from governance.posture.trust.models import TrustEdge
from inventory.collectors.collector import ALL_REGIONS
from inventory.models import Coverage
from inventory.service_facts import EC2_DEFAULTS

_COMPLETE: Final = Coverage.State.COMPLETE
_UNSUPPORTED: Final = Coverage.State.UNSUPPORTED
_GLOBAL: Final = "global"
_HELD: Final = "All collected facts match the guardrail."
# More rows than these are counted, not kept.
_MOST_READ: Final = 5
_USABLE: Final = (TrustEdge.EdgeState.OPEN, TrustEdge.EdgeState.GUARDED)


def judge_states(assertions: Sequence[StateAssertion], state: AccountState) -> GuardrailFinding:
    """Return the worst of what is found of some assertions in one account."""
    return worst_of(judge_state(one, state) for one in assertions)


def judge_state(assertion: StateAssertion, state: AccountState) -> GuardrailFinding:
    """Return what is found of one assertion in one account."""
    match source_of(assertion):
        case StateSource.SERVICE:
            rows = state.services.get((assertion.service, assertion.kind), [])
            if assertion.within is Within.REGION:
                return _by_region(assertion, state, rows)
            return _judged(assertion, rows, _gap(assertion, state))
        case StateSource.EDGES:
            return _edges(assertion, state)
        case StateSource.POLICIES:
            rows = state.policies.get(assertion.policies, [])
            return _judged(assertion, rows, _gap(assertion, state))
        case _:
            return _setting(assertion, state)


class _Standing(Enum):
    """What one row says of an expectation. PROOF: it alone makes it hold."""

    ASIDE = 0
    PROOF = 1
    AGAINST = 2
    UNKNOWN = 3


def _stands(expect: Expectation, chosen: bool | None, held: bool | None) -> _Standing:
    """Return what a row says. `chosen`: whether it is meant; `held`: whether it is as wanted."""
    if chosen is False:
        return _Standing.ASIDE
    if expect is Expectation.EVERY:
        if held:
            return _Standing.ASIDE
        return _Standing.AGAINST if chosen and held is False else _Standing.UNKNOWN
    if held is False:
        return _Standing.AGAINST if expect is Expectation.ANY else _Standing.ASIDE
    if chosen is None or held is None:
        return _Standing.UNKNOWN
    return _Standing.PROOF if expect is Expectation.ANY else _Standing.AGAINST


def _judged(assertion: StateAssertion, rows: Iterable[StateRow], gap: str) -> GuardrailFinding:
    """Decide over rows. `gap`: why more rows may exist that were not read; empty: none do."""
    against: list[StateRow] = []
    unknown: list[StateRow] = []
    for row in rows:
        stands = _stands(
            assertion.expect,
            passes(assertion.where, partial(_fact, row)),
            passes(assertion.holds, partial(_fact, row)),
        )
        if stands is _Standing.PROOF:
            return GuardrailFinding(Outcome.HOLDS, _HELD, read=_read([row]))
        if stands is _Standing.AGAINST:
            against.append(row)
        elif stands is _Standing.UNKNOWN:
            unknown.append(row)
    if against and assertion.expect is not Expectation.ANY:
        return GuardrailFinding(Outcome.FAILS, _failed(assertion, against), read=_read(against))
    if unknown:
        names = ", ".join(sorted({name for row in unknown for name in row.unknown})) or "a fact"
        said = f"Not read: {names}."
        return GuardrailFinding(Outcome.NOT_COVERED, said, read=_read(unknown))
    if gap:
        return GuardrailFinding(Outcome.NOT_COVERED, gap)
    if assertion.expect is Expectation.ANY:
        return GuardrailFinding(Outcome.FAILS, _failed(assertion, against), read=_read(against))
    return GuardrailFinding(Outcome.HOLDS, _HELD)


def _fact(row: StateRow, name: str) -> Any:
    if name.partition(".")[0] in row.unknown:
        return NOT_READ
    if name in ROW_FACTS and name not in row.facts:
        return getattr(row, name)
    return looked_up(row.facts, name)


def _read(rows: Sequence[StateRow]) -> tuple[dict[str, Any], ...]:
    """Return what a finding rests on: the first rows, with where they are."""
    return tuple(
        {
            "region": row.region,
            "name": row.name,
            "arn": row.arn,
            "facts": dict(row.facts),
            "unknown": sorted(row.unknown),
        }
        for row in rows[:_MOST_READ]
    )


def _said(assertion: StateAssertion) -> str:
    said = assertion.says or "collected facts do not match the guardrail"
    return said[:1].upper() + said[1:]


def _failed(assertion: StateAssertion, against: Sequence[StateRow]) -> str:
    regions = sorted({row.region for row in against if row.region and row.region != _GLOBAL})
    where = f" in {_listed(regions)}" if regions else ""
    return f"{_said(assertion)}{where}."


def _listed(names: Sequence[str]) -> str:
    if len(names) <= _MOST_READ:
        return ", ".join(names)
    return f"{', '.join(names[:_MOST_READ])} and {len(names) - _MOST_READ} more"


def _gap(assertion: StateAssertion, state: AccountState, region: str = "") -> str:
    """Return why not all rows were read; empty: they were. `region`: of this region alone."""
    for collector in collectors_of(assertion):
        coverage = state.coverage.get(collector)
        if not coverage:
            return f"{collector} was never read here."
        if region:
            got = coverage.get(region) or coverage.get(ALL_REGIONS) or coverage.get(_GLOBAL)
            if got is None:
                return f"{collector} was never read in {region}."
            if got not in (_COMPLETE, _UNSUPPORTED):
                return f"{collector} in {region}: {_state_words(got)}."
            continue
        if all(got == _UNSUPPORTED for got in coverage.values()):
            return f"{collector} cannot be read here."
        short = sorted(
            name for name, got in coverage.items() if got not in (_COMPLETE, _UNSUPPORTED)
        )
        if short:
            where = "" if short == [_GLOBAL] else f" in {_listed(short)}"
            return f"{collector}{where}: {_state_words(coverage[short[0]])}."
    return ""


def _state_words(state: str) -> str:
    return Coverage.State(state).label.lower()


def _by_region(
    assertion: StateAssertion, state: AccountState, rows: Sequence[StateRow]
) -> GuardrailFinding:
    """Decide in each region of the account, and together."""
    by_region: dict[str, list[StateRow]] = {}
    for row in rows:
        by_region.setdefault(row.region, []).append(row)
    enabled = {row.region for row in state.services.get(REGIONS, ())}
    (collector,) = collectors_of(assertion)
    own = state.coverage.get(collector, {})
    named = {one for one in own if one not in (ALL_REGIONS, _GLOBAL)}
    supported = {one for one in named if own[one] != _UNSUPPORTED}
    regions = sorted((enabled | supported | set(by_region)) - (named - supported))
    if enabled and not regions:
        return GuardrailFinding(Outcome.NOT_COVERED, "No region of the account is read.")
    failed: list[str] = []
    gaps: list[str] = []
    for region in regions:
        found = _judged(assertion, by_region.get(region, []), _gap(assertion, state, region))
        if found.outcome is Outcome.FAILS:
            failed.append(region)
        elif found.outcome is Outcome.NOT_COVERED:
            gaps.append(found.because)
    if failed:
        read = _read([row for region in failed for row in by_region.get(region, [])])
        because = f"{_said(assertion)} in {_listed(failed)}."
        return GuardrailFinding(Outcome.FAILS, because, read=read)
    gap = gaps[0] if gaps else _regions_gap(state)
    if gap:
        return GuardrailFinding(Outcome.NOT_COVERED, gap)
    return GuardrailFinding(Outcome.HOLDS, f"As the guardrail says in {len(regions)} regions.")


def _regions_gap(state: AccountState) -> str:
    """Return why it is not known which regions the account has; empty: it is."""
    coverage = state.coverage.get(EC2_DEFAULTS.collector)
    if not coverage or not state.services.get(REGIONS):
        return "Which regions the account has is not known."
    short = [one for one, got in coverage.items() if got not in (_COMPLETE, _UNSUPPORTED)]
    return f"Which regions the account has is not known: {_listed(sorted(short))}." if short else ""


def _setting(assertion: StateAssertion, state: AccountState) -> GuardrailFinding:
    gap = _gap(assertion, state)
    if assertion.setting not in state.settings:
        return GuardrailFinding(Outcome.NOT_COVERED, gap or "It was never read here.")
    value = state.settings[assertion.setting]
    row = StateRow(value if isinstance(value, dict) else {"value": value})
    # A value that was read before and cannot be read any more may have changed since.
    if gap:
        return GuardrailFinding(Outcome.NOT_COVERED, gap, read=_read([row]))
    return _judged(assertion, [row], "")


def _edges(assertion: StateAssertion, state: AccountState) -> GuardrailFinding:
    rows = state.edges.get(assertion.edges, [])
    asks_state = "state" in assertion.where
    matching = [row for row in rows if passes(assertion.where, partial(looked_up, row.facts))]
    against = [row for row in matching if asks_state or row.facts["state"] in _USABLE]
    if against:
        count = len({row.arn for row in against})
        names = _listed(sorted({row.name for row in against}))
        resources = f"{count} {'resource' if count == 1 else 'resources'}"
        return GuardrailFinding(
            Outcome.FAILS, f"{_said(assertion)}: {resources} ({names}).", read=_read(against)
        )
    undecided = [row for row in matching if row.facts["state"] == TrustEdge.EdgeState.UNDECIDED]
    if undecided:
        names = _listed(sorted({row.name for row in undecided}))
        return GuardrailFinding(
            Outcome.UNDECIDED,
            f"Whether anyone has access is undecided: {names}.",
            read=_read(undecided),
        )
    gap = _gap(assertion, state) or state.trust_problem
    if gap:
        return GuardrailFinding(Outcome.NOT_COVERED, gap)
    return GuardrailFinding(Outcome.HOLDS, "Nothing collected gives such access.")
