"""Edits of what allows: FullAWSAccess detached, or an allow list attached in its place."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

from benchmarks.organizations import REGIONS, SERVICES, ReferenceOrganization

if TYPE_CHECKING:
    from governance.edits.operations import Operation

_EDITS = 12
FULL_ACCESS = "p-FullAWSAccess"


def allow_list_edits(reference: ReferenceOrganization) -> list[tuple[str, list[list[Operation]]]]:
    """Return seeded edits by kind; by turns at the root, an OU below it, any OU, an account."""
    from governance.edits.operations import Operation, OperationKind

    rng = random.Random("allow lists")
    detached: list[list[Operation]] = []
    replaced: list[list[Operation]] = []
    conditional: list[list[Operation]] = []
    for number in range(_EDITS):
        target = _target(reference, rng, number)
        detach = Operation(OperationKind.DETACH_POLICY, policy_id=FULL_ACCESS, target_id=target)
        detached.append([detach])
        for edits, statements in (
            (replaced, _services(rng)),
            (conditional, _under_conditions(reference, rng, number // 4)),
        ):
            policy = {"Version": "2012-10-17", "Statement": statements}
            create = Operation(
                OperationKind.CREATE_POLICY,
                policy_id="new-allow-list",
                name="AllowList",
                policy_type="SERVICE_CONTROL_POLICY",
                text=json.dumps(policy),
            )
            attach = Operation(
                OperationKind.ATTACH_POLICY, policy_id="new-allow-list", target_id=target
            )
            edits.append([create, attach, detach])
    return [
        ("FullAWSAccess detached", detached),
        ("an allow list in its place", replaced),
        ("an allow list with conditions in its place", conditional),
    ]


def _target(reference: ReferenceOrganization, rng: random.Random, number: int) -> str:
    units = [target for target in reference.parents if target.startswith("ou-")]
    if number % 4 == 0:
        return "r-root"
    if number % 4 == 1:
        return rng.choice([unit for unit in units if reference.parents[unit] == "r-root"])
    if number % 4 == 2:
        return rng.choice(units)
    return rng.choice([target for target in reference.parents if target.isdecimal()])


def _services(rng: random.Random) -> list[dict[str, Any]]:
    services = rng.sample(SERVICES, rng.randint(3, 12))
    element = rng.choice(("Action", "NotAction"))
    return [{"Effect": "Allow", element: [f"{one}:*" for one in services], "Resource": "*"}]


def _under_conditions(
    reference: ReferenceOrganization, rng: random.Random, number: int
) -> list[dict[str, Any]]:
    roles = {"aws:PrincipalArn": rng.sample(reference.role_patterns, 3)}
    regions = {"aws:RequestedRegion": rng.sample(REGIONS, 3)}
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    condition = (
        {"ArnLike": roles},
        {"ArnNotLike": roles},
        {"StringEquals": regions},
        {"StringEquals": regions, "ArnLike": roles},
    )[number % 4]
    return [*_services(rng), {**everything, "Condition": condition}]
