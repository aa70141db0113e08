"""What is collected of how services are set up: services, kinds and the facts of each.

Each kind is a `ServiceConfiguration` row's `service` and `kind`; its facts are the names in
`facts` of that row. A fact is None where AWS gives no value, or where it could not be read: the
row's `unknown` then has its name and AWS's error code. Times that move by themselves, such as the
latest delivery, are left out: they would make a new version of the row at each run.

Only coverage says whether an account has none of a kind: no row and a complete reading of
`collector` in that region means none; any other coverage means that it is not known.

Collected elsewhere, by `AccountSetting`: password policy, account summary (root's keys and MFA as
`AccountAccessKeysPresent` and `AccountMFAEnabled`), S3 Block Public Access; by
`OrganizationSetting`: central root access; by `ResourcePolicy`: bucket and key policies, shared
images and snapshots, peering connections and transit gateway attachments.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from inventory.service_facts.accounts import (
    ALTERNATE_CONTACTS,
    ANALYZER,
    CONFIG_AGGREGATOR,
    CONFIG_DELIVERY_CHANNEL,
    CONFIG_RECORDER,
    EC2_DEFAULTS,
    GUARDDUTY_DETECTOR,
    SECURITY_HUB,
    TRAIL,
    VPC,
)
from inventory.service_facts.control_tower import (
    CATALOG_CONTROL,
    ENABLED_BASELINE,
    ENABLED_CONTROL,
    LANDING_ZONE,
)
from inventory.service_facts.kind import FactType, ServiceFact, ServiceKind

__all__ = [
    "ALTERNATE_CONTACTS",
    "ANALYZER",
    "CATALOG_CONTROL",
    "CONFIG_AGGREGATOR",
    "CONFIG_DELIVERY_CHANNEL",
    "CONFIG_RECORDER",
    "EC2_DEFAULTS",
    "ENABLED_BASELINE",
    "ENABLED_CONTROL",
    "GUARDDUTY_DETECTOR",
    "LANDING_ZONE",
    "SECURITY_HUB",
    "SERVICE_KINDS",
    "TRAIL",
    "VPC",
    "FactType",
    "ServiceFact",
    "ServiceKind",
]

SERVICE_KINDS: Final[Mapping[str, ServiceKind]] = MappingProxyType(
    {
        each.key: each
        for each in (
            TRAIL,
            CONFIG_RECORDER,
            CONFIG_DELIVERY_CHANNEL,
            CONFIG_AGGREGATOR,
            GUARDDUTY_DETECTOR,
            SECURITY_HUB,
            ANALYZER,
            EC2_DEFAULTS,
            VPC,
            ALTERNATE_CONTACTS,
            LANDING_ZONE,
            ENABLED_CONTROL,
            ENABLED_BASELINE,
            CATALOG_CONTROL,
        )
    }
)
