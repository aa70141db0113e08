"""Gives the demo organization change requests in different states, from draft to rolled back.

They go the way of every request: drafted by `author`, checked by the worker, reviewed by the people
whom the evidence names, carried out by the apply worker. Each adds a small policy of its own to
OUs of its own, so that none waits for another's lock. Some come to where they rest by themselves,
once the organization was read again or their end has come. Nothing is done where there are some
already.
"""

import time
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from demo.asked_changes import DEMO_CHANGES, LATER, NEED_WORKERS, ROLLED_OUT, DemoChange
from demo.change_scene import Scene, Wait
from demo.people import SECOND_SECURITY

if TYPE_CHECKING:
    from governance.access.owners.acting import ActingPerson
    from governance.changes.models import ChangeRequest
    from inventory.models import Connection

# A whole run of the inventory may be under way that a request waits for.
_SETTLES_WITHIN_SECONDS: Final = 300


def ensure_changes(
    connection: "Connection", *, now: datetime, wait: Wait | None = None, rollouts: bool = True
) -> list[str]:
    """Make the requests; return the states that one stands in, none where there are some already.

    `wait`: until a worker has done its part; by default it looks again for a while. `rollouts`:
    whether a worker carries them out.
    """
    from governance.changes.models import ChangeRequest

    cast = demo_people()
    if cast is None or ChangeRequest.objects.filter(connection=connection).exists():
        return []
    scene = Scene(connection, cast, now, wait or settled)
    made: list[tuple[DemoChange, ChangeRequest]] = []
    wanted = [one for one in DEMO_CHANGES if rollouts or one.rests not in NEED_WORKERS]
    for change in wanted:
        request = scene.draft(change)
        if request is None:
            continue
        made.append((change, request))
        if change.rests == "expired":
            scene.bring(request, change)
        elif change.rests != "draft" and not change.emergency:
            scene.submit(request)
    begun = [
        (change, request)
        for change, request in made
        if change.rests not in {"draft", "expired", *LATER}
    ]
    for change, request in begun:
        if not change.emergency:
            scene.bring(request, change)
        elif rollouts:
            scene.begin_emergency(request, change)
    if rollouts:
        for change, request in begun:
            # Where one does not move, no worker carries rollouts out: nothing is waited for.
            if change.rests in ROLLED_OUT and not scene.finish(request, change):
                break
        else:
            scene.begin_later(made)
            scene.ratify_applied(made)
    states = [
        ChangeRequest.objects.values_list("state", flat=True).get(pk=request.pk)
        for _, request in made
    ]
    return sorted(set(states))


def settled(request: "ChangeRequest", states: Collection[str]) -> bool:
    """Look at a request again and again until it is in one of the states."""
    ends = time.monotonic() + _SETTLES_WITHIN_SECONDS
    while time.monotonic() < ends:
        request.refresh_from_db()
        if request.state in states:
            return True
        time.sleep(0.5)
    return False


def demo_people() -> "Mapping[str, ActingPerson] | None":
    """Return who acts, by name; None where somebody is missing."""
    from django.contrib.auth.models import User

    from governance.access.actors import session_digest, user_actor
    from governance.access.owners.acting import ActingPerson

    # Reviews are given in a session: each acts as if signed in.
    found = {
        user.username: ActingPerson(
            user, replace(user_actor(user), session=session_digest(f"demo of {user.username}"))
        )
        for user in User.objects.all()
    }
    return found if {"author", "security", SECOND_SECURITY} <= found.keys() else None
