"""Addresses of rollouts, under an organization."""

from django.urls import URLPattern, path

from governance.web.rollouts.page import RolloutPage, RolloutProgress

_ONE = "changes/<int:number>/rollout"

rollout_patterns: list[URLPattern] = [
    path(f"{_ONE}/", RolloutPage.as_view(), name="change-request-rollout"),
    path(f"{_ONE}/progress/", RolloutProgress.as_view(), name="change-request-rollout-progress"),
]
