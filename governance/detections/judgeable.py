"""Whether what is read of an organization's logs is what rules are matched with."""

from dataclasses import dataclass

from governance.detections.rules.document import DetectionRule, SourceOfPattern
from inventory.models import Connection
from inventory.selectors.logs import reads_logs, stores_events


@dataclass(frozen=True, slots=True)
class ReadForRules:
    """What rules can be matched with. `events`: events are stored one by one, not only counted."""

    logs: bool
    events: bool

    def unknown_because(self, rule: DetectionRule) -> str:
        """Return why it is not known what a rule would find; empty: it is known."""
        if not self.logs:
            return "No CloudTrail logs are read."
        if rule.pattern_source is SourceOfPattern.EVENTS and not self.events:
            return "Logs are read by Athena alone, which counts events and stores none."
        return ""


def read_for_rules(connection: Connection) -> ReadForRules:
    """Return what is read of an organization's logs."""
    return ReadForRules(reads_logs(connection), stores_events(connection))
