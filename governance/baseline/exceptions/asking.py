"""Asking for an exception and editing it, by somebody who may where it is for."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from governance.access import rights
from governance.access.owners.acting import ActingPerson
from governance.access.owners.targets import target_tree
from governance.audit import actions
from governance.audit.services import changed_fields
from governance.baseline.exceptions.approving import exception_standing, void_exception_reviews
from governance.baseline.exceptions.changing import (
    EDITABLE,
    ExceptionMoved,
    ExceptionState,
    State,
    exception_record,
    exception_transition,
    locked_exception,
)
from governance.baseline.exceptions.models import GuardrailException
from governance.baseline.exceptions.proving import exception_proof
from governance.baseline.exceptions.terms import ExceptionTerms, terms_of
from inventory.models import Connection


@transaction.atomic
def exception_ask(
    *, by: ActingPerson, connection: Connection, terms: ExceptionTerms, now: datetime
) -> GuardrailException:
    """Make a draft, with the proof of what it would let happen.

    `terms`: as `read_exception_terms` returned them.

    :raises MayNot: they may not ask for exceptions at one of its targets.
    """
    require_asking(by, connection, terms)
    # One exception at a time takes the next number.
    Connection.objects.select_for_update().only("pk").get(pk=connection.pk)
    rows = GuardrailException.objects.filter(connection=connection)
    made = GuardrailException(
        connection=connection,
        number=(rows.aggregate(last=Max("number"))["last"] or 0) + 1,
        state=State.DRAFT,
        asked_by=by.user,
        asked_at=now,
        updated_at=now,
        edited_by=[by.user.pk],
    )
    _fill(made, terms, now)
    made.save()
    exception_record(
        made,
        actor=by.actor,
        action=actions.EXCEPTION_ASK,
        now=now,
        after={**terms.as_json(), "digest": made.digest},
    )
    return made


@transaction.atomic
def exception_edit(
    *,
    by: ActingPerson,
    exception_id: int,
    terms: ExceptionTerms,
    now: datetime,
    version: int | None = None,
) -> GuardrailException:
    """Change what an exception says that is not active; its reviews count no more.

    `version`: the one that the author began from.

    :raises ExceptionState: it is active or over.
    :raises ExceptionMoved: somebody edited it in between.
    :raises MayNot: they may not ask for exceptions where it was for, or where it is for now.
    """
    exception = locked_exception(exception_id)
    if exception.state not in EDITABLE:
        label = State(exception.state).label.lower()
        raise ExceptionState(f"{exception} is {label}: ask for another one")
    if version is not None and version != exception.version:
        raise ExceptionMoved(
            f"{exception} was edited after you opened it (version {exception.version} instead of "
            f"{version}): read it again"
        )
    was = terms_of(exception)
    require_asking(by, exception.connection, was)
    require_asking(by, exception.connection, terms)
    if terms == was:
        return exception
    exception.version += 1
    exception.updated_at = now
    exception.edited_by = sorted({*exception.edited_by, by.user.pk})
    _fill(exception, terms, now)
    before, after = changed_fields(was.as_json(), terms.as_json())
    exception_record(
        exception,
        actor=by.actor,
        action=actions.EXCEPTION_EDIT,
        now=now,
        before=before,
        after={**after, "version": exception.version, "digest": exception.digest},
    )
    void_exception_reviews(exception, reason="the exception was edited", now=now)
    if exception.state == State.REJECTED:
        return exception_transition(
            exception, State.DRAFT, actor=by.actor, now=now, reason="edited"
        )
    if exception.state == State.PROPOSED:
        exception.waiting_for = exception_standing(exception, now=now).waiting_for
    exception.save()
    return exception


def require_asking(by: ActingPerson, connection: Connection, terms: ExceptionTerms) -> None:
    """Check the right to ask for exceptions at every target.

    :raises MayNot: it is missing at one of them.
    """
    tree = target_tree(connection)
    by.require_at_all(rights.ASK_EXCEPTION, connection, tree, terms.target_ids)


def _fill(exception: GuardrailException, terms: ExceptionTerms, now: datetime) -> None:
    exception.guardrail_id = terms.guardrail_id
    exception.kind = terms.kind
    exception.target_ids = list(terms.target_ids)
    exception.principals = list(terms.principals)
    exception.reason = terms.reason
    exception.mitigation = terms.mitigation
    exception.owner_id = terms.owner_id
    exception.until = terms.until
    exception.digest = terms.digest
    exception.proof = exception_proof(exception.connection, terms, now=now)
