"""The landing zone: core accounts that are missing, merged or in doubt, and Control Tower's gaps.

What Control Tower itself says is drifted or failed is drift, and not found here again.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from django.db.models import Max
from django.utils import timezone

from governance.access.owners.severity import WEIGHT_OF
from governance.access.owners.targets import (
    ACCOUNT,
    ORGANIZATIONAL_UNIT,
    ROOT,
    OwnedTree,
    target_tree,
)
from governance.baseline.landing_zone.control_tower import control_tower_status
from governance.baseline.landing_zone.core_accounts import CoreAccountState, core_accounts
from governance.baseline.landing_zone.findings import (
    LandingZoneFinding,
    core_account_findings,
    tower_findings,
)
from governance.baseline.landing_zone.models import CoreAccount
from governance.baseline.landing_zone.tower_facts import (
    ControlTowerState,
    ControlTowerStatus,
    TowerGapKind,
)
from governance.inbox.models import InboxItem
from governance.inbox.sources.registry import FoundItem, InboxSource, SourceReading
from inventory.digests import sha256
from inventory.models import Connection, InventoryRun
from inventory.viewing import Viewer

_WHOLE: Final = Viewer(sees_inventory=True)
_CORE: Final = "core_account_"
_TOWER: Final = "control_tower_"
_FOUND_AS_DRIFT: Final = frozenset(
    {
        TowerGapKind.LANDING_ZONE_DRIFTED,
        TowerGapKind.CONTROL_DRIFTED,
        TowerGapKind.CONTROL_FAILED,
        TowerGapKind.BASELINE_DRIFTED,
    }
)


def landing_zone_mark(connection: Connection) -> str:
    """Return what changes with each run that ends, each confirmation, and each day."""
    runs = InventoryRun.objects.filter(connection=connection)
    confirmed = CoreAccount.objects.filter(connection=connection).order_by("purpose")
    return sha256(
        repr(
            (
                runs.aggregate(at=Max("finished_at"))["at"],
                list(confirmed.values_list("purpose", "account_id")),
                # A reading grows stale without a run.
                timezone.now().date(),
            )
        )
    )


def read_landing_zone(connection: Connection) -> SourceReading:
    """Return what is wrong; what was not read is not judged."""
    now = timezone.now()
    tree = target_tree(connection)
    if not tree.by_id:
        return SourceReading(problem="The organization was never read.")
    standings = core_accounts(_WHOLE, connection=connection, now=now)
    tower = control_tower_status(_WHOLE, connection=connection, now=now)
    gaps = [gap for gap in tower.gaps if gap.kind not in _FOUND_AS_DRIFT]
    found = (*core_account_findings(standings), *tower_findings(gaps))
    unknown_core = any(each.state is CoreAccountState.UNKNOWN for each in standings)
    unknown_tower = _is_unread(tower)
    return SourceReading(
        items=_items(found, tree),
        unjudged=lambda item: (
            (unknown_core and item.kind.startswith(_CORE))
            or (unknown_tower and item.kind.startswith(_TOWER))
        ),
    )


def _is_unread(tower: ControlTowerStatus) -> bool:
    """Whether Control Tower, or a part of it that gaps follow from, was not read."""
    if tower.state is not ControlTowerState.SET_UP:
        return tower.state is not ControlTowerState.NOT_SET_UP
    return any(not reading.was_complete for reading in tower.readings.values())


def _items(found: Sequence[LandingZoneFinding], tree: OwnedTree) -> Iterator[FoundItem]:
    top = next((one for one in tree.by_id.values() if one.kind == ROOT), None)
    for one in found:
        target = tree.by_id.get(one.target_id) if one.target_id else top
        kind = target.kind if target else ACCOUNT
        target_id = target.target_id if target else one.target_id
        account_id = target_id if kind == ACCOUNT else ""
        reached_ids = (target_id,) if kind == ORGANIZATIONAL_UNIT else ()
        yield FoundItem(
            key=one.key,
            kind=one.kind,
            title=one.title,
            target_kind=kind,
            target_id=target_id,
            target_name=target.name if target else one.target_name,
            account_id=account_id,
            accounts=1 if account_id else len(tree.accounts_below(target_id)),
            reached_ids=reached_ids,
            # Of no account or OU: judged by all of the organization.
            whole_only=not (account_id or reached_ids),
            weight=WEIGHT_OF[one.severity.value],
            environment_at=one.target_id if target else "",
            verified=one.verified,
            detail={"label": one.kind.replace("_", " ").capitalize(), "because": one.because},
        )


SOURCE: Final = InboxSource(InboxItem.Source.LANDING_ZONE, landing_zone_mark, read_landing_zone)
