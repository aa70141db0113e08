"""Whole runs of the demo organization: what is found, by how many calls, how often rows change."""

import pytest

from inventory.collectors import registry
from inventory.collectors.collector import Reader
from inventory.models import (
    Account,
    AccountSetting,
    CollectionTask,
    Coverage,
    IamPolicy,
    IdentityProvider,
    InventoryRun,
    OrganizationalUnit,
    Policy,
    PolicyAttachment,
    Principal,
    ResourcePolicy,
    Root,
    UserCredential,
)
from inventory.policy_types import POLICY_TYPES
from inventory.resource_facts import BucketFacts, grants_of
from tests.inventory.simulator.conftest import calls, covered

pytestmark = pytest.mark.simulator
RUN = InventoryRun.State
ONE = "security-tooling"
USUAL = (ONE, "log-archive", "shared-services")


class TestRun:
    def test_reads_the_organization_by_few_calls_and_writes_nothing_the_second_time(
        self, run, simulator
    ):
        first = run(*USUAL)
        seeded = simulator.control("GET", "/ready")
        assert Root.objects.count() == 1
        assert OrganizationalUnit.objects.count() == seeded["organizational_units"]
        assert Account.objects.count() == seeded["accounts"]
        assert Policy.objects.count() == seeded["policies"]
        assert PolicyAttachment.objects.filter(policy_id="p-FullAWSAccess").count() > 60
        assert not covered(first).filter(account_id="").exclude(state="complete").exists()

        made = calls(first, account_id="")
        units, policies = seeded["organizational_units"], seeded["policies"]
        targets = seeded["accounts"] + units + 1
        assert made["organizations:ListOrganizationalUnitsForParent"] == units + 1
        assert made["organizations:ListAccounts"] == -(-seeded["accounts"] // 20)
        assert made["organizations:ListPolicies"] <= len(POLICY_TYPES) + policies // 20
        assert made["organizations:DescribePolicy"] == policies
        # Two policies of AWS's own are attached everywhere, the others in few places.
        assert made["organizations:ListTargetsForPolicy"] <= policies + 2 * targets // 20 + 2
        assert made["tag:GetResources"] <= 1 + (seeded["accounts"] + units + policies) // 100

        second = run(*USUAL)
        assert (second.rows_opened, second.rows_closed) == (0, 0)

    def test_reads_an_account_by_few_calls(self, run, account_named):
        run(*USUAL)
        again = run(*USUAL)
        for name in USUAL:
            account_id = account_named(name)
            assert (
                again.tasks.get(account_id=account_id, group="iam").state
                == CollectionTask.State.COMPLETE
            )
            made = calls(again, account_id=account_id, group="iam")
            # Providers are read one by one; a report is made anew only every four hours.
            apart = {
                *("iam:GetSAMLProvider", "iam:GetOpenIDConnectProvider"),
                "iam:GenerateCredentialReport",
            }
            of_iam = registry.group_collectors(Reader.ACCOUNT, "iam")
            once = registry.needed_actions(of_iam).keys() - apart
            rows = {"account_id": account_id}
            # Where there are none, what else was read says so already.
            oidc = IdentityProvider.objects.filter(**rows, kind="oidc").exists()
            assert oidc == (name == "shared-services")
            assert {name: made[name] for name in once} == dict.fromkeys(once, 1) | {
                "iam:ListOpenIDConnectProviders": int(oidc)
            }
            assert made["sts:AssumeRole"] == 1
            assert Principal.objects.filter(**rows, kind="role").exists()
            assert IamPolicy.objects.filter(**rows, aws_managed=False).exists()
            assert UserCredential.objects.filter(**rows, user_name="<root_account>").exists()

    def test_reads_buckets_by_their_region_and_tells_unknown_from_none(self, run, account_named):
        website, customs = "group-website", "customs-declarations-prod"
        done = run("log-archive", website, customs)
        buckets = {row.name: row for row in ResourcePolicy.objects.select_related("content")}
        assert "cloudtrail.amazonaws.com" in buckets["halden-org-trail"].content.text
        press, vault = buckets["halden-press-archive"], buckets["halden-customs-vault"]
        assert (press.region, press.content, press.unknown) == ("us-east-1", None, {})
        assert len(BucketFacts.of_json(press.facts).grants or ()) == 2
        assert vault.content is None
        assert vault.unknown["policy"] == "AccessDenied"
        row = covered(done).get(account_id=account_named(customs), collector="s3.buckets")
        assert row.state == Coverage.State.DENIED
        assert "halden-customs-vault" in row.message

        blocked = {
            row.account_id: row.value
            for row in AccountSetting.objects.filter(name="s3_public_access_block")
        }
        assert blocked[account_named(website)] is None
        assert blocked[account_named(customs)]["restrict_public_buckets"]

    def test_reads_s3_by_three_calls_an_account_and_three_or_four_a_bucket(
        self, run, account_named
    ):
        name = "group-website"
        done = run(name)
        held = ResourcePolicy.objects.filter(account_id=account_named(name), service="s3")
        with_lists = [row for row in held if row.facts["acl"] is not None]
        made = calls(done, account_id=account_named(name), group="s3")
        of_s3 = sum(count for operation, count in made.items() if operation.startswith("s3:"))
        assert of_s3 == 3 + 3 * len(held) + len(with_lists)
        second = run(name)
        assert (second.rows_opened, second.rows_closed) == (0, 0)

    def test_reads_resources_of_every_service_in_the_regions_where_they_are(
        self, run, account_named, connection
    ):
        connection.regions = ["eu-central-1", "us-east-1"]
        connection.save()
        names = ("group-website", "monitoring", "shared-services", "backup-vaults")
        done = run(*names, groups=("applications", "data"))
        own = [account_named(name) for name in names]
        assert not covered(done).filter(account_id__in=own).exclude(state="complete").exists()
        kept = {
            (row.service, row.resource_type, row.name): row
            for row in ResourcePolicy.objects.exclude(service="s3").select_related("content")
        }
        assert {(service, name) for service, _, name in kept} == {
            ("backup", "halden-central"),
            ("ecr", "base/java"),
            ("events", "organization-events"),
            ("kms", "alias/metrics-export"),
            ("lambda", "image-builder:1"),
            ("lambda", "website-contact-form-handler"),
            ("secretsmanager", "registry/mirror"),
            ("ses", "halden-freight.example"),
            ("sns", "bucket-events"),
            ("sns", "website-alarms"),
            ("sqs", "website-contact-form"),
            ("sqs", "website-jobs"),
        }
        key = kept["kms", "key", "alias/metrics-export"]
        [grant] = grants_of(key.facts) or ()
        assert grant.grantee == "arn:aws:iam::464622532012:role/hf-metrics-reader"
        handler = kept["lambda", "function", "website-contact-form-handler"]
        assert handler.region == "eu-central-1"
        assert [each["auth_type"] for each in handler.facts["function_urls"]] == ["NONE"]
        made = calls(done, account_id=account_named("backup-vaults"), group="data")
        # A list a service and region, and a policy.
        assert made["backup:ListBackupVaults"] == 2
        assert made["backup:GetBackupVaultAccessPolicy"] == 1
        second = run(*names, groups=("applications", "data"))
        assert (second.rows_opened, second.rows_closed) == (0, 0)

    def test_says_which_role_is_missing(self, run, account_named, connection):
        missing = "customs-documents-prod"
        done = run(missing, ONE)
        assert done.state == RUN.PARTIAL
        account_id = account_named(missing)
        assert (
            done.tasks.get(account_id=account_id, group="iam").state == CollectionTask.State.FAILED
        )
        row = covered(done).get(account_id=account_id, collector="iam.account_summary")
        assert row.state == Coverage.State.DENIED
        assert row.message.startswith(
            f"the role OrgwardenAudit does not exist in account {account_id}"
        )
        assert row.remedy.startswith(f"deploy docs/roles/audit.yaml in account {account_id}")

    def test_says_that_stack_sets_leave_out_the_management_account(
        self, run, connection, simulator, console
    ):
        management = simulator.control("GET", "/ready")["management_account_id"]
        name = console.describe_account(AccountId=management)["Account"]["Name"]
        simulator.control(
            "POST",
            "/faults",
            {"kind": "refuse", "operation": "AssumeRole", "account_id": management, "after": 1},
        )
        try:
            done = run(name)
        finally:
            simulator.control("DELETE", "/faults")
        row = covered(done).get(account_id=management, collector="iam.account_summary")
        assert "which service-managed stack sets leave out" in row.remedy

    def test_tells_a_refusal_by_service_control_policies_from_a_missing_role(
        self, run, account_named
    ):
        done = run("loyalty-legacy")
        row = covered(done).get(
            account_id=account_named("loyalty-legacy"), collector="iam.account_summary"
        )
        assert row.state == Coverage.State.DENIED
        assert "no service control policy allows iam:GetAccountSummary" in row.remedy

    def test_skips_accounts_that_are_closed(self, run):
        done = run()
        skipped = done.tasks.filter(state=CollectionTask.State.SKIPPED)
        states = {Account.objects.get(account_id=each.account_id).state for each in skipped}
        assert states == {"SUSPENDED"}


class TestFaults:
    @pytest.fixture
    def fault(self, simulator):
        def order(**given):
            simulator.control("POST", "/faults", given)

        yield order
        simulator.control("DELETE", "/faults")

    def test_refused_tags_keep_the_tags_that_were_known(self, run, fault, settings):
        run(ONE)
        tagged = Account.objects.as_of(None).exclude(tags={}).count()
        assert tagged > 0
        fault(kind="refuse", operation="GetResources")
        second = run(ONE)
        assert covered(second).get(collector="organizations.tags").state == Coverage.State.DENIED
        assert second.rows_closed == 0
        assert Account.objects.as_of(None).exclude(tags={}).count() == tagged

    def test_one_refused_operation_leaves_the_rest_of_the_account(self, run, fault):
        fault(kind="refuse", operation="GetAccountSummary")
        done = run(ONE)
        [part] = done.tasks.filter(group="iam").exclude(state=CollectionTask.State.SKIPPED)
        assert part.state == CollectionTask.State.PARTIAL
        summary = covered(done).get(account_id=part.account_id, collector="iam.account_summary")
        assert summary.state == Coverage.State.DENIED

    def test_a_few_server_errors_and_cut_answers_are_overcome(self, run, fault):
        fault(kind="error", operation="ListAccounts", count=1)
        fault(kind="cut", operation="ListRoots", count=1)
        done = run(ONE)
        assert calls(done, account_id="")["organizations:ListRoots"] == 2
        assert not covered(done).filter(account_id="").exclude(state="complete").exists()

    def test_a_refused_organization_fails_the_run_and_closes_nothing(self, run, fault):
        run(ONE)
        open_before = Account.objects.as_of(None).count()
        fault(kind="refuse", operation="ListAccounts")
        failed = run(ONE)
        assert failed.state == RUN.FAILED
        assert "organizations:ListAccounts" in failed.error
        assert "docs/roles/organization-reader.yaml" in failed.error
        assert Account.objects.as_of(None).count() == open_before
