"""Results are worked out after a run, for what changed alone, and read by who may."""

from dataclasses import replace
from datetime import timedelta

import pytest

from governance.access.actors import user_actor
from governance.access.owners.acting import ActingPerson, MayNot
from governance.audit.models import AuditEntry
from governance.baseline.guardrails.definitions import GUARDRAILS, guardrail_in_force
from governance.baseline.guardrails.matrix import (
    matrix_accounts,
    matrix_columns,
    matrix_of_accounts,
    matrix_of_units,
)
from governance.baseline.guardrails.models import GuardrailResult, GuardrailTally
from governance.baseline.guardrails.mutating import mutation_report
from governance.baseline.guardrails.outcome_counts import counts_by_guardrail
from governance.baseline.guardrails.reading import GuardrailInvalid
from governance.baseline.guardrails.refreshing import refresh_guardrails
from governance.baseline.guardrails.remedies import (
    NoRemedy,
    remedy_operations,
    remedy_simulated,
)
from governance.baseline.guardrails.selectors import (
    guardrail_overviews,
    guardrail_result,
    guardrail_results,
    guardrail_trend,
    proof_of,
    result_history,
)
from governance.baseline.guardrails.trying import try_guardrail
from governance.baseline.guardrails.writing import read_for
from governance.edits.written_rules import RuleMoved
from inventory.models import CollectedSpan
from inventory.viewing import Place, Viewer
from tests.factories.edits import (
    MANAGEMENT,
    NOW,
    PAYMENTS,
    PAYMENTS_TEST,
    PROD,
    RETIRED,
    ROOT,
    WEBSITE,
    WORKLOADS,
)
from tests.factories.people import person
from tests.factories.policies import attached_policy, denying
from tests.factories.runs import InventoryRunFactory

LEAVING = "accounts-stay-in-the-organization"
OWN = b"""\
id: no-buckets
title: Nobody creates buckets in production
why: Buckets belong to the platform.
topic: cost
severity: low
scope:
  organizational_units: [Workloads/Prod]
effect:
  actions: [s3:CreateBucket]
remedy:
  text: Attach an SCP.
"""


@pytest.fixture
def connection(snapshot):
    return snapshot.connection


def shipped(connection, guardrail_id):
    """Return a guardrail as it is shipped."""
    found = guardrail_in_force(connection, guardrail_id)
    assert found is not None
    return found.document


@pytest.fixture
def sam(db):
    """Somebody of security, who may write guardrails."""
    user = person("security", username="sam")
    return ActingPerson(user, user_actor(user))


def outcomes(connection, guardrail_id):
    rows = GuardrailResult.objects.as_of(None).filter(
        connection=connection, guardrail_id=guardrail_id
    )
    return dict(rows.values_list("account_id", "outcome"))


def attach(snapshot, text, target_id, at):
    """Store a policy that another run found attached."""
    attached_policy(
        snapshot.connection, text, target_id, policy_id="p-later000", name="later", seen_from=at
    )


class TestRefresh:
    def test_what_an_scp_at_the_root_denies_holds_everywhere_but_in_management(
        self, snapshot, connection, viewer
    ):
        refresh_guardrails(connection, now=NOW)
        found = outcomes(connection, LEAVING)
        assert found.pop(MANAGEMENT) == "fails"
        assert set(found.values()) == {"holds"}
        # Nobody can do anything in a suspended account.
        assert RETIRED not in found
        result = guardrail_result(
            viewer, connection=connection, guardrail_id=LEAVING, account_id=MANAGEMENT
        )
        assert result is not None
        assert "management account" in proof_of(result)["because"]

    def test_a_counterexample_names_the_account_it_is_of(self, connection, viewer):
        refresh_guardrails(connection, now=NOW)
        results = guardrail_results(
            viewer, connection=connection, guardrail_id="no-iam-users", outcomes=["fails"]
        )
        assert {one.account_id for one in results} >= {MANAGEMENT, PAYMENTS_TEST}
        for one in results:
            assert one.account_id in proof_of(one)["counterexample"]["principal"]
        assert len({one.proof_id for one in results}) < len(results)

    def test_what_was_never_read_is_not_covered(self, connection):
        refresh_guardrails(connection, now=NOW)
        assert set(outcomes(connection, "guardduty-is-on").values()) == {"not_covered"}
        assert set(outcomes(connection, "no-public-buckets").values()) == {"not_covered"}

    def test_a_parameter_without_value_leaves_it_undecided(self, connection, viewer):
        refresh_guardrails(connection, now=NOW)
        found = outcomes(connection, "perimeter-our-identities-in-expected-networks")
        assert set(found.values()) == {"undecided"}
        overviews = {
            one.guardrail.id: one for one in guardrail_overviews(viewer, connection=connection)
        }
        named = overviews["perimeter-our-identities-in-expected-networks"]
        assert "Expected networks" in named.problem

    def test_nothing_is_written_where_nothing_changed(self, connection):
        refresh_guardrails(connection, now=NOW)
        results, tallies = GuardrailResult.objects.count(), GuardrailTally.objects.count()
        again = refresh_guardrails(connection, now=NOW + timedelta(hours=1))
        assert again.asked == 0
        assert again.written == {}
        assert GuardrailResult.objects.count() == results
        assert GuardrailTally.objects.count() == tallies

    def test_after_another_policy_only_the_accounts_below_are_asked(
        self, snapshot, connection, viewer
    ):
        first = refresh_guardrails(connection, now=NOW)
        later = first.moment + timedelta(days=1)
        InventoryRunFactory.create(connection=connection, started_at=later)
        attach(snapshot, denying("iam:CreateUser"), WORKLOADS, later)
        done = refresh_guardrails(connection, now=NOW)
        assert done.moment == later
        assert done.written["no-iam-users"] <= {PAYMENTS, WEBSITE, PAYMENTS_TEST}
        assert outcomes(connection, "no-iam-users")[PAYMENTS_TEST] == "holds"
        history = result_history(
            viewer, connection=connection, guardrail_id="no-iam-users", account_id=PAYMENTS_TEST
        )
        assert [one.outcome for one in history] == ["holds", "fails"]
        assert history[1].seen_until == later == history[0].seen_from
        before = counts_by_guardrail(viewer, connection=connection, as_of=first.moment)
        after = counts_by_guardrail(viewer, connection=connection)
        assert after["no-iam-users"].holds > before["no-iam-users"].holds
        trend = guardrail_trend(connection, now=later, days=2, guardrail_id="no-iam-users")
        assert [one.counts.holds for one in trend] == [
            before["no-iam-users"].holds,
            after["no-iam-users"].holds,
        ]

    def test_a_policy_that_cannot_be_read_leaves_it_undecided(self, snapshot, connection):
        later = snapshot.run.started_at
        attach(snapshot, "{", ROOT, later)
        refresh_guardrails(connection, now=NOW)
        assert outcomes(connection, LEAVING)[PAYMENTS] == "undecided"

    def test_scps_that_were_never_read_are_not_covered(self, connection):
        CollectedSpan.objects.filter(
            collector="organizations.policies.SERVICE_CONTROL_POLICY"
        ).delete()
        refresh_guardrails(connection, now=NOW)
        assert set(outcomes(connection, LEAVING).values()) == {"not_covered"}


class TestMatrix:
    def test_ous_count_what_is_below_them(self, connection, viewer):
        refresh_guardrails(connection, now=NOW)
        columns = matrix_columns(connection, guardrail_ids={LEAVING, "no-iam-users"})
        matrix = matrix_of_units(viewer, connection=connection, columns=columns, levels=1)
        rows = {one.name: one for one in matrix.rows}
        assert [one.id for one in matrix.guardrails] == ["no-iam-users", LEAVING]
        assert set(rows) == {"Root", "Security", "Workloads", "Suspended"}
        assert rows["Workloads"].cells[1].holds == 3
        assert rows["Root"].cells[1].accounts == len(outcomes(connection, LEAVING))
        assert rows["Root"].cells[1].worst == "fails"
        assert rows["Suspended"].cells[1].worst == ""

    def test_accounts_are_one_cell_each(self, connection, viewer):
        refresh_guardrails(connection, now=NOW)
        columns = matrix_columns(connection, guardrail_ids={LEAVING})
        chosen = matrix_accounts(viewer, connection=connection, under=WORKLOADS)
        matrix = matrix_of_accounts(viewer, connection=connection, columns=columns, accounts=chosen)
        assert {one.cells[0].worst for one in matrix.rows} == {"holds"}
        assert [one.name for one in matrix.rows] == sorted(one.name for one in matrix.rows)

    def test_who_sees_a_part_sees_its_results_alone(self, connection):
        refresh_guardrails(connection, now=NOW)
        limited = Viewer(True, (frozenset({Place(connection.pk, PROD)}),))
        results = guardrail_results(limited, connection=connection, guardrail_id=LEAVING)
        assert {one.account_id for one in results} == {PAYMENTS, WEBSITE}
        assert counts_by_guardrail(limited, connection=connection)[LEAVING].accounts == 2
        columns = matrix_columns(connection, guardrail_ids={LEAVING})
        matrix = matrix_of_units(limited, connection=connection, columns=columns, levels=3)
        assert matrix.rows[0].cells[0].accounts == 2


class TestWriting:
    def test_an_own_guardrail_is_tried_then_written_and_worked_out(self, connection, viewer, sam):
        document = read_for(viewer, connection, OWN)
        tried = try_guardrail(viewer, connection=connection, document=document)
        assert set(tried.found) == {PAYMENTS, WEBSITE}
        assert not GuardrailResult.objects.exists()
        made = GUARDRAILS.write(
            by=sam, connection=connection, document=document, reason="Agreed.", now=NOW
        )
        assert (made.version, made.is_shipped, made.made_by) == (1, False, "sam")
        refresh_guardrails(connection, now=NOW)
        assert set(outcomes(connection, "no-buckets")) == {PAYMENTS, WEBSITE}
        entry = AuditEntry.objects.get(action="guardrail.write")
        assert entry.after is not None
        assert entry.after["reason"] == "Agreed."

    def test_one_whose_action_aws_no_longer_has_is_undecided_and_keeps_no_other_waiting(
        self, connection, viewer, sam
    ):
        document = read_for(viewer, connection, OWN)
        gone = replace(document.effect[0], actions=("s3:CreateBuckets",))
        GUARDRAILS.write(
            by=sam,
            connection=connection,
            document=replace(document, effect=(gone,)),
            reason="Agreed.",
            now=NOW,
        )
        refresh_guardrails(connection, now=NOW)
        assert set(outcomes(connection, "no-buckets").values()) == {"undecided"}
        assert "holds" in outcomes(connection, LEAVING).values()
        result = guardrail_result(
            viewer, connection=connection, guardrail_id="no-buckets", account_id=PAYMENTS
        )
        assert result is not None
        assert "s3:CreateBucket?" in proof_of(result)["because"]

    def test_a_scope_that_the_organization_does_not_have_is_refused_with_its_line(
        self, connection, viewer
    ):
        with pytest.raises(GuardrailInvalid) as raised:
            read_for(viewer, connection, OWN.replace(b"Workloads/Prod", b"Workloads/Prd"))
        (problem,) = raised.value.problems
        assert problem.line == 7
        assert problem.message.endswith("did you mean Workloads/Prod?")

    def test_a_place_that_a_viewer_may_not_see_is_neither_known_nor_proposed(self, connection):
        limited = Viewer(True, (frozenset({Place(connection.pk, WEBSITE)}),))
        for name in (PAYMENTS, PAYMENTS[:-1]):
            content = OWN.replace(
                b"organizational_units: [Workloads/Prod]", f'accounts: ["{name}"]'.encode()
            )
            with pytest.raises(GuardrailInvalid) as raised:
                read_for(limited, connection, content)
            assert PAYMENTS not in raised.value.problems[0].message.removeprefix(
                f"the organization has no account {name}"
            )

    def test_an_equal_one_makes_no_version_and_a_stale_one_is_refused(
        self, connection, viewer, sam
    ):
        document = read_for(viewer, connection, OWN)
        write = {"by": sam, "connection": connection, "reason": "Agreed.", "now": NOW}
        GUARDRAILS.write(document=document, **write)
        assert GUARDRAILS.write(document=document, **write).version == 1
        other = read_for(viewer, connection, OWN.replace(b"severity: low", b"severity: high"))
        with pytest.raises(RuleMoved):
            GUARDRAILS.write(document=other, version=0, **write)
        assert GUARDRAILS.write(document=other, version=1, **write).version == 2

    def test_a_disabled_one_has_no_results_and_a_shipped_one_can_be_reset(
        self, connection, viewer, sam
    ):
        refresh_guardrails(connection, now=NOW)
        common = {"by": sam, "connection": connection, "now": NOW}
        GUARDRAILS.switch(rule_id=LEAVING, enabled=False, reason="Not ours.", **common)
        refresh_guardrails(connection, now=NOW + timedelta(minutes=1))
        assert outcomes(connection, LEAVING) == {}
        GUARDRAILS.switch(rule_id=LEAVING, enabled=True, reason="Ours.", **common)
        refresh_guardrails(connection, now=NOW + timedelta(minutes=2))
        assert outcomes(connection, LEAVING)[PAYMENTS] == "holds"
        again = GUARDRAILS.reset(rule_id=LEAVING, reason="As shipped.", **common)
        assert not again.is_changed

    def test_only_security_writes(self, connection, viewer):
        user = person("author", username="ada")
        by = ActingPerson(user, user_actor(user))
        with pytest.raises(MayNot):
            GUARDRAILS.write(
                by=by,
                connection=connection,
                document=read_for(viewer, connection, OWN),
                reason="Mine.",
                now=NOW,
            )


class TestMutation:
    def test_a_statement_that_a_guardrail_needs_is_told_from_one_that_protects_nothing(
        self, snapshot, connection
    ):
        attach(snapshot, denying("glacier:CreateVault"), ROOT, snapshot.run.started_at)
        report = mutation_report(connection)
        by_name = {one["policy_name"]: one for one in report["statements"]}
        (broken,) = by_name["deny-leaving"]["breaks"]
        assert broken["guardrail_id"] == LEAVING
        assert MANAGEMENT not in broken["account_ids"]
        assert "later" in {one["policy_name"] for one in report["protecting_nothing"]}
        assert "deny-leaving" in {one["policy_name"] for one in report["needed"]}
        assert "perimeter-our-identities-in-expected-networks" in report["left_out"]


class TestRemedy:
    def test_a_policy_at_the_fewest_targets_makes_it_hold(self, connection, viewer):
        document = shipped(connection, "no-iam-users")
        found = remedy_simulated(viewer, connection=connection, document=document, today=NOW.date())
        assert [one.kind for one in found.operations] == ["create_policy", "attach_policy"]
        assert found.operations[1].target_id == ROOT
        # The management account is bound by none.
        assert found.after.counts.fails == 1

    def test_without_a_policy_it_says_what_to_do(self, connection):
        document = shipped(connection, "guardduty-is-on")
        with pytest.raises(NoRemedy, match="auto-enable"):
            remedy_operations(connection, document)
