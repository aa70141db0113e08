"""Addresses of the simulator, under an organization."""

from django.urls import URLPattern, path

from governance.web.simulator.views import (
    DraftDifferences,
    DraftEdit,
    DraftEdits,
    DraftEffect,
    DraftPage,
    DraftUsage,
    SimulatorPage,
)
from governance.web.simulator.while_typing import Completions, Find, Lint

_DRAFT = "simulator/<int:simulation_id>"

simulator_patterns: list[URLPattern] = [
    path("simulator/", SimulatorPage.as_view(), name="simulator"),
    path("simulator/completions/", Completions.as_view(), name="simulator-completions"),
    path("simulator/lint/", Lint.as_view(), name="simulator-lint"),
    path("simulator/find/", Find.as_view(), name="simulator-find"),
    path(f"{_DRAFT}/", DraftPage.as_view(), name="simulation"),
    path(f"{_DRAFT}/effect/", DraftEffect.as_view(), name="simulation-effect"),
    path(f"{_DRAFT}/differences/", DraftDifferences.as_view(), name="simulation-differences"),
    path(f"{_DRAFT}/usage/", DraftUsage.as_view(), name="simulation-usage"),
    path(f"{_DRAFT}/edits/", DraftEdits.as_view(), name="simulation-edits"),
    path(f"{_DRAFT}/edits/<int:operation_id>/", DraftEdit.as_view(), name="simulation-edit"),
]
