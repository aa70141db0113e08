"""Addresses of the baseline and of drift, below an organization's."""

from django.urls import URLPattern, path

from governance.api import baseline, drift

_VERSIONS = "/baseline/versions"
DRIFT: list[URLPattern] = [
    path("/baseline", baseline.BaselineInForce.as_view(), name="baseline"),
    path("/baseline/adopt", baseline.BaselineAdopt.as_view(), name="baseline-adopt"),
    path("/baseline/import", baseline.BaselineImportEndpoint.as_view(), name="baseline-import"),
    path("/baseline/export", baseline.BaselineExport.as_view(), name="baseline-export"),
    path("/baseline/schema", baseline.BaselineSchema.as_view(), name="baseline-schema"),
    path(_VERSIONS, baseline.BaselineVersionList.as_view(), name="baseline-versions"),
    path(
        f"{_VERSIONS}/<int:version>",
        baseline.BaselineVersionDetail.as_view(),
        name="baseline-version",
    ),
    path(
        f"{_VERSIONS}/<int:before>/diff/<int:after>",
        baseline.BaselineVersionDiff.as_view(),
        name="baseline-version-diff",
    ),
    path("/drift", drift.DriftList.as_view(), name="drift"),
    path("/drift/resolve", drift.DriftResolve.as_view(), name="drift-resolve"),
    path("/drift/preview", drift.DriftPreview.as_view(), name="drift-preview"),
    path("/drift/<int:drift_id>", drift.DriftDetail.as_view(), name="drift-item"),
    path("/drift/<int:drift_id>/history", drift.DriftHistory.as_view(), name="drift-history"),
    path("/ignore-rules", drift.IgnoreRuleList.as_view(), name="ignore-rules"),
    path(
        "/ignore-rules/<int:rule_number>/end",
        drift.IgnoreRuleEnd.as_view(),
        name="ignore-rule-end",
    ),
]
