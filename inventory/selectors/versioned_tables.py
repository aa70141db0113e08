"""The tables that hold things in versions, by what they tell of an organization."""

from collections.abc import Mapping
from typing import Final

from inventory.collectors.registry import COLLECTORS
from inventory.models import (
    Account,
    Organization,
    OrganizationalUnit,
    Policy,
    PolicyAttachment,
    Root,
)
from inventory.models.versions import Version
from inventory.record_types import RECORD_TYPES, Owner
from inventory.store.rows import ACCOUNT_MODELS, MODELS

# The tree and what is attached in it: all that SCPs and RCPs mean follows from these.
HIERARCHY_TABLES: Final[tuple[type[Version], ...]] = (
    Organization,
    Root,
    OrganizationalUnit,
    Account,
    Policy,
    PolicyAttachment,
)
# All that the organization itself tells, but for what AWS works out from the rest.
ORGANIZATION_TABLES: Final[tuple[type[Version], ...]] = tuple(
    model
    for kind, model in MODELS.items()
    if RECORD_TYPES[kind].owner == Owner.ORGANIZATION and not RECORD_TYPES[kind].derived
)
# The collector that reads all of a table, where one does.
READ_BY: Final[Mapping[type[Version], str]] = {
    MODELS[covered.record]: collector.name
    for collector in COLLECTORS
    for covered in collector.covers
    if covered.record in MODELS and not covered.where
}
# With what its accounts tell.
VERSIONED_TABLES: Final[tuple[type[Version], ...]] = (*ORGANIZATION_TABLES, *ACCOUNT_MODELS)
