"""Who has to agree to an exception: owners of its targets, and security where production is."""

from datetime import datetime
from typing import Final

from governance.access.owners.labels import label_map
from governance.access.owners.targets import ROOT
from governance.approvals.agreements.approving import AgreementStanding, agreement_standing
from governance.approvals.rules import ApprovalRule
from governance.baseline.exceptions.kind import EXCEPTION
from governance.baseline.exceptions.models import GuardrailException
from inventory.models import Connection

# The rule that the product brings for production and the root; it adds to the ones that hold.
_PRODUCTION: Final = ApprovalRule.owners_and_security("Exceptions in production or at the root")


def needs_security(connection: Connection, target_ids: list[str]) -> bool:
    """Whether a target is the root, or holds what is treated as production."""
    labels = label_map(connection)
    return any(
        one not in labels.tree.by_id
        or labels.tree.by_id[one].kind == ROOT
        or labels.holds_protected(one)
        for one in target_ids
    )


def excluded_people(exception: GuardrailException) -> frozenset[int]:
    """Return who cannot approve an exception: whoever asked, and whoever wrote a version."""
    return frozenset({exception.asked_by_id, *exception.edited_by})


def exception_standing(exception: GuardrailException, *, now: datetime) -> AgreementStanding:
    """Return who has to agree and who did, as rights, owners and rules stand now."""
    by_security = needs_security(exception.connection, exception.target_ids)
    return agreement_standing(
        EXCEPTION,
        exception,
        exception.target_ids,
        own_rule=_PRODUCTION if by_security else None,
        excluded=excluded_people(exception),
        now=now,
    )
