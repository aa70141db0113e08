"""Which rows of the inventory a state assertion may speak of, and how it may test them."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, Final

from governance.baseline.guardrails.documents import Expectation, StateAssertion, Within
from governance.posture.trust.models import TrustEdge
from inventory.collectors.registry import COLLECTORS
from inventory.models import AccountSetting, OrganizationSetting
from inventory.records import ResourcePolicyRecord
from inventory.service_facts import SERVICE_KINDS

OPERATORS: Final = (
    *("equals", "not", "one_of", "at_least", "at_most", "contains", "lacks", "matches", "present"),
)
"""How a fact may be tested: `{at_least: 14}`; a plain value is `{equals: value}`."""

EDGE_FACTS: Final = (
    *("resource_type", "resource_arn", "through", "crossing", "state", "source"),
    *("principal_kind", "principal_account_id"),
)
ROW_FACTS: Final = ("name", "arn", "region")
"""What every row of a service has besides its facts."""

Path = tuple[int | str, ...]


class StateSource(StrEnum):
    """Which table an assertion reads."""

    SERVICE = "service"
    ACCOUNT_SETTING = "account_setting"
    ORGANIZATION_SETTING = "organization_setting"
    EDGES = "edges"


def source_of(assertion: StateAssertion) -> StateSource:
    """Return which table an assertion reads."""
    if assertion.service:
        return StateSource.SERVICE
    if assertion.edges:
        return StateSource.EDGES
    if assertion.setting in OrganizationSetting.OrganizationSettingName.values:
        return StateSource.ORGANIZATION_SETTING
    return StateSource.ACCOUNT_SETTING


def edge_services() -> tuple[str, ...]:
    """Return the services whose resources somebody may be let into."""
    found = {
        one.where["service"]
        for collector in COLLECTORS
        for one in collector.covers
        if one.record is ResourcePolicyRecord and "service" in one.where
    }
    return tuple(sorted({*found, "iam"}))


def collectors_of(assertion: StateAssertion) -> tuple[str, ...]:
    """Return the collectors whose coverage says whether what an assertion reads is known."""
    match source_of(assertion):
        case StateSource.SERVICE:
            return (SERVICE_KINDS[f"{assertion.service}:{assertion.kind}"].collector,)
        case StateSource.EDGES:
            if assertion.edges == "iam":
                return ("iam.authorization_details",)
            asked = _asked_types(assertion)
            return tuple(
                dict.fromkeys(
                    collector.name
                    for collector in COLLECTORS
                    for one in collector.covers
                    if one.record is ResourcePolicyRecord
                    and one.where.get("service") == assertion.edges
                    and (not asked or one.where.get("resource_type") in asked)
                )
            )
        case _:
            return tuple(
                collector.name
                for collector in COLLECTORS
                for one in collector.covers
                if one.where.get("name") == assertion.setting
            )


def _asked_types(assertion: StateAssertion) -> frozenset[str]:
    test = assertion.where.get("resource_type")
    if isinstance(test, str):
        return frozenset({test})
    if isinstance(test, Mapping):
        return frozenset(test.get("one_of", ())) | frozenset(
            [test["equals"]] if "equals" in test else []
        )
    return frozenset()


def state_problems(assertion: StateAssertion) -> Iterator[tuple[Path, str]]:
    """Yield what is wrong with an assertion, each with its place in it."""
    is_service = bool(assertion.service or assertion.kind)
    if sum((is_service, bool(assertion.setting), bool(assertion.edges))) != 1:
        yield (), "give service and kind, or setting, or edges"
        return
    facts: Sequence[str] | None = None
    if is_service:
        kind = SERVICE_KINDS.get(f"{assertion.service}:{assertion.kind}")
        if kind is None:
            yield ("kind",), _unknown(f"{assertion.service}:{assertion.kind}", list(SERVICE_KINDS))
            return
        facts = [*sorted(kind.fact_names), *ROW_FACTS]
    elif assertion.edges:
        if assertion.edges not in edge_services():
            yield ("edges",), _unknown(assertion.edges, edge_services())
            return
        facts = EDGE_FACTS
        if assertion.holds or assertion.expect is not Expectation.NONE:
            yield (), "say in where which edges there may be none of, and expect none"
    else:
        settings = [
            *AccountSetting.Name.values,
            *OrganizationSetting.OrganizationSettingName.values,
        ]
        if assertion.setting not in settings:
            yield ("setting",), _unknown(assertion.setting, settings)
            return
    if assertion.within is Within.REGION and not is_service:
        yield ("within",), "only what services have is in regions"
    if not assertion.holds and assertion.expect is Expectation.EVERY:
        yield (), "say in holds how every one has to be, or expect any or none"
    for name in ("where", "holds"):
        yield from _test_problems(getattr(assertion, name), name, facts)
    if assertion.edges:
        yield from _crossing_problems(assertion.where)


def _unknown(given: str, known: Sequence[str]) -> str:
    near = get_close_matches(given, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
    return f"{given[:80]} is not collected; {hint}"


def _test_problems(
    tests: Mapping[str, Any], name: str, facts: Sequence[str] | None
) -> Iterator[tuple[Path, str]]:
    for fact, test in tests.items():
        if facts is not None and fact.partition(".")[0] not in facts:
            near = get_close_matches(fact, facts, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(facts)}"
            yield (name, fact), f"there is no fact {fact[:80]}; {hint}"
        if not isinstance(test, Mapping):
            if isinstance(test, list):
                yield (name, fact), "write {one_of: […]} for several values"
            continue
        for operator in test:
            if operator not in OPERATORS:
                near = get_close_matches(str(operator), OPERATORS, n=1)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(OPERATORS)}"
                yield (name, fact, operator), f"there is no test {operator}; {hint}"


def _crossing_problems(where: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    known = {"crossing": TrustEdge.Crossing.values, "state": TrustEdge.EdgeState.values}
    for fact, values in known.items():
        test = where.get(fact)
        asked = test.get("one_of", []) if isinstance(test, Mapping) else [test] if test else []
        for one in asked:
            if one not in values:
                near = get_close_matches(str(one), values, n=1)
                hint = f"did you mean {near[0]}?" if near else f"choose of {', '.join(values)}"
                yield ("where", fact), f"{str(one)[:80]} is none; {hint}"
