"""Tables of owners, one module a topic."""

from governance.access.owners.models.absences import Absence, DeputyTerm
from governance.access.owners.models.labels import Label, LabelRule
from governance.access.owners.models.ownerships import (
    OwnerRule,
    OwnerRuleValue,
    Ownership,
    TagConfirmation,
)
from governance.access.owners.models.proposals import GrantProposal, RoleRecertification

__all__ = [
    "Absence",
    "DeputyTerm",
    "GrantProposal",
    "Label",
    "LabelRule",
    "OwnerRule",
    "OwnerRuleValue",
    "Ownership",
    "RoleRecertification",
    "TagConfirmation",
]
