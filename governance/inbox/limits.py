"""How soon findings should be put right: a setting that two people change."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from governance.approvals.forms import FieldType, SettingContent, SettingField, SettingForm
from governance.approvals.models import SettingVersion
from governance.approvals.settings import active_setting
from governance.inbox.models import InboxItem
from inventory.models import Connection

Severity = InboxItem.InboxSeverity

_USUAL_DAYS: Final = {
    Severity.CRITICAL: 2,
    Severity.HIGH: 14,
    Severity.MEDIUM: 60,
    Severity.LOW: 180,
}


def due_days(connection: Connection) -> dict[str, int]:
    """Return within how many days a finding is due, by severity."""
    _, content = active_setting(connection, SettingVersion.Kind.FINDING_LIMITS)
    return {str(severity): int(content[f"{severity}_days"]) for severity in Severity}


def due_at(severity: str, since: datetime, days: Mapping[str, int]) -> datetime:
    """Return until when a finding should be put right. `days`: by severity."""
    return since + timedelta(days=days[severity])


def limits_mark(connection: Connection) -> str:
    """Return the number of the version of the limits that holds."""
    return str(active_setting(connection, SettingVersion.Kind.FINDING_LIMITS)[0])


def _default_content(connection: Connection) -> SettingContent:
    return {one.name: one.default for one in FINDING_LIMITS.values}


def _wrong_order(connection: Connection, content: SettingContent) -> Mapping[str, str]:
    days = [content[f"{severity}_days"] for severity in Severity]
    return {
        f"{severity}_days": "a worse finding cannot be due later"
        for severity, before, here in zip(list(Severity)[1:], days[:-1], days[1:], strict=True)
        if here < before
    }


FINDING_LIMITS: Final = SettingForm(
    kind=SettingVersion.Kind.FINDING_LIMITS.value,
    title="Finding limits",
    intro="Days within which a finding should be fixed, by severity.",
    tables=(),
    values=tuple(
        SettingField(
            f"{severity}_days",
            f"{severity.label} within days",
            FieldType.NUMBER,
            help="Counted from when it was found, or found again.",
            default=_USUAL_DAYS[severity],
            least=1,
            most=3650,
        )
        for severity in Severity
    ),
    default=_default_content,
    check=_wrong_order,
)
