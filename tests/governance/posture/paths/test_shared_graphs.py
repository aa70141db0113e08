"""What one process has put together is read by the others, as long as it is of the same rows."""

import numpy
import pytest
from django.core.cache import cache

from governance.posture.paths import building, shared_graphs
from governance.posture.paths.building import load_graph
from tests.governance.posture.paths.stored import (
    ONE,
    TWO,
    allow,
    edges_of,
    graph_of,
    organization,
    role,
    trusting,
    user,
)
from tests.governance.posture.who_can.comparing import VIEWER

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(settings):
    """An organization in which a user of one account may become a role of another."""
    settings.PATHS_SHARED = True
    made = organization(ONE, TWO)
    user(made, ONE, "ann", allow("sts:AssumeRole"))
    role(made, TWO, "deploy", allow("*"), trust=trusting({"AWS": ONE}))
    yield made
    cache.clear()


@pytest.fixture
def puts_together(monkeypatch):
    """Count how often a graph is put together."""
    made = []
    real = building._put_together

    def counted(*args):
        made.append(args)
        return real(*args)

    monkeypatch.setattr(building, "_put_together", counted)
    return made


def test_a_second_process_reads_the_graph_of_the_first(connection, puts_together):
    first = graph_of(connection)
    again = graph_of(connection)
    assert len(puts_together) == 1
    assert again is not first
    assert edges_of(again) == edges_of(first)
    assert again.others == first.others
    assert again.ways == first.ways
    assert numpy.array_equal(again.privileges, first.privileges)
    assert again.key == first.key


def test_other_rows_are_put_together_anew(connection, puts_together):
    graph_of(connection)
    user(connection, ONE, "bob", allow("sts:AssumeRole"))
    assert ("bob@2", "deploy@3") in edges_of(graph_of(connection))
    assert len(puts_together) == 2


def test_a_graph_of_another_form_is_left_alone(connection, puts_together, caplog):
    graph_of(connection)
    name = shared_graphs._name(connection.pk)
    stored = cache.get(name)
    cache.set(name, {**stored, "arrays": {"sources": "x"}})
    graph_of(connection)
    assert len(puts_together) == 2
    assert "another form" in caplog.text


def test_an_earlier_time_is_not_shared(connection, puts_together):
    graph_of(connection)
    load_graph(VIEWER, connection=connection, as_of=connection.created_at)
    building.forget()
    load_graph(VIEWER, connection=connection, as_of=connection.created_at)
    assert len(puts_together) == 3
