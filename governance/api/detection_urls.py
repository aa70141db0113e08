"""Addresses of detections and their rules, below an organization's."""

from django.urls import URLPattern, path

from governance.api import detection_rules, detections

DETECTIONS: list[URLPattern] = [
    path("/detections", detections.DetectionList.as_view(), name="detections"),
    path("/detections/<int:detection_id>", detections.DetectionDetail.as_view(), name="detection"),
    path(
        "/detections/<int:detection_id>/close",
        detections.DetectionClose.as_view(),
        name="detection-close",
    ),
    path("/detection-rules", detection_rules.DetectionRuleList.as_view(), name="detection-rules"),
    path(
        "/detection-rules/schema",
        detection_rules.DetectionRuleSchema.as_view(),
        name="detection-rule-schema",
    ),
    path(
        "/detection-rules/try",
        detection_rules.DetectionRuleTry.as_view(),
        name="detection-rule-try",
    ),
    path(
        "/detection-rules/<str:detection_rule_id>",
        detection_rules.DetectionRuleDetail.as_view(),
        name="detection-rule",
    ),
    path(
        "/detection-rules/<str:detection_rule_id>/versions",
        detection_rules.DetectionRuleVersions.as_view(),
        name="detection-rule-versions",
    ),
]
