"""The organization with its people, and what they do with the demo's change requests."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from demo.asked_changes import LATER, NEED_WORKERS, DemoChange
from demo.console_acts import apply_handed_out, edit_policy, policy_text
from demo.people import SECOND_SECURITY

if TYPE_CHECKING:
    from governance.access.owners.acting import ActingPerson
    from governance.changes.models import ChangeRequest
    from inventory.models import Connection

Wait = Callable[["ChangeRequest", Collection[str]], bool]
"""Waits until a request is in one of some states; False: it did not get there in time."""

_LEFT_REVIEW: Final = ("in_review", "approved", "checks_failed", "handed_out")


class Scene:
    """The organization with its people, and what they do with requests."""

    def __init__(
        self,
        connection: "Connection",
        cast: "Mapping[str, ActingPerson]",
        now: datetime,
        wait: Wait,
    ) -> None:
        from demo.owners import units_by_path

        self.connection, self.cast, self.now, self.wait = connection, cast, now, wait
        self.units = units_by_path(connection)

    def draft(self, change: DemoChange) -> "ChangeRequest | None":
        """Write a request; None where the organization lacks one of its OUs."""
        from governance.changes.life.content import ChangeContent
        from governance.changes.life.drafting import change_create

        if not all(path in self.units for path in change.units):
            return None
        return change_create(
            by=self.cast["author"],
            connection=self.connection,
            content=ChangeContent(
                title=change.title,
                reason=change.reason,
                operations=tuple(self.operations(change)),
                rings=tuple(self.rings(change)),
                applied="elsewhere" if change.elsewhere else "here",
                revert_at=self.end_of(change),
            ),
            now=self.now,
        )

    def end_of(self, change: DemoChange) -> datetime | None:
        """Return when a change for a time ends."""
        if change.ends_after_minutes:
            return self.now + timedelta(minutes=change.ends_after_minutes)
        return self.now + timedelta(days=21) if change.temporary else None

    def operations(self, change: DemoChange) -> list[dict[str, object]]:
        """Return policies that deny the services, attached to the OUs."""
        if not change.service:
            text = policy_text("NotAction", "iam:*", effect="Allow")
            return [{"kind": "update_policy", "policy_id": "p-FullAWSAccess", "text": text}]
        services = [change.service] * len(change.units)
        if change.last_service:
            services[-1] = change.last_service
        new_ids = {one: f"new-{number}" for number, one in enumerate(dict.fromkeys(services), 1)}
        made: list[dict[str, object]] = [
            {
                "kind": "create_policy",
                "policy_id": new_id,
                "name": f"no-{service}",
                "policy_type": "SERVICE_CONTROL_POLICY",
                "text": policy_text("Action", f"{service}:*"),
            }
            for service, new_id in new_ids.items()
        ]
        for path, service in zip(change.units, services, strict=True):
            target = {"policy_id": new_ids[service], "target_id": self.units[path]}
            made.append({"kind": "attach_policy", **target})
        return made

    def rings(self, change: DemoChange) -> list[dict[str, object]]:
        """Return a ring for each OU where there are several."""
        if len(change.units) < 2:
            return []
        return [
            {
                "name": path.rsplit("/", 1)[-1],
                "targets": [self.units[path]],
                "soak_minutes": change.soak_minutes if not number else 0,
                "gate": "manual",
            }
            for number, path in enumerate(change.units)
        ]

    def submit(self, request: "ChangeRequest") -> None:
        """Have it checked."""
        from governance.changes.life.submitting import change_submit

        change_submit(by=self.cast["author"], change_request_id=request.pk, now=self.now)

    def bring(self, request: "ChangeRequest", change: DemoChange) -> None:
        """Bring a request to where it rests, or to the start of its rollout."""
        if change.rests == "expired":
            self.submit(request)
        if not self.wait(request, _LEFT_REVIEW):
            return
        request.refresh_from_db()
        acts: Mapping[str, Callable[[ChangeRequest], None]] = {
            "expired": self.expire,
            "changes_requested": lambda one: self.answer(
                one, "request_changes", "Test runs a robot arm until June. Begin with Dev only."
            ),
            "rejected": lambda one: self.answer(one, "reject", "Tracking plans to buy telemetry."),
            "withdrawn": self.withdraw,
            "scheduled": self.schedule,
            "stale": self.edit,
        }
        if change.rests in {"approved", "scheduled", "stale", "handed_out", *NEED_WORKERS}:
            self.approve(request)
            request.refresh_from_db()
            if request.state == "in_review":
                return
        if change.rests in acts:
            acts[change.rests](request)
        elif change.elsewhere and change.console:
            apply_handed_out(self.connection, change, self.units)
        elif change.rests in NEED_WORKERS:
            self.start(request)

    def expire(self, request: "ChangeRequest") -> None:
        """Let its time run out."""
        from governance.access.actors import system_actor
        from governance.changes.life.submitting import changes_expire
        from governance.changes.models import ChangeRequest

        # Weeks go by in between, which the demo has not.
        ChangeRequest.objects.filter(pk=request.pk).update(expires_at=self.now)
        changes_expire(actor=system_actor("demo"), now=self.now)

    def answer(self, request: "ChangeRequest", verdict: str, body: str) -> None:
        """Have the first owner who is entitled say something."""
        from governance.changes.life.required import read_required

        for one in read_required(request.required_approvals):
            for person in self.known(one.entitled, request):
                self.review(request, person, verdict, body)
                return

    def approve(self, request: "ChangeRequest") -> None:
        """Have so many people agree as each requirement needs, security where it must."""
        from governance.changes.life.required import read_required

        for one in read_required(request.required_approvals):
            people = self.known(one.entitled, request)[: one.count]
            if one.needs_security:
                people += self.known(one.security, request)[:1]
            for person in people:
                request.refresh_from_db()
                if request.state == "in_review":
                    self.review(request, person, "approve", "")

    def known(self, people: Collection[int], request: "ChangeRequest") -> list[int]:
        """Return those who are in the demo and do not ask themselves, in order."""
        here = {one.user.pk for one in self.cast.values()}
        return sorted((here & set(people)) - {request.author_id})

    def review(self, request: "ChangeRequest", person: int, verdict: str, body: str) -> None:
        """Have somebody review a request as it stands."""
        from governance.approvals.models import Review
        from governance.changes.life.reviewing import change_review

        by = next(one for one in self.cast.values() if one.user.pk == person)
        given = Review.objects.filter(
            subject_kind="change_request",
            subject_id=str(request.pk),
            reviewer=by.user,
            digest=request.plan_sha256,
        )
        if given.exists():
            return
        change_review(
            by=by,
            change_request_id=request.pk,
            verdict=verdict,
            body=body,
            plan_sha256=request.plan_sha256,
            stepped_up_at=self.now,
            now=self.now,
        )

    def withdraw(self, request: "ChangeRequest") -> None:
        """Have its author take it back."""
        from governance.changes.life.submitting import change_withdraw

        change_withdraw(
            by=self.cast["author"],
            change_request_id=request.pk,
            reason="Asked for by mistake.",
            now=self.now,
        )

    def schedule(self, request: "ChangeRequest") -> None:
        """Have it applied in three days."""
        from governance.changes.life.scheduling import change_schedule

        change_schedule(
            by=self.cast["security"],
            change_request_id=request.pk,
            scheduled_for=self.now + timedelta(days=3),
            now=self.now,
        )

    def edit(self, request: "ChangeRequest") -> None:
        """Have its author edit what was approved."""
        from governance.changes.life.drafting import change_edit

        change_edit(
            by=self.cast["author"],
            change_request_id=request.pk,
            revision=None,
            changes={"reason": "Nobody in the sandbox streams or packages video."},
            now=self.now,
        )

    def start(self, request: "ChangeRequest") -> None:
        """Have the apply worker begin."""
        from governance.changes.rollout.services import rollout_start

        rollout_start(actor=self.cast["security"].actor, change_request_id=request.pk, now=self.now)

    def begin_later(self, made: "Iterable[tuple[DemoChange, ChangeRequest]]") -> None:
        """Begin what comes to where it rests by itself."""
        for change, request in made:
            if change.rests in LATER and change.emergency:
                self.begin_emergency(request, change)
            elif change.rests in LATER:
                self.bring(request, change)

    def begin_emergency(self, request: "ChangeRequest", change: DemoChange) -> None:
        """Have security apply it at once."""
        from governance.changes.emergency.services import emergency_begin

        emergency_begin(
            by=self.cast["security"],
            change_request_id=request.pk,
            reason=change.reason,
            stepped_up_at=self.now,
            now=self.now,
        )

    def finish(self, request: "ChangeRequest", change: DemoChange) -> bool:
        """Wait for a rollout, and halt it or take it back where it is to rest so.

        False: it did not come so far in time.
        """
        from django.utils import timezone

        from governance.changes.rollout.services import rollout_halt, rollout_roll_back

        given: dict[str, Any] = {
            "actor": self.cast["security"].actor,
            "change_request_id": request.pk,
        }
        if change.rests == "partially_applied":
            return self.wait(request, {"waiting_for_go"}) and self.go_on_past(request, change)
        if change.rests not in {"halted", "rolled_back", "rollback_failed"}:
            return self.wait(request, {change.rests})
        if not self.wait(request, {"soaking"}):
            return False
        if change.rests == "halted":
            rollout_halt(**given, reason="A thin client is still in use.", now=timezone.now())
            return True
        if change.console:
            edit_policy(self.connection, change)
        rollout_roll_back(**given, reason="A test failed.", now=timezone.now())
        return self.wait(request, {change.rests})

    def ratify_applied(self, made: "Iterable[tuple[DemoChange, ChangeRequest]]") -> None:
        """Have somebody else of security agree to emergencies afterwards."""
        from django.utils import timezone

        from governance.changes.emergency.services import emergency_ratify

        for change, request in made:
            if change.rests != "ratified" or not self.wait(request, {"applied_pending_review"}):
                continue
            request.refresh_from_db()
            emergency_ratify(
                by=self.cast[SECOND_SECURITY],
                change_request_id=request.pk,
                plan_sha256=request.plan_sha256,
                reason="Right. It stays.",
                stepped_up_at=timezone.now(),
                now=timezone.now(),
            )

    def go_on_past(self, request: "ChangeRequest", change: DemoChange) -> bool:
        """Let the last ring begin after somebody edited what the first one wrote.

        Its own calls find all as reviewed; the run after them does not.
        """
        from django.utils import timezone

        from governance.changes.rollout.services import rollout_go

        edit_policy(self.connection, change)
        rollout_go(
            actor=self.cast["security"].actor,
            change_request_id=request.pk,
            ring_number=1,
            reason="Looked at by hand.",
            now=timezone.now(),
        )
        return True
