"""Whether what was agreed to of a plan still holds when another tool asks to apply it."""

from collections.abc import Iterator
from datetime import datetime

from governance.approvals.reviews import still_entitled
from governance.changes.evidence.making import make_evidence
from governance.changes.evidence.outdated import evidence_outdated
from governance.changes.life.rechecking import differing_conclusions
from governance.changes.life.required import effects_of, waiting_since
from governance.changes.life.reviewing import review_subject
from governance.changes.models import ChangeRequest


def lapsed_approvals(change_request: ChangeRequest, *, now: datetime) -> Iterator[str]:
    """Say which approvals do not count any more, as people, rules and owners stand now."""
    if change_request.evidence is None:
        return
    given = still_entitled(
        change_request.connection,
        review_subject(change_request),
        effects_of(change_request.evidence),
        now=now,
        waiting_since=waiting_since(change_request),
    )
    if not given.complete:
        missing = "; ".join(one.label for one in given.missing) or "someone objects"
        yield f"an approval no longer counts: {missing}"


def moved_conclusions(change_request: ChangeRequest, *, now: datetime) -> Iterator[str]:
    """Say what the evidence concludes otherwise, if it has to be made again; nothing is stored.

    Only of a plan of which nothing was applied yet: its own effect is no moved base.
    """
    evidence = change_request.evidence
    if evidence is None or not evidence_outdated(change_request, now):
        return
    made = make_evidence(change_request, now=now)
    if any(one.code == "inventory_stale" for one in made.findings):
        yield "the last complete inventory run is too old: start one"
    if made.conclusions_sha256 != evidence.conclusions_sha256:
        yield (
            f"its basis changed since it was approved: "
            f"{differing_conclusions(change_request, made)}. Withdraw it and propose it again"
        )
