"""Which edges of trust a draft's RCPs and SCPs close or open."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.db.models import Count, Q

from governance.edits.checks import CheckMark, DraftCheck
from governance.edits.draft import DraftedOrganization
from governance.posture.state.organization import RCP, SCP, CompiledOrganization
from governance.posture.trust.edge_builder import EdgeBuilder
from governance.posture.trust.edge_rows import EdgeRow
from governance.posture.trust.inputs import account_facts, surroundings
from governance.posture.trust.models import TrustEdge
from inventory.models import Connection
from inventory.selectors.roles import policy_texts
from inventory.viewing import Viewer, sees_whole

# Accounts that are worked out, those with the most edges first; the check says of how many.
_MOST: Final = 50
# An SCP is edited while its effect is watched, and binds the callers of many accounts.
_MOST_CALLED: Final = 12
_NAMED: Final = 3
_BLOCKED: Final = str(TrustEdge.EdgeState.BLOCKED)


@dataclass(frozen=True)
class ChangedEdges:
    """The edges that somebody can use before a draft and nobody after it, and the reverse.

    Each as it is after the draft. `edges`: how many were looked at, in `looked_at` of `accounts`.
    """

    closed: tuple[EdgeRow, ...]
    opened: tuple[EdgeRow, ...]
    edges: int
    looked_at: int
    accounts: int


def edges_changed_by(
    viewer: Viewer, *, connection: Connection, drafted: DraftedOrganization
) -> ChangedEdges | None:
    """Work out again the edges that a changed RCP or SCP may decide, and tell what differs.

    Those into the accounts below the RCP, and those from the accounts below the SCP. None where it
    cannot be told: to who sees a part of the organization, of a draft that moves targets, and where
    trust was never worked out.
    """
    bound, calling = drafted.affected(RCP), drafted.affected(SCP)
    is_told = sees_whole(viewer, connection) and not (drafted.parents or drafted.units)
    if not (bound or calling) or not is_told:
        return None
    stored = TrustEdge.objects.as_of(None).filter(
        Q(account_id__any_of=sorted(bound)) | Q(principal_account_id__any_of=sorted(calling)),
        connection=connection,
    )
    counted = stored.values("account_id").annotate(edges=Count("pk")).order_by("-edges")
    most = _MOST if bound else _MOST_CALLED
    chosen = [row["account_id"] for row in counted[:most]]
    if not chosen:
        return None
    was: Mapping[str, str] = dict(
        stored.filter(account_id__any_of=chosen).values_list("key", "state")
    )
    becomes = [row for row in _edges(connection, _after(drafted), chosen) if row.key in was]
    return ChangedEdges(
        closed=tuple(row for row in becomes if row.state == _BLOCKED and was[row.key] != _BLOCKED),
        opened=tuple(row for row in becomes if row.state != _BLOCKED and was[row.key] == _BLOCKED),
        edges=len(becomes),
        looked_at=len(chosen),
        accounts=counted.count(),
    )


def _after(drafted: DraftedOrganization) -> CompiledOrganization:
    return replace(
        drafted.before,
        key=(*drafted.before.key, "drafted"),
        service_control=drafted.after[SCP],
        resource_control=drafted.after[RCP],
    )


def _edges(
    connection: Connection, organization: CompiledOrganization, account_ids: Sequence[str]
) -> Iterator[EdgeRow]:
    facts, hashes = account_facts(connection, account_ids)
    around = surroundings(connection, organization)
    builder = EdgeBuilder(around, policy_texts(hashes), lambda _question, _edges: ())
    for each in facts:
        yield from builder.account_trust(each).edges


def trust_checks(
    viewer: Viewer, *, connection: Connection, drafted: DraftedOrganization
) -> Iterator[DraftCheck]:
    """Yield what a changed RCP or SCP does to who may get in, if that can be told."""
    found = edges_changed_by(viewer, connection=connection, drafted=drafted)
    if found is None:
        return
    yield DraftCheck(
        "trust_edges_closed",
        CheckMark.WARNED if found.closed else CheckMark.HOLDS,
        "Edges of trust that the draft closes",
        _measured(found.closed, found),
        "Nobody can use these any more: exempt the intended ones." if found.closed else "",
    )
    if found.opened:
        yield DraftCheck(
            "trust_edges_opened",
            CheckMark.WARNED,
            "Edges of trust that the draft opens",
            _measured(found.opened, found),
            "A policy blocks these today: keep the statement that does, or fix their policies.",
        )


def _measured(rows: Sequence[EdgeRow], found: ChangedEdges) -> str:
    of = f"{len(rows):,} of {found.edges:,}"
    if found.looked_at < found.accounts:
        of += f", in {found.looked_at:,} of {found.accounts:,} accounts looked at"
    if not rows:
        return of
    named = ", ".join(f"{row.principal_id} into {row.resource_name}" for row in rows[:_NAMED])
    more = len(rows) - _NAMED
    return f"{of}: {named}" + (f" and {more:,} more" if more > 0 else "")
