"""Addresses of detections and their rules, below an organization's."""

from django.urls import URLPattern, path

from governance.api import detections

DETECTIONS: list[URLPattern] = [
    path("/detections", detections.DetectionList.as_view(), name="detections"),
    path("/detections/<int:detection_id>", detections.DetectionDetail.as_view(), name="detection"),
    path(
        "/detections/<int:detection_id>/close",
        detections.DetectionClose.as_view(),
        name="detection-close",
    ),
    path("/detection-rules", detections.DetectionRuleList.as_view(), name="detection-rules"),
    path(
        "/detection-rules/schema",
        detections.DetectionRuleSchema.as_view(),
        name="detection-rule-schema",
    ),
    path(
        "/detection-rules/<str:detection_rule_id>",
        detections.DetectionRuleDetail.as_view(),
        name="detection-rule",
    ),
]
