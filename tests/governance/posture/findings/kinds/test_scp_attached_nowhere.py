"""SCPs without attachments are found, as of any time."""

from governance.posture.findings.kinds.scp_attached_nowhere import KIND
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT
from tests.factories.versions import ended


class TestScpAttachedNowhere:
    def test_the_past_is_asked_as_it_was(self, snapshot, ask):
        policy = snapshot.policies["unattached"]
        ended(policy, at=SECOND_RUN_AT)
        assert [one.places[0].name for one in ask(KIND, FIRST_RUN_AT)[0]] == ["unattached"]
        assert ask(KIND)[0] == []
