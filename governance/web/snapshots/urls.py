"""Addresses of two dates side by side, under an organization."""

from django.urls import URLPattern, path

from governance.web.snapshots.effect import ComparisonEffect, ComparisonEffectPart
from governance.web.snapshots.listing import ComparisonPage
from governance.web.snapshots.trees import ComparisonChildren, ComparisonTrees

_COMPARE = "organization/compare"

snapshot_patterns: list[URLPattern] = [
    path(f"{_COMPARE}/", ComparisonPage.as_view(), name="organization-compare"),
    path(f"{_COMPARE}/trees/", ComparisonTrees.as_view(), name="organization-compare-trees"),
    path(
        f"{_COMPARE}/trees/<str:target_id>/children/",
        ComparisonChildren.as_view(),
        name="organization-compare-children",
    ),
    path(f"{_COMPARE}/effect/", ComparisonEffect.as_view(), name="organization-compare-effect"),
    path(
        f"{_COMPARE}/effect/part/",
        ComparisonEffectPart.as_view(),
        name="organization-compare-effect-part",
    ),
]
