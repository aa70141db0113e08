"""Changes to the drafts that people keep. Only its owner changes a draft."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from governance.access.actors import user_of
from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.services import audit_record, changed_fields
from governance.edits.operations import (
    MOST_OPERATIONS,
    JsonObject,
    Operation,
    OperationKind,
    read_operations,
)
from governance.edits.statements import without_statement
from governance.simulations.models import Simulation
from inventory.models import Connection

LONGEST_NAME = 120


class CannotChangeSimulation(Exception):
    """A draft cannot be changed so; the message says why and what to do."""


class NotTheOwner(CannotChangeSimulation):
    """Somebody else's draft."""


class NoSuchSimulation(CannotChangeSimulation):
    """The draft is gone."""


class NoSuchOperation(CannotChangeSimulation):
    """The operation is gone, or has no text."""


class NameInvalid(CannotChangeSimulation):
    """A draft's name is empty or too long."""


class TooManyOperations(CannotChangeSimulation):
    """A draft holds as many operations as it may."""


@transaction.atomic
def simulation_create(
    *,
    actor: Actor,
    connection: Connection,
    name: str,
    operations: Sequence[Operation],
    as_of: datetime | None,
    now: datetime,
) -> Simulation:
    """Keep a draft as the actor's own.

    `as_of`: the time whose organization is edited, None for the latest.

    :raises NameInvalid: see there.
    :raises TooManyOperations: see there.
    """
    if len(operations) > MOST_OPERATIONS:
        raise TooManyOperations(f"a draft holds at most {MOST_OPERATIONS} edits")
    made = Simulation.objects.create(
        connection=connection,
        owner=_person(actor),
        name=_named(name),
        as_of=as_of,
        operations=[
            {"id": number, **operation.as_json()}
            for number, operation in enumerate(operations, start=1)
        ],
        revision=len(operations),
        created_at=now,
        updated_at=now,
    )
    after = {"name": made.name, "as_of": as_of, **_by_number(made)}
    _record(made, actor, actions.SIMULATION_CREATE, None, after, now)
    return made


def simulation_copy(*, actor: Actor, simulation: Simulation, now: datetime) -> Simulation:
    """Keep a copy of a draft as one's own."""
    return simulation_create(
        actor=actor,
        connection=simulation.connection,
        name=f"Copy of {simulation.name}"[:LONGEST_NAME],
        operations=operations_of(simulation),
        as_of=simulation.as_of,
        now=now,
    )


def simulation_rename(*, simulation_id: int, actor: Actor, name: str, now: datetime) -> Simulation:
    """Give a draft another name.

    :raises CannotChangeSimulation: not the owner's, gone, or no name.
    """
    given = _named(name)

    def rename(simulation: Simulation) -> None:
        simulation.name = given

    return _change(simulation_id, actor, now, rename)


def operation_add(
    *, simulation_id: int, actor: Actor, operation: Operation, now: datetime
) -> Simulation:
    """Add an operation behind the others.

    :raises CannotChangeSimulation: not the owner's, gone, or full.
    """

    def add(simulation: Simulation) -> None:
        if len(simulation.operations) >= MOST_OPERATIONS:
            raise TooManyOperations(f"a draft holds at most {MOST_OPERATIONS} edits; remove one")
        added = {"id": simulation.revision + 1, **operation.as_json()}
        simulation.operations = [*simulation.operations, added]

    return _change(simulation_id, actor, now, add)


def operation_edit(
    *,
    simulation_id: int,
    actor: Actor,
    operation_id: int,
    text: str,
    name: str | None,
    now: datetime,
) -> Simulation:
    """Write another text into an operation that has one, and with `name` another name.

    :raises CannotChangeSimulation: not the owner's, gone, or the operation is gone.
    :raises OperationsInvalid: the text is too long, or the name is none.
    """

    def edit(simulation: Simulation) -> None:
        found = _operation(simulation, operation_id)
        if "text" not in found:
            raise NoSuchOperation("this edit has no text")
        changed = {**found, "text": text}
        if name is not None and found["kind"] == OperationKind.CREATE_POLICY:
            changed["name"] = name
        read_operations([{key: value for key, value in changed.items() if key != "id"}])
        simulation.operations = [
            changed if one["id"] == operation_id else one for one in simulation.operations
        ]

    return _change(simulation_id, actor, now, edit)


def statement_remove(
    *, simulation_id: int, actor: Actor, operation_id: int, sha256: str, now: datetime
) -> Simulation:
    """Take a statement out of an operation's text. `sha256`: the statement's, 64 hex digits.

    :raises CannotChangeSimulation: not the owner's, gone, or the operation is gone.
    :raises NoSuchStatement: the text does not hold it any more.
    """

    def remove(simulation: Simulation) -> None:
        found = _operation(simulation, operation_id)
        changed = {**found, "text": without_statement(str(found.get("text", "")), sha256)}
        simulation.operations = [
            changed if one["id"] == operation_id else one for one in simulation.operations
        ]

    return _change(simulation_id, actor, now, remove)


def operation_remove(
    *, simulation_id: int, actor: Actor, operation_id: int, now: datetime
) -> Simulation:
    """Take an operation out.

    :raises CannotChangeSimulation: not the owner's, gone, or the operation is gone.
    """

    def remove(simulation: Simulation) -> None:
        _operation(simulation, operation_id)
        simulation.operations = [one for one in simulation.operations if one["id"] != operation_id]

    return _change(simulation_id, actor, now, remove)


@transaction.atomic
def simulation_delete(*, simulation_id: int, actor: Actor, now: datetime) -> None:
    """Throw a draft away.

    :raises CannotChangeSimulation: not the owner's, or gone.
    """
    simulation = _own(simulation_id, actor)
    before = {"name": simulation.name, **_by_number(simulation)}
    _record(simulation, actor, actions.SIMULATION_DELETE, before, None, now)
    simulation.delete()


def operations_of(simulation: Simulation) -> tuple[Operation, ...]:
    """Return a draft's operations.

    :raises OperationsInvalid: what is stored has another form; only a faulty write could do that.
    """
    return read_operations(
        [{key: value for key, value in one.items() if key != "id"} for one in simulation.operations]
    )


@transaction.atomic
def _change(
    simulation_id: int, actor: Actor, now: datetime, change: Callable[[Simulation], None]
) -> Simulation:
    simulation = _own(simulation_id, actor)
    before = {"name": simulation.name, **_by_number(simulation)}
    change(simulation)
    simulation.revision += 1
    simulation.updated_at = now
    simulation.save()
    old, new = changed_fields(before, {"name": simulation.name, **_by_number(simulation)})
    _record(simulation, actor, actions.SIMULATION_EDIT, old, new, now)
    return simulation


def _person(actor: Actor) -> User:
    person = user_of(actor)
    if person is None:
        raise NotTheOwner("a draft is kept by a person")
    return person


def _by_number(simulation: Simulation) -> dict[str, JsonObject]:
    """Return the operations by a name that the audit log can compare them by."""
    return {f"edit {one['id']}": one for one in simulation.operations}


def _record(
    simulation: Simulation,
    actor: Actor,
    action: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    now: datetime,
) -> None:
    audit_record(
        actor=actor,
        action=action,
        object_kind="simulation",
        object_id=str(simulation.pk),
        object_name=simulation.name,
        connection_id=simulation.connection_id,
        before=before,
        after=after,
        now=now,
    )


def _own(simulation_id: int, actor: Actor) -> Simulation:
    found = (
        Simulation.objects.select_for_update(of=("self",))
        .select_related("connection", "owner")
        .filter(pk=simulation_id)
        .first()
    )
    if found is None:
        raise NoSuchSimulation("this draft is gone: someone deleted it")
    if found.owner_id != actor.user_id:
        raise NotTheOwner(f"this draft is {found.owner.get_username()}'s: make a copy to change it")
    return found


def _operation(simulation: Simulation, operation_id: int) -> JsonObject:
    for one in simulation.operations:
        if one["id"] == operation_id:
            found: JsonObject = one
            return found
    raise NoSuchOperation("this edit is gone from the draft: open the page again")


def _named(name: str) -> str:
    given = " ".join(name.split())
    if not given or len(given) > LONGEST_NAME:
        raise NameInvalid(f"a draft's name has 1 to {LONGEST_NAME} characters")
    return given
