"""People assign, snooze, mute, comment on and send findings, where they may."""

from datetime import timedelta

import pytest

from governance.access.owners.acting import MayNot
from governance.audit.models import AuditEntry
from governance.inbox.act_preview import act_preview
from governance.inbox.acting import (
    finding_comment,
    findings_assign,
    findings_export,
    findings_mute,
    findings_return,
    findings_snooze,
)
from governance.inbox.acting_rules import CannotActOnFinding
from governance.inbox.models import InboxItem
from governance.notifications.kinds import kind_of
from governance.notifications.models import OutboxEvent
from tests.factories.edits import NOW
from tests.governance.inbox.conftest import PAYMENTS, WEBSITE

SOON = NOW.date() + timedelta(days=7)


def act(service, who, connection, *items, **values):
    ids = [one.pk for one in items]
    return service(**who.asks, connection=connection, item_ids=ids, now=NOW, **values)


class TestAssign:
    def test_gives_findings_to_somebody_and_puts_each_on_record(self, connection, item, ada, ben):
        one, other = item(), item()
        act(findings_assign, ada, connection, one, other, assignee=ben.user)

        assert set(InboxItem.objects.values_list("state", "assignee__username")) == {
            ("assigned", "ben")
        }
        entry = AuditEntry.objects.get(object_id=str(one.pk))
        assert (entry.action, entry.target_id) == ("finding.assign", PAYMENTS)

    def test_leaves_what_the_assignee_may_not_see(self, connection, item, ada, ben):
        seen, hidden = item(), item(account_id=WEBSITE, target_id=WEBSITE)
        done = act(findings_assign, ada, connection, seen, hidden, assignee=ben.user)

        assert done.done == [seen.pk]
        assert done.passed_over == {"they may not see it": 1}

    def test_needs_the_right_where_the_finding_is(self, connection, item, ben):
        elsewhere = item(account_id=WEBSITE, target_id=WEBSITE)
        with pytest.raises(CannotActOnFinding, match="that you may see"):
            act(findings_assign, ben, connection, elsewhere, assignee=None)

    def test_shows_but_does_not_let_act_on_an_ou_that_lies_above(self, connection, item, ben):
        above = item(account_id="", account_ids=[PAYMENTS], target_kind="ROOT", target_id="r-ab12")
        with pytest.raises(MayNot):
            act(findings_assign, ben, connection, above, assignee=None)


class TestSetAside:
    def test_snoozes_until_a_day_and_opens_again_before(self, connection, item, ada):
        made = item()
        act(findings_snooze, ada, connection, made, until=SOON, reason="after the freeze")
        made.refresh_from_db()
        assert (made.state, made.snoozed_until) == ("snoozed", SOON)
        act(findings_return, ada, connection, made)
        made.refresh_from_db()

        assert (made.state, made.set_aside_for) == ("open", "")

    def test_mutes_for_a_reason_only(self, connection, item, ada):
        made = item()
        with pytest.raises(CannotActOnFinding, match="acceptable"):
            act(findings_mute, ada, connection, made, until=SOON, reason=" ")
        act(findings_mute, ada, connection, made, until=SOON, reason="a partner of ours")

        made.refresh_from_db()
        assert (made.state, made.excepted_until) == ("excepted", SOON)

    def test_leaves_exceptions_from_guardrails_to_the_guardrail(self, connection, item, ada):
        with pytest.raises(CannotActOnFinding, match="exception from the guardrail"):
            act(
                findings_mute,
                ada,
                connection,
                item(source="guardrail"),
                until=SOON,
                reason="never mind",
            )

    @pytest.mark.parametrize("days", [0, 181])
    def test_refuses_days_that_are_past_or_far_away(self, connection, item, ada, days):
        with pytest.raises(CannotActOnFinding, match="choose a day"):
            act(
                findings_snooze,
                ada,
                connection,
                item(),
                until=NOW.date() + timedelta(days=days),
                reason="",
            )


class TestPreview:
    def test_counts_what_an_act_reaches_and_what_it_passes_over(self, connection, item, ada):
        items = [item(), item(account_id=WEBSITE), item(state="resolved", resolved_at=NOW)]
        found = act_preview(
            **ada.asks, connection=connection, item_ids=[one.pk for one in items], act="snooze"
        )

        assert (found.findings, found.accounts) == (2, 2)
        assert found.passed_over == {"it is resolved": 1}


class TestComment:
    def test_is_part_of_the_history(self, connection, item, ada):
        made = item()
        act(finding_comment, ada, connection, made, text="Vendor was asked.")

        assert made.events.get(what="comment").text == "Vendor was asked."


class TestTickets:
    def test_tells_webhooks_what_their_viewer_may_see(self, connection, item, ada, ben):
        seen, hidden = item(), item(account_id=WEBSITE, title="hidden", target_id="x")
        act(findings_export, ada, connection, seen, hidden, way="webhook")
        event = OutboxEvent.objects.get(kind="findings.ticket")

        words = kind_of("findings.ticket").words
        told, part = words(event, ada.viewer), words(event, ben.viewer)
        assert told is not None
        assert len(told.facts["findings"]) == 2
        assert part is not None
        assert [one["id"] for one in part.facts["findings"]] == [seen.pk]

    def test_mails_to_who_asked(self, connection, item, ada):
        act(findings_export, ada, connection, item(), way="mail")
        event = OutboxEvent.objects.get(kind="findings.mailed")

        audience = kind_of("findings.mailed").audience
        assert callable(audience)
        assert [one.username for one in audience(event)] == ["ada"]
