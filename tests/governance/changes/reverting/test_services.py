"""Applied changes are undone by new requests, temporary ones by themselves where that is proven."""

from datetime import timedelta

import pytest

from governance.access.actors import system_actor, user_actor
from governance.access.owners.acting import ActingPerson
from governance.changes.evidence.live_state import LiveReads
from governance.changes.life.transitions import (
    CannotChangeRequest,
    WrongState,
    locked_request,
    transition,
)
from governance.changes.models import ChangeRequest, Rollout
from governance.changes.reverting.services import change_undo, reverts_begin
from governance.changes.reverting.undoing import undoing_operations
from governance.changes.states import ChangeState
from inventory.collecting.policies_now import FoundNow, PolicyNow
from inventory.models import Policy, PolicyAttachment
from tests.factories.change_requests import change_request, with_evidence
from tests.factories.edits import NOW
from tests.factories.people import person, take_roles
from tests.factories.policies import attached_policy, content, denying
from tests.factories.versions import changed, ended

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)
STRICTER = denying("ec2:*", "rds:*", "s3:*")
UPDATE = {"kind": "update_policy", "policy_id": "p-regio001", "text": STRICTER}


@pytest.fixture
def author(db):
    return person("author")


@pytest.fixture
def applied(snapshot, author):
    """Return a function that makes an applied request, with its rollout."""

    def make(*operations, **given):
        made = change_request(
            snapshot.connection, author, operations=list(operations or [UPDATE]), **given
        )
        with_evidence(made, as_of=NOW)
        ChangeRequest.objects.filter(pk=made.pk).update(state=ChangeState.APPLIED)
        Rollout.objects.create(
            change_request=made,
            plan={"steps": [], "rings": []},
            plan_sha256=made.plan_sha256,
            started_at=NOW,
            ended_at=NOW,
        )
        return ChangeRequest.objects.get(pk=made.pk)

    return make


def stand_as_applied():
    row = Policy.objects.as_of(None).get(policy_id="p-regio001")
    changed(row, at=NOW + timedelta(minutes=5), content=content(STRICTER))


def undone(request, author):
    by = ActingPerson(user=author, actor=user_actor(author))
    return change_undo(by=by, change_request_id=request.pk, now=LATER)


class TestUndo:
    def test_asks_for_what_stood_before(self, applied, author, snapshot):
        request = applied(
            UPDATE,
            {"kind": "attach_policy", "policy_id": "p-regio001", "target_id": "ou-ab12-susp0001"},
            {"kind": "detach_policy", "policy_id": "p-insta001", "target_id": "222222222223"},
            {"kind": "move_account", "target_id": "222222222224", "parent_id": "ou-ab12-prod0001"},
        )
        made = undone(request, author)
        assert made.undoes == request
        assert made.title.startswith("Undo CR-1")
        assert made.operations == [
            {
                "kind": "move_account",
                "target_id": "222222222224",
                "parent_id": "ou-ab12-test0001",
            },
            {"kind": "attach_policy", "policy_id": "p-insta001", "target_id": "222222222223"},
            {
                "kind": "update_policy",
                "policy_id": "p-regio001",
                "text": snapshot.policies["deny-regions"].content.text,
            },
            {"kind": "detach_policy", "policy_id": "p-regio001", "target_id": "ou-ab12-susp0001"},
        ]

    def test_deletes_what_was_created_by_the_id_it_has_now(self, applied, snapshot):
        request = applied(
            {
                "kind": "create_policy",
                "policy_id": "new-1",
                "name": "fresh",
                "policy_type": "SERVICE_CONTROL_POLICY",
                "text": STRICTER,
            }
        )
        attached_policy(snapshot.connection, STRICTER, name="fresh", policy_id="p-fresh001")
        assert undoing_operations(request) == (
            {"kind": "delete_policy", "policy_id": "p-fresh001"},
        )

    def test_creates_again_what_was_deleted_and_attaches_it(self, applied):
        request = applied({"kind": "delete_policy", "policy_id": "p-insta001"})
        create, attach = undoing_operations(request)
        assert (create["kind"], create["name"]) == ("create_policy", "deny-instances")
        assert attach["policy_id"] == create["policy_id"]
        assert attach["target_id"] == "222222222223"

    def test_gives_tags_and_names_back(self, applied):
        row = Policy.objects.get(policy_id="p-regio001")
        row.tags = {"owner": "net"}
        row.save()
        request = applied(
            {
                "kind": "tag_policy",
                "policy_id": "p-regio001",
                "tags": {"owner": "sec", "tier": "1"},
            },
            {"kind": "rename_policy", "policy_id": "p-regio001", "name": "lock"},
        )
        changed(row, at=NOW + timedelta(minutes=5), name="lock")
        rename, tag = undoing_operations(request)
        assert rename["name"] == "deny-regions"
        assert tag["tags"] == {"owner": "net", "tier": None}

    def test_is_begun_once(self, applied, author):
        request = applied()
        assert undone(request, author) == undone(request, author)

    def test_is_for_what_is_applied(self, applied, author):
        request = applied()
        ChangeRequest.objects.filter(pk=request.pk).update(state="rolled_back")
        with pytest.raises(WrongState):
            undone(request, author)

    def test_of_nothing_that_is_left_is_refused(self, applied, author):
        request = applied(
            {
                "kind": "create_policy",
                "policy_id": "new-1",
                "name": "gone since",
                "policy_type": "SERVICE_CONTROL_POLICY",
                "text": STRICTER,
            }
        )
        with pytest.raises(CannotChangeRequest, match="nothing of it is left"):
            undone(request, author)


class TestTheEndOfATemporaryChange:
    def begin(self):
        return reverts_begin(clock=lambda: LATER)

    def test_takes_it_back_where_the_way_is_proven(self, applied):
        request = applied(revert_at=NOW)
        stand_as_applied()
        assert self.begin() == 1
        request.refresh_from_db()
        assert request.state == ChangeState.ROLLING_BACK
        assert Rollout.objects.latest("pk").kind == "revert"

    @pytest.mark.parametrize(
        ("text", "accounts", "says"),
        [
            (denying("kms:*"), {}, "AWS does not have deny-regions as applied any more"),
            (STRICTER, {"555555555551": "newcomer"}, "account newcomer (555555555551) joined Test"),
        ],
    )
    def test_asks_where_aws_has_moved_since_the_newest_run(self, applied, text, accounts, says):
        request = applied(revert_at=NOW)
        stand_as_applied()
        held = {"222222222224": "payments-test", **accounts}
        read = FoundNow(
            policies={"p-regio001": PolicyNow(text, ("ou-ab12-work0001",))},
            accounts={"ou-ab12-test0001": held},
        )
        reverts_begin(clock=lambda: LATER, live=lambda _, now: LiveReads(read_at=now, found=read))
        request.refresh_from_db()
        assert request.state == ChangeState.REVERT_DUE
        assert says in request.state_reason
        assert request.undone_by.count() == 1

    def test_takes_it_back_where_aws_has_it_as_applied(self, applied):
        request = applied(revert_at=NOW)
        stand_as_applied()
        read = FoundNow(policies={"p-regio001": PolicyNow(STRICTER, ("ou-ab12-work0001",))})
        reverts_begin(clock=lambda: LATER, live=lambda _, now: LiveReads(read_at=now, found=read))
        request.refresh_from_db()
        assert request.state == ChangeState.ROLLING_BACK

    def test_waits_for_its_time(self, applied):
        request = applied(revert_at=LATER + timedelta(minutes=1))
        assert self.begin() == 0
        request.refresh_from_db()
        assert request.state == ChangeState.APPLIED

    def test_asks_where_the_world_has_moved(self, applied, author):
        request = applied(revert_at=NOW)
        stand_as_applied()
        ended(PolicyAttachment.objects.as_of(None).get(policy_id="p-regio001"), at=LATER)
        self.begin()
        request.refresh_from_db()
        assert request.state == ChangeState.REVERT_DUE
        assert "is no longer as applied" in request.state_reason
        assert "deny-regions is not attached to Workloads" in request.state_reason
        (prefilled,) = request.undone_by.all()
        assert (prefilled.state, prefilled.author) == (ChangeState.DRAFT, author)
        assert prefilled.operations[0]["kind"] == "update_policy"
        assert self.begin() == 0
        assert request.undone_by.count() == 1

    def test_asks_where_the_way_back_does_harm(self, applied, snapshot):
        attach = {
            "kind": "attach_policy",
            "policy_id": "p-FullAWSAccess",
            "target_id": "ou-ab12-prod0001",
        }
        request = applied(attach, revert_at=NOW)
        snapshot.attachments.append(
            PolicyAttachment.objects.create(
                connection=snapshot.connection,
                policy_id="p-FullAWSAccess",
                target_id="ou-ab12-prod0001",
                target_type="ORGANIZATIONAL_UNIT",
                seen_from=NOW + timedelta(minutes=5),
                fingerprint="0" * 64,
            )
        )
        ended(PolicyAttachment.objects.get(policy_id="p-allow001"), at=NOW + timedelta(minutes=5))
        self.begin()
        request.refresh_from_db()
        assert request.state == ChangeState.REVERT_DUE
        assert "not proven harmless" in request.state_reason

    def test_asks_where_another_tool_applied_it(self, applied):
        request = applied(revert_at=NOW, applied="elsewhere")
        self.begin()
        request.refresh_from_db()
        assert request.state == ChangeState.REVERT_DUE
        assert "another tool" in request.state_reason

    def test_asks_without_a_draft_where_the_author_lost_the_right(self, applied, author):
        request = applied(revert_at=NOW)
        take_roles(author)
        self.begin()
        request.refresh_from_db()
        assert request.state == ChangeState.REVERT_DUE
        assert request.undone_by.count() == 0

    def test_is_over_once_the_request_that_undoes_it_is_applied(self, applied, author):
        request = applied(revert_at=NOW)
        self.begin()
        undoing = request.undone_by.get()
        ChangeRequest.objects.filter(pk=undoing.pk).update(state=ChangeState.APPLYING)
        transition(
            locked_request(undoing.pk),
            ChangeState.APPLIED,
            actor=system_actor("tests"),
            now=LATER,
        )
        request.refresh_from_db()
        assert request.state == ChangeState.REVERTED
        assert request.state_reason == f"undone by change request #{undoing.number}"
