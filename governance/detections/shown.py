"""What of a detection somebody is shown who sees a part of the organization."""

from dataclasses import dataclass
from typing import Final

from governance.detections.models import Detection
from inventory.models import Connection
from inventory.viewing import Viewer, sees_whole, targets_seen

OUTSIDE: Final = "Outside what you may see"


@dataclass(frozen=True, slots=True)
class VisibleDetection:
    """A detection as one viewer may see it.

    `subject_id` is empty where the subject lies in an account that is hidden; `account_id` and
    `principal` are, where it happened in one.
    """

    subject_id: str
    subject_account_id: str
    account_id: str
    principal: str


class DetectionsShown:
    """What one viewer is shown of the detections of one organization."""

    def __init__(self, viewer: Viewer, connection: Connection) -> None:
        self._sees_whole = sees_whole(viewer, connection)
        self._seen = targets_seen(viewer, connection)

    def of(self, detection: Detection) -> VisibleDetection:
        """Return what is shown of a detection that the viewer sees."""
        subject_is_shown = self._is_shown(detection.subject_account_id)
        place_is_shown = self._is_shown(detection.account_id)
        return VisibleDetection(
            subject_id=detection.subject_id if subject_is_shown else "",
            subject_account_id=detection.subject_account_id if subject_is_shown else "",
            account_id=detection.account_id if place_is_shown else "",
            principal=detection.principal if place_is_shown else "",
        )

    def _is_shown(self, account_id: str) -> bool:
        return self._sees_whole or not account_id or self._seen.holds_account(account_id)
