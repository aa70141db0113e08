"""What the setting "change windows" holds, and its check."""

from collections.abc import Mapping
from typing import Any, Final

from governance.access.owners.targets import target_tree
from governance.approvals.forms import (
    FieldType,
    SettingContent,
    SettingField,
    SettingForm,
    SettingTable,
)
from governance.approvals.models import SettingVersion
from governance.changes.windows.deciding import WindowKind, problems_of
from governance.changes.windows.recurrence import LONGEST_MINUTES
from inventory.models import Connection

RATIFY_HOURS: Final = 24


def _default(connection: Connection) -> SettingContent:
    return {"ratify_hours": RATIFY_HOURS, "windows": []}


def _check(connection: Connection, content: SettingContent) -> Mapping[str, str]:
    errors: dict[str, Any] = dict(problems_of(content))
    targets = target_tree(connection).by_id
    names: set[str] = set()
    for number, row in enumerate(content["windows"]):
        if row["name"].casefold() in names:
            errors[f"windows.{number}.name"] = "another window or freeze has this name"
        names.add(row["name"].casefold())
        for target_id in row["target_ids"]:
            if target_id not in targets:
                errors[f"windows.{number}.target_ids"] = f"no root, OU or account is {target_id}"
    return errors


_COLUMNS: Final = (
    SettingField("name", "Name", help="Such as Year-end freeze.", required=True),
    SettingField(
        "kind",
        "Kind",
        FieldType.CHOICE,
        default=WindowKind.WINDOW.value,
        choices={
            WindowKind.WINDOW.value: "Window: changes are applied at these times alone",
            WindowKind.FREEZE.value: "Freeze: no change is applied at these times",
        },
        required=True,
    ),
    SettingField(
        "rule",
        "Repeats",
        help="A rule such as FREQ=WEEKLY;BYDAY=TU,WE,TH (iCalendar). Empty: once.",
        shown="Once",
    ),
    SettingField(
        "starts",
        "First begins",
        help="Local date and time, such as 2026-12-01T22:00.",
        required=True,
    ),
    SettingField(
        "minutes",
        "Minutes",
        FieldType.NUMBER,
        default=120,
        least=1,
        most=LONGEST_MINUTES,
        help="How long each lasts.",
    ),
    SettingField(
        "time_zone",
        "Time zone",
        default="UTC",
        help="Such as Europe/Berlin; the rule follows its clock.",
        required=True,
    ),
    SettingField(
        "target_ids",
        "At or below",
        FieldType.LIST,
        help="Ids of roots, OUs or accounts. Empty: the whole organization.",
        shown="Whole organization",
    ),
    SettingField("reason", "Reason"),
)

CHANGE_WINDOWS: Final = SettingForm(
    kind=SettingVersion.Kind.CHANGE_WINDOWS.value,
    title="Change windows",
    intro=(
        "When changes may be applied. Without windows: any time outside freezes. Emergency "
        "changes ignore both."
    ),
    values=(
        SettingField(
            "ratify_hours",
            "Hours to ratify an emergency change",
            FieldType.NUMBER,
            default=RATIFY_HOURS,
            least=1,
            most=24 * 14,
            help="Without ratification by then it is reverted.",
        ),
    ),
    tables=(SettingTable("windows", "Windows and freezes", "window", _COLUMNS),),
    default=_default,
    check=_check,
)
