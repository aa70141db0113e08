"""The SHA-256 digests of evidence: of all of it, of its conclusions, and of what approvals bind."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from governance.changes.planning.steps import PlanRing
from governance.edits.operations import Operation


def canonical_json(value: object) -> bytes:
    """Return a JSON value as bytes that are equal for equal values, whatever the keys' order."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def digest_of(value: object) -> str:
    """Return the SHA-256 of a JSON value, as 64 hex digits."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def conclusions_digest(conclusions: Mapping[str, Any]) -> str:
    """Return the digest of what evidence concludes; it holds no times and no ids of runs."""
    return digest_of(conclusions)


def plan_digest(
    *,
    operations: Iterable[Operation],
    targets: Iterable[str],
    rings: Sequence[PlanRing],
    conclusions: Mapping[str, Any],
) -> str:
    """Return what an approval binds: operations, resolved targets, ring plan and conclusions.

    `targets`: the ids of all targets that the plan's calls touch; their order makes no difference.
    """
    return digest_of(
        {
            "operations": [operation.as_json() for operation in operations],
            "targets": sorted(set(targets)),
            "rings": [ring_json(ring) for ring in rings],
            "conclusions": dict(conclusions),
        }
    )


def ring_json(ring: PlanRing) -> dict[str, Any]:
    """Return a ring as evidence holds it."""
    return {
        "number": ring.number,
        "name": ring.name,
        "targets": list(ring.targets),
        "soak_minutes": ring.soak_minutes,
        "gate": ring.gate,
    }
