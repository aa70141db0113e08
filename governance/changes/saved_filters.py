"""Keeps a person's filters of the queue, and forgets them."""

from datetime import datetime
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from governance.changes.models import SavedFilter
from inventory.models import Connection

MOST_FILTERS: Final = 20
LONGEST_NAME: Final = 60
LONGEST_QUERY: Final = 1000


class CannotSaveFilter(ValueError):
    """The filter has no name, is too long, or is one too many; the message says which."""


def saved_filters(person: User, connection: Connection) -> "QuerySet[SavedFilter]":
    """Return a person's filters of an organization's queue, by name."""
    return SavedFilter.objects.filter(connection=connection, person=person)


@transaction.atomic
def filter_save(
    *, person: User, connection: Connection, name: str, query: str, now: datetime
) -> SavedFilter:
    """Keep a filter under a name; one of that name is replaced. It is the person's alone.

    :raises CannotSaveFilter: see there.
    """
    called = " ".join(name.split())
    if not called or len(called) > LONGEST_NAME or "\0" in called:
        raise CannotSaveFilter(f"give a name of 1 to {LONGEST_NAME} characters")
    if not query or len(query) > LONGEST_QUERY or "\0" in query:
        raise CannotSaveFilter("choose a filter before you save it")
    User.objects.select_for_update().only("pk").get(pk=person.pk)
    others = saved_filters(person, connection).exclude(name=called)
    if others.count() >= MOST_FILTERS:
        raise CannotSaveFilter(f"you have {MOST_FILTERS} filters already: remove one first")
    kept, _ = SavedFilter.objects.update_or_create(
        connection=connection,
        person=person,
        name=called,
        defaults={"query": query, "created_at": now},
    )
    return kept


def filter_remove(*, person: User, connection: Connection, filter_id: int) -> None:
    """Forget a filter; one that is not there, or somebody else's, stays as it is."""
    saved_filters(person, connection).filter(pk=filter_id).delete()
