"""The way from an empty installation to a first complete run, with a check at each step."""

from dataclasses import dataclass, replace

from django.contrib.auth.models import User
from django.urls import reverse

from governance.access import rights
from governance.collection.connection_tests import LastConnectionTest, last_connection_test
from governance.web.parts.rights_view import may_here
from inventory.models import Connection, InventoryRun
from inventory.selectors.connections import latest_whole_run
from inventory.selectors.hierarchy import accounts
from inventory.selectors.runs import active_run, runs
from inventory.viewing import Viewer


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One step. `state`: done, now, bad or next; `posts`: whether `href` is a button's."""

    title: str
    text: str
    state: str = "next"
    href: str = ""
    label: str = ""
    posts: bool = False

    @property
    def icon(self) -> str:
        """The icon of its state."""
        return {"done": "check", "bad": "x", "now": "player-play"}.get(self.state, "circle-dashed")

    @property
    def icon_label(self) -> str:
        """The state in a word."""
        return {"done": "Done", "bad": "Failed", "now": "Next"}.get(self.state, "To come")


_CONNECT = FirstStep(
    "Connect the organization",
    "Name the two roles that Orgwarden reads through. No AWS secret is stored.",
)
_DEPLOY = FirstStep(
    "Deploy the roles",
    "The organization reader once, the audit role in every account. Both only read.",
)
_TEST = FirstStep(
    "Test the connection",
    "Assumes both roles and tries each permission, in up to four accounts.",
)
_RUN = FirstStep("Start the first run", "Reads the organization and every account.")
_RESULT = FirstStep("See the result", "Posture shows what was read, and what was not.")


def steps_before_connecting() -> list[FirstStep]:
    """Return the steps where no organization is connected."""
    connect = replace(
        _CONNECT, state="now", href=reverse("connection-create"), label="Connect an organization"
    )
    return [connect, _DEPLOY, _TEST, _RUN, _RESULT]


def first_steps(user: User, viewer: Viewer, connection: Connection) -> list[FirstStep]:
    """Return the steps of a connection that was never read completely; none for one that was."""
    if latest_whole_run(viewer, connection=connection) is not None:
        return []
    slug = {"slug": connection.slug}
    tested = last_connection_test(connection)
    active = active_run(viewer, connection=connection)
    latest = runs(viewer, connection=connection).order_by("-pk").first()
    may_test = may_here(user, rights.TEST_CONNECTION, connection)
    may_start = may_here(user, rights.START_RUN, connection)
    run_step = _run_step(active, latest, slug)
    if run_step.state == "next" and tested is not None and tested.assumed_roles and may_start:
        href = reverse("inventory-run-start", kwargs=slug)
        run_step = replace(run_step, state="now", href=href, label="Start the run", posts=True)
    test_step = _test_step(tested)
    if may_test and test_step.state != "done":
        href = reverse("connection-test", kwargs=slug)
        test_step = replace(test_step, href=href, label="Test connection", posts=True)
    return [
        replace(_CONNECT, state="done", text=f"{connection.name} is connected."),
        _deploy_step(tested),
        test_step,
        run_step,
        _result_step(viewer, connection, latest),
    ]


def _deploy_step(tested: LastConnectionTest | None) -> FirstStep:
    if tested is None:
        return replace(_DEPLOY, state="now", href="#deploy", label="Show the templates")
    if tested.assumed_roles:
        return replace(_DEPLOY, state="done", text="Every role that was tried can be assumed.")
    text = "A role could not be assumed. The test names it and says what to do."
    return replace(_DEPLOY, state="bad", text=text, href="#deploy", label="Show the templates")


def _test_step(tested: LastConnectionTest | None) -> FirstStep:
    if tested is None:
        return _TEST
    if not tested.problems:
        return replace(_TEST, state="done", text=f"All {tested.steps:,} checks passed.")
    first = tested.problems[0]
    text = f"{len(tested.problems):,} of {tested.steps:,} checks failed. First: {first}"
    return replace(_TEST, state="bad", text=text)


def _run_step(
    active: InventoryRun | None, latest: InventoryRun | None, slug: dict[str, str]
) -> FirstStep:
    if active is not None:
        href = reverse("inventory-run", kwargs={**slug, "run_id": active.pk})
        return replace(
            _RUN, state="now", text=f"Run {active.pk} is reading.", href=href, label="Watch the run"
        )
    if latest is None:
        return _RUN
    href = reverse("inventory-run", kwargs={**slug, "run_id": latest.pk})
    text = f"Run {latest.pk} did not read the organization."
    return replace(_RUN, state="bad", text=text, href=href, label="See why")


def _result_step(viewer: Viewer, connection: Connection, latest: InventoryRun | None) -> FirstStep:
    known = accounts(viewer, connection=connection).count() if latest else 0
    if not known:
        return _RESULT
    return replace(_RESULT, text=f"{known:,} accounts are known so far.")
