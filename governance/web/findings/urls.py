"""Addresses of findings."""

from django.urls import URLPattern, path

from governance.web.findings.acts import FindingActPage
from governance.web.findings.closing import DetectionsClosePage
from governance.web.findings.containment import ContainPage
from governance.web.findings.detection_rules import DetectionRulePage, DetectionRulesPage
from governance.web.findings.detections import DetectionPage, DetectionsPage
from governance.web.findings.ignore_rules import IgnoreRuleEnding, IgnoreRulesPage
from governance.web.findings.item import FindingItemPage, FindingItemPanel
from governance.web.findings.listing import FindingsPage
from governance.web.findings.posture import FindingsOnPosture
from governance.web.findings.rule_writing import (
    DetectionRuleEditPage,
    DetectionRuleSwitch,
    DetectionRuleWritePage,
)
from governance.web.findings.structure import FindingPage, StructureFindingsPage
from governance.web.findings.timeline import FindingTimeline

finding_patterns: list[URLPattern] = [
    path("findings/", FindingsPage.as_view(), name="findings"),
    path("findings/detections/", DetectionsPage.as_view(), name="detections"),
    path("findings/detections/close/", DetectionsClosePage.as_view(), name="detections-close"),
    path("findings/detections/<int:detection_id>/", DetectionPage.as_view(), name="detection"),
    path(
        "findings/detections/<int:detection_id>/contain/",
        ContainPage.as_view(),
        name="detection-contain",
    ),
    path("findings/contain/", ContainPage.as_view(), name="contain"),
    path("findings/detection-rules/", DetectionRulesPage.as_view(), name="detection-rules"),
    path(
        "findings/detection-rules/write/",
        DetectionRuleWritePage.as_view(),
        name="detection-rule-write",
    ),
    path(
        "findings/detection-rules/of/<slug:detection_rule_id>/edit/",
        DetectionRuleEditPage.as_view(),
        name="detection-rule-edit",
    ),
    path(
        "findings/detection-rules/of/<slug:detection_rule_id>/switch/",
        DetectionRuleSwitch.as_view(),
        name="detection-rule-switch",
    ),
    path(
        "findings/detection-rules/<slug:detection_rule_id>/",
        DetectionRulePage.as_view(),
        name="detection-rule",
    ),
    path("findings/act/", FindingActPage.as_view(), name="finding-act"),
    path("findings/posture/", FindingsOnPosture.as_view(), name="findings-on-posture"),
    path("findings/timeline/", FindingTimeline.as_view(), name="finding-timeline"),
    path("findings/ignore-rules/", IgnoreRulesPage.as_view(), name="ignore-rules"),
    path("findings/ignore-rules/end/", IgnoreRuleEnding.as_view(), name="ignore-rule-end"),
    path("findings/structure/", StructureFindingsPage.as_view(), name="structure-findings"),
    path("findings/<int:item_id>/", FindingItemPage.as_view(), name="finding-item"),
    path("findings/<int:item_id>/panel/", FindingItemPanel.as_view(), name="finding-panel"),
    path("findings/<path:finding_key>/", FindingPage.as_view(), name="finding"),
]
