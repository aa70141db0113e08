"""Which resource types a statement's Resource element reaches, wherever it wants them to be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from policies.catalogue import ResourceType
from policies.compiled import CompiledStatement
from policies.language.meeting import globs_meet
from policies.language.patterns import arn_glob, resource_glob
from policies.resource_arns import ARN_PARTS, arn_pattern

_PARTITION, _REGION, _ACCOUNT = 1, 3, 4
_VARIABLE: Final = re.compile(r"\$\{[^}]*\}")


def reaching_values(compiled: CompiledStatement, kind: ResourceType) -> tuple[str, ...] | None:
    """Return the Resource values by which a statement reaches resources of a type.

    Empty where it reaches all of them; None where it reaches none, or where only names or policy
    variables tell. A value narrows the place (`arn:aws:ec2:eu-west-1:*:*`) or names resources of
    the type (`arn:aws:ec2:*:*:subnet/subnet-1`).
    """
    covers = compiled.fixed_resource_test
    if compiled.resources is None or (covers is not None and covers(arn_of(kind))):
        return ()
    if compiled.not_resource:
        return None
    return tuple(value for value in compiled.resources if _reaches(kind, value)) or None


def arn_of(kind: ResourceType) -> str:
    """Write the ARN of a resource type, in the partition `aws` and with `*` for each variable."""
    return kind.pattern.replace("arn:*:", "arn:aws:", 1)


def _reaches(kind: ResourceType, value: str) -> bool:
    if _VARIABLE.search(value):
        return False
    if any(resource_glob((value,)).matches(arn) for arn in _placed(kind, value)):
        return True
    glob = arn_glob((value,))
    return names_type(kind, value) and glob is not None and globs_meet(glob, arn_pattern(kind))


def names_type(kind: ResourceType, value: str) -> bool:
    """Whether a Resource value names a type: `arn:aws:ec2:*:*:subnet/*` the type `subnet`."""
    beginning = kind.arn.split(":", ARN_PARTS - 1)[-1].split("$", 1)[0]
    return bool(beginning) and value.split(":", ARN_PARTS - 1)[-1].startswith(beginning)


def _placed(kind: ResourceType, value: str) -> Iterator[str]:
    """Yield the ARN of all resources of a type where a value wants them to be."""
    written, parts = value.split(":", ARN_PARTS - 1), arn_of(kind).split(":", ARN_PARTS - 1)
    if len(written) > _REGION and written[2] == parts[2]:
        for at in (_PARTITION, _REGION, _ACCOUNT):
            if at < len(written) and written[at] and parts[at] in ("aws", "*"):
                parts[at] = written[at]
        yield ":".join(parts)
