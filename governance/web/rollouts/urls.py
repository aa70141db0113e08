"""Addresses of rollouts, under an organization."""

from django.urls import URLPattern, path

from governance.web.rollouts.acts import RolloutAct
from governance.web.rollouts.calendar import ChangeCalendar
from governance.web.rollouts.locks import ChangeLocks
from governance.web.rollouts.page import RolloutPage, RolloutProgress

_ONE = "changes/<int:number>/rollout"

rollout_patterns: list[URLPattern] = [
    path("changes/calendar/", ChangeCalendar.as_view(), name="change-calendar"),
    path("changes/locks/", ChangeLocks.as_view(), name="change-locks"),
    path(f"{_ONE}/act/", RolloutAct.as_view(), name="change-request-rollout-act"),
    path(f"{_ONE}/", RolloutPage.as_view(), name="change-request-rollout"),
    path(f"{_ONE}/progress/", RolloutProgress.as_view(), name="change-request-rollout-progress"),
]
