"""Which change requests wait for a person's review."""

from django.contrib.auth.models import User
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.fields import CharField
from django.db.models.functions import Cast

from governance.approvals.models import Review, ReviewVerdict
from governance.changes.models import ChangeContribution, ChangeRequest
from governance.changes.states import ChangeState

SUBJECT_KIND = "change_request"


def waiting_for(rows: "QuerySet[ChangeRequest]", person: User) -> "QuerySet[ChangeRequest]":
    """Keep the requests in review that this person may agree to, and has not yet.

    Nobody is asked whose work is in the plan.
    """
    given = Review.objects.filter(
        subject_kind=SUBJECT_KIND,
        subject_id=Cast(OuterRef("pk"), CharField()),
        digest=OuterRef("plan_sha256"),
        reviewer=person,
        voided_at__isnull=True,
    ).exclude(verdict=ReviewVerdict.COMMENT)
    own = ChangeContribution.objects.filter(change_request=OuterRef("pk"), person=person)
    return rows.filter(
        Q(state=ChangeState.IN_REVIEW),
        ~Q(author=person),
        ~Exists(own),
        ~Exists(given),
        evidence__conclusions__required_approvals__contains=[{"entitled": [person.pk]}],
        evidence__revision=F("revision"),
    )
