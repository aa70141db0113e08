"""From a signed-in person, or a program's token, to what they may do and see where."""

from collections.abc import Iterable
from typing import Final, cast

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User

from governance.access import rights
from governance.access.grants import Grant, grants_of
from governance.access.models import ApiToken
from governance.access.rights import RightReach
from inventory.models import Connection
from inventory.viewing import Place, Viewer, viewer_within
from inventory.visible_targets import targets_above

_CACHED_AS: Final = "_orgwarden_viewers"

Person = AbstractBaseUser | AnonymousUser


def holds(
    user: Person,
    right: str,
    *,
    token: ApiToken | None = None,
    connection: Connection | None = None,
    target_id: str | None = None,
) -> bool:
    """Return whether this person holds `right`, and through a token: whether it has it too.

    Without `connection`: in some place. With it: in the whole organization, or at `target_id`, an
    OU (and so in all below it) or an account. A target that the organization does not have is held
    only by who holds the right for all of it.
    """
    grants = _giving(user, right, token)
    if connection is None:
        return bool(grants)
    return bool(_covering(grants, connection, target_id or "")) and (
        token is None
        or token.places is None
        or _covers(_token_places(token), connection, target_id or "")
    )


def holds_within(
    user: Person, right: str, *, connection: Connection, token: ApiToken | None = None
) -> bool:
    """Return whether this person, or token, holds `right` in some part of an organization."""
    grants = _giving(user, right, token)
    if not any(grant.connection_id in (None, connection.pk) for grant in grants):
        return False
    if token is None or token.places is None:
        return True
    return any(place.connection_id == connection.pk for place in _token_places(token))


def why_may(
    user: Person, right: str, connection: Connection | None = None, target_id: str = ""
) -> tuple[Grant, ...]:
    """Return the grants that give somebody a right at a place, the widest first; empty: none do.

    Without `connection`: those that give it everywhere.
    """
    grants = _giving(user, right, None)
    if connection is None:
        return tuple(grant for grant in grants if grant.connection_id is None)
    covering = _covering(grants, connection, target_id)
    return tuple(sorted(covering, key=lambda grant: list(RightReach)[::-1].index(grant.reach)))


def viewer_of(user: Person, *, token: ApiToken | None = None) -> Viewer:
    """Return what this person, or their token, may see; somebody not signed in sees nothing.

    The same object for the same object of a person: what it finds out is found out once a request.
    """
    if not isinstance(user, User):
        return Viewer(sees_inventory=False)
    cached = cast(dict[int | None, Viewer], user.__dict__.setdefault(_CACHED_AS, {}))
    key = None if token is None else token.pk
    if key not in cached:
        cached[key] = _viewer(user.pk, _giving(user, rights.VIEW_INVENTORY, token), token)
    return cached[key]


def viewer_with(user: Person, right: str, *, token: ApiToken | None = None) -> Viewer:
    """Return what this person, or their token, may see by a right of their own, such as audit."""
    if not isinstance(user, User):
        return Viewer(sees_inventory=False)
    return _viewer(user.pk, _giving(user, right, token), token)


def _viewer(person_id: int, grants: Iterable[Grant], token: ApiToken | None) -> Viewer:
    places = [grant.place for grant in grants]
    if not places:
        return Viewer(sees_inventory=False)
    limits: tuple[frozenset[Place], ...] = ()
    if None not in places:
        limits = (frozenset(place for place in places if place is not None),)
    viewer = Viewer(sees_inventory=True, limits=limits, person_id=person_id)
    return viewer_within(viewer, None if token is None else token.places)


def _giving(user: Person, right: str, token: ApiToken | None) -> list[Grant]:
    """Return the grants of a person that give a right, none if the token may not have it."""
    if not isinstance(user, User) or not user.is_active:
        return []
    if token is not None and (
        right not in rights.TOKEN_SCOPES or right not in token.scopes or token.user_id != user.pk
    ):
        return []
    return [grant for grant in grants_of(user) if grant.gives(right)]


def _token_places(token: ApiToken) -> list[Place]:
    return [Place(connection_id, target_id) for connection_id, target_id in token.places or ()]


def _covering(grants: Iterable[Grant], connection: Connection, target_id: str) -> list[Grant]:
    """Return the grants whose place is the target's, or holds it."""
    here = [grant for grant in grants if grant.connection_id in (None, connection.pk)]
    narrow = [grant for grant in here if grant.target_id]
    wide = [grant for grant in here if not grant.target_id]
    if not narrow or not target_id:
        return wide
    above = targets_above(connection.pk, target_id)
    return [*wide, *(grant for grant in narrow if grant.target_id in above)]


def _covers(places: Iterable[Place], connection: Connection, target_id: str) -> bool:
    here = {place.target_id for place in places if place.connection_id == connection.pk}
    if "" in here:
        return True
    return bool(target_id) and bool(here & targets_above(connection.pk, target_id))
