"""Trust contracts of the demo's people: active, waiting, a draft, rejected, ended, and one that an
edge breaks.

Most crossings are within a contract, so that those outside stand out. Nothing is done where there
is a contract already.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from demo.agreements import answer_agreement, ids_by_name

if TYPE_CHECKING:
    from governance.access.owners.acting import ActingPerson
    from governance.contracts.directory import ContractDirectory
    from governance.contracts.models import TrustContract
    from inventory.models import Connection

_ASSUME: Final = ("sts:AssumeRole",)
_SIGN_IN: Final = ("sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity", "sts:TagSession")


@dataclass(frozen=True, slots=True)
class DemoContract:
    """A contract to declare. `source`, `target`: kind and value; a value may be an account's name
    or an OU's path, and an ARN may have an account's name in braces.

    `rests`: the state it is brought to. `until_days`: its last day, from now; None: no end.
    """

    rests: str
    purpose: str
    source: tuple[str, str]
    target: tuple[str, str]
    actions: tuple[str, ...] = _ASSUME
    guards: tuple[str, ...] = ()
    tenant: str = ""
    until_days: int | None = None


# Somebody owns these OUs, and agrees for all that is below them.
_OWNED: Final = ("Workloads", "Infrastructure", "Sandbox", "Security")
_EVERYWHERE: Final = tuple(
    DemoContract("active", f"{purpose} ({unit})", source, ("organizational_unit", unit), actions)
    for purpose, source, actions in (
        (
            "The management account administers members and deploys stack sets.",
            ("account", "halden-management"),
            _ASSUME,
        ),
        (
            "Terraform deploys the platform from shared services.",
            ("principal", "arn:aws:iam::{shared-services}:role/platform/TerraformRunner"),
            _ASSUME,
        ),
        ("Employees sign in through Identity Center.", ("provider", "saml"), _SIGN_IN),
    )
    for unit in _OWNED
)
DEMO_CONTRACTS: Final = (
    *_EVERYWHERE,
    DemoContract(
        "active",
        "Break-glass access from the identity account, with MFA.",
        ("account", "identity"),
        ("organizational_unit", "Workloads"),
        guards=("mfa",),
    ),
    DemoContract(
        "active",
        "Orgwarden reads every account.",
        ("principal", "arn:aws:iam::{security-tooling}:user/orgwarden"),
        ("organizational_unit", "Workloads"),
        guards=("external_id",),
    ),
    DemoContract(
        "active",
        "Pipelines of our own GitHub organization deploy workloads.",
        ("provider", "token.actions.githubusercontent.com"),
        ("organizational_unit", "Workloads"),
        actions=_SIGN_IN,
        guards=("subject",),
        tenant="halden-freight",
    ),
    DemoContract(
        "active",
        "Datadog reads metrics.",
        ("account", "464622532012"),
        ("organizational_unit", "Workloads"),
        guards=("external_id",),
        until_days=150,
    ),
    # It asks for an ExternalId that the role's trust policy does not: an edge breaks it.
    DemoContract(
        "active",
        "The CRM's connector writes prices, with the ExternalId that was agreed.",
        ("account", "715241369712"),
        ("account", "booking-pricing-prod"),
        guards=("external_id",),
        until_days=200,
    ),
    DemoContract(
        "active",
        "The restore test of the backup vendor.",
        ("principal", "arn:aws:iam::730044118829:role/restore-runner"),
        ("organizational_unit", "Workloads"),
        until_days=9,
    ),
    DemoContract(
        "proposed",
        "Snowflake loads the data lake's stage.",
        ("account", "211125489216"),
        ("organizational_unit", "Workloads"),
        guards=("external_id",),
        until_days=365,
    ),
    DemoContract(
        "draft",
        "The CDN's control plane clears caches.",
        ("principal", "arn:aws:iam::417733291250:role/edge-control"),
        ("account", "booking-web-prod"),
        guards=("external_id",),
    ),
    DemoContract(
        "rejected",
        "Guest access of a survey vendor.",
        ("principal", "arn:aws:iam::508214417733:role/survey-runner"),
        ("organizational_unit", "Workloads"),
    ),
    DemoContract(
        "ended",
        "The newsletter agency exported its recipients during the campaign.",
        ("principal", "arn:aws:iam::619325528844:role/newsletter-sync"),
        ("organizational_unit", "Workloads"),
        until_days=60,
    ),
)


def ensure_contracts(connection: "Connection", *, now: datetime) -> list[str]:
    """Declare the demo's contracts and bring each to its state; return the states, in order.

    Empty: there are contracts already, or people or accounts are missing.
    """
    from demo.changes import demo_people
    from governance.contracts.directory import ContractDirectory
    from governance.contracts.models import TrustContract

    people = demo_people()
    if people is None or TrustContract.objects.filter(connection=connection).exists():
        return []
    directory = ContractDirectory(connection)
    values = ids_by_name(connection)
    declared: list[TrustContract] = []
    for demo in DEMO_CONTRACTS:
        given = _given(demo, values, now.date())
        if given is not None:
            declared.append(_declared(demo, given, people, directory, now))
    for contract in declared:
        contract.refresh_from_db()
    return [contract.state for contract in declared]


def _given(demo: DemoContract, values: Mapping[str, str], today: date) -> dict[str, Any] | None:
    """Return the terms as a program gives them; None where the organization lacks something."""
    ends: list[dict[str, str]] = []
    for kind, value in (demo.source, demo.target):
        name = value.partition("{")[2].partition("}")[0]
        if name:
            if name not in values:
                return None
            value = value.replace(f"{{{name}}}", values[name])
        elif kind in ("account", "organizational_unit") and not value.isdecimal():
            if value not in values:
                return None
            value = values[value]
        ends.append({"kind": kind, "value": value})
    source, target = ends
    if demo.tenant:
        source["tenant"] = demo.tenant
    until = None if demo.until_days is None else today + timedelta(days=demo.until_days)
    return {
        "from": source,
        "to": target,
        "actions": list(demo.actions),
        "guards": list(demo.guards),
        "purpose": demo.purpose,
        "until": until.isoformat() if until else None,
    }


def _declared(
    demo: DemoContract,
    given: Mapping[str, Any],
    people: "Mapping[str, ActingPerson]",
    directory: "ContractDirectory",
    now: datetime,
) -> "TrustContract":
    """Have the author declare a contract, and others answer as it wants them to."""
    from governance.contracts.approving import contract_standing
    from governance.contracts.deciding import contract_end, contract_review, contract_submit
    from governance.contracts.declaring import contract_declare
    from governance.contracts.models import TrustContract
    from governance.contracts.reading import read_terms

    contract = contract_declare(
        by=people["author"],
        connection=directory.connection,
        terms=read_terms(given, directory),
        now=now,
        directory=directory,
    )
    if demo.rests != "draft":
        contract_submit(by=people["author"], contract_id=contract.pk, now=now)
        contract.refresh_from_db()
    review = partial(contract_review, contract_id=contract.pk)
    if demo.rests == "rejected":
        body = "Surveys need no access to production."
        answer_agreement(contract, people, contract_standing, review, "reject", body, now=now)
    if demo.rests in ("active", "ended"):
        answer_agreement(contract, people, contract_standing, review, "approve", now=now)
    contract.refresh_from_db()
    # Another organization than the demo's may have nobody whose approval is missing.
    if demo.rests == "ended" and contract.state == TrustContract.State.ACTIVE:
        reason = "The campaign is over."
        contract_end(by=people["security"], contract_id=contract.pk, reason=reason, now=now)
    return contract
