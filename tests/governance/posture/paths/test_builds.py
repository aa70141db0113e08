"""A graph is put together once, in a thread, while others ask how far it is."""

from threading import Event

import pytest

from governance.posture.paths.builds import GraphBuilds


@pytest.fixture
def builds():
    return GraphBuilds()


def test_one_build_serves_all_who_ask_and_says_how_far_it_is(builds):
    begun, go_on, made = Event(), Event(), []

    def make(tell):
        tell("Deciding who can assume which role", 40)
        begun.set()
        go_on.wait(10)
        made.append(1)

    first = builds.start(("key",), make)
    assert begun.wait(10)
    again = builds.start(("key",), make)
    assert again is first
    assert (again.words, again.percent) == ("Deciding who can assume which role", 40)
    go_on.set()
    assert first.ended.wait(10)
    assert made == [1]
    assert not first.has_failed


def test_a_failed_build_is_told_once_and_begun_again(builds, caplog):
    def fail(_tell):
        raise ValueError("too many edges")

    first = builds.start(("key",), fail)
    assert first.ended.wait(10)
    told = builds.start(("key",), fail)
    assert told is first
    assert told.has_failed
    assert "could not be built" in caplog.text
    done = builds.start(("key",), lambda _tell: None)
    assert done.ended.wait(10)
    assert not done.has_failed
