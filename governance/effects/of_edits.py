"""Operations → what they do, kept in this process while somebody looks at them."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from governance.edits.checks import DraftCheck, checks, worst_first
from governance.edits.draft import DraftedOrganization, draft
from governance.edits.operations import Operation
from governance.edits.read_policies import collected_policies
from governance.edits.resource_checks import may_change_trust, resource_checks, resource_marks
from governance.effects.found_effects import FoundEffects
from governance.posture.state.organization import load_organization
from governance.posture.state.process_cache import ProcessCache
from inventory.models import Connection
from inventory.viewing import Viewer

_KEPT: Final = 16


@dataclass(frozen=True)
class Simulated(FoundEffects):
    """A draft and what it does. `effects` is found when it is first asked for, which may take a
    second; all else is there at once.
    """

    drafted: DraftedOrganization
    checks: tuple[DraftCheck, ...]

    @property
    def states(self) -> DraftedOrganization:
        """The organization before and after the draft."""
        return self.drafted


_CacheKey = tuple[tuple[object, ...], str, date]
_simulated: Final[ProcessCache[_CacheKey, Simulated]] = ProcessCache(most=_KEPT)


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

    def find() -> Simulated:
        collected = collected_policies(
            viewer,
            connection=connection,
            organization=organization,
            operations=operations,
            as_of=as_of,
        )
        start = organization
        if prior:
            start = draft(organization, prior, as_collected=True).as_organization()
        drafted = draft(start, operations, collected=collected, as_collected=bool(prior))
        found = checks(drafted, today=today)
        if with_resources:
            found += resource_checks(viewer, connection=connection, drafted=drafted, as_of=as_of)
        return Simulated(drafted, worst_first(found))

    with_resources = may_change_trust(organization, operations)
    marks: tuple[object, ...] = ()
    if with_resources:
        marks = resource_marks(viewer, connection=connection, as_of=as_of)
    return _simulated.get(((*organization.key, marks), digest, today), find)
