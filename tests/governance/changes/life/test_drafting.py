"""Drafts of change requests: who makes them, who edits them, and what an edit entails."""

from datetime import timedelta

import pytest

from governance.access.owners.acting import MayNot
from governance.audit.models import AuditEntry
from governance.changes.life.content import ContentInvalid
from governance.changes.life.drafting import RevisionPassed, change_create, change_edit
from governance.changes.life.transitions import WrongState
from governance.changes.models import ChangeRequest
from governance.changes.states import EDITABLE, ChangeState
from inventory.viewing import Place
from tests.factories.change_requests import with_evidence
from tests.factories.edits import NOW, PROD, ROOT, WORKLOADS, created, detached, edited, region_lock
from tests.factories.people import person
from tests.governance.changes.life.conftest import acting, content

LATER = NOW + timedelta(minutes=5)


class TestDraft:
    def test_has_the_next_number_of_its_organization_and_an_audit_entry(self, draft, author):
        again = change_create(
            by=acting(author), connection=draft.connection, content=content(), now=LATER
        )
        assert (draft.number, again.number) == (1, 2)
        assert draft.state == ChangeState.DRAFT
        entry = AuditEntry.objects.filter(action="change_request.create").latest("pk")
        assert entry.object_id == "2"
        assert entry.actor_name == "ada"
        assert entry.after is not None
        assert entry.after["operations"] == draft.operations

    def test_touches_where_its_policies_are_attached(self, snapshot, author):
        made = change_create(
            by=acting(author),
            connection=snapshot.connection,
            content=content(edited("p-regio001", region_lock("eu-west-1"))),
            now=NOW,
        )
        assert "p-regio001" in made.object_ids
        assert made.reaching_ids
        assert set(made.reaching_ids) < set(made.object_ids)

    @pytest.mark.parametrize(
        ("members", "path"),
        [
            ({"title": " "}, ("title",)),
            ({"title": "x" * 201}, ("title",)),
            ({"reason": "\0"}, ("reason",)),
            ({"applied": "there"}, ("applied",)),
            ({"policy_ids": "new"}, ("policy_ids",)),
            ({"ticket_url": "javascript:alert(1)"}, ("ticket_url",)),
            ({"revert_at": NOW}, ("revert_at",)),
            ({"operations": ({"kind": "drop_policy"},)}, ("operations", 0, "kind")),
            ({"rings": ({"name": "one", "targets": []},)}, ("rings", 0, "targets")),
            (
                {"rings": ({"name": "one", "targets": [PROD, PROD]},)},
                ("rings", 0, "targets", 1),
            ),
            (
                {"rings": ({"name": "", "targets": [PROD]},)},
                ("rings", 0, "name"),
            ),
            (
                {"rings": ({"name": "one", "targets": [PROD], "gate": "open"},)},
                ("rings", 0, "gate"),
            ),
            (
                {"rings": ({"name": "one", "targets": [PROD], "soak_minutes": True},)},
                ("rings", 0, "soak_minutes"),
            ),
        ],
    )
    def test_is_refused_where_it_has_not_its_form_and_says_where(
        self, snapshot, author, members, path
    ):
        with pytest.raises(ContentInvalid) as refused:
            change_create(
                by=acting(author),
                connection=snapshot.connection,
                content=content(**members),
                now=NOW,
            )
        assert path in [one for one, _ in refused.value.errors]
        assert not ChangeRequest.objects.exists()

    def test_is_refused_to_who_may_propose_only_elsewhere(self, snapshot):
        elsewhere = person("author", Place(snapshot.connection.pk, PROD))
        with pytest.raises(MayNot, match=ROOT):
            change_create(
                by=acting(elsewhere),
                connection=snapshot.connection,
                content=content(detached("p-unatt001", ROOT)),
                now=NOW,
            )

    def test_is_made_by_who_may_propose_at_all_it_touches(self, snapshot):
        limited = person("author", Place(snapshot.connection.pk, WORKLOADS))
        made = change_create(
            by=acting(limited),
            connection=snapshot.connection,
            content=content(created("{}"), detached("new-1", PROD)),
            now=NOW,
        )
        assert made.author == limited

    def test_of_a_policy_attached_nowhere_needs_the_right_for_the_organization(self, snapshot):
        limited = person("author", Place(snapshot.connection.pk, WORKLOADS))
        with pytest.raises(MayNot, match="the organization"):
            change_create(
                by=acting(limited),
                connection=snapshot.connection,
                content=content(edited("p-unatt001", "{}")),
                now=NOW,
            )


class TestEdit:
    def test_grows_the_revision_voids_the_digest_and_records_what_changed(self, draft, author):
        done = change_edit(
            by=acting(author),
            change_request_id=draft.pk,
            revision=1,
            changes={"title": "Open  Paris", "reason": draft.reason},
            now=LATER,
        )
        assert (done.title, done.revision, done.state) == ("Open Paris", 2, ChangeState.DRAFT)
        entry = AuditEntry.objects.get(action="change_request.edit")
        assert entry.before == {"title": "No users in Security"}
        assert entry.after == {"title": "Open Paris", "revision": 2}
        assert not done.contributions.exists()

    def test_of_the_plan_keeps_whose_work_it_is(self, draft, author):
        helper = person("author", username="brian")
        change_edit(
            by=acting(helper),
            change_request_id=draft.pk,
            revision=None,
            changes={"policy_ids": "copy"},
            now=LATER,
        )
        assert [one.person for one in draft.contributions.all()] == [helper]

    def test_that_changes_nothing_is_none(self, draft, author):
        done = change_edit(
            by=acting(author),
            change_request_id=draft.pk,
            revision=1,
            changes={"title": draft.title},
            now=LATER,
        )
        assert done.revision == 1
        assert not AuditEntry.objects.filter(action="change_request.edit").exists()

    def test_is_refused_to_who_read_an_earlier_revision(self, draft, author):
        for changes in ({"title": "One"}, {"title": "Two"}):
            edit = {"by": acting(author), "change_request_id": draft.pk, "now": LATER}
            if changes["title"] == "One":
                change_edit(**edit, revision=1, changes=changes)
            else:
                with pytest.raises(RevisionPassed, match="revision 2 instead of 1"):
                    change_edit(**edit, revision=1, changes=changes)

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (ChangeState.DRAFT, ChangeState.DRAFT),
            (ChangeState.CHECKS_FAILED, ChangeState.DRAFT),
            (ChangeState.CHANGES_REQUESTED, ChangeState.DRAFT),
            (ChangeState.IN_REVIEW, ChangeState.CHECKING),
            (ChangeState.APPROVED, ChangeState.STALE),
            (ChangeState.SCHEDULED, ChangeState.STALE),
            (ChangeState.STALE, ChangeState.STALE),
        ],
    )
    def test_leads_where_it_is_checked_again(self, draft, author, before, after):
        with_evidence(draft)
        ChangeRequest.objects.filter(pk=draft.pk).update(
            state=before, overrides=[{"finding": "x"}], scheduled_for=LATER
        )
        done = change_edit(
            by=acting(author),
            change_request_id=draft.pk,
            revision=1,
            changes={"title": "Another"},
            now=LATER,
        )
        assert done.state == after
        assert done.plan_sha256 == ""
        assert done.overrides == []

    @pytest.mark.parametrize("state", sorted(set(ChangeState) - EDITABLE))
    def test_is_refused_in_every_other_state(self, draft, author, state):
        with_evidence(draft)
        ChangeRequest.objects.filter(pk=draft.pk).update(state=state)
        with pytest.raises(WrongState, match="cannot be edited"):
            change_edit(
                by=acting(author),
                change_request_id=draft.pk,
                revision=1,
                changes={"title": "Another"},
                now=LATER,
            )
