"""States of an organization, what differs between two, and what it meant."""

import uuid

import pytest

from governance.simulations import dispatch, tasks
from governance.simulations.models import SimulationJob
from tests.factories.policies import PolicyFactory
from tests.factories.second_state import second_run, second_state
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT

SNAPSHOTS = "/api/v1/organizations/acme/snapshots"


@pytest.fixture
def later(acme):
    return second_state(acme)


@pytest.fixture
def sent(monkeypatch):
    """The ids of jobs that were sent to the queue."""
    found: list[object] = []
    monkeypatch.setattr(dispatch, "send_simulation", found.append)
    return found


@pytest.fixture
def ask(viewer, acme, later, sent, django_capture_on_commit_callbacks):
    """Return a function that asks for the effect between the two runs."""

    def run(before=None, after="now", **headers):
        with django_capture_on_commit_callbacks(execute=True):
            return viewer.post(
                f"{SNAPSHOTS}/{before or acme.run.pk}/diff/{after}/effect", headers=headers
            )

    return run


def diff(viewer, before, after, query=""):
    return viewer.get(f"{SNAPSHOTS}/{before}/diff/{after}{query}")


class TestStates:
    def test_are_listed_with_how_much_each_saw_change(self, viewer, acme, later):
        newest, first = viewer.get(SNAPSHOTS).json()["results"]
        assert (newest["id"], first["id"]) == (later.run.pk, acme.run.pk)
        assert newest["rows_changed"] > 10
        assert first["rows_changed"] is None
        assert viewer.get(newest["run_url"]).json()["id"] == later.run.pk

    def test_that_saw_no_change_say_so(self, viewer, acme):
        second_run(acme)
        assert viewer.get(SNAPSHOTS).json()["results"][0]["rows_changed"] == 0

    def test_come_in_pages(self, viewer, acme, later):
        page = viewer.get(f"{SNAPSHOTS}?limit=1").json()
        assert [row["id"] for row in viewer.get(page["next"]).json()["results"]] == [acme.run.pk]


class TestDiff:
    def test_tells_each_difference_with_before_and_after(self, viewer, acme, later):
        told = diff(viewer, acme.run.pk, later.run.pk).json()
        assert told["total"] == len(told["results"]) == 23
        (moved,) = (row for row in told["results"] if row["kind"] == "account_moved")
        assert moved["before"] == {"parent_id": "ou-ab12-prod0001"}
        assert [step["name"] for step in moved["path_after"]] == ["Root", "Workloads", "Test"]
        assert moved["since"] == SECOND_RUN_AT.isoformat().replace("+00:00", "Z")
        assert viewer.get(moved["run_url"]).json()["id"] == later.run.pk
        (edited,) = (row for row in told["results"] if row["kind"] == "policy_changed")
        assert (edited["lines_removed"], edited["lines_added"]) == (1, 2)
        assert told["before"]["run_id"] == acme.run.pk

    def test_takes_times_as_well(self, viewer, acme, later):
        first = FIRST_RUN_AT.isoformat().replace("+00:00", "Z")
        assert diff(viewer, first, "now").json()["total"] == 23
        assert diff(viewer, SECOND_RUN_AT.isoformat(), "now").json()["results"] == []

    @pytest.mark.parametrize("ordering", ["kind", "-kind", "since", "-since"])
    @pytest.mark.parametrize("limit", [1, 7, 22, 23])
    def test_gives_each_difference_once_over_its_pages(
        self, viewer, acme, later, limit, ordering, settings
    ):
        settings.API_READS_A_MINUTE = 1_000_000
        query = f"?limit={limit}&ordering={ordering}"
        address = f"{SNAPSHOTS}/{acme.run.pk}/diff/{later.run.pk}"
        whole = [
            row["key"] for row in viewer.get(f"{address}?ordering={ordering}").json()["results"]
        ]
        found, following = [], f"{address}{query}"
        while following:
            page = viewer.get(following).json()
            found += [row["key"] for row in page["results"]]
            following = page["next"]
        assert found == whole
        assert len(set(found)) == 23

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("?kind=account_added&kind=account_removed", {"data", "retired"}),
            ("?group=organizational_units&q=sand", {"Sandbox"}),
            ("?under=ou-ab12-sec00001&consequence=false&group=attachments", {"FullAWSAccess"}),
        ],
    )
    def test_is_filtered_as_on_screen(self, viewer, acme, later, query, names):
        told = diff(viewer, acme.run.pk, later.run.pk, query).json()
        assert {row["name"] for row in told["results"]} == names
        assert told["total"] == len(told["results"])

    def test_is_not_sent_again_to_who_has_it(self, viewer, acme, later):
        answer = diff(viewer, acme.run.pk, later.run.pk, "?limit=2")
        assert answer.headers["Link"].endswith('rel="next"')
        again = viewer.get(
            f"{SNAPSHOTS}/{acme.run.pk}/diff/{later.run.pk}?limit=2",
            headers={"If-None-Match": answer.headers["ETag"]},
        )
        assert again.status_code == 304

    def test_gives_only_the_fields_asked_for(self, viewer, acme, later):
        told = diff(viewer, acme.run.pk, later.run.pk, "?fields=key,kind&limit=1").json()
        assert set(told["results"][0]) == {"key", "kind"}

    def test_says_what_was_not_read_and_tells_none_of_it_as_new(self, viewer, acme):
        PolicyFactory.create(
            connection=acme.connection, type="BACKUP_POLICY", seen_from=SECOND_RUN_AT
        )
        run = second_run(acme, states={"organizations.tags": "denied"})
        told = diff(viewer, acme.run.pk, run.pk).json()
        assert told["results"] == []
        assert told["read_first_after"] == {"organizations.policies.BACKUP_POLICY": 1}
        denied = next(gap for gap in told["after"]["not_read"] if gap["state"] == "denied")
        assert denied["collectors"] == ["organizations.tags"]
        assert denied["message"] == "AWS refused"

    @pytest.mark.parametrize(
        ("before", "after", "words"),
        [
            ("nonsense", "now", "earlier: 'nonsense' is not a time"),
            ("99999999", "now", "earlier: acme has no inventory run 99999999"),
            ("now", "2026-11-01T08:30:00Z", "give the earlier state first"),
        ],
    )
    def test_refuses_what_is_no_pair_of_states(self, viewer, acme, later, before, after, words):
        answer = diff(viewer, before, after)
        assert answer.status_code == 400
        assert answer.json()["type"] == "urn:orgwarden:problem:invalid"
        assert words in answer.json()["detail"]

    def test_says_when_the_first_run_was_to_who_asks_for_a_time_before(self, viewer, acme, later):
        answer = diff(viewer, "2020-01-01", "now")
        assert answer.status_code == 422
        assert answer.json()["first_run_at"] == FIRST_RUN_AT.isoformat().replace("+00:00", "Z")

    @pytest.mark.parametrize(
        "query", ["?kind=nonsense", "?ordering=name", "?as_of=now", "?limit=0"]
    )
    def test_refuses_parameters_that_it_does_not_know(self, viewer, acme, later, query):
        assert diff(viewer, acme.run.pk, later.run.pk, query).status_code == 400


class TestEffect:
    def test_is_told_at_once_where_that_is_quick(self, ask, later):
        answer = ask()
        assert answer.status_code == 200
        result = answer.json()["result"]
        assert result["newly_denied"] == 3
        assert result["only_after"] == [later.added_account_id]
        assert result["only_before"] == ["444444444441"]
        assert result["differences"][0]["witness"]["after"] == "denied"
        assert "checks" not in result

    def test_is_queued_where_it_is_not_and_comes_later(self, ask, sent, viewer, settings):
        settings.SIMULATION_AT_ONCE_ACCOUNTS = 0
        answer = ask()
        assert answer.status_code == 202
        address = answer.headers["Location"]
        waiting = viewer.get(address)
        assert (waiting.json()["result"], waiting.headers["Retry-After"]) == (None, "1")
        tasks.run_simulation_task(job_id=str(sent[0]))
        done = viewer.get(address).json()
        assert done["state"] == "complete"
        assert done["result"]["newly_denied"] == 3
        assert done["before_at"] == FIRST_RUN_AT.isoformat().replace("+00:00", "Z")

    def test_is_no_simulation(self, ask, sent, viewer):
        ask(Prefer="respond-async")
        simulations = SNAPSHOTS.replace("snapshots", "simulations")
        assert viewer.get(f"{simulations}/{sent[0]}").status_code == 404

    def test_is_asked_for_once_with_a_key(self, ask, sent):
        headers = {"Idempotency-Key": "nightly", "Prefer": "respond-async"}
        first, again = ask(**headers), ask(**headers)
        assert again.headers["Location"] == first.headers["Location"]
        assert SimulationJob.objects.count() == len(sent) == 1

    def test_of_no_pair_of_states_is_refused(self, ask, acme):
        answer = ask(before="now", after=str(acme.run.pk))
        assert answer.status_code == 400
        assert "give the earlier state first" in answer.json()["detail"]

    def test_has_no_address_for_what_is_not_there(self, viewer, acme):
        assert viewer.get(f"{SNAPSHOTS}/effects/{uuid.uuid4()}").status_code == 404
