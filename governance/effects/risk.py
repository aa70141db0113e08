"""How much hangs on an action: its access level times what it guards.

What guards others weighs more than what it costs to be without one of many: who may stop the
records of everything, leave the organization or write policies can do all the rest. The weights
only order what people read; nothing is left out by them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from policies import Catalogue

_LEVELS: Final[Mapping[str, int]] = {
    "Permissions management": 4,
    "Write": 3,
    "Tagging": 2,
    "Read": 1,
    "List": 1,
}
# Prefixes of IAM's services by what they guard. Source: Service authorization reference.
_GUARDS: Final[Mapping[int, tuple[str, ...]]] = {
    # Records and detection; the organization and its accounts.
    4: (
        "cloudtrail", "config", "guardduty", "securityhub", "access-analyzer", "macie2",
        "inspector2", "detective", "organizations", "account", "controltower",
    ),
    # Who may do what; keys and secrets.
    3: ("iam", "sts", "sso", "identitystore", "rolesanywhere", "kms", "secretsmanager", "ram"),
    # What is left after an accident; what the records are kept in.
    2: ("backup", "backup-gateway", "logs", "s3", "dynamodb", "rds", "ec2"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _RiskClass:
    weight: int
    bits: int


@cache
def _classes(catalogue: Catalogue) -> tuple[_RiskClass, ...]:
    """Return the catalogue's actions by weight, the heaviest first."""
    guards = {service: weight for weight, named in _GUARDS.items() for service in named}
    found: dict[int, int] = {}
    for service, span in catalogue.service_ranges.items():
        for index in span:
            weight = _LEVELS[catalogue.access_level(index)] * guards.get(service, 1)
            found[weight] = found.get(weight, 0) | 1 << index
    return tuple(_RiskClass(weight, found[weight]) for weight in sorted(found, reverse=True))


def heaviest(catalogue: Catalogue, bits: int) -> int:
    """Return the weight of the heaviest of some actions, 0 for none."""
    return next((one.weight for one in _classes(catalogue) if one.bits & bits), 0)


def heaviest_action(catalogue: Catalogue, bits: int) -> str:
    """Return the name of one of the heaviest of some actions, the first by name; empty for none."""
    for one in _classes(catalogue):
        if one.bits & bits:
            return catalogue.names[next(catalogue.indexes(one.bits & bits))]
    return ""
