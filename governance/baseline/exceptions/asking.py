"""Asking for an exception and editing it, by somebody who may where it is for."""

from datetime import datetime
from functools import partial

from django.db import transaction

from governance.access import rights
from governance.access.owners.acting import ActingPerson
from governance.access.owners.targets import target_tree
from governance.approvals.agreements.changing import (
    State,
    agreement_record,
    locked_agreement,
    next_number,
)
from governance.approvals.agreements.deciding import agreement_edited, require_editable
from governance.audit import actions
from governance.baseline.exceptions.approving import exception_standing
from governance.baseline.exceptions.kind import EXCEPTION
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
    made = GuardrailException(
        connection=connection,
        number=next_number(EXCEPTION, connection),
        state=State.DRAFT,
        asked_by=by.user,
        asked_at=now,
        updated_at=now,
        edited_by=[by.user.pk],
    )
    _fill(made, terms, now)
    made.save()
    agreement_record(
        EXCEPTION,
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
    """Change what an exception says that is not active; its reviews no longer count.

    `version`: the one that the author began from.

    :raises WrongAgreementState: it is active or over.
    :raises AgreementMoved: somebody edited it in between.
    :raises MayNot: they may not ask for exceptions where it was for, or where it is for now.
    """
    exception = locked_agreement(EXCEPTION, exception_id)
    require_editable(exception, version=version, instead="ask for another one")
    was = terms_of(exception)
    require_asking(by, exception.connection, was)
    require_asking(by, exception.connection, terms)
    if terms == was:
        return exception
    exception.version += 1
    exception.updated_at = now
    exception.edited_by = sorted({*exception.edited_by, by.user.pk})
    _fill(exception, terms, now)
    return agreement_edited(
        EXCEPTION,
        exception,
        by=by,
        was=was.as_json(),
        terms=terms.as_json(),
        standing=partial(exception_standing, exception, now=now),
        now=now,
    )


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
