"""Addresses of inventory runs, under an organization."""

from django.urls import URLPattern, path

from governance.web.runs.listing import RunsPage
from governance.web.runs.run import RunCalls, RunCoverage, RunPage, RunProgressPart
from governance.web.runs.starting import CancelRun, CollectAccount, RetryRun, StartRun
from governance.web.runs.suspected import ConfirmDeletion, RunSuspected

run_patterns: list[URLPattern] = [
    path("inventory-runs/", RunsPage.as_view(), name="inventory-runs"),
    path("inventory-runs/start/", StartRun.as_view(), name="inventory-run-start"),
    path("inventory-runs/<int:run_id>/", RunPage.as_view(), name="inventory-run"),
    path(
        "inventory-runs/<int:run_id>/progress/",
        RunProgressPart.as_view(),
        name="inventory-run-progress",
    ),
    path(
        "inventory-runs/<int:run_id>/coverage/",
        RunCoverage.as_view(),
        name="inventory-run-coverage",
    ),
    path("inventory-runs/<int:run_id>/calls/", RunCalls.as_view(), name="inventory-run-calls"),
    path(
        "inventory-runs/<int:run_id>/suspected/",
        RunSuspected.as_view(),
        name="inventory-run-suspected",
    ),
    path(
        "suspected-deletions/<int:suspected_id>/confirm/",
        ConfirmDeletion.as_view(),
        name="suspected-deletion-confirm",
    ),
    path("inventory-runs/<int:run_id>/cancel/", CancelRun.as_view(), name="inventory-run-cancel"),
    path("inventory-runs/<int:run_id>/retry/", RetryRun.as_view(), name="inventory-run-retry"),
    path("accounts/<str:account_id>/collect/", CollectAccount.as_view(), name="account-collect"),
]
