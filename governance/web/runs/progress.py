"""How far a run is, as its progress is drawn."""

from dataclasses import dataclass
from datetime import datetime

from governance.presentation.run_wait_wording import wait_words
from governance.web.runs.listing import seconds_of
from inventory.models import CollectionTask, Coverage, InventoryRun
from inventory.selectors.run_waits import run_wait
from inventory.selectors.runs import RunProgress

_PART = CollectionTask.State
_SAID_EACH_PERCENT = 10


@dataclass(frozen=True, slots=True)
class RunStep:
    """One step for `includes/progress.html`. `state`: done, now, next or bad."""

    label: str
    words: str
    state: str
    done: int
    whole: int


def run_steps(run: InventoryRun, progress: RunProgress) -> list[RunStep]:
    """Return the steps of a run: queued, the organization, the accounts.

    A run of chosen accounts does not read the organization and has no step for it.
    """
    states = InventoryRun.State
    accounts_known = progress.accounts_total > 0
    failed_early = run.state == states.FAILED and not accounts_known
    steps = [_queued_step(run)]
    if run.account_ids is None:
        steps.append(_organization_step(run, accounts_known, failed_early))
    steps.append(_accounts_step(run, progress))
    return steps


def _queued_step(run: InventoryRun) -> RunStep:
    if run.state == InventoryRun.State.QUEUED:
        return RunStep("Queued", "waits for a worker", "now", 0, 1)
    if run.started_at is None:
        return RunStep("Queued", "no worker started it", "bad", 0, 1)
    return RunStep("Queued", "started", "done", 1, 1)


def _organization_step(run: InventoryRun, accounts_known: bool, failed_early: bool) -> RunStep:
    if accounts_known or (not run.is_active and not failed_early):
        return RunStep("Organization", "read", "done", 1, 1)
    if failed_early:
        return RunStep(
            "Organization", "could not be read", "bad" if run.started_at else "next", 0, 1
        )
    if run.state == InventoryRun.State.QUEUED:
        return RunStep("Organization", "to come", "next", 0, 1)
    return RunStep("Organization", "OUs, accounts, policies", "now", 0, 1)


def _accounts_step(run: InventoryRun, progress: RunProgress) -> RunStep:
    total, done = progress.accounts_total, progress.accounts_done
    if not total:
        return RunStep("Accounts", "to come" if run.is_active else "none were read", "next", 0, 1)
    words = f"{done:,} of {total:,}"
    if done < total:
        return RunStep("Accounts", words, "now" if run.is_active else "bad", done, total)
    all_failed = progress.accounts.get(_PART.FAILED, 0) == total
    return RunStep("Accounts", words, "bad" if all_failed else "done", done, total)


@dataclass(frozen=True, slots=True)
class Counted:
    """A number of accounts or collectors in one state."""

    state: str
    count: int


_PARTS = (
    _PART.COMPLETE,
    _PART.PARTIAL,
    _PART.FAILED,
    _PART.SKIPPED,
    _PART.RUNNING,
    _PART.PENDING,
)


@dataclass(frozen=True, slots=True)
class ProgressShown:
    """Everything `governance/runs/progress.html` draws beyond the run. `said`: for those who hear.
    `waits`: what it waits for, empty once it has ended.

    `seconds`: so far, or in all; None before the start.
    """

    steps: list[RunStep]
    accounts: list[Counted]
    collectors: list[Counted]
    calls: int
    seconds: float | None
    said: str
    waits: str


def shown_progress(run: InventoryRun, progress: RunProgress, *, now: datetime) -> ProgressShown:
    """Prepare a run's progress for drawing."""
    waiting = run_wait(run, now=now)
    return ProgressShown(
        steps=run_steps(run, progress),
        accounts=[
            Counted(state, progress.accounts[state])
            for state in _PARTS
            if progress.accounts.get(state)
        ],
        collectors=[
            Counted(state, progress.collectors[state])
            for state in Coverage.State
            if progress.collectors.get(state)
        ],
        calls=sum(progress.calls.values()),
        seconds=seconds_of(run, now),
        said=_said(run, progress),
        waits=wait_words(waiting) if waiting is not None else "",
    )


def _said(run: InventoryRun, progress: RunProgress) -> str:
    """Say how far the run is in steps, so that a screen reader is told ten times, not hundreds."""
    if not run.is_active:
        return f"Run {run.pk} has ended: {run.get_state_display().lower()}."
    if not progress.accounts_total:
        return f"Run {run.pk} is {run.get_state_display().lower()}."
    percent = 100 * progress.accounts_done // progress.accounts_total
    return f"Run {run.pk}: {percent - percent % _SAID_EACH_PERCENT} % of the accounts are read."
