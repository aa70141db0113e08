"""Reads single policies and targets of an organization from AWS at this moment; stores nothing."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from inventory.aws.client import AwsClient, Patience
from inventory.aws.errors import AwsError, AwsNotFound
from inventory.collecting.accounts_now import AccountsBelow
from inventory.collecting.sessions import Session, organization_role
from inventory.collectors import registry
from inventory.collectors.collector import Reader
from inventory.models import Connection

_WAITING_SECONDS: Final = 10.0
_SESSION_SECONDS: Final = 900
_COLLECTORS: Final = "organizations.policies."
_TREE_COLLECTORS: Final = ("organizations.organizational_units", "organizations.accounts")
_AWS_MANAGED: Final = "FullAWSAccess"
# A target takes a call for each type, and AWS allows about eight in a second.
_MOST_TARGETS: Final = 100


@dataclass(frozen=True, slots=True)
class PolicyNow:
    """A policy's text, and the ids of the targets that it is attached to, in order."""

    text: str
    target_ids: tuple[str, ...]
    name: str = ""
    policy_type: str = ""


@dataclass(frozen=True, slots=True)
class TargetNow:
    """Where a target is and what is attached to it.

    `parent_id`: an account's, empty for roots and OUs, which AWS cannot move. `attached`: the ids
    of policies, in order, by each type that was asked for.
    """

    parent_id: str
    attached: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class AskedNow:
    """What to read. `policy_ids`: policies, with their targets' ids.

    `target_ids`: targets, with what is attached to them of `policy_types`. `reached_by`: policies
    among these whose own targets are read as well. `known_policy_ids`: policies that need no
    reading where they are found attached. `places`: roots and OUs whose accounts below are read;
    those that a policy of `reached_by` is attached to are read likewise.
    """

    policy_ids: tuple[str, ...] = ()
    target_ids: tuple[str, ...] = ()
    reached_by: frozenset[str] = frozenset()
    policy_types: tuple[str, ...] = ()
    known_policy_ids: frozenset[str] = frozenset()
    places: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.policy_ids or self.target_ids)


@dataclass(frozen=True, slots=True)
class FoundNow:
    """What AWS has, None for what it does not have (any more).

    `left`: targets that were not read, because there are too many or for the reason `problem`.
    `places`: the roots and OUs below which all accounts were read, `places_left` those below which
    they were not, for the same reasons. `accounts`: of each root and OU listed below them, the
    names of the accounts directly in it, by id.
    """

    policies: Mapping[str, PolicyNow | None] = field(default_factory=dict)
    targets: Mapping[str, TargetNow | None] = field(default_factory=dict)
    left: tuple[str, ...] = ()
    problem: str = ""
    places: tuple[str, ...] = ()
    places_left: tuple[str, ...] = ()
    accounts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def read_now(connection: Connection, asked: AskedNow, *, seconds: float) -> FoundNow:
    """Return policies and targets as AWS has them now.

    `seconds`: the longest that all of it may take. In the name of the organization reader.
    AWS: organizations:DescribePolicy, ListTargetsForPolicy, ListPoliciesForTarget, ListParents,
    ListAccountsForParent, ListOrganizationalUnitsForParent.
    :raises AwsError: AWS refused, or did not answer in time, before all policies were read.
    """
    session = Session(
        connection,
        organization_role(connection),
        collectors=[
            one
            for one in registry.collectors(Reader.ORGANIZATION)
            if one.name.startswith(_COLLECTORS) or one.name in _TREE_COLLECTORS
        ],
        live=True,
        paced=True,
        session_name="orgwarden-policies-now",
        duration_seconds=_SESSION_SECONDS,
        patience=Patience(waiting_seconds=_WAITING_SECONDS, ends_at=time.monotonic() + seconds),
    )
    session.open()
    organizations = session.client("organizations", paced=True)
    policies = {policy_id: _policy(organizations, policy_id) for policy_id in asked.policy_ids}
    reached = tuple(_reached(asked, policies))
    wanted = tuple(dict.fromkeys((*asked.target_ids, *reached)))
    wanted_places = dict.fromkeys(one for one in (*asked.places, *reached) if not one.isdecimal())
    below = AccountsBelow(organizations)
    places: list[str] = []
    targets: dict[str, TargetNow | None] = {}
    problem = ""
    try:
        for target_id in wanted[:_MOST_TARGETS]:
            targets[target_id] = _target(organizations, target_id, asked.policy_types)
        for policy_id in _unknown(asked, policies, targets):
            policies[policy_id] = _policy(organizations, policy_id)
        # Those that were read stay where a later one fails.
        places.extend(one for one in wanted_places if below.read(one))
    except AwsError as error:
        problem = error.message
    left = tuple(one for one in wanted if one not in targets)
    places_left = tuple(one for one in wanted_places if one not in places)
    return FoundNow(
        policies, targets, left, problem, tuple(places), places_left, accounts=below.accounts
    )


def _reached(asked: AskedNow, policies: Mapping[str, PolicyNow | None]) -> Iterator[str]:
    for policy_id, found in policies.items():
        if found is not None and policy_id in asked.reached_by:
            yield from found.target_ids


def _unknown(
    asked: AskedNow,
    policies: Mapping[str, PolicyNow | None],
    targets: Mapping[str, TargetNow | None],
) -> tuple[str, ...]:
    """Return the policies that were found attached and that nobody has read."""
    found = dict.fromkeys(
        policy_id
        for target in targets.values()
        if target is not None
        for held in target.attached.values()
        for policy_id in held
    )
    return tuple(
        one
        for one in found
        if one not in policies
        and one not in asked.known_policy_ids
        and not one.endswith(_AWS_MANAGED)
    )


def _policy(organizations: AwsClient, policy_id: str) -> PolicyNow | None:
    try:
        policy = organizations.call("describe_policy", PolicyId=policy_id)["Policy"]
        targets = organizations.paginate("list_targets_for_policy", "Targets", PolicyId=policy_id)
        return PolicyNow(
            policy["Content"],
            tuple(sorted(str(one["TargetId"]) for one in targets)),
            policy["PolicySummary"]["Name"],
            policy["PolicySummary"]["Type"],
        )
    except AwsNotFound:
        return None


def _target(
    organizations: AwsClient, target_id: str, policy_types: Iterable[str]
) -> TargetNow | None:
    try:
        parent_id = ""
        if target_id.isdecimal():
            parents = organizations.call("list_parents", ChildId=target_id)["Parents"]
            parent_id = str(parents[0]["Id"])
        attached = {
            kind: tuple(
                sorted(
                    str(one["Id"])
                    for one in organizations.paginate(
                        "list_policies_for_target", "Policies", TargetId=target_id, Filter=kind
                    )
                )
            )
            for kind in policy_types
        }
    except AwsNotFound:
        return None
    return TargetNow(parent_id, attached)
