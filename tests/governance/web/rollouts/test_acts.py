"""The buttons of the rollout tab: start, go, halt, resume, roll back."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from governance.changes.models import RolloutRing
from governance.changes.states import ChangeState
from governance.web.rollouts.acts import acts_offered
from tests.factories.people import person
from tests.governance.web.rollouts.test_monitor import words


def told(response) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


@pytest.fixture
def press(client, address):
    """Press a button of a request's tab; return the answer."""

    def pressed(asked, act, **fields):
        return client.post(address("change-request-rollout-act", asked), {"act": act, **fields})

    return pressed


@pytest.fixture
def waiting(soaking):
    """The first ring waits for release."""
    ring = RolloutRing.objects.get(rollout__change_request=soaking, number=1)
    ring.state, ring.gate = RolloutRing.State.WAITING, "manual"
    ring.applied_at = timezone.now() - timedelta(minutes=61)
    ring.soak_until = timezone.now() - timedelta(minutes=1)
    ring.save()
    soaking.state = ChangeState.WAITING_FOR_GO
    soaking.save()
    return soaking


@pytest.mark.django_db
class TestHalt:
    def test_is_one_button_and_stops_the_rollout(self, client, soaking, address, press):
        assert ">Halt</button>" in client.get(
            address("change-request-rollout", soaking)
        ).content.decode().replace("\n", "")

        answer = press(soaking, "halt")

        soaking.refresh_from_db()
        assert soaking.state == ChangeState.HALTED
        assert "No further call is made" in told(answer)

    def test_needs_the_right(self, client, soaking, press):
        client.force_login(person("viewer"))

        answer = press(soaking, "halt")

        soaking.refresh_from_db()
        assert soaking.state == ChangeState.SOAKING
        assert "changes.halt_changerequest" in told(answer)

    def test_leads_to_resuming_where_it_stopped(self, client, soaking, address, press):
        press(soaking, "halt")
        shown = words(client.get(address("change-request-rollout", soaking)))
        assert "Resume with 5 calls left" in shown

        press(soaking, "resume", reason="It was the network.")

        soaking.refresh_from_db()
        assert soaking.state == ChangeState.SOAKING


@pytest.mark.django_db
class TestGo:
    def test_is_closed_during_the_soak(self, client, soaking, address):
        shown = words(client.get(address("change-request-rollout", soaking)))

        assert "Gate to ring 2" in shown
        assert "45 min left" in shown
        assert "missing data never passes automatically" in shown
        page = client.get(address("change-request-rollout", soaking)).content.decode()
        assert 'type="submit" disabled' in page

    def test_says_what_holds_and_asks_for_a_reason(self, client, waiting, address, press):
        shown = words(client.get(address("change-request-rollout", waiting)))
        assert "1 of 1 accounts were not read since the ring was applied" in shown
        assert "Start ring 2 for 2 accounts" in shown
        assert "Reason to go on without this data" in shown

        assert "Say why it may continue" in told(press(waiting, "go", ring="1"))
        press(waiting, "go", ring="1", reason="Read by hand.")

        ring = RolloutRing.objects.get(rollout__change_request=waiting, number=1)
        assert ring.state == RolloutRing.State.DONE
        assert ring.gate_reason == "Read by hand."
        assert ring.gate_by is not None
        assert ring.gate_by.username == "maren"

    def test_asks_for_a_fresh_proof_where_production_is_touched(self, waiting, press):
        waiting.needs_step_up = True
        waiting.save()

        answer = press(waiting, "go", ring="1", reason="Read by hand.")

        assert answer.url.startswith("/step-up/")


@pytest.mark.django_db
class TestRollBack:
    def test_says_what_it_does_and_begins(self, client, soaking, address, press):
        shown = words(client.get(address("change-request-rollout", soaking)))
        assert "makes 3 calls and restores what was before in 1 account" in shown
        assert "aws organizations detach-policy" in shown

        press(soaking, "roll_back", reason="It hurts.")

        soaking.refresh_from_db()
        assert soaking.state == ChangeState.ROLLING_BACK


@pytest.mark.django_db
class TestStart:
    def test_is_refused_without_an_apply_role_and_says_so(self, client, planned, address, press):
        shown = words(client.get(address("change-request-rollout", planned)))
        assert "Start ring 1 for 1 account" in shown

        assert "has no apply role" in told(press(planned, "start"))

    def test_is_offered_to_nobody_without_the_right(self, planned):
        viewer = person("viewer")

        assert not acts_offered(planned, viewer, now=timezone.now()).starts

    def test_knows_no_other_button(self, planned, press):
        assert press(planned, "explode").status_code == 400
