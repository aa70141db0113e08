"""Mails and messages to chats: what is sent, when, and what becomes of failures."""

from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives

from governance.notifications.chat import ChatFailed
from governance.notifications.choices import chat_add, choices_save
from governance.notifications.messages import Senders, send_messages
from governance.notifications.models import Message, Notification, NotificationWay
from governance.notifications.spreading import spread_events
from tests.factories.people import take_roles
from tests.governance.notifications.conftest import publish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kinds")]
SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7"
_STATES = Message.State


def tell(*titles, clock, kind="test.happened"):
    for title in titles:
        publish(kind, title=title, now=clock())
    spread_events(now=clock())


def failing(error):
    def send(*args, **kwargs):
        raise error

    return Senders(mail=send, chat=send)


class TestMail:
    def test_is_sent_when_it_is_due_and_not_before(self, reader, clock):
        tell("Run 4 failed", clock=clock)
        assert send_messages(clock=clock) == 0
        clock.on(minutes=15)
        assert send_messages(clock=clock) == 1
        (sent,) = mail.outbox
        assert sent.to == [reader.email]
        assert sent.subject == "Run 4 failed"
        assert Message.objects.get().state == _STATES.SENT

    def test_says_the_same_in_text_and_in_html_with_whole_addresses(self, reader, clock):
        tell("Policy <b>a</b> & b changed", clock=clock)
        clock.on(minutes=15)
        send_messages(clock=clock)
        (sent,) = mail.outbox
        assert isinstance(sent, EmailMultiAlternatives)
        ((html, kind),) = sent.alternatives
        assert kind == "text/html"
        assert isinstance(html, str)
        assert "Policy <b>a</b> & b changed" in sent.body
        assert "A detail" in sent.body
        assert "http://testserver/somewhere/" in sent.body
        assert "Policy &lt;b&gt;a&lt;/b&gt; &amp; b changed" in html
        assert "A detail" in html
        assert 'href="http://testserver/somewhere/"' in html
        assert "2026-11-28 09:00 UTC" in sent.body

    def test_tells_of_many_events_in_one(self, reader, clock):
        tell(*(f"Event {number}" for number in range(30)), clock=clock)
        clock.on(minutes=15)
        send_messages(clock=clock)
        (sent,) = mail.outbox
        assert sent.subject == "Event 29 and 29 more"
        assert all(f"Event {number}\n" in sent.body for number in range(30))

    def test_names_itself_as_sent_by_a_program_under_an_id_of_its_own(self, reader, clock):
        tell("Run 4 failed", clock=clock)
        clock.on(minutes=15)
        send_messages(clock=clock)
        headers = mail.outbox[0].extra_headers
        assert str(Message.objects.get().pk) in headers["Message-ID"]
        assert headers["Auto-Submitted"] == "auto-generated"

    def test_keeps_its_id_and_what_it_tells_when_it_is_sent_again(self, reader, clock):
        tell("First", clock=clock)
        clock.on(minutes=15)
        send_messages(clock=clock, senders=failing(SMTPServerDisconnected("gone")))
        message = Message.objects.get()
        assert (message.state, message.last_error) == (_STATES.FROZEN, "gone")
        tell("Second", clock=clock)
        clock.on(hours=1)
        send_messages(clock=clock)
        subjects = {sent.subject: sent.extra_headers["Message-ID"] for sent in mail.outbox}
        assert set(subjects) == {"First", "Second"}
        assert str(message.pk) in subjects["First"]

    def test_is_given_up_after_days(self, reader, clock):
        tell("First", clock=clock)
        for _ in range(8):
            clock.on(days=1)
            send_messages(clock=clock, senders=failing(OSError("no route")))
        assert Message.objects.get().state == _STATES.FAILED
        clock.on(days=1)
        assert send_messages(clock=clock) == 0

    def test_is_not_tried_again_where_the_address_is_refused(self, reader, clock):
        tell("First", clock=clock)
        clock.on(minutes=15)
        refused = SMTPRecipientsRefused({reader.email: (550, b"unknown")})
        send_messages(clock=clock, senders=failing(refused))
        assert Message.objects.get().state == _STATES.FAILED

    def test_is_dropped_for_who_is_deactivated_or_has_no_address(self, reader, clock):
        tell("First", clock=clock)
        reader.email = ""
        reader.save()
        clock.on(minutes=15)
        send_messages(clock=clock)
        assert Message.objects.get().state == _STATES.DROPPED
        tell("Second", clock=clock)
        reader.is_active = False
        reader.save()
        clock.on(minutes=15)
        send_messages(clock=clock)
        assert {message.state for message in Message.objects.all()} == {_STATES.DROPPED}
        assert mail.outbox == []

    def test_tells_nothing_that_may_no_longer_be_seen(self, reader, clock):
        tell("First", clock=clock)
        take_roles(reader)
        clock.on(minutes=15)
        send_messages(clock=clock)
        assert mail.outbox == []
        assert Message.objects.get().state == _STATES.DROPPED
        assert not Notification.objects.exists()


class TestChat:
    @pytest.fixture
    def sent(self, reader, clock):
        chat_add(user=reader, name="#aws", url=SLACK, now=clock())
        choices_save(
            user=reader,
            ways={"test.happened": [NotificationWay.CHAT]},
            grouping_minutes=0,
            quiet=None,
        )
        return []

    def test_is_sent_to_the_address_that_was_sealed(self, sent, clock):
        tell("Run 4 failed", clock=clock)
        senders = Senders(chat=lambda url, **given: sent.append((url, given)))
        assert send_messages(clock=clock, senders=senders) == 1
        ((url, given),) = sent
        assert url == SLACK
        assert given["title"] == "Run 4 failed"
        assert given["body"] == "A detail\nhttp://testserver/somewhere/"

    def test_is_tried_again_later_where_the_service_fails(self, sent, clock):
        tell("Run 4 failed", clock=clock)
        send_messages(clock=clock, senders=failing(ChatFailed("it answered 500")))
        message = Message.objects.get()
        assert (message.state, message.last_error) == (_STATES.FROZEN, "it answered 500")
        assert message.due_at > clock() + timedelta(seconds=30)

    def test_fails_at_once_where_the_key_of_the_address_is_gone(self, sent, clock, settings):
        tell("Run 4 failed", clock=clock)
        settings.SEALING_KEYS = ["another-" + "k" * 40]
        send_messages(clock=clock, senders=Senders(chat=lambda url, **given: None))
        message = Message.objects.get()
        assert message.state == _STATES.FAILED
        assert "ORGWARDEN_SEALING_KEY_FILE" in message.last_error
