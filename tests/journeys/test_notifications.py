"""The inbox with its bell, what a person chooses to be told, and webhooks, in a browser."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from governance.access.viewers import viewer_of
from governance.audit.actors import Actor
from governance.notifications.models import Notification, OutboxEvent, WebhookDelivery
from governance.notifications.people import viewer_digest
from governance.notifications.webhooks.sending import send_due
from governance.notifications.webhooks.services import webhook_create, webhook_test
from tests.factories.snapshots import Snapshot
from tests.governance.outbound.receiver import Receiver
from tests.journeys.conftest import OpenPage
from tests.journeys.looking import seen

TOLD = (
    ("attachment.changed", "Policy attached: deny-regions (p-regio001) to OU Prod in Acme"),
    ("policy.changed", "3 policy changes in Acme"),
    ("run.lost_coverage", "Inventory run 12 of Acme lost coverage of 2 accounts"),
    ("token.ending", "The API token nightly of ada ends on 2026-12-08 09:00 UTC"),
)
LINES = [
    "Policy's text changed: deny-regions (p-regio001)",
    "Policy renamed: deny-root (p-root0001), deny-root to deny-root-user",
    "Policy's tags changed: baseline (p-base0001), owner: none to platform",
    "Seen by inventory run 12",
]


def tell(user: User, snapshot: Snapshot) -> None:
    """Put one notification of each kind into a person's inbox."""
    now = timezone.now()
    for number, (kind, title) in enumerate(TOLD):
        at = now - timedelta(hours=number)
        event = OutboxEvent.objects.create(
            kind=kind, connection=snapshot.connection, occurred_at=at, due_at=at, state="spread"
        )
        Notification.objects.create(
            user=user,
            event=event,
            connection=snapshot.connection,
            kind=kind,
            title=title,
            lines=LINES if number == 1 else LINES[:1],
            path=reverse("posture", kwargs={"slug": snapshot.connection.slug}),
            seen_as=viewer_digest(viewer_of(user)),
            occurred_at=at,
            read_at=now if number == 3 else None,
        )


class TestInbox:
    def test_counts_what_is_unread_and_leads_to_what_it_is_about(
        self, browser_page: OpenPage, snapshot: Snapshot, administrator: User
    ):
        tell(administrator, snapshot)
        page = browser_page(administrator)
        page.goto(reverse("inbox"))
        bell = page.get_by_role("link", name="Inbox, 3 unread notifications")
        expect(bell).to_be_visible()
        assert seen(page, "inbox") == []
        page.get_by_role("link", name=TOLD[0][1]).click()
        expect(page.get_by_role("link", name="Inbox, 2 unread notifications")).to_be_visible()
        page.goto(reverse("inbox"))
        page.get_by_role("button", name="Mark all as read").click()
        expect(page.get_by_text("2 notifications are marked as read.")).to_be_visible()

    def test_keeps_what_a_person_chooses(
        self, browser_page: OpenPage, snapshot: Snapshot, administrator: User
    ):
        page = browser_page(administrator)
        page.goto(reverse("notification-choices"))
        assert seen(page, "notification-settings") == []
        box = page.get_by_role("checkbox", name="Policy changed: Mail")
        box.check()
        page.get_by_label("Quiet from").fill("22:00")
        page.get_by_label("Quiet until").fill("07:00")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Your notification settings are saved.")).to_be_visible()
        expect(box).to_be_checked()


class TestWebhooks:
    def test_shows_deliveries_with_what_was_sent_and_answered(
        self, browser_page: OpenPage, snapshot: Snapshot, administrator: User, settings: object
    ):
        actor = Actor(kind="command", user_id=None, name="tests")
        with Receiver(answers=[503], answer_body=b"down for maintenance") as receiver:
            settings.OUTBOUND_ALLOWED = [receiver.origin]  # type: ignore[attr-defined]
            now = timezone.now()
            webhook, _ = webhook_create(
                actor=actor,
                name="siem",
                url=f"{receiver.origin}/hook",
                kinds_wanted=["policy.changed", "run.failed"],
                connection=None,
                now=now,
            )
            for _ in range(2):
                webhook_test(actor=actor, webhook_id=webhook.pk, now=now)
            send_due(clock=timezone.now)
            page = browser_page(administrator)
            page.goto(reverse("webhooks"))
            assert seen(page, "webhooks") == []
            page.get_by_role("link", name="siem").click()
            expect(page.get_by_text("It answered 503").first).to_be_visible()
            assert seen(page, "webhook") == []
            delivery = WebhookDelivery.objects.first()
            assert delivery is not None
            given = {"webhook_id": webhook.pk, "delivery_id": delivery.pk}
            page.goto(reverse("webhook-delivery", kwargs=given))
            expect(page.get_by_text("down for maintenance")).to_be_visible()
            assert seen(page, "webhook-delivery") == []
            page.goto(reverse("webhook-create"))
            assert seen(page, "webhook-new") == []
