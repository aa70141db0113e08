"""Says why an approval cannot be had, and who can mend it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from governance.access import rights
from governance.access.owners.labels import target_words
from governance.access.owners.standing import StandingOwner
from governance.approvals.entitlement import names_of, right_holders
from governance.approvals.routing import ApprovalRoutes, OwnerRoute
from inventory.models import Connection

_MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class Lacking:
    """What is short: of `count` people wanted `entitled_count` are there, or nobody of security."""

    count: int
    entitled_count: int
    no_security: bool = False
    source: str = "reviewers"
    group: str = ""
    route: OwnerRoute | None = None


def lacking_words(
    connection: Connection,
    lacking: Lacking,
    *,
    routes: ApprovalRoutes | None = None,
    target_id: str = "",
    excluded: Collection[int] = (),
    now: datetime,
) -> str:
    """Return the reason and who can mend it as sentences; empty where nothing is short."""
    said = []
    if lacking.entitled_count < lacking.count:
        said.append(_few(lacking))
        if routes is not None and lacking.route is not None:
            said.append(_owner_words(routes, lacking.route, target_id, excluded))
    if lacking.no_security:
        said.append("Nobody with the role Security can approve here.")
    if not said:
        return ""
    return " ".join([*filter(None, said), _who_mends(connection, lacking, now)])


def _few(lacking: Lacking) -> str:
    whom = {"owners": "as owner", "group": f"from group {lacking.group}"}.get(lacking.source, "")
    if not lacking.entitled_count:
        return f"Nobody can approve {whom}".strip() + "."
    return (
        f"{lacking.count} approvals are needed, and only {lacking.entitled_count} "
        f"{'person' if lacking.entitled_count == 1 else 'people'} can approve {whom}".strip()
        + "."
    )


def _owner_words(
    routes: ApprovalRoutes, route: OwnerRoute, target_id: str, excluded: Collection[int]
) -> str:
    where = target_id if route.target is None else target_words(route.target)
    if not route.levels:
        if route.named:
            names = _listed(owner.party.label for owner in route.named)
            return f"{names} does not count yet as owner of {where}, for want of a confirmation."
        return f"Nobody owns {where}."
    may = routes.may_review(target_id)
    said = (_why_not(one, routes, route, may, excluded) for one in route.levels[0].owners)
    return " ".join(filter(None, said))


def _why_not(
    owner: StandingOwner,
    routes: ApprovalRoutes,
    route: OwnerRoute,
    may: frozenset[int],
    excluded: Collection[int],
) -> str:
    members, here = owner.party.members, routes.people(route.levels[0])
    if members and members <= set(excluded):
        return f"{owner.party.label} took part in the change."
    if not members & set(here):
        return f"{owner.party.label} is away."
    if not members & may:
        return f"{owner.party.label} has no right to review there (role Approver)."
    return ""


def _who_mends(connection: Connection, lacking: Lacking, now: datetime) -> str:
    right = rights.MANAGE_OWNERS if lacking.source == "owners" else rights.MANAGE_ROLES
    people = right_holders(connection, right, now=now).whole
    if not people:
        return "An administrator can set owners and give roles."
    what = "set owners and deputies" if lacking.source == "owners" else "give roles"
    return f"Who can {what}: {_listed(names_of(people).values())}."


def _listed(names: Iterable[str]) -> str:
    ordered = sorted(set(names))
    more = len(ordered) - _MOST_NAMES
    shown = ", ".join(ordered[:_MOST_NAMES])
    return f"{shown} and {more} more" if more > 0 else shown
