"""Operations → what they do, kept in this process while somebody looks at them."""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock
from typing import Final

from governance.posture.organization import CONTROL_TYPES, load_organization
from governance.simulations.checks import Check, checks
from governance.simulations.draft import DraftedOrganization, draft
from governance.simulations.found_effects import FoundEffects
from governance.simulations.operations import Operation
from inventory.models import Connection
from inventory.selectors.policies import policies
from inventory.viewing import Viewer

_KEPT: Final = 16


@dataclass(frozen=True)
class Simulated(FoundEffects):
    """A draft and what it does. `effects` is found when it is first asked for, which may take a
    second; all else is there at once.
    """

    drafted: DraftedOrganization
    checks: tuple[Check, ...]

    @property
    def states(self) -> DraftedOrganization:
        """The organization before and after the draft."""
        return self.drafted


_CacheKey = tuple[tuple[object, ...], str, date]
_simulated: OrderedDict[_CacheKey, Simulated] = OrderedDict()
_lock: Final = Lock()


def simulate(
    viewer: Viewer,
    *,
    connection: Connection,
    operations: Sequence[Operation],
    as_of: datetime | None,
    today: date,
    prior: Sequence[Operation] = (),
) -> Simulated:
    """Do operations to an organization as it is now, or was at `as_of`, in memory alone.

    `today`: the day whose limits of AWS's hold. `prior`: edits of texts that are done first, so
    that what is told is what changes after them; the texts of both are then taken for some that
    AWS had. Equal questions to the same state of the organization share one answer: never change
    it.
    """
    organization = load_organization(viewer, connection=connection, as_of=as_of)
    asked = json.dumps([[one.as_json() for one in some] for some in (prior, operations)])
    digest = hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()
    key = (organization.key, digest, today)
    with _lock:
        found = _simulated.get(key)
        if found is not None:
            _simulated.move_to_end(key)
            return found
    known = {policy_id for kind in CONTROL_TYPES for policy_id in organization.control(kind).by_id}
    strange = {
        operation.policy_id
        for operation in operations
        if operation.policy_id.startswith("p-") and operation.policy_id not in known
    }
    other = _other_types(viewer, connection, as_of, strange) if strange else {}
    if prior:
        organization = draft(organization, prior, as_collected=True).as_organization()
    drafted = draft(organization, operations, other_policies=other, as_collected=bool(prior))
    made = Simulated(drafted, checks(drafted, today=today))
    with _lock:
        made = _simulated.setdefault(key, made)
        if len(_simulated) > _KEPT:
            _simulated.popitem(last=False)
    return made


def _other_types(
    viewer: Viewer, connection: Connection, as_of: datetime | None, policy_ids: set[str]
) -> dict[str, str]:
    rows = policies(viewer, connection=connection, as_of=as_of).filter(policy_id__in=policy_ids)
    return dict(rows.values_list("policy_id", "type"))
