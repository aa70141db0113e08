"""Every module of `kinds` is registered, described and tested, and asked in its order."""

from pathlib import Path

import pytest

from governance.posture.findings import kinds
from governance.posture.findings.registry import CHECKS, KINDS
from governance.posture.findings.structure import structure_findings
from tests.factories.connections import ConnectionFactory

MODULES = {path.stem for path in Path(kinds.__path__[0]).glob("*.py")} - {"__init__"}


def test_each_module_is_a_kind_that_is_named_after_it():
    assert set(KINDS) == MODULES
    assert all(one.check.__module__.endswith(f".{one.kind.code}") for one in CHECKS)


def test_no_two_kinds_have_one_place_in_the_order_or_one_label():
    assert len({kind.order for kind in KINDS.values()}) == len(KINDS)
    assert len({kind.label for kind in KINDS.values()}) == len(KINDS)
    assert list(KINDS.values()) == sorted(KINDS.values(), key=lambda kind: kind.order)


@pytest.mark.parametrize("kind", KINDS.values(), ids=str)
def test_each_kind_asks_a_question_and_has_a_test_of_its_own(kind):
    assert kind.question.endswith("?")
    assert kind.examines
    assert (Path(__file__).parent / "kinds" / f"test_{kind.code}.py").exists()


def test_each_question_is_answered_once_in_that_order(viewer, snapshot):
    report = structure_findings(viewer, connection=snapshot.connection)
    assert [answer.kind for answer in report.answers] == list(KINDS.values())


def test_an_organization_that_was_never_read_is_not_known(viewer, db):
    report = structure_findings(viewer, connection=ConnectionFactory.create())
    assert not report.is_known
    assert report.findings == ()
