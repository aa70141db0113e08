"""An OU that a request moves is offered as a new OU and its accounts' moves."""

from governance.changes.planning import delta_of
from governance.changes.planning.offered_unit_moves import unit_move_notices
from governance.edits.operations import Operation, OperationKind, read_operations
from tests.governance.changes.planning.organizations import (
    FULL,
    PAY,
    PROD,
    ROOT,
    TEST,
    WEB,
    WORK,
    base,
    denying,
    planned,
)

START = base({"p-lock": denying("s3:*")}, {PROD: (FULL, "p-lock"), TEST: (FULL,)})


def moving(unit_id, parent_id):
    return Operation(OperationKind.MOVE_ORGANIZATIONAL_UNIT, target_id=unit_id, parent_id=parent_id)


class TestUnitMoveNotices:
    def test_offer_what_aws_takes_in_the_place_of_the_move(self):
        (notice,) = unit_move_notices(START, [moving(PROD, ROOT)])
        assert notice.target_ids == (PROD, ROOT)
        assert "2 account moves" in notice.message
        drafted = delta_of(START, read_operations(list(notice.operations))).drafted
        assert drafted.problems == ()
        assert {PAY, WEB} <= set(drafted.parents)
        assert drafted.units.deleted == {PROD}

    def test_stand_among_the_notices_of_the_plan(self):
        codes = {one.code for one in planned(START, [moving(PROD, ROOT)]).notices}
        assert "unit_move_offered" in codes

    def test_say_why_nothing_is_offered(self):
        inside = list(unit_move_notices(START, [moving(WORK, TEST)]))
        assert inside[0].operations == ()
        assert "cannot be offered" in inside[0].message
        guarded = base(
            {"p-guard": denying("s3:*")},
            {PROD: (FULL, "p-guard")},
            names={"p-guard": "aws-guardrails-AbCdEf"},
        )
        (notice,) = unit_move_notices(guarded, [moving(PROD, ROOT)])
        assert notice.operations == ()
        assert "Control Tower" in notice.message

    def test_are_of_known_ous_alone(self):
        assert list(unit_move_notices(START, [moving("ou-ab12-nowhere1", ROOT)])) == []
