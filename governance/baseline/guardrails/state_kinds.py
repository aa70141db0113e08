"""Which rows of the inventory a state assertion may speak of, and how it may test them."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from governance.baseline.guardrails.documents import Expectation, StateAssertion, Within
from governance.edits.suggestions import meant_or_listed
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
POLICY_FACTS: Final = ("limits_principals", "limits_resources", "resource_arn", "name")
"""Of a resource's policy: whether all that it allows asks for the organization's own."""
ROW_FACTS: Final = ("name", "arn", "region")
"""What every row of a service has besides its facts."""

Path = tuple[int | str, ...]


class StateSource(StrEnum):
    """Which table an assertion reads."""

    SERVICE = "service"
    ACCOUNT_SETTING = "account_setting"
    ORGANIZATION_SETTING = "organization_setting"
    EDGES = "edges"
    POLICIES = "policies"


def source_of(assertion: StateAssertion) -> StateSource:
    """Return which table an assertion reads."""
    if assertion.service:
        return StateSource.SERVICE
    if assertion.edges:
        return StateSource.EDGES
    if assertion.policies:
        return StateSource.POLICIES
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
            return _resource_collectors(assertion.edges, _asked_types(assertion))
        case StateSource.POLICIES:
            service, _, kind = assertion.policies.partition(":")
            return _resource_collectors(service, frozenset({kind}))
        case _:
            return tuple(
                collector.name
                for collector in COLLECTORS
                for one in collector.covers
                if one.where.get("name") == assertion.setting
            )


def _resource_collectors(service: str, kinds: frozenset[str]) -> tuple[str, ...]:
    """Return the collectors of some types of resources of a service; of all where none is named."""
    return tuple(
        dict.fromkeys(
            collector.name
            for collector in COLLECTORS
            for one in collector.covers
            if one.record is ResourcePolicyRecord
            and one.where.get("service") == service
            and (not kinds or one.where.get("resource_type") in kinds)
        )
    )


def policy_kinds() -> tuple[str, ...]:
    """Return the types of resources whose policies are collected, such as `ec2:vpc-endpoint`."""
    found = {
        f"{one.where['service']}:{one.where['resource_type']}"
        for collector in COLLECTORS
        for one in collector.covers
        if one.record is ResourcePolicyRecord and "resource_type" in one.where
    }
    return tuple(sorted(found))


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
    named = (is_service, bool(assertion.setting), bool(assertion.edges), bool(assertion.policies))
    if sum(named) != 1:
        yield (), "give service and kind, or setting, or edges, or policies"
        return
    member, given, known = _named(assertion)
    if given not in known:
        yield (member,), _unknown(given, known)
        return
    if assertion.edges and (assertion.holds or assertion.expect is not Expectation.NONE):
        yield (), "say in where which edges there may be none of, and expect none"
    if assertion.within is Within.REGION and not is_service:
        yield ("within",), "only what services have is in regions"
    if not assertion.holds and assertion.expect is Expectation.EVERY:
        yield (), "say in holds how every one has to be, or expect any or none"
    facts = _facts_of(assertion)
    for name in ("where", "holds"):
        yield from _test_problems(getattr(assertion, name), name, facts)
    if assertion.edges:
        yield from _crossing_problems(assertion.where)


def _named(assertion: StateAssertion) -> tuple[str, str, Sequence[str]]:
    """Return the member that names what is read, what it says, and what it may say."""
    if assertion.service or assertion.kind:
        return "kind", f"{assertion.service}:{assertion.kind}", tuple(SERVICE_KINDS)
    if assertion.edges:
        return "edges", assertion.edges, edge_services()
    if assertion.policies:
        return "policies", assertion.policies, policy_kinds()
    settings = (
        *AccountSetting.Name.values,
        *OrganizationSetting.OrganizationSettingName.values,
    )
    return "setting", assertion.setting, settings


def _facts_of(assertion: StateAssertion) -> Sequence[str] | None:
    """Return the facts that may be tested; None: a setting's are whatever AWS gives."""
    if assertion.service:
        kind = SERVICE_KINDS[f"{assertion.service}:{assertion.kind}"]
        return (*sorted(kind.fact_names), *ROW_FACTS)
    if assertion.edges:
        return EDGE_FACTS
    return POLICY_FACTS if assertion.policies else None


def _unknown(given: str, known: Sequence[str]) -> str:
    return f"{given[:80]} is not collected; {meant_or_listed(given, known, 'there are')}"


def _test_problems(
    tests: Mapping[str, Any], name: str, facts: Sequence[str] | None
) -> Iterator[tuple[Path, str]]:
    for fact, test in tests.items():
        if facts is not None and fact.partition(".")[0] not in facts:
            hint = meant_or_listed(fact, facts, "there are")
            yield (name, fact), f"there is no fact {fact[:80]}; {hint}"
        if not isinstance(test, Mapping):
            if isinstance(test, list):
                yield (name, fact), "write {one_of: […]} for several values"
            continue
        for operator in test:
            if operator not in OPERATORS:
                hint = meant_or_listed(str(operator), OPERATORS, "there are")
                yield (name, fact, operator), f"there is no test {operator}; {hint}"


def _crossing_problems(where: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    known = {"crossing": TrustEdge.Crossing.values, "state": TrustEdge.EdgeState.values}
    for fact, values in known.items():
        test = where.get(fact)
        asked = test.get("one_of", []) if isinstance(test, Mapping) else [test] if test else []
        for one in asked:
            if one not in values:
                hint = meant_or_listed(str(one), values, "choose one of")
                yield ("where", fact), f"{str(one)[:80]} is not valid; {hint}"
