"""Nothing is lost and nothing is queued twice, wherever workers, broker or database die.

Each scenario is seeded: which events happen and when, where workers die, what does not answer.
"""

import random
from datetime import timedelta

import psycopg2
import pytest
import redis
from django.conf import settings
from django.core.cache import cache
from django.db import OperationalError, connection, transaction

from governance.config.celery import app
from governance.notifications import tasks
from governance.notifications.messages import Senders, send_messages
from governance.notifications.models import (
    Message,
    Notification,
    OutboxEvent,
    WebhookDelivery,
)
from governance.notifications.outbox import event_publish
from governance.notifications.spreading import spread_events
from governance.notifications.webhooks.sending import send_due
from governance.outbound.client import CallFailed, OutboundAnswer
from tests.factories.people import person
from tests.governance.notifications.conftest import webhook_at
from tests.governance.notifications.faults import LONG_ENOUGH, POINTS, WorkerDied, World, dying_at

SEEDS = range(50)
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("kinds")]


class Scenario:
    """One run of events, workers and faults, all of it from one seed."""

    def __init__(self, seed, clock):
        self.chance = random.Random(seed)
        self.clock = clock
        self.world = World(clock)
        self.published = []
        self.hooks = []
        self.hook_fails = self.chance.choice([0, 0, 1, 3])
        self.world.mail_fails = self.chance.choice([0, 0, 1, 2])
        self.readers = [person("viewer") for _ in range(self.chance.randint(1, 3))]
        webhook_at("https://hooks.example.com/", now=clock())
        self.deaths = 0
        self.point = None

    def publish(self):
        """Publish some events, of which some are undone with what caused them."""
        for _ in range(self.chance.randint(1, 4)):
            number = len(self.published) + 1
            kind = self.chance.choice(["test.happened", "test.happened", "test.urgent"])
            undone = self.chance.random() < 0.25
            with transaction.atomic():
                title = f"undone {number}" if undone else f"event {number}."
                event_publish(
                    kind=kind, subject={"title": title, "number": number}, now=self.clock()
                )
                transaction.set_rollback(undone)
            if not undone:
                self.published.append(title)

    def post(self, url, **given):
        if self.hook_fails > 0:
            self.hook_fails -= 1
            raise CallFailed("no connection")
        self.hooks.append((given["headers"]["webhook-id"], given["body"]))
        return OutboundAnswer(204, {}, "", False, 0.0, "93.184.215.14")

    def work(self):
        """Let one worker do what beat asks for, in any order; it may die of it."""
        steps = [
            lambda: spread_events(now=self.clock(), most=self.chance.choice([1, 3, 100])),
            lambda: send_messages(
                clock=self.clock, senders=Senders(mail=self.world.send_mail), most=3
            ),
            lambda: send_due(clock=self.clock, send=self.post),
        ]
        self.chance.shuffle(steps)
        for step in steps:
            step()

    def work_and_die(self):
        point = self.point or self.chance.choice(POINTS)
        with dying_at(point, after=self.chance.randint(0, 2)) as deaths:
            try:
                self.work()
            except WorkerDied:
                connection.close()
        self.deaths += deaths.died

    def lose_database(self):
        """Have the server end this worker's connection in the middle of its work."""
        point = self.chance.choice(POINTS)
        lost = None

        def cut(*_):
            other = psycopg2.connect(**connection.get_connection_params())
            with other, other.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s)", [backend])
            other.close()

        connection.ensure_connection()
        backend = connection.connection.info.backend_pid
        with dying_at(point, after=0) as deaths:
            try:
                self.work()
            except WorkerDied:
                cut()
                lost = deaths
            finally:
                connection.close()
        self.deaths += lost is not None

    def lose_broker(self):
        """Have the broker forget every message; beat will send others."""
        redis.Redis.from_url(settings.VALKEY_URL).flushdb()

    def run(self):
        for _ in range(self.chance.randint(3, 5)):
            self.publish()
            self.chance.choice(
                [self.work, self.work_and_die, self.work_and_die, self.lose_database]
            )()
            if self.chance.random() < 0.2:
                self.lose_broker()
            self.clock.on(minutes=self.chance.choice([0, 1, 6, 20]))
        self.finish()

    def finish(self):
        """Let leases end with no more faults, and whatever is left be told."""
        for _ in range(30):
            self.clock.on(seconds=LONG_ENOUGH.total_seconds())
            self.work()
            if not self.left():
                return
        self.clock.on(days=2)
        self.work()

    def left(self):
        return (
            OutboxEvent.objects.filter(state=OutboxEvent.State.QUEUED).exists()
            or Message.objects.filter(state__in=Message.OPEN_STATES).exists()
            or WebhookDelivery.objects.filter(state=WebhookDelivery.State.QUEUED).exists()
        )


@pytest.mark.parametrize("seed", SEEDS)
def test_everything_that_happened_is_told_once(seed, clock):
    scenario = Scenario(seed, clock)
    scenario.run()
    check(scenario)


def check(scenario):
    """Everything that happened, and nothing else, is told to everybody under one id."""
    happened = sorted(scenario.published)

    assert not scenario.left()
    for reader in scenario.readers:
        told = Notification.objects.filter(user=reader).values_list("title", flat=True)
        assert sorted(told) == happened
    # Each is in one mail to each person, and never in two of different ids.
    in_mails = Message.notifications.through.objects
    assert in_mails.count() == len(happened) * len(scenario.readers)
    by_id = scenario.world.by_id()
    assert len(by_id) == Message.objects.count()
    assert all(len(texts) == 1 for texts in by_id.values()), "a mail said another thing later"
    for title in happened:
        holding = [one for one, texts in by_id.items() if title in "".join(texts)]
        assert len(holding) == len(scenario.readers)
    # Each was taken by the webhook, under one id and with one body.
    bodies: dict[str, set[bytes]] = {}
    for message_id, body in scenario.hooks:
        bodies.setdefault(message_id, set()).add(body)
    assert len(bodies) == len(happened) == WebhookDelivery.objects.count()
    assert all(len(each) == 1 for each in bodies.values())
    assert not any(b"undone" in body for each in bodies.values() for body in each)


@pytest.mark.parametrize("point", POINTS, ids=[each[0] for each in POINTS])
def test_a_worker_may_die_at_each_point(point, clock):
    scenario = Scenario(7, clock)
    scenario.point = point
    for _ in range(6):
        scenario.publish()
        scenario.work_and_die()
        clock.on(minutes=20)
    assert scenario.deaths > 0
    scenario.finish()
    check(scenario)


def test_the_broker_holds_no_event_so_its_loss_loses_none(clock):
    reader = person("viewer")
    with transaction.atomic():
        event_publish(kind="test.happened", subject={"title": "kept"}, now=clock())
    with app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1)
    tasks.spread_task.apply_async()
    cache.clear()
    redis.Redis.from_url(settings.VALKEY_URL).flushdb()
    assert not Notification.objects.exists()
    tasks.spread_task()
    assert Notification.objects.get(user=reader).title == "kept"


def test_two_workers_at_once_share_the_work_and_send_nothing_twice(clock):
    from concurrent.futures import ThreadPoolExecutor

    person("viewer")
    webhook_at("https://hooks.example.com/", now=clock())
    for number in range(40):
        with transaction.atomic():
            event_publish(kind="test.urgent", subject={"title": f"e{number}."}, now=clock())
    sent, hooks = [], []

    def post(url, **given):
        hooks.append(given["headers"]["webhook-id"])
        return OutboundAnswer(204, {}, "", False, 0.0, "93.184.215.14")

    def worker(_):
        try:
            senders = Senders(mail=lambda mail: sent.append(mail.message_id))
            for _ in range(30):
                try:
                    spread_events(now=clock(), most=5)
                except OperationalError:
                    continue
                send_messages(clock=clock, senders=senders, most=4)
                send_due(clock=clock, send=post)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(worker, range(4)))
    assert len(sent) == len(set(sent)) == 40
    assert len(hooks) == len(set(hooks)) == 40


def test_what_a_lost_worker_holds_is_left_alone_until_its_lease_has_ended(clock):
    person("viewer")
    with transaction.atomic():
        event_publish(kind="test.urgent", subject={"title": "once"}, now=clock())
    spread_events(now=clock())
    sent = []
    senders = Senders(mail=lambda mail: sent.append(mail.message_id))
    with dying_at(POINTS[4], after=0), pytest.raises(WorkerDied):
        send_messages(clock=clock, senders=senders)
    assert len(sent) == 1
    clock.on(minutes=4)
    assert send_messages(clock=clock, senders=senders) == 0
    clock.on(minutes=2)
    assert send_messages(clock=clock, senders=senders) == 1
    assert sent[0] == sent[1]
    assert Message.objects.get().attempts == 2
    assert timedelta(minutes=4) < LONG_ENOUGH
