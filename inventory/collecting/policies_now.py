"""Reads single policies of an organization from AWS at this moment; nothing is stored."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from inventory.aws.client import AwsClient, Patience
from inventory.aws.errors import AwsNotFound
from inventory.collecting.sessions import Session, organization_role
from inventory.collectors import registry
from inventory.collectors.collector import Reader
from inventory.models import Connection

_WAITING_SECONDS: Final = 10.0
_SESSION_SECONDS: Final = 900
_COLLECTORS: Final = "organizations.policies."


@dataclass(frozen=True, slots=True)
class PolicyNow:
    """A policy's text, and the ids of the targets that it is attached to, in order."""

    text: str
    target_ids: tuple[str, ...]


def read_policies_now(
    connection: Connection, policy_ids: Iterable[str], *, seconds: float
) -> Mapping[str, PolicyNow | None]:
    """Return policies as AWS has them now, by id; None: AWS has no such policy.

    `seconds`: the longest that all of it may take. In the name of the organization reader.
    AWS: organizations:DescribePolicy, ListTargetsForPolicy.
    :raises AwsError: AWS refused, or did not answer in time.
    """
    session = Session(
        connection,
        organization_role(connection),
        collectors=[
            one
            for one in registry.collectors(Reader.ORGANIZATION)
            if one.name.startswith(_COLLECTORS)
        ],
        paced=True,
        session_name="orgwarden-policies-now",
        duration_seconds=_SESSION_SECONDS,
        patience=Patience(waiting_seconds=_WAITING_SECONDS, ends_at=time.monotonic() + seconds),
    )
    session.open()
    organizations = session.client("organizations", paced=True)
    return {policy_id: _read(organizations, policy_id) for policy_id in policy_ids}


def _read(organizations: AwsClient, policy_id: str) -> PolicyNow | None:
    try:
        text = organizations.call("describe_policy", PolicyId=policy_id)["Policy"]["Content"]
        targets = organizations.paginate("list_targets_for_policy", "Targets", PolicyId=policy_id)
        return PolicyNow(text, tuple(sorted(str(one["TargetId"]) for one in targets)))
    except AwsNotFound:
        return None
