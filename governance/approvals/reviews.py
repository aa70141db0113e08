"""Gives, voids and carries reviews, and asks again whether those given still count."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from governance.access import rights
from governance.access.viewers import holds_within
from governance.approvals.effects import TargetEffect
from governance.approvals.models import Review, ReviewVerdict
from governance.approvals.requirements import (
    ApprovalStanding,
    RequiredApproval,
    required_approvals,
    standing,
)
from governance.audit import actions
from governance.audit.actors import Actor
from governance.audit.dispatch import checkpoint_request
from governance.audit.models import AuditEntry
from governance.audit.services import audit_record
from inventory.models import Connection

LONGEST_BODY = 20_000


class ReviewRefused(ValueError):
    """A review cannot be given so; the message says why."""


class StaleDigest(ReviewRefused):
    """The reviewer saw another state than the one that stands now."""


class MayNotReview(ReviewRefused):
    """This person's review would not count."""


class TokensMayNotApprove(MayNotReview):
    """A token was sent; people review in their own session."""


class ReviewNeedsStepUp(ReviewRefused):
    """Whoever approves this confirms first that it is them, at `/step-up/`."""


@dataclass(frozen=True, slots=True)
class ReviewSubject:
    """What is reviewed, in the state that stands now.

    `kind`, `id`: as `Review` has them. `name`: as the audit log names it, by `record_id` where
    that differs from `id`. `digest`: the SHA-256 of the state. `excluded`: ids of the people who
    took part in it. `required`: what it needs; verdicts are for those whom it needs alone.
    `action`: of the audit log. `right`, `reading_right`: what a verdict and a comment need.
    """

    kind: str
    id: str
    connection_id: int
    name: str
    digest: str
    excluded: frozenset[int]
    required: tuple[RequiredApproval, ...] = ()
    record_id: str = ""
    action: str = field(default=actions.CHANGE_REVIEW)
    right: str = rights.REVIEW_CHANGE
    reading_right: str = rights.VIEW_CHANGES


def reviews_of(subject: ReviewSubject) -> list[Review]:
    """Return the reviews of the state that stands now, the first first; voided ones are none."""
    return list(
        Review.objects.filter(
            subject_kind=subject.kind,
            subject_id=subject.id,
            connection_id=subject.connection_id,
            digest=subject.digest,
            voided_at__isnull=True,
        )
        .select_related("reviewer")
        .order_by("created_at", "pk")
    )


def review_marks(
    kind: str, subject_id: str, *, connection_id: int, digest: str
) -> list[tuple[int, str, int, int | None]]:
    """Return what tells apart whether the reviews of a state are still the same ones.

    Of each its key, verdict, reviewer's key and the key of its audit entry. Less work than
    `reviews_of`, for who asks often.
    """
    return list(
        Review.objects.filter(
            subject_kind=kind,
            subject_id=subject_id,
            connection_id=connection_id,
            digest=digest,
            voided_at__isnull=True,
        )
        .order_by("created_at", "pk")
        .values_list("pk", "verdict", "reviewer_id", "audit_entry_id")
    )


@transaction.atomic
def review_give(
    *,
    actor: Actor,
    user: User,
    subject: ReviewSubject,
    verdict: str,
    body: str,
    digest: str,
    stepped_up_at: datetime | None,
    session: str,
    now: datetime,
) -> Review:
    """Say what somebody thinks of the state they were shown, with its entry in the audit log.

    Call it with the subject's row locked. `digest`: 64 hex digits, from the reviewer's page.
    `stepped_up_at`: when they confirmed last who they are, if that is fresh; else None. `session`:
    tells their session apart (`Actor.session`); empty: there is none.

    :raises TokensMayNotApprove: it came by a token.
    :raises StaleDigest: the subject is in another state than the one shown.
    :raises MayNotReview: they took part in it, or the right or the entitlement is missing.
    :raises ReviewNeedsStepUp: an approval that needs a fresh proof of who they are.
    :raises ReviewRefused: no such verdict, or a text is missing or too long.
    """
    if actor.token_id is not None or not session:
        raise TokensMayNotApprove("people review in their own session, never by a token")
    said = _checked(verdict, body)
    if digest != subject.digest:
        raise StaleDigest("it changed since you opened the page; read it again")
    connection = Connection.objects.get(pk=subject.connection_id)
    if said is not ReviewVerdict.COMMENT:
        reason = why_not_count(user, connection, subject)
        if reason:
            raise MayNotReview(reason)
        if said is ReviewVerdict.APPROVE and stepped_up_at is None and needs_step_up(user, subject):
            raise ReviewNeedsStepUp("confirm first that it is you, at /step-up/")
    elif not holds_within(user, subject.reading_right, connection=connection):
        raise MayNotReview(f"this needs the right {subject.reading_right}")
    review = Review(
        connection=connection,
        subject_kind=subject.kind,
        subject_id=subject.id,
        digest=subject.digest,
        reviewer=user,
        verdict=said.value,
        body=body.strip(),
        stepped_up_at=stepped_up_at,
        created_at=now,
    )
    review.audit_entry = _record(subject, review, actor, now)
    review.save()
    if said is ReviewVerdict.APPROVE:
        checkpoint_request()
    return review


def why_not_count(user: User, connection: Connection, subject: ReviewSubject) -> str:
    """Return why somebody's verdict would not count; empty: it would."""
    if user.pk in subject.excluded:
        return "you took part in it; someone else must review"
    if not holds_within(user, subject.right, connection=connection):
        return f"this needs the right {subject.right}"
    if not any(user.pk in one.entitled | one.security for one in subject.required):
        return "nothing in this change is yours to approve"
    return ""


def needs_step_up(user: User, subject: ReviewSubject) -> bool:
    """Whether an approval of theirs counts only with a fresh proof of who they are."""
    return any(
        one.needs_step_up and user.pk in one.entitled | one.security for one in subject.required
    )


@transaction.atomic
def reviews_void(
    *, subject_kind: str, subject_id: str, connection_id: int, reason: str, now: datetime
) -> int:
    """Have no review given so far count any more; return how many did. The caller records why."""
    return Review.objects.filter(
        subject_kind=subject_kind,
        subject_id=subject_id,
        connection_id=connection_id,
        voided_at__isnull=True,
    ).update(voided_at=now, void_reason=reason[:300])


@transaction.atomic
def reviews_carry(
    subject: ReviewSubject,
    from_digest: str,
    to_digest: str,
    *,
    actor: Actor,
    reason: str,
    now: datetime,
) -> list[Review]:
    """Have the reviews of one state count for another whose conclusions are proven equal.

    Each becomes a review of `to_digest` that names the one it was carried from, whose time and
    proof of identity it keeps; one entry of the audit log links them all. Where the digests are
    equal nothing is to be done.
    """
    if from_digest == to_digest:
        return []
    given = list(
        Review.objects.select_for_update(of=("self",)).filter(
            subject_kind=subject.kind,
            subject_id=subject.id,
            connection_id=subject.connection_id,
            digest=from_digest,
            voided_at__isnull=True,
        )
    )
    if not given:
        return []
    entry = audit_record(
        actor=actor,
        action=actions.CHANGE_REBASE,
        object_kind=subject.kind,
        object_id=subject.record_id or subject.id,
        object_name=subject.name,
        connection_id=subject.connection_id,
        before={"digest": from_digest},
        after={
            "digest": to_digest,
            "reason": reason,
            "reviews": [
                {
                    "review": one.pk,
                    "reviewer_id": one.reviewer_id,
                    "verdict": one.verdict,
                    "entry": one.audit_entry_id,
                }
                for one in given
            ],
        },
        now=now,
    )
    Review.objects.filter(pk__in=[one.pk for one in given]).update(
        voided_at=now, void_reason="Carried over to a state with equal conclusions."
    )
    return Review.objects.bulk_create(
        Review(
            connection_id=one.connection_id,
            subject_kind=one.subject_kind,
            subject_id=one.subject_id,
            digest=to_digest,
            reviewer_id=one.reviewer_id,
            verdict=one.verdict,
            body=one.body,
            stepped_up_at=one.stepped_up_at,
            audit_entry=entry,
            carried_from=one,
            created_at=one.created_at,
        )
        for one in given
    )


def still_entitled(
    connection: Connection,
    subject: ReviewSubject,
    effects: Sequence[TargetEffect],
    *,
    now: datetime,
    waiting_since: datetime | None = None,
) -> ApprovalStanding:
    """Return where the subject stands by who is entitled now, by reviews the audit log proves.

    For the moment before something is applied: rules, rights, owners and deputies are read again,
    and a review that its audit entry does not bear out counts for nothing.
    """
    required = required_approvals(
        connection,
        effects,
        excluded=subject.excluded,
        now=now,
        waiting_since=waiting_since,
        right=subject.right,
    )
    reviews = reviews_of(subject)
    doubtful = {one.pk for one in unproven(reviews)}
    return standing(
        required, [one for one in reviews if one.pk not in doubtful], digest=subject.digest
    )


def unproven(reviews: Iterable[Review]) -> list[Review]:
    """Return the reviews that the audit log does not bear out: no entry, or one that differs."""
    given = list(reviews)
    first = {one.pk: _chain(one) for one in given}
    entries = AuditEntry.objects.in_bulk(
        {
            link.audit_entry_id
            for chain in first.values()
            for link in chain
            if link.audit_entry_id is not None
        }
    )
    return [one for one in given if not _is_proven(first[one.pk], entries)]


def _chain(review: Review) -> list[Review]:
    """Return a review and those it was carried from, the last first."""
    chain = [review]
    while chain[-1].carried_from is not None:
        chain.append(chain[-1].carried_from)
    return chain


def _is_proven(chain: Sequence[Review], entries: "dict[int, AuditEntry]") -> bool:
    for review, earlier in zip(chain, [*chain[1:], None], strict=True):
        entry = entries.get(review.audit_entry_id or 0)
        if entry is None or entry.connection_id != review.connection_id:
            return False
        after = entry.after or {}
        if after.get("digest") != review.digest:
            return False
        if earlier is None:
            said = {"verdict": review.verdict, "stepped_up": review.stepped_up_at is not None}
            if entry.actor_id != review.reviewer_id or entry.token_id is not None:
                return False
            if any(after.get(name) != value for name, value in said.items()):
                return False
        elif (review.reviewer_id, review.verdict) != (earlier.reviewer_id, earlier.verdict) or (
            earlier.pk not in [one.get("review") for one in after.get("reviews", ())]
        ):
            return False
    return True


def _checked(verdict: str, body: str) -> ReviewVerdict:
    try:
        said = ReviewVerdict(verdict)
    except ValueError:
        known = ", ".join(ReviewVerdict.values)
        raise ReviewRefused(f"no verdict is {verdict!r}; choose one of {known}") from None
    if len(body) > LONGEST_BODY:
        raise ReviewRefused(f"a review has {LONGEST_BODY} characters at most")
    if said is not ReviewVerdict.APPROVE and not body.strip():
        raise ReviewRefused("say why in a sentence")
    return said


def _record(subject: ReviewSubject, review: Review, actor: Actor, now: datetime) -> AuditEntry:
    return audit_record(
        actor=actor,
        action=subject.action,
        object_kind=subject.kind,
        object_id=subject.record_id or subject.id,
        object_name=subject.name,
        connection_id=subject.connection_id,
        after={
            "verdict": review.verdict,
            "digest": review.digest,
            "body": review.body,
            "stepped_up": review.stepped_up_at is not None,
        },
        now=now,
    )
