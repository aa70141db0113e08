"""Tasks share a database connection, and begin with one that works."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import Mock

import pytest
from celery.fixups.django import DjangoWorkerFixup  # type: ignore[attr-defined]
from celery.signals import task_postrun, task_prerun
from django.db import connection

from governance.config.celery import app

pytestmark = pytest.mark.django_db


def session_of_the_server() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def tasks_in_a_worker(*tasks: Callable[[], int]) -> list[int]:
    """Run functions as Celery runs tasks, in a thread with a connection of its own."""
    sender = Mock()
    sender.request.is_eager = False
    fixup = DjangoWorkerFixup(app)

    def run() -> list[int]:
        found = []
        try:
            for task in tasks:
                task_prerun.send(sender=sender)
                fixup.on_task_prerun(sender)
                found.append(task())
                fixup.on_task_postrun(sender)
                task_postrun.send(sender=sender)
        finally:
            connection.close()
        return found

    with ThreadPoolExecutor(1) as worker:
        return worker.submit(run).result()


def break_connection() -> int:
    found = session_of_the_server()
    assert connection.connection is not None
    connection.connection.close()
    return found


def test_tasks_of_a_worker_share_one_connection_to_the_database() -> None:
    first, second = tasks_in_a_worker(session_of_the_server, session_of_the_server)
    assert first == second


def test_a_task_after_one_whose_connection_broke_has_another() -> None:
    first, second = tasks_in_a_worker(break_connection, session_of_the_server)
    assert first != second
