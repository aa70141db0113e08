"""The planted structural weaknesses of the demo organization are found, and nothing clean is."""

import pytest
import yaml
from django.db import transaction

from governance.posture.findings.finding import FindingSeverity, PlaceKind
from governance.posture.findings.structure import structure_findings
from inventory.viewing import Viewer
from tests.factories.demo_organization import FOLDER, UNREAD, demo_organization

# Weakness → the kinds that must name its place. What is not listed is no matter of structure.
STRUCTURAL = {
    "account-without-any-allow": ("broken_allow_chain", "loyalty-legacy"),
    "allow-list-without-effect": ("scp_without_effect", "payments-test"),
    "misspelt-actions": ("scp_without_effect", "protect-guardduty-2021"),
    "policy-attached-nowhere": ("scp_attached_nowhere", "deny-cloudtrail-stop-draft"),
    "production-under-dev": ("mixed_environments", "booking-checkout-prod"),
    "account-under-the-root": ("account_under_root", "group-website"),
    "unit-without-guardrails": ("no_scp_of_its_own", "Acquired"),
    "baseline-roles-missing": ("role_name_drift", "norrland-archive"),
    "audit-role-is-administrator": (
        "role_policy_drift",
        "OrgwardenAudit in norrland-warehouse",
    ),
    "deployment-role-trusts-a-whole-account": (
        "role_trust_drift",
        "PlatformDeploy in tracking-portal-test",
    ),
    "stranger-in-access-role": (
        "role_trust_drift",
        "OrganizationAccountAccessRole in customs-broker-prod",
    ),
    "oidc-without-subject": ("role_trust_drift", "GitHubDeploy in tracking-portal-prod"),
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
    return {place.name for one in report.findings if one.kind.code == kind for place in one.places}


def about(report, kind):
    return {one.places[0].name for one in report.findings if one.kind.code == kind}


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
        assert (worst.kind.code, worst.severity) == ("broken_allow_chain", FindingSeverity.CRITICAL)
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
        assert about(report, "mixed_environments") == {
            "Workloads/Dev/Booking",
            "Workloads/Regulated/Payments",
            "Workloads/Regulated/Customs Duty",
            "Acquired",
        }

    def test_only_accounts_that_nothing_below_the_root_guards_are_accused(self, report):
        assert named(report, "no_scp_of_its_own") == {
            "Root", "group-website", "Acquired", "norrland-tms-test", "norrland-warehouse",
            "norrland-fleet", "norrland-mail", "norrland-archive",
        }  # fmt: skip

    def test_the_management_account_may_lie_under_the_root(self, report):
        assert about(report, "account_under_root") == {"group-website"}

    def test_no_scp_that_works_is_called_idle_everywhere(self, report):
        idle = {
            one.places[0].name
            for one in report.findings
            if one.kind.code == "scp_without_effect" and one.severity is FindingSeverity.MEDIUM
        }
        assert idle == {"protect-guardduty-2021"}

    def test_a_region_lock_and_the_denial_of_the_root_user_do_not_deny_most(self, report):
        assert about(report, "scp_denies_most") == {"quarantine"}

    def test_roles_that_are_alike_but_for_their_own_account_do_not_differ(self, report):
        astray = named(report, "role_trust_drift") - {
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
        assert about(report, "flat_tree") == set()


class TestWhatIsNotKnown:
    @pytest.mark.parametrize("kind", ["role_name_drift", "role_trust_drift", "role_policy_drift"])
    def test_roles_of_accounts_that_were_not_read_are_unknown_and_not_missing(self, report, kind):
        unknown = {
            place.name for one in report.unjudged if one.kind.code == kind for place in one.places
        }
        assert unknown == set(UNREAD)
        assert not unknown & about(report, "role_name_drift")

    def test_an_account_without_environment_in_tag_and_name_is_unknown(self, report):
        unknown = [
            place.name
            for one in report.unjudged
            if one.kind.code == "mixed_environments"
            for place in one.places
        ]
        assert unknown == ["norrland-mail"]
