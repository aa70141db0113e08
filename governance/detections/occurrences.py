"""What rules are matched with: one event, or one access or denial as it was counted on a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from governance.baseline.guardrails.state_tests import looked_up
from governance.detections.rules.document import DetectionSubjectKind, EventOutcome, RuleSubject
from inventory.cloudtrail.callers import UNKNOWN_ACCOUNT
from inventory.cloudtrail.events import is_account

LONGEST_SUBJECT: Final = 512


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Something that happened.

    `key`: names it within its organization: an event's id, or what the day's count is of.
    `principal`: the role, not its session. `content`: the event's record, or the counted row.
    `count`: of calls. `event_source` is empty for counted rows; `event_name` is then the action.
    """

    key: str
    at: datetime
    last_at: datetime
    account_id: str
    region: str
    event_source: str
    event_name: str
    principal: str
    content: Mapping[str, Any]
    count: int = 1

    def field(self, path: str) -> Any:
        """Return what stands at a path of the content, such as `requestParameters.name`."""
        return looked_up(self.content, path)

    @property
    def principal_account_id(self) -> str:
        """The caller's account; empty where it is not known."""
        if self.principal.startswith("arn:"):
            return account_in(self.principal)
        if is_account(self.principal) and self.principal != UNKNOWN_ACCOUNT:
            return self.principal
        return ""

    def has_outcome(self, wanted: EventOutcome) -> bool:
        """Whether the call went through as wanted."""
        if wanted is EventOutcome.ANY:
            return True
        failed = bool(self.content.get("errorCode") or self.content.get("errorMessage"))
        if self.event_name == "ConsoleLogin":
            failed = failed or self.field("responseElements.ConsoleLogin") == "Failure"
        return failed is (wanted is EventOutcome.FAILED)


def account_in(arn: str) -> str:
    """Return the account that an ARN names; empty: none."""
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 and is_account(parts[4]) else ""


# Their names are of one account: another account's user of the same name is somebody else.
_OF_ACCOUNTS: Final = frozenset(
    {
        DetectionSubjectKind.PRINCIPAL,
        DetectionSubjectKind.RESOURCE,
        DetectionSubjectKind.ROLE,
        DetectionSubjectKind.USER,
    }
)


def _placed(name: str, kind: DetectionSubjectKind, occurrence: Occurrence) -> str:
    """Return an ARN as it is, and a name with its account."""
    if kind not in _OF_ACCOUNTS or ":" in name or not occurrence.account_id:
        return name
    return f"{name} in {occurrence.account_id}"


def subject_of(subject: RuleSubject, occurrence: Occurrence, organization_id: str) -> str:
    """Return what a detection of an occurrence is about; never empty."""
    for path in subject.fields:
        found = occurrence.field(path)
        if isinstance(found, str) and found:
            return _placed(found, subject.kind, occurrence)[:LONGEST_SUBJECT]
    if subject.kind is DetectionSubjectKind.PRINCIPAL:
        return occurrence.principal[:LONGEST_SUBJECT] or UNKNOWN_ACCOUNT
    if subject.kind is DetectionSubjectKind.ORGANIZATION:
        return organization_id or occurrence.account_id
    return occurrence.account_id or UNKNOWN_ACCOUNT
