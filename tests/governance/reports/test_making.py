"""Asking for a report: a worker makes it once, for who sees the same part."""

from unittest.mock import patch

import pytest

from governance.access.actors import user_actor
from governance.access.owners.acting import ActingPerson, MayNot
from governance.access.viewers import viewer_of
from governance.reports.making import (
    NoSuchSubtree,
    report_make,
    report_request,
    reportable_targets,
    reports_made,
)
from governance.reports.models import SubtreeReport
from tests.factories.people import person
from tests.governance.reports.conftest import NOW, PAYMENTS


def ask(user, connection, target_id):
    return report_request(
        by=ActingPerson(user, user_actor(user)),
        viewer=viewer_of(user),
        connection=connection,
        target_id=target_id,
        now=NOW,
    )


class TestAsking:
    def test_is_answered_by_a_worker_and_found_by_who_sees_the_same(self, ada, ben, connection):
        with patch("governance.reports.making.send_report"):
            job = ask(ada, connection, "r-ab12")
        report_make(job_id=job.pk, clock=lambda: NOW)
        job.refresh_from_db()

        assert (job.state, job.result["made_by"]) == (SubtreeReport.State.COMPLETE, "ada")
        assert list(reports_made(viewer_of(ada), connection=connection, now=NOW)) == [job]
        assert not reports_made(viewer_of(ben), connection=connection, now=NOW)

    def test_offers_the_places_of_the_right_alone(self, ada, ben, connection):
        def offered(user):
            by = ActingPerson(user, user_actor(user))
            return {one.target_id for one in reportable_targets(by, viewer_of(user), connection)}

        assert offered(ben) == {PAYMENTS}
        assert {"r-ab12", "ou-ab12-prod0001", PAYMENTS} <= offered(ada)

    def test_is_refused_where_the_place_is_not_seen_or_the_right_is_missing(self, ben, connection):
        with pytest.raises(NoSuchSubtree):
            ask(ben, connection, "r-ab12")
        with pytest.raises(MayNot):
            ask(person("viewer", username="vera"), connection, "r-ab12")
