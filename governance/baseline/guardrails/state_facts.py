"""What the inventory holds of some accounts that state assertions ask for, with its coverage."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from governance.baseline.guardrails.documents import StateAssertion
from governance.baseline.guardrails.endpoint_limits import policy_limits_to
from governance.baseline.guardrails.state_kinds import (
    StateSource,
    collectors_of,
    source_of,
)
from governance.contracts.matches import matching_at
from governance.contracts.models import ContractMatch
from governance.posture.trust.models import TrustEdge, TrustReading
from inventory.models import (
    AccountSetting,
    Connection,
    Coverage,
    OrganizationSetting,
    ResourcePolicy,
    ServiceConfiguration,
)
from inventory.service_facts import EC2_DEFAULTS

REGIONS: Final = (EC2_DEFAULTS.service, EC2_DEFAULTS.kind)
"""The kind of which each region of an account has one row: so its rows tell the regions."""


@dataclass(frozen=True, slots=True)
class StateRow:
    """One row. `facts`: name → value; `unknown`: the names of facts that could not be read."""

    facts: Mapping[str, Any]
    unknown: frozenset[str] = frozenset()
    region: str = ""
    name: str = ""
    arn: str = ""


@dataclass(slots=True)
class AccountState:
    """What is known of one account. `coverage`: collector → region → state.

    `services`: (service, kind) → rows. `settings`: name → value, absent where it was never read.
    `edges`: service → rows. `policies`: `service:type` → rows. `trust_problem`: why its edges are
    not known; empty: they are.
    """

    account_id: str
    services: dict[tuple[str, str], list[StateRow]] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    edges: dict[str, list[StateRow]] = field(default_factory=dict)
    policies: dict[str, list[StateRow]] = field(default_factory=dict)
    coverage: dict[str, dict[str, str]] = field(default_factory=dict)
    trust_problem: str = "Its trust was not evaluated yet."


def account_states(
    connection: Connection,
    account_ids: Sequence[str],
    assertions: Iterable[StateAssertion],
    *,
    organization_id: str = "",
) -> dict[str, AccountState]:
    """Read what assertions ask for of some accounts, in one query a table."""
    states = {account_id: AccountState(account_id) for account_id in account_ids}
    asked = list(assertions)
    by_source: dict[StateSource, list[StateAssertion]] = {}
    for one in asked:
        by_source.setdefault(source_of(one), []).append(one)
    kinds = {(one.service, one.kind) for one in by_source.get(StateSource.SERVICE, ())}
    if kinds:
        _read_services(connection, states, {*kinds, REGIONS})
    if StateSource.ACCOUNT_SETTING in by_source:
        names = {one.setting for one in by_source[StateSource.ACCOUNT_SETTING]}
        rows = AccountSetting.objects.as_of(None).filter(
            connection=connection, account_id__any_of=list(states), name__in=names
        )
        for account_id, name, value in rows.values_list("account_id", "name", "value"):
            states[account_id].settings[name] = value
    if StateSource.ORGANIZATION_SETTING in by_source:
        names = {one.setting for one in by_source[StateSource.ORGANIZATION_SETTING]}
        settings = dict(
            OrganizationSetting.objects.as_of(None)
            .filter(connection=connection, name__in=names)
            .values_list("name", "value")
        )
        for state in states.values():
            state.settings.update(settings)
    if StateSource.EDGES in by_source:
        _read_edges(connection, states, {one.edges for one in by_source[StateSource.EDGES]})
    if StateSource.POLICIES in by_source:
        chosen = {one.policies for one in by_source[StateSource.POLICIES]}
        _read_policies(connection, states, chosen, organization_id)
    collectors = {name for one in asked for name in collectors_of(one)} | {EC2_DEFAULTS.collector}
    _read_coverage(connection, states, collectors)
    return states


def _read_services(
    connection: Connection,
    states: Mapping[str, AccountState],
    kinds: Collection[tuple[str, str]],
) -> None:
    rows = ServiceConfiguration.objects.as_of(None).filter(
        connection=connection,
        account_id__any_of=list(states),
        service__in={service for service, _ in kinds},
        kind__in={kind for _, kind in kinds},
    )
    for account_id, service, kind, region, name, arn, facts, unknown in rows.order_by(
        "account_id", "region", "name"
    ).values_list("account_id", "service", "kind", "region", "name", "arn", "facts", "unknown"):
        if (service, kind) in kinds:
            states[account_id].services.setdefault((service, kind), []).append(
                StateRow(facts, frozenset(unknown), region, name, arn)
            )


_EDGE: Final = (
    *("resource_type", "resource_arn", "through", "crossing", "state", "source"),
    *("principal_kind", "principal_account_id"),
)


def _read_edges(
    connection: Connection, states: Mapping[str, AccountState], services: Collection[str]
) -> None:
    meant = ContractMatch.objects.filter(
        matching_at(None), connection=connection, contract__state="active"
    ).values_list("edge_key", flat=True)
    rows = (
        TrustEdge.objects.as_of(None)
        .filter(connection=connection, account_id__any_of=list(states), service__in=services)
        .exclude(key__in=list(meant))
        .order_by("account_id", "crossing_rank", "resource_name", "key")
    )
    for row in rows.values("account_id", "service", "region", "resource_name", *_EDGE):
        states[row["account_id"]].edges.setdefault(row["service"], []).append(
            StateRow(
                {name: row[name] for name in _EDGE},
                region=row["region"],
                name=row["resource_name"],
                arn=row["resource_arn"],
            )
        )
    readings = TrustReading.objects.filter(
        connection=connection, account_id__any_of=list(states)
    ).values_list("account_id", "problem")
    for account_id, problem in readings:
        states[account_id].trust_problem = problem


def _read_policies(
    connection: Connection,
    states: Mapping[str, AccountState],
    kinds: Collection[str],
    organization_id: str,
) -> None:
    for kind in sorted(kinds):
        service, _, resource_type = kind.partition(":")
        rows = (
            ResourcePolicy.objects.as_of(None)
            .filter(
                connection=connection,
                account_id__any_of=list(states),
                service=service,
                resource_type=resource_type,
            )
            .select_related("content")
            .order_by("account_id", "region", "name")
        )
        for row in rows:
            text = row.content.text if row.content else ""
            limits = policy_limits_to(text, organization_id)
            facts = {
                "limits_principals": limits.principals,
                "limits_resources": limits.resources,
            }
            is_unknown = "policy" in row.unknown
            states[row.account_id].policies.setdefault(kind, []).append(
                StateRow(
                    {**facts, "resource_arn": row.arn, "name": row.name},
                    frozenset(name for name, value in facts.items() if is_unknown or value is None),
                    row.region,
                    row.name,
                    row.arn,
                )
            )


def _read_coverage(
    connection: Connection, states: Mapping[str, AccountState], collectors: Collection[str]
) -> None:
    rows = Coverage.objects.filter(
        connection=connection,
        account_id__in=["", *states],
        collector__in=sorted(collectors),
        held_until__isnull=True,
    )
    for account_id, collector, region, state in rows.values_list(
        "account_id", "collector", "region", "state"
    ):
        if account_id:
            states[account_id].coverage.setdefault(collector, {})[region] = state
        else:
            for one in states.values():
                one.coverage.setdefault(collector, {})[region] = state
