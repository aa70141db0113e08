"""People at random do anything in any order: no request leaves the diagram or agrees to itself."""

import hashlib
import json
from collections import defaultdict
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from governance.access.actors import system_actor
from governance.access.owners.acting import MayNot
from governance.approvals.effects import TargetEffect
from governance.approvals.models import Review
from governance.approvals.reviews import ReviewRefused
from governance.audit.models import AuditEntry
from governance.changes.evidence.contents import target_json
from governance.changes.evidence.findings import CheckFinding, CheckLevel
from governance.changes.evidence.made import MadeEvidence
from governance.changes.life.checking import change_check
from governance.changes.life.discussion import comment_add, suggestion_take_over
from governance.changes.life.drafting import change_create, change_edit
from governance.changes.life.escalating import changes_escalate
from governance.changes.life.overriding import change_override, findings_of
from governance.changes.life.rechecking import change_recheck, entitlements_check
from governance.changes.life.reviewing import change_review
from governance.changes.life.scheduling import change_schedule, change_unschedule
from governance.changes.life.submitting import change_submit, change_withdraw, changes_expire
from governance.changes.life.transitions import CannotChangeRequest
from governance.changes.models import ChangeComment, ChangeRequest
from governance.changes.planning.steps import ChangePlan
from governance.changes.states import TRANSITIONS, ChangeState
from governance.edits.operations import read_operations
from tests.factories.edits import LOG_ARCHIVE, NOW, SECURITY, created
from tests.factories.owners import OwnershipFactory
from tests.factories.people import LONG_AGO, give_role, person, take_roles
from tests.factories.snapshots import organization_snapshot
from tests.governance.changes.life.conftest import content, in_session

PEOPLE = ("ada", "brian", "olga", "otto", "sam", "vera")
REFUSED = (CannotChangeRequest, MayNot, ReviewRefused)
REACHED: set[str] = set()
AGREED = {ChangeState.APPROVED, ChangeState.SCHEDULED}


def light_evidence(world):
    """Return what stands for `make_evidence`: the engine's part is tested elsewhere."""

    def made(request, *, now, live=None):
        soft = CheckFinding("undecided", CheckLevel.SOFT, f"Soft in {request.title}.")
        targets = (TargetEffect(LOG_ARCHIVE, newly_denied=True),)
        findings = (soft,) if request.policy_ids == "copy" else ()
        listed = [target_json(one) for one in targets]
        return MadeEvidence(
            change_request_id=request.pk,
            revision=request.revision,
            operations=read_operations(request.operations),
            plan=ChangePlan((), ()),
            findings=findings,
            targets=targets,
            resolved_targets=(LOG_ARCHIVE,),
            conclusions={"moved": world.moved, "title": request.title},
            base={},
            content={
                "targets": listed,
                "findings": [one.as_json() for one in findings],
                "made": [str(now), world.checks, request.pk],
            },
            run_id=None,
            as_of=now,
            made_at=now,
            seconds=0.0,
        )

    return made


class Anything(RuleBasedStateMachine):
    """One request, six people and a clock."""

    def __init__(self):
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        organization = organization_snapshot()
        self.now, self.moved, self.checks = NOW, 0, 0
        roles = ("author", "author", "approver", "approver", "security", "viewer")
        self.roles = dict(zip(PEOPLE, roles, strict=True))
        self.people = {name: person(role, username=name) for name, role in self.roles.items()}
        for name in ("olga", "otto"):
            OwnershipFactory.create(
                connection=organization.connection,
                target_id=SECURITY,
                user=self.people[name],
                confirmed_at=LONG_AGO,
            )
        self.request_id = change_create(
            by=in_session(self.people["ada"]),
            connection=organization.connection,
            content=content(created("{}")),
            now=self.now,
        ).pk
        self.shown = defaultdict(str)
        self.patch = pytest.MonkeyPatch()
        for module in ("checking", "rechecking"):
            self.patch.setattr(
                f"governance.changes.life.{module}.make_evidence", light_evidence(self)
            )

    def teardown(self):
        self.patch.undo()
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    @property
    def request(self):
        return ChangeRequest.objects.get(pk=self.request_id)

    def clock(self):
        return self.now

    def attempt(self, act, **given):
        """Do something that may be refused, and then changes nothing."""
        self.now += timedelta(minutes=1)
        before = self.request
        try:
            with transaction.atomic():
                act(change_request_id=self.request_id, now=self.now, **given)
        except REFUSED:
            after = self.request
            assert (before.state, before.revision) == (after.state, after.revision)

    @rule(who=st.sampled_from(PEOPLE), part=st.sampled_from(["title", "policy_ids"]))
    def edit(self, who, part):
        value = {"title": f"Title {self.now}", "policy_ids": "copy"}[part]
        if part == "policy_ids" and self.request.policy_ids == "copy":
            value = "keep"
        user = in_session(self.people[who])
        self.attempt(change_edit, by=user, revision=None, changes={part: value})

    @rule(who=st.sampled_from(PEOPLE))
    def submit(self, who):
        self.attempt(change_submit, by=in_session(self.people[who]))

    @rule()
    def check(self):
        self.checks += 1
        change_check(change_request_id=self.request_id, clock=self.clock)

    @rule(moves=st.booleans())
    def recheck(self, moves):
        self.checks += 1
        self.moved += moves
        change_recheck(change_request_id=self.request_id, clock=self.clock)

    @rule(who=st.sampled_from(PEOPLE))
    def look(self, who):
        self.shown[who] = self.request.plan_sha256

    @rule(
        who=st.sampled_from(PEOPLE),
        verdict=st.sampled_from(["approve", "approve", "approve", "request_changes", "comment"]),
        proven=st.booleans(),
        looks=st.booleans(),
    )
    def review(self, who, verdict, proven, looks):
        if looks:
            self.look(who)
        self.attempt(
            change_review,
            by=in_session(self.people[who]),
            verdict=verdict,
            body="Because.",
            plan_sha256=self.shown[who],
            stepped_up_at=self.now if proven else None,
        )

    @rule(proven=st.booleans(), first=st.sampled_from(["olga", "otto"]))
    def lead_on(self, proven, first):
        """Go the usual way as far as it leads, so that the unusual begins everywhere on it."""
        self.attempt(change_submit, by=in_session(self.people["ada"]))
        self.check()
        for who in (first, "sam"):
            self.review(who, "approve", proven, True)

    @initialize(leads=st.sampled_from([True, False]))
    def begin(self, leads):
        """Begin with a draft, or with what was approved."""
        if leads:
            self.lead_on(True, "olga")

    @rule(who=st.sampled_from(PEOPLE))
    def override(self, who):
        for finding in findings_of(self.request):
            self.attempt(
                change_override,
                by=in_session(self.people[who]),
                finding_key=finding.key,
                reason="It is meant.",
            )

    @rule(who=st.sampled_from(PEOPLE))
    def suggest(self, who):
        suggestion = json.dumps({"n": hashlib.sha256(str(self.now).encode()).hexdigest()})
        self.attempt(
            comment_add,
            by=in_session(self.people[who]),
            body="So",
            operation=0,
            suggestion=suggestion,
        )

    @rule(who=st.sampled_from(PEOPLE))
    def take_over(self, who):
        last = ChangeComment.objects.order_by("-pk").first()
        if last is not None:
            user = in_session(self.people[who])
            self.attempt(suggestion_take_over, by=user, comment_id=last.pk)

    @rule(who=st.sampled_from(PEOPLE))
    def schedule(self, who):
        user, then = in_session(self.people[who]), self.now + timedelta(hours=1)
        self.attempt(change_schedule, by=user, scheduled_for=then)

    @rule(who=st.sampled_from(PEOPLE))
    def unschedule(self, who):
        self.attempt(change_unschedule, by=in_session(self.people[who]))

    @rule(who=st.sampled_from(["olga", "otto", "sam"]), loses=st.booleans())
    def change_rights(self, who, loses):
        take_roles(self.people[who])
        if not loses:
            give_role(self.people[who], self.roles[who])
        entitlements_check(now=self.now)

    @rule(hours=st.integers(1, 60))
    def wait(self, hours):
        self.now += timedelta(hours=hours)
        changes_escalate(now=self.now)
        changes_expire(actor=system_actor("expiry"), now=self.now)

    @rule(who=st.sampled_from(("vera", "brian")))
    def withdraw(self, who):
        self.attempt(change_withdraw, by=in_session(self.people[who]))

    @invariant()
    def every_change_of_state_is_in_the_diagram_and_on_record(self):
        entries = AuditEntry.objects.filter(
            object_kind="change_request", before__has_key="state"
        ).order_by("pk")
        was = ChangeState.DRAFT
        for entry in entries:
            assert entry.before is not None
            assert entry.after is not None
            assert entry.before["state"] == was
            assert entry.after["state"] in TRANSITIONS[was]
            was = ChangeState(entry.after["state"])
        assert self.request.state == was

    @invariant()
    def nothing_is_approved_without_enough_entitled_people(self):
        request = self.request
        REACHED.add(request.state)
        if request.state not in AGREED:
            return
        took_part = {request.author_id, *request.contributions.values_list("person_id", flat=True)}
        given = Review.objects.filter(
            subject_id=str(request.pk),
            voided_at=None,
            digest=request.plan_sha256,
            verdict="approve",
        )
        agreed = {one.reviewer_id for one in given}
        assert not agreed & took_part
        assert {self.people[name].pk for name in ("olga", "otto")} & agreed
        assert self.people["sam"].pk in agreed
        assert all(one.stepped_up_at for one in given)
        assert request.evidence is not None
        assert request.evidence.revision == request.revision

    @invariant()
    def an_edit_leaves_no_digest_and_no_review_behind(self):
        request = self.request
        if request.evidence is not None and request.evidence.revision != request.revision:
            assert request.plan_sha256 == ""
            assert not Review.objects.filter(subject_id=str(request.pk), voided_at=None).exists()


@pytest.mark.django_db
def test_people_do_anything_in_any_order():
    run_state_machine_as_test(
        Anything,
        settings=settings(
            max_examples=15,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            # To shrink a failure takes minutes; the steps that it prints tell as much.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert {ChangeState.IN_REVIEW, ChangeState.APPROVED} <= REACHED
