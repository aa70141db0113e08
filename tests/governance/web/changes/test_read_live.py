"""Evidence says on its page what was read from AWS while it was made, and what was not."""

import pytest
from django.utils import timezone

from governance.changes.evidence.live_state import LiveReads
from governance.changes.life.checking import change_check
from governance.changes.life.drafting import change_create
from governance.changes.life.submitting import change_submit
from inventory.collecting.policies_now import FoundNow, TargetNow
from tests.factories.edits import TEST, attached
from tests.governance.changes.life.conftest import acting, content


@pytest.fixture
def page(snapshot, author, client, address):
    """Return a function that gives the text of the page of evidence with some live reads."""

    def read(**found):
        made = change_create(
            by=acting(author),
            connection=snapshot.connection,
            content=content(attached("p-unatt001", TEST)),
            now=timezone.now(),
        )
        change_submit(by=acting(author), change_request_id=made.pk, now=timezone.now())
        change_check(
            change_request_id=made.pk,
            clock=timezone.now,
            live=lambda _request, now: LiveReads(read_at=now, **found),
        )
        text = client.get(address("change-request-evidence", number=made.number)).text
        return " ".join(text.split())

    return read


class TestReadLive:
    def test_counts_targets_and_names_those_that_were_left_and_why(self, page):
        here = {TEST: TargetNow("", {"SERVICE_CONTROL_POLICY": ("p-FullAWSAccess",)})}
        found = FoundNow(targets=here, left=("r-ab12", "333333333331"), problem="AWS was slow.")
        shown = page(found=found)
        assert "0 policies and 1 target from AWS, as the evidence was made" in shown
        assert "2 targets: as of the run. Each is compared with AWS before the first call." in shown
        assert "AWS was slow." in shown

    def test_says_that_nothing_was_read(self, page):
        shown = page(problem="AWS denied organizations:DescribePolicy.")
        assert "AWS denied organizations:DescribePolicy." in shown
        assert "as the evidence was made" not in shown
