"""Other ways of a change in the browser: checks that fail, two owners, elsewhere, halts, stale."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from governance.access.actors import user_actor
from governance.access.owners.acting import ActingPerson
from governance.approvals.models import SettingVersion
from governance.changes.elsewhere.observing import observe
from governance.changes.life.checking import change_check
from governance.changes.life.content import ChangeContent
from governance.changes.life.drafting import change_create
from governance.changes.life.submitting import change_submit
from governance.changes.models import ChangeRequest
from governance.changes.states import ChangeState
from governance.notifications.messages import send_messages
from governance.notifications.spreading import spread_events
from tests.factories.edits import PROD, TEST
from tests.factories.owners import OwnershipFactory
from tests.factories.people import LONG_AGO, give_role, person
from tests.factories.policies import attached_policy, content, denying
from tests.factories.snapshots import Snapshot
from tests.governance.changes.rollout.aws import SCP, Clock
from tests.journeys.conftest import PASSWORD, OpenPage, sign_in
from tests.journeys.looking import NARROW
from tests.journeys.test_changes_life import Applying, agree, aws_of

NEW: dict[str, object] = {
    "kind": "create_policy",
    "policy_id": "new-1",
    "policy_type": SCP,
    "name": "keep-buckets",
    "text": denying("s3:DeleteBucket"),
}
RINGS = tuple(
    {"name": one, "targets": [one], "soak_minutes": 0, "gate": "manual"} for one in (TEST, PROD)
)


def attaching(target_id: str, policy_id: str = "new-1") -> dict[str, object]:
    return {"kind": "attach_policy", "policy_id": policy_id, "target_id": target_id}


def asked_for(
    snapshot: Snapshot, author: User, operations: Sequence[dict[str, object]], **members: Any
) -> ChangeRequest:
    """Have the author ask for something and the checks run."""
    by, now = ActingPerson(author, user_actor(author)), timezone.now()
    wanted = ChangeContent(
        title="Keep buckets",
        reason="Nobody deletes any.",
        operations=tuple(operations),
        rings=RINGS,
        **members,
    )
    made = change_create(by=by, connection=snapshot.connection, content=wanted, now=now)
    change_submit(by=by, change_request_id=made.pk, now=now)
    return checked(made)


def checked(request: ChangeRequest) -> ChangeRequest:
    """Run the checks, as the worker does."""
    found = change_check(change_request_id=request.pk, clock=timezone.now)
    assert found is not None
    return found


def owner(snapshot: Snapshot, target_id: str, username: str) -> User:
    """Somebody who owns an OU and may review."""
    made = person("approver", username=username, first_name=username.title())
    OwnershipFactory.create(
        connection=snapshot.connection, target_id=target_id, user=made, confirmed_at=LONG_AGO
    )
    return made


def address(request: ChangeRequest, name: str = "") -> str:
    return reverse(
        f"change-request{name}",
        kwargs={"slug": request.connection.slug, "number": request.number},
    )


@pytest.fixture
def security(transactional_db: None) -> User:
    """Somebody of security."""
    return person("security", username="sofia")


class TestTwoOwners:
    def test_mend_a_change_and_approve_it_one_of_them_on_a_phone_by_keyboard(
        self, browser_page: OpenPage, snapshot: Snapshot, author: User, security: User
    ):
        olga, tomas = owner(snapshot, TEST, "olga"), owner(snapshot, PROD, "tomas")
        person("security", username="sam")
        # FullAWSAccess is attached to Test already.
        refused = attaching(TEST, "p-FullAWSAccess")
        asked = asked_for(snapshot, author, [NEW, attaching(TEST), attaching(PROD), refused])
        assert asked.state == ChangeState.CHECKS_FAILED

        ours = browser_page(author)
        ours.goto(address(asked))
        expect(ours.get_by_role("heading", name="The checks failed")).to_be_visible()
        ours.get_by_role("link", name="Edit", exact=True).click()
        ours.get_by_role("button", name="Remove edit: ").last.click()
        ours.get_by_role("button", name="Save and run the checks").click()
        expect(ours.get_by_role("heading", name="The checks are running")).to_be_visible()
        asked = checked(asked)
        assert asked.state == ChangeState.IN_REVIEW, asked.state_reason
        assert len(asked.operations) == 3

        theirs = browser_page()
        sign_in(theirs, olga)
        theirs.goto(address(asked))
        theirs.get_by_role("button", name="Request changes").click()
        dialog = theirs.get_by_role("dialog")
        dialog.get_by_label("What should be different?").fill("Objects as well, please.")
        dialog.get_by_role("button", name="Request changes").click()
        expect(theirs.get_by_text("Changes requested").first).to_be_visible()

        suggests = browser_page(security)
        suggests.goto(address(asked, "-discussion"))
        suggests.get_by_text("Suggest a text").click()
        better = denying("s3:DeleteBucket", "s3:DeleteObject")
        suggests.get_by_role("textbox", name="Text", exact=True).fill(better)
        suggests.get_by_role("button", name="Suggest this text").click()

        ours.goto(address(asked, "-discussion"))
        ours.get_by_role("button", name="Accept this text").click()
        expect(ours.get_by_text("Accepted").first).to_be_visible()
        ours.goto(address(asked))
        ours.get_by_role("button", name="Run the checks").click()
        asked = checked(asked)
        assert asked.state == ChangeState.IN_REVIEW, asked.state_reason
        assert asked.operations[0]["text"] == better

        theirs.goto(address(asked))
        theirs.get_by_role("button", name="Approve for 1 account").click()
        expect(theirs.get_by_text("You have reviewed this")).to_be_visible()
        asked.refresh_from_db()
        assert asked.state == ChangeState.IN_REVIEW

        phone = browser_page(width=NARROW)
        phone.goto(mailed_link(asked, tomas))
        typed_sign_in(phone, tomas)
        press_until(phone, "Approve for 2 accounts")
        expect(phone.get_by_text("You approved CR-1.")).to_be_visible()
        agree(asked, [User.objects.get(username="sam")])
        asked.refresh_from_db()
        assert asked.state == ChangeState.APPROVED, asked.state_reason


def mailed_link(asked: ChangeRequest, reader: User) -> str:
    """Have mails sent, and return where the one that asks a reader for their review leads."""
    later = timezone.now() + timedelta(hours=1)
    spread_events(now=later)
    send_messages(clock=lambda: later + timedelta(hours=1))
    [sent] = [one for one in mail.outbox if one.to == [reader.email]]
    assert asked.title in sent.body
    links = [one for one in str(sent.body).split() if "://" in one and address(asked) in one]
    link = urlsplit(links[-1])
    return f"{link.path}#{link.fragment}" if link.fragment else link.path


def typed_sign_in(page: Page, user: User) -> None:
    """Sign in without a pointer."""
    page.get_by_label("Username").focus()
    page.keyboard.type(user.get_username())
    page.keyboard.press("Tab")
    page.get_by_label("Password").focus()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")


def press_until(page: Page, name: str) -> None:
    """Go on by Tab until a button has the focus, and press it."""
    button = page.get_by_role("button", name=name)
    expect(button).to_be_visible()
    for _ in range(80):
        page.keyboard.press("Tab")
        if button.evaluate("one => one === document.activeElement"):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"the keyboard does not reach {name}")


class TestAppliedElsewhere:
    def test_says_what_differs_and_closes_once_it_is_as_approved(
        self, browser_page: OpenPage, snapshot: Snapshot, author: User, security: User
    ):
        people = [owner(snapshot, PROD, "tomas"), security]
        asked = asked_for(snapshot, author, [NEW, attaching(PROD)], applied="elsewhere")
        agree(asked, people)
        assert asked.state == ChangeState.HANDED_OUT, asked.state_reason
        page = browser_page(author)
        page.goto(address(asked))
        expect(page.get_by_role("link", name="Download the plan as files")).to_be_visible()

        made = attached_policy(
            snapshot.connection,
            denying("s3:DeleteObject"),
            PROD,
            name="keep-buckets",
            policy_id="p-made1",
        )
        seen_by_a_run(snapshot, asked)
        page.goto(address(asked))
        expect(page.get_by_text("keep-buckets has other statements than approved")).to_be_visible()
        assert asked.state == ChangeState.DIFFERS

        # Other whitespace and an order of its own: the statements are what was approved.
        statement = {"Resource": "*", "Effect": "Deny", "Action": ["s3:DeleteBucket"]}
        mended = json.dumps({"Statement": [statement], "Version": "2012-10-17"}, indent=4)
        made.content = content(mended)
        made.save()
        seen_by_a_run(snapshot, asked)
        page.goto(address(asked))
        expect(page.get_by_role("heading", name="Applied", exact=True)).to_be_visible()
        expect(page.get_by_text("The inventory shows it as approved")).to_be_visible()
        assert asked.state == ChangeState.APPLIED


def seen_by_a_run(snapshot: Snapshot, asked: ChangeRequest) -> None:
    """Compare a request with the snapshot's run, as if it had come after the newest step."""
    before = timezone.now() - timedelta(days=100)
    ChangeRequest.objects.filter(pk=asked.pk).update(state_at=before)
    observe(connection=snapshot.connection, now=timezone.now())
    asked.refresh_from_db()


class TestAFindingThatIsSoft:
    def test_is_overridden_by_security_but_never_on_their_own_request(
        self, browser_page: OpenPage, snapshot: Snapshot, author: User, security: User
    ):
        give_role(author, "security")
        SettingVersion.objects.create(
            connection=snapshot.connection,
            kind=SettingVersion.Kind.CHECK_LEVELS,
            version=1,
            state=SettingVersion.State.ACTIVE,
            content={"inventory_stale": "soft"},
            proposed_by=security,
            proposed_at=timezone.now(),
            decided_by=author,
            decided_at=timezone.now(),
        )
        asked = asked_for(snapshot, author, [NEW, attaching(TEST)])
        assert asked.state == ChangeState.CHECKS_FAILED, asked.state_reason

        own = browser_page(author)
        own.goto(address(asked, "-evidence"))
        expect(own.get_by_text("the last complete inventory run is too old").first).to_be_visible()
        expect(own.get_by_text("Override it")).to_have_count(0)

        page = browser_page()
        sign_in(page, security)
        page.goto(address(asked, "-evidence"))
        page.get_by_text("Override it").click()
        page.get_by_label("Why it is acceptable").fill("The next run is tonight.")
        page.get_by_role("button", name="Override this finding").click()
        expect(page.get_by_text("The next run is tonight.").first).to_be_visible()
        asked = checked(asked)
        assert asked.state == ChangeState.IN_REVIEW, asked.state_reason

        own.goto(address(asked, "-evidence"))
        expect(own.get_by_text("Overridden").first).to_be_visible()
        expect(own.get_by_text("The next run is tonight.").first).to_be_visible()


class TestTheWayOn:
    def test_waits_for_a_freeze_is_halted_resumed_and_stopped_by_a_console_edit(
        self, browser_page: OpenPage, snapshot: Snapshot, author: User, security: User
    ):
        connection = snapshot.connection
        connection.apply_role_arn = "arn:aws:iam::111111111111:role/OrgwardenApply"
        connection.save()
        people = [owner(snapshot, TEST, "olga"), owner(snapshot, PROD, "tomas"), security]
        asked = asked_for(snapshot, author, [NEW, attaching(TEST), attaching(PROD)])
        agree(asked, people)
        assert asked.state == ChangeState.APPROVED, asked.state_reason
        freeze = frozen(snapshot, security)
        page = browser_page()
        sign_in(page, security)

        page.goto(address(asked))
        later = timezone.now() + timedelta(days=2)
        page.get_by_label("Apply at").fill(later.strftime("%Y-%m-%dT%H:%M"))
        page.get_by_role("button", name="Schedule for 3 accounts").click()
        expect(page.get_by_text("It is scheduled.")).to_be_visible()
        page.goto(address(asked, "-rollout"))
        expect(
            page.get_by_text("Books are closed").or_(page.get_by_text("The freeze"))
        ).to_be_visible()
        expect(page.get_by_role("button", name="Start ring 1")).to_be_disabled()

        freeze.delete()
        clock = Clock(timezone.now())
        applying = Applying(aws_of(snapshot, clock), clock, asked)
        page.reload()
        page.get_by_role("button", name="Start ring 1 for 1 account").click()
        expect(page.get_by_text("The rollout has started.")).to_be_visible()
        page.get_by_role("button", name="Halt").click()
        page.get_by_role("button", name="Resume").click()
        page.get_by_role("dialog").get_by_label("Reason").fill("It was a false alarm.")
        page.get_by_role("dialog").get_by_role("button", name="Resume with").click()
        applying.carry_on()
        assert asked.state == ChangeState.WAITING_FOR_GO, asked.state_reason

        # Somebody changes what ring 2 is about to change.
        made = applying.aws.policy_named("keep-buckets")
        assert made is not None
        applying.aws.organization.attach(made.policy_id, PROD)
        page.goto(address(asked, "-rollout"))
        page.get_by_label("Reason to go on without this data").fill("Read by hand.")
        page.get_by_role("button", name="Start ring 2").click()
        applying.carry_on()
        asked.refresh_from_db()
        assert asked.state in {ChangeState.STALE, ChangeState.HALTED}, asked.state
        page.goto(address(asked, "-rollout"))
        expect(page.get_by_text(asked.state_reason[:40]).first).to_be_visible()


def frozen(snapshot: Snapshot, security: User) -> SettingVersion:
    """Let a freeze of the whole organization last for days around now."""
    now = timezone.now()
    rule = {
        "name": "Year end",
        "kind": "freeze",
        "rule": "FREQ=YEARLY",
        "starts": (now - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"),
        "minutes": 60 * 24 * 3,
        "time_zone": "UTC",
        "target_ids": [],
        "reason": "Books are closed",
    }
    return SettingVersion.objects.create(
        connection=snapshot.connection,
        kind="change_windows",
        version=1,
        state="active",
        content={"windows": [rule]},
        proposed_by=security,
        proposed_at=now,
        decided_by=person("administrator"),
        decided_at=now,
    )
