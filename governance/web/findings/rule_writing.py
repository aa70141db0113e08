"""Writing the organization's own detection rules: tried on the logs, then saved."""

from collections.abc import Sequence
from typing import Any, Final

from governance.access import rights
from governance.access.owners.targets import target_tree
from governance.detections.rules.document import DetectionRule
from governance.detections.rules.files import detection_rule_file
from governance.detections.rules.predicate_names import PREDICATES
from governance.detections.trying import TRIED_DAYS, try_detection_rule
from governance.detections.written_rules import DETECTION_RULES, read_rule_for
from governance.drift.explaining import actor_words
from governance.web.findings.frame import FindingScreen
from governance.web.parts.markup import counted
from governance.web.parts.pages import Crumb
from governance.web.parts.rule_writing import RuleEditing, RulePlace, RuleSwitching, RuleWriting

_FOUND_SHOWN: Final = 100
_BEGINNING: Final = """\
id: our-bucket-deleted
title: Data bucket deleted
why: Buckets whose name begins with data- hold what customers gave us.
topic: access
severity: high
events:
  - source: s3.amazonaws.com
    names: [DeleteBucket]
    where:
      requestParameters.bucketName: {matches: "data-*"}
unless: [{principal_matches: [platform_roles]}]
subject: {kind: resource, fields: [requestParameters.bucketName]}
remedy: Ask the caller, and restore the bucket from its backup.
"""


class DetectionRulePlace(RulePlace, FindingScreen):
    """Where detection rules are written."""

    required_right = rights.VIEW_FINDINGS
    post_right = rights.MANAGE_DETECTION_RULES
    shelf = DETECTION_RULES
    rule_keyword = "detection_rule_id"
    rule_route = "detection-rule"
    list_route = "detection-rules"
    list_title = "Detection rules"

    def list_crumbs(self) -> Sequence[Crumb]:
        """Return the inbox and the list of rules."""
        return [Crumb("Findings", self.href("findings")), *super().list_crumbs()]


class DetectionRuleWritePage(RuleWriting, DetectionRulePlace):
    """A new detection rule."""

    required_right = rights.VIEW_FINDINGS
    template_name = "governance/findings/write_rule.html"
    page_title = "Write a detection rule"
    begins_with = _BEGINNING
    saved_message = "The rule is active. It applies to logs read from now on."

    def read(self, content: bytes) -> DetectionRule:
        """Return the rule that a text says."""
        return read_rule_for(self.connection, content, now=self.now)

    def file(self, document: DetectionRule) -> str:
        """Return a rule as a file."""
        return detection_rule_file(document)

    def tried(self, document: DetectionRule) -> dict[str, Any]:
        """Return what it would have found, the newest first."""
        tried = try_detection_rule(
            self.viewer, connection=self.connection, rule=document, now=self.now
        )
        names = {one.target_id: one.name for one in target_tree(self.connection).by_id.values()}
        shown = tried.found[:_FOUND_SHOWN]
        return {
            "one": tried,
            "days": TRIED_DAYS,
            "counted": counted(len(tried.found), "detection,detections"),
            "noun": "event,events" if document.events else "daily count,daily counts",
            "rows": [
                {
                    "one": found,
                    "subject": names.get(found.subject, found.subject),
                    "account": names.get(found.account_id, found.account_id),
                    "who": actor_words({"principal": found.principal}),
                    "unknown": [PREDICATES[name].means for name in found.unknown],
                }
                for found in shown
            ],
            "more": len(tried.found) - len(shown),
        }


class DetectionRuleEditPage(RuleEditing, DetectionRuleWritePage):
    """Another version of a detection rule."""

    required_right = rights.VIEW_FINDINGS
    page_title = "Edit a detection rule"


class DetectionRuleSwitch(RuleSwitching, DetectionRulePlace):
    """Enables or disables a detection rule, or uses a shipped one as shipped again."""

    required_right = rights.VIEW_FINDINGS
    follows = {
        "enable": "The rule is enabled. It judges the logs that are read from now on.",
        "disable": "The rule is disabled. What it found stays until it is closed.",
        "reset": "The rule is used as shipped for the logs that are read from now on.",
    }
