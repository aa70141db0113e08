"""Long simulations are queued, run once, kept for a while and deleted."""

from datetime import timedelta

import pytest
from kombu.exceptions import OperationalError

from governance.jobs.life import job_find, jobs_expire
from governance.simulations import dispatch, jobs, tasks
from governance.simulations.models import SimulationJob
from inventory.viewing import Viewer
from tests.factories.edits import NOW, SECURITY, attached, edited
from tests.factories.people import person, take_roles
from tests.factories.policies import denying

_State = SimulationJob.State


@pytest.fixture
def sent(monkeypatch):
    """The ids of jobs that were sent to the queue."""
    found: list[object] = []
    monkeypatch.setattr(dispatch, "send_simulation", found.append)
    return found


@pytest.fixture
def job(snapshot, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        return jobs.simulation_request(
            connection=snapshot.connection,
            requested_by=person("viewer"),
            viewer=Viewer(sees_inventory=True),
            operations=[edited("p-regio001", denying("ec2:*", "rds:*", "s3:DeleteBucket"))],
            as_of=None,
            now=NOW,
        )


class TestJobs:
    def test_are_queued_and_leave_their_result(self, job, sent):
        assert sent == [job.pk]
        tasks.run_simulation_task(job_id=str(job.pk))
        job.refresh_from_db()
        assert job.state == _State.COMPLETE
        assert job.result["newly_denied"] == 1
        (difference,) = job.result["differences"]
        assert difference["actions"] == ["s3:DeleteBucket"]
        assert difference["witness"]["denied_by"]["policy_id"] == "p-regio001"

    def test_run_once(self, job):
        jobs.simulation_run(job_id=job.pk, clock=lambda: NOW)
        SimulationJob.objects.update(result={"kept": True})
        jobs.simulation_run(job_id=job.pk, clock=lambda: NOW)
        job.refresh_from_db()
        assert job.result == {"kept": True}

    def test_fail_when_the_right_was_lost_meanwhile(self, job):
        take_roles(job.requested_by)
        jobs.simulation_run(job_id=job.pk, clock=lambda: NOW)
        job.refresh_from_db()
        assert job.state == _State.FAILED
        assert "may no longer see" in job.error

    def test_say_when_the_queue_cannot_be_reached(
        self, snapshot, monkeypatch, django_capture_on_commit_callbacks
    ):
        def refuse(_):
            raise OperationalError("no broker")

        monkeypatch.setattr(dispatch, "send_simulation", refuse)
        with django_capture_on_commit_callbacks(execute=True):
            job = jobs.simulation_request(
                connection=snapshot.connection,
                requested_by=person("viewer"),
                viewer=Viewer(sees_inventory=True),
                operations=[attached("p-unatt001", SECURITY)],
                as_of=None,
                now=NOW,
            )
        job.refresh_from_db()
        assert job.state == _State.FAILED
        assert "check that the broker is up" in job.error

    def test_tell_of_a_fault_and_raise_it(self, job, monkeypatch):
        def fail(**_):
            raise ZeroDivisionError

        monkeypatch.setattr(jobs, "simulation_run", fail)
        with pytest.raises(ZeroDivisionError):
            tasks.run_simulation_task(job_id=str(job.pk))
        job.refresh_from_db()
        assert job.state == _State.FAILED

    def test_are_seen_until_they_expire(self, job):
        asked = {"connection": job.connection, "job_id": job.pk}
        viewer = Viewer(sees_inventory=True)
        assert job_find(SimulationJob, viewer, **asked, now=NOW) == job
        assert job_find(SimulationJob, Viewer(sees_inventory=False), **asked, now=NOW) is None
        over = NOW + timedelta(hours=25)
        assert job_find(SimulationJob, viewer, **asked, now=over) is None
        assert jobs_expire(SimulationJob, now=NOW) == 0
        assert jobs_expire(SimulationJob, now=over) == 1
        assert not SimulationJob.objects.exists()
