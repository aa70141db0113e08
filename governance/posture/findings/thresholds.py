"""The limits that structure findings are held against, as data."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Limits. A share is of 1.

    `flat_accounts_directly`: so many accounts in an OU without OUs below are flat.
    `flat_organization_accounts`: so many accounts ask for a tree of `flat_least_depth` OUs.
    `denied_share`: of the catalogue's actions, for an SCP that denies most.
    `missing_least_accounts`: an OU needs so many known accounts before a role can be missing from
    one; `missing_majority`: share of them that must have it.
    `drift_least_holders`: accounts with a role of one name, for its trust and policies.
    `drift_majority`: share of them that makes what they have the rule.
    """

    flat_accounts_directly: int = 25
    flat_organization_accounts: int = 10
    flat_least_depth: int = 2
    denied_share: float = 0.5
    missing_least_accounts: int = 4
    missing_majority: float = 0.75
    drift_least_holders: int = 2
    drift_majority: float = 0.6


USUAL: Final = Thresholds()
