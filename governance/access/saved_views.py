"""Saves, shares and removes views of lists."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet

from governance.access import rights
from governance.access.models import SavedView
from governance.access.viewers import holds, holds_within
from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.services import audit_record
from inventory.models import Connection
from inventory.selectors.ready_query import ReadyQuery

MOST_VIEWS: Final = 20
LONGEST_NAME: Final = 60
LONGEST_QUERY: Final = 1000


class CannotSaveView(ValueError):
    """The view cannot be saved, shared or removed; the message says why."""


def _views(person_id: int, list_name: str) -> "QuerySet[SavedView]":
    return SavedView.objects.filter(
        Q(person_id=person_id) | Q(is_shared=True), list_name=list_name
    ).select_related("person")


# Asked for every page with a list of an organization.
_OF_ORGANIZATION: Final = ReadyQuery(
    lambda person_id, connection_id, list_name: _views(person_id, list_name).filter(
        connection_id=connection_id
    ),
    person_id=-1,
    connection_id=-2,
    list_name="a list's name",
)


def saved_views(
    person: User, *, connection: Connection | None, list_name: str
) -> Iterable[SavedView]:
    """Return the views of a list that somebody sees, by name: their own and shared ones."""
    if connection is None:
        return _views(person.pk, list_name).filter(connection=None)
    return _OF_ORGANIZATION.objects(
        person_id=person.pk, connection_id=connection.pk, list_name=list_name
    )


def may_share(person: User, connection: Connection | None) -> bool:
    """Whether somebody may share views of an organization's lists."""
    if connection is None:
        return holds(person, rights.SHARE_VIEWS)
    return holds_within(person, rights.SHARE_VIEWS, connection=connection)


def may_remove(person: User, view: SavedView) -> bool:
    """Whether somebody may remove a view: their own, and as an administrator any shared one."""
    return view.person_id == person.pk or (
        view.is_shared and holds(person, rights.MANAGE_CONNECTIONS)
    )


@transaction.atomic
def view_save(
    *,
    actor: Actor,
    person: User,
    connection: Connection | None,
    list_name: str,
    name: str,
    query: str,
    now: datetime,
) -> SavedView:
    """Save a view under a name; the person's own one of that name is replaced.

    :raises CannotSaveView: no name, nothing to save, too long, or one too many.
    """
    called = " ".join(name.split())
    if not called or len(called) > LONGEST_NAME or "\0" in called:
        raise CannotSaveView(f"give a name of 1 to {LONGEST_NAME} characters")
    if not query or len(query) > LONGEST_QUERY or "\0" in query:
        raise CannotSaveView("filter, sort or choose columns before you save a view")
    User.objects.select_for_update().only("pk").get(pk=person.pk)
    own = SavedView.objects.filter(person=person, connection=connection, list_name=list_name)
    if own.exclude(name=called).count() >= MOST_VIEWS:
        raise CannotSaveView(f"you have {MOST_VIEWS} views of this list: remove one first")
    before = own.filter(name=called).first()
    view, _ = SavedView.objects.update_or_create(
        connection=connection,
        list_name=list_name,
        person=person,
        name=called,
        defaults={"query": query, "created_at": now},
    )
    if before is not None and before.is_shared and before.query != query:
        _record(actor, actions.SAVED_VIEW_CHANGE, view, before=before.query, now=now)
    return view


@transaction.atomic
def view_share(
    *, actor: Actor, person: User, view: SavedView, is_shared: bool, now: datetime
) -> None:
    """Share one's own view with everybody who can open the list, or no longer.

    :raises CannotSaveView: it is somebody else's, or the right is missing.
    """
    if view.person_id != person.pk:
        raise CannotSaveView("only its maker can share a view")
    if is_shared and not may_share(person, view.connection):
        raise CannotSaveView(f"sharing needs the right {rights.SHARE_VIEWS}")
    if view.is_shared == is_shared:
        return
    view.is_shared = is_shared
    view.save(update_fields=["is_shared"])
    action = actions.SAVED_VIEW_SHARE if is_shared else actions.SAVED_VIEW_UNSHARE
    _record(actor, action, view, now=now)


@transaction.atomic
def view_remove(*, actor: Actor, person: User, view: SavedView, now: datetime) -> None:
    """Remove a view.

    :raises CannotSaveView: it is somebody else's.
    """
    if not may_remove(person, view):
        raise CannotSaveView("only its maker or an administrator can remove a shared view")
    if view.is_shared:
        _record(actor, actions.SAVED_VIEW_REMOVE, view, before=view.query, now=now)
    view.delete()


def _record(
    actor: Actor, action: str, view: SavedView, *, now: datetime, before: str | None = None
) -> None:
    removed = action == actions.SAVED_VIEW_REMOVE
    audit_record(
        actor=actor,
        action=action,
        object_kind="saved view",
        object_id=str(view.pk),
        object_name=view.name,
        connection_id=view.connection_id,
        before=None if before is None else {"query": before},
        after=None if removed else {"list": view.list_name, "query": view.query},
        now=now,
    )
