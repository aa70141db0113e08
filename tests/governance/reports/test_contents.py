"""What a report says of a subtree: everything known there, and what is not known as that."""

import pytest

from governance.access.viewers import viewer_of
from governance.presentation.report_text import (
    counterexample_sentence,
    counts_sentence,
    coverage_sentence,
    is_proven,
    report_document,
)
from governance.reports.contents import SubtreeGone, report_contents
from inventory.models import InventoryRun
from tests.factories.runs import CoverageFactory
from tests.governance.reports.conftest import GUARDRAIL, NOW, PAYMENTS, WEBSITE


def contents(viewer, connection, target_id="r-ab12"):
    return report_contents(
        viewer, connection=connection, target_id=target_id, made_by="ada", now=NOW
    )


def guardrail(found, guardrail_id=GUARDRAIL):
    return next(one for one in found["guardrails"] if one["id"] == guardrail_id)


class TestGuardrails:
    def test_say_in_how_many_accounts_and_with_which_proof_for_accounts_alike(
        self, seen_by_ada, connection
    ):
        one = guardrail(contents(seen_by_ada, connection))

        assert (one["counts"]["fails"], one["worst"]) == (2, "fails")
        (alike,) = one["results"]
        assert [each["account_id"] for each in alike["accounts"]] == [PAYMENTS, WEBSITE]
        shown = guardrail(report_document(contents(seen_by_ada, connection)))["results"][0]
        assert counterexample_sentence(shown["counterexample"]) == (
            f"arn:aws:iam::{PAYMENTS}:role/ops may call cloudtrail:StopLogging on "
            f"arn:aws:cloudtrail:eu-central-1:{PAYMENTS}:trail/main "
            "with aws:RequestedRegion = eu-central-1."
        )

    def test_count_an_account_that_an_exception_covers_apart(
        self, seen_by_ada, connection, excepted
    ):
        found = contents(seen_by_ada, connection)
        one = guardrail(found)

        assert (one["counts"]["fails"], one["counts"]["excepted"]) == (1, 1)
        covered = one["results"][-1]
        assert (covered["outcome"], covered["found"]) == ("excepted", "fails")
        assert covered["accounts"][0]["exception"] == excepted.number
        assert [each["number"] for each in found["exceptions"]] == [excepted.number]

    def test_that_were_never_worked_out_are_not_proven(self, seen_by_ada, connection):
        one = guardrail(contents(seen_by_ada, connection), "only-allowed-regions")

        assert not is_proven(one)
        assert counts_sentence(one) == "Never evaluated."

    def test_that_hold_are_proven_and_have_no_results(self, seen_by_ada, connection):
        one = guardrail(contents(seen_by_ada, connection), "root-user-is-not-used")

        assert is_proven(one)
        assert one["results"] == []


class TestSubtree:
    def test_of_an_account_counts_that_account_alone(self, seen_by_ada, connection):
        found = contents(seen_by_ada, connection, PAYMENTS)

        assert guardrail(found)["counts"]["fails"] == 1
        assert found["subtree"]["accounts"] == 1
        assert found["subtree"]["path"][-1] == "payments"

    def test_of_an_ou_leaves_out_what_lies_elsewhere(self, seen_by_ada, connection):
        found = contents(seen_by_ada, connection, "ou-ab12-test0001")

        assert guardrail(found)["counts"]["fails"] == 0
        assert found["drift"]["items"] == []

    def test_of_who_sees_a_part_says_so_and_counts_that_part(self, ben, connection):
        found = contents(viewer_of(ben), connection, PAYMENTS)

        assert found["sees_part"]
        assert guardrail(found)["counts"]["fails"] == 1

    def test_that_is_gone_is_refused(self, seen_by_ada, connection):
        with pytest.raises(SubtreeGone):
            contents(seen_by_ada, connection, "ou-ab12-none0001")


class TestOtherParts:
    def test_drift_without_a_baseline_says_that_there_is_none(self, seen_by_ada, connection):
        drift = contents(seen_by_ada, connection)["drift"]

        assert [one["kind"] for one in drift["items"]] == ["ACCOUNT_MOVED_BETWEEN_OUS"]
        assert (drift["read_at"], drift["baseline_version"]) == (None, None)

    def test_coverage_names_who_was_never_read(self, seen_by_ada, connection):
        coverage = contents(seen_by_ada, connection)["coverage"]
        never = coverage["counts"]["unknown"]

        assert never > 0
        assert sum(one["knowledge"] == "unknown" for one in coverage["accounts"]) == never
        assert f"never read: {never}" in coverage_sentence(coverage)

    def test_coverage_names_what_of_the_organization_was_not_read(self, seen_by_ada, connection):
        run = InventoryRun.objects.filter(connection=connection).latest("pk")
        CoverageFactory.create(
            run=run, account_id="", collector="organizations.accounts", state="denied"
        )
        coverage = contents(seen_by_ada, connection)["coverage"]
        states = {one["collector"]: one["state"] for one in coverage["organization"]}

        assert states["organizations.accounts"] == "denied"
        said = coverage_sentence(coverage)
        assert "Of the organization itself: " in said
        assert ": AWS denied the call" in said

    def test_landing_zone_findings_are_those_of_the_subtree(self, seen_by_ada, connection):
        whole = contents(seen_by_ada, connection)["landing_zone"]
        part = contents(seen_by_ada, connection, PAYMENTS)["landing_zone"]

        assert len(whole["core_accounts"]) == len(part["core_accounts"]) > 0
        assert {one["target_id"] for one in part["findings"]} <= {"", PAYMENTS}
