"""The planted structural weaknesses of the demo organization are found, and nothing clean is."""

import pytest
import yaml
from django.db import transaction

from governance.posture.findings.finding import FindingKind, PlaceKind, Severity
from governance.posture.findings.structure import structure_findings
from inventory.viewing import Viewer
from tests.factories.demo_organization import FOLDER, UNREAD, demo_organization

KIND = FindingKind

# Weakness → the kinds that must name its place. What is not listed is no matter of structure.
STRUCTURAL = {
    "account-without-any-allow": (KIND.BROKEN_ALLOW_CHAIN, "loyalty-legacy"),
    "allow-list-without-effect": (KIND.SCP_WITHOUT_EFFECT, "payments-test"),
    "misspelt-actions": (KIND.SCP_WITHOUT_EFFECT, "protect-guardduty-2021"),
    "policy-attached-nowhere": (KIND.SCP_ATTACHED_NOWHERE, "deny-cloudtrail-stop-draft"),
    "production-under-dev": (KIND.MIXED_ENVIRONMENTS, "booking-checkout-prod"),
    "account-under-the-root": (KIND.ACCOUNT_UNDER_ROOT, "group-website"),
    "unit-without-guardrails": (KIND.NO_SCP_OF_ITS_OWN, "Acquired"),
    "baseline-roles-missing": (KIND.ROLE_NAME_DRIFT, "norrland-archive"),
    "audit-role-is-administrator": (
        KIND.ROLE_POLICY_DRIFT,
        "OrgwardenAudit in norrland-warehouse",
    ),
    "deployment-role-trusts-a-whole-account": (
        KIND.ROLE_TRUST_DRIFT,
        "PlatformDeploy in tracking-portal-test",
    ),
    "stranger-in-access-role": (
        KIND.ROLE_TRUST_DRIFT,
        "OrganizationAccountAccessRole in customs-broker-prod",
    ),
    "oidc-without-subject": (KIND.ROLE_TRUST_DRIFT, "GitHubDeploy in tracking-portal-prod"),
}


@pytest.fixture(scope="module")
def report(django_db_setup, django_db_blocker):
    """Ask once for all tests: a report holds no rows, so they can go again."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = demo_organization()
        found = structure_findings(Viewer(sees_inventory=True), connection=made.connection)
        transaction.set_rollback(True)
    return found


def named(report, kind):
    return {place.name for one in report.findings if one.kind is kind for place in one.places}


def about(report, kind):
    return {one.places[0].name for one in report.findings if one.kind is kind}


class TestPlantedWeaknesses:
    def test_each_one_that_is_of_structure_is_found(self, report):
        planted = {
            row["id"]
            for row in yaml.safe_load((FOLDER / "weaknesses.yaml").read_text())["weaknesses"]
        }
        assert set(STRUCTURAL) <= planted
        missed = [
            weakness
            for weakness, (kind, name) in STRUCTURAL.items()
            if name not in named(report, kind)
        ]
        assert missed == []

    def test_the_broken_allow_chain_is_the_worst_of_them(self, report):
        worst = report.findings[0]
        assert (worst.kind, worst.severity) == (KIND.BROKEN_ALLOW_CHAIN, Severity.CRITICAL)
        assert worst.accounts == 1

    def test_every_finding_tells_what_was_measured_against_which_threshold_and_what_to_do(
        self, report
    ):
        for finding in report.findings:
            assert finding.measured
            assert finding.threshold
            assert finding.remedy.endswith(".")
            assert finding.places
        keys = [finding.key for finding in report.findings]
        assert len(keys) == len(set(keys))


class TestCleanPlaces:
    def test_only_ous_that_mix_are_accused_of_mixing(self, report):
        assert about(report, KIND.MIXED_ENVIRONMENTS) == {
            "Workloads/Dev/Booking",
            "Workloads/Regulated/Payments",
            "Workloads/Regulated/Customs Duty",
            "Acquired",
        }

    def test_only_accounts_that_nothing_below_the_root_guards_are_accused(self, report):
        assert named(report, KIND.NO_SCP_OF_ITS_OWN) == {
            "Root", "group-website", "Acquired", "norrland-tms-test", "norrland-warehouse",
            "norrland-fleet", "norrland-mail", "norrland-archive",
        }  # fmt: skip

    def test_the_management_account_may_lie_under_the_root(self, report):
        assert about(report, KIND.ACCOUNT_UNDER_ROOT) == {"group-website"}

    def test_no_scp_that_works_is_called_idle_everywhere(self, report):
        idle = {
            one.places[0].name
            for one in report.findings
            if one.kind is KIND.SCP_WITHOUT_EFFECT and one.severity is Severity.MEDIUM
        }
        assert idle == {"protect-guardduty-2021"}

    def test_a_region_lock_and_the_denial_of_the_root_user_do_not_deny_most(self, report):
        assert about(report, KIND.SCP_DENIES_MOST) == {"quarantine"}

    def test_roles_that_are_alike_but_for_their_own_account_do_not_differ(self, report):
        astray = named(report, KIND.ROLE_TRUST_DRIFT) - {
            place.name
            for one in report.findings
            for place in one.places
            if place.kind is not PlaceKind.ROLE
        }
        assert astray == {
            "PlatformDeploy in tracking-portal-test",
            "GitHubDeploy in tracking-portal-prod",
            "OrganizationAccountAccessRole in customs-broker-prod",
            "OrganizationAccountAccessRole in customs-declarations-prod",
        }

    def test_the_tree_is_not_called_flat(self, report):
        assert about(report, KIND.FLAT_TREE) == set()


class TestWhatIsNotKnown:
    @pytest.mark.parametrize(
        "kind", [KIND.ROLE_NAME_DRIFT, KIND.ROLE_TRUST_DRIFT, KIND.ROLE_POLICY_DRIFT]
    )
    def test_roles_of_accounts_that_were_not_read_are_unknown_and_not_missing(self, report, kind):
        unknown = {
            place.name for one in report.unjudged if one.kind is kind for place in one.places
        }
        assert unknown == set(UNREAD)
        assert not unknown & about(report, KIND.ROLE_NAME_DRIFT)

    def test_an_account_without_environment_in_tag_and_name_is_unknown(self, report):
        unknown = [
            place.name
            for one in report.unjudged
            if one.kind is KIND.MIXED_ENVIRONMENTS
            for place in one.places
        ]
        assert unknown == ["norrland-mail"]
