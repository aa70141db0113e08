"""An OU is moved by a new OU and its accounts' moves."""

from governance.changes.planning import delta_of
from governance.edits.operations import read_operations
from governance.edits.unit_moves import unit_move_operations
from governance.posture.state.organization import SCP
from tests.governance.changes.planning.organizations import (
    FULL,
    PAY,
    PROD,
    ROOT,
    TEST,
    TRY,
    WEB,
    WORK,
    allowing,
    attachments,
    base,
    denying,
    planned,
    shown,
)

START = base(
    {"p-lock": denying("s3:*"), "p-list": allowing("s3:*", "ec2:*")},
    {PROD: ("p-list", "p-lock"), TEST: (FULL, "p-lock")},
)


class TestUnitMoveOperations:
    def test_make_the_ou_anew_with_its_policies_and_accounts_and_delete_the_old_one(self):
        operations = unit_move_operations(START.organization, PROD, ROOT, taken={"new-1"})
        assert read_operations([one.as_json() for one in operations]) == operations
        drafted = delta_of(START, operations).drafted
        assert drafted.problems == ()
        assert drafted.parents == {PAY: "new-2", WEB: "new-2"}
        assert drafted.units.deleted == {PROD}
        assert attachments(drafted)[SCP.value, "new-2"] == {"p-list", "p-lock"}
        assert shown(planned(START, operations)) == [
            "0 CreateOrganizationalUnit new-2",
            "0 attach p-list new-2",
            f"0 detach {FULL} new-2",
            "0 attach p-lock new-2 ~",
            f"1 moveaccount {PAY} new-2",
            f"1 moveaccount {WEB} new-2",
            f"2 DeleteOrganizationalUnit {PROD}",
        ]

    def test_take_the_ous_below_it_along(self):
        operations = unit_move_operations(START.organization, TEST, PROD)
        drafted = delta_of(START, operations).drafted
        assert drafted.problems == ()
        assert drafted.parents == {TRY: "new-1"}
        whole = unit_move_operations(START.organization, WORK, ROOT)
        made = [one.name for one in whole if one.kind == "create_organizational_unit"]
        assert made == [WORK, PROD, TEST]
