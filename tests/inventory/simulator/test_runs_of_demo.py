"""Whole runs of the demo organization: what is found, by how many calls, how often rows change."""

from collections import Counter, deque
from datetime import timedelta

import pytest

from governance.posture.effective.organization import load_management
from governance.posture.effective.targets import EffectiveSource, effective_at
from inventory.collectors import registry
from inventory.collectors.collector import Reader
from inventory.models import (
    Account,
    AccountSetting,
    CollectionTask,
    Coverage,
    EffectivePolicy,
    EffectivePolicyAsking,
    IamPolicy,
    IdentityCenterPrincipal,
    IdentityProvider,
    InventoryRun,
    OrganizationalUnit,
    OrganizationSetting,
    PermissionSet,
    PermissionSetAssignment,
    Policy,
    PolicyAttachment,
    Principal,
    ResourcePolicy,
    ResponsibilityTransfer,
    Root,
    UserCredential,
)
from inventory.policy_types import POLICY_TYPES
from inventory.resource_facts import BucketFacts, grants_of
from inventory.runs import requests
from inventory.selectors.effective_policies import effective_answers, policies_fared
from inventory.selectors.runs import run_coverage
from inventory.viewing import Viewer

pytestmark = pytest.mark.simulator

RUN = InventoryRun.State
ONE = "security-tooling"
USUAL = (ONE, "log-archive", "shared-services")


@pytest.fixture
def run(connection, work, clock, account_named, settings):
    """Return a function that reads the organization, and of its accounts only those named.

    Of these only some groups of collectors: what is read by region takes most of the time.
    """
    # All tasks are sent at once, so that those of the named accounts are among them.
    settings.INVENTORY_TASKS_AT_ONCE = 1000

    def run(*names, groups=("iam", "s3")):
        with work.capture(execute=True):
            asked = requests.request_run(
                connection=connection, trigger=InventoryRun.Trigger.BUTTON, now=clock()
            )
        work.start()
        kept = {account_named(name) for name in names}
        work.tasks = deque(each for each in work.tasks if each[1] in kept and each[2] in groups)
        asked.tasks.filter(state=CollectionTask.State.PENDING).exclude(
            account_id__in=kept, group__in=groups
        ).delete()
        InventoryRun.objects.filter(pk=asked.pk).update(
            tasks_total=asked.tasks.exclude(account_id="").count()
        )
        work.finish()
        asked.refresh_from_db()
        clock.now += timedelta(hours=1)
        return asked

    return run


def covered(run):
    return run_coverage(Viewer(sees_inventory=True), run=run)


def task_state(run, account_id):
    return run.tasks.get(account_id=account_id, group="iam").state


def calls(run, **where):
    made: Counter[str] = Counter()
    for row in run.group_coverage.filter(**where):
        made.update(row.calls)
    return made


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


class TestEffectivePolicies:
    @pytest.fixture
    def refusing(self, simulator):
        simulator.control(
            "POST", "/faults", {"kind": "refuse", "operation": "DescribeEffectivePolicy"}
        )
        yield
        simulator.control("DELETE", "/faults")

    def test_are_asked_for_once_a_chain_and_not_again_while_they_are_fresh(self, run):
        first = run(ONE)
        rows = EffectivePolicy.objects.as_of(None)
        assert {row.policy_type for row in rows} == {
            "TAG_POLICY",
            "BACKUP_POLICY",
            "AISERVICES_OPT_OUT_POLICY",
            "DECLARATIVE_POLICY_EC2",
        }
        assert all(row.content for row in rows)
        asked = calls(first, account_id="")["organizations:DescribeEffectivePolicy"]
        assert asked == rows.count() == EffectivePolicyAsking.objects.count()
        assert asked < 10
        second = run(ONE)
        assert calls(second, account_id="")["organizations:DescribeEffectivePolicy"] == 0
        assert covered(second).get(collector="organizations.effective.TAG_POLICY").records == 4
        assert (second.rows_opened, second.rows_closed) == (0, 0)

    def test_are_asked_for_again_after_a_day(self, run, clock):
        name = "organizations:DescribeEffectivePolicy"
        asked = calls(run(ONE), account_id="")[name]
        clock.now += timedelta(hours=24)
        again = run(ONE)
        assert calls(again, account_id="")[name] == asked > 0
        assert {row.asked_at for row in EffectivePolicyAsking.objects.all()} == {again.started_at}
        assert (again.rows_opened, again.rows_closed) == (0, 0)

    def test_are_denied_and_computed_where_aws_refuses(
        self, run, refusing, connection, account_named
    ):
        done = run(ONE)
        assert done.state == RUN.PARTIAL
        states = {
            row.collector.rpartition(".")[2]: row.state
            for row in covered(done).filter(collector__startswith="organizations.effective.")
        }
        assert states["TAG_POLICY"] == Coverage.State.DENIED
        # Nothing to ask for: the type is not enabled.
        assert states["CHATBOT_POLICY"] == Coverage.State.COMPLETE
        assert not EffectivePolicy.objects.exists()
        viewer = Viewer(sees_inventory=True)
        found = effective_at(
            load_management(viewer, connection=connection),
            account_named(ONE),
            policy_type="TAG_POLICY",
            answers={},
            fared=policies_fared(viewer, connection=connection),
        )
        assert found.source is EffectiveSource.COMPUTED
        assert found.document is not None
        assert "owner" in found.document["tags"]
        assert found.not_told is not None
        assert found.not_told.state == Coverage.State.DENIED
        assert "organizations:DescribeEffectivePolicy" in found.not_told.message

    def test_are_what_the_operators_give(self, run, connection):
        run(ONE)
        viewer = Viewer(sees_inventory=True)
        management = load_management(viewer, connection=connection)
        accounts = management.organization.account_ids
        answers = effective_answers(
            viewer,
            connection=connection,
            chains={
                (kind, management.chain(kind, account_id))
                for kind in management.enabled_types
                for account_id in accounts
            },
        )
        found = [
            effective_at(management, account_id, policy_type=kind, answers=answers, fared={})
            for kind in management.enabled_types
            for account_id in accounts
        ]
        told = [each for each in found if each.source is EffectiveSource.AWS]
        assert len(told) > len(accounts)
        assert [each for each in told if each.differences] == []
        assert {row for each in told for row in each.settings if not row.set_by} == set()


class TestCrossingsOfTheOrganization:
    def test_are_read_with_who_signs_in_where(self, run, account_named):
        done = run()
        settings = {row.name: row.value for row in OrganizationSetting.objects.as_of(None)}
        assert settings["root_access_features"] == ["RootCredentialsManagement", "RootSessions"]
        [instance] = settings["identity_center_instances"]
        assert instance["region"] == "eu-central-1"
        [transfer] = ResponsibilityTransfer.objects.as_of(None)
        assert (transfer.direction, transfer.status) == ("outbound", "ACCEPTED")
        assert transfer.source_account_id == instance["owner_account_id"]

        sets = {row.name: row for row in PermissionSet.objects.as_of(None)}
        assert sets["SandboxOwner"].managed_policy_arns == [
            "arn:aws:iam::aws:policy/IAMFullAccess",
            "arn:aws:iam::aws:policy/PowerUserAccess",
        ]
        people = {row.principal_id: row for row in IdentityCenterPrincipal.objects.as_of(None)}
        [own] = PermissionSetAssignment.objects.filter(
            account_id=account_named("sandbox-amira"), principal_kind="user"
        )
        assert own.permission_set_arn == sets["SandboxOwner"].arn
        assert people[own.principal_id].name == "amira"
        groups = {row.name: row.members for row in people.values() if row.kind == "group"}
        assert len(groups["cloud-platform"]) == 2
        assert (groups["auditors"], groups["choir"]) == ([], None)

        made = calls(done, account_id="")
        pairs = PermissionSetAssignment.objects.values("permission_set_arn", "account_id")
        assert made["sso:ListAccountAssignments"] == pairs.distinct().count()
        assert made["sso:DescribePermissionSet"] == len(sets)
        assert not covered(done).filter(account_id="").exclude(state="complete").exists()


class TestCrossingsOfAccounts:
    @pytest.fixture
    def grants(self, run, account_named):
        """Return of the named accounts whom each kind of resource lets in beside its policy."""

        def grants(*names):
            done = run(*names, groups=("sharing", "workloads", "network"))
            ids = {account_named(name): name for name in names}
            states = covered(done).filter(account_id__in=ids).exclude(state="complete")
            assert not states.exists(), list(states.values_list("collector", "state", "message"))
            return {
                (ids[row.account_id], row.resource_type, grant.grantee)
                for row in ResourcePolicy.objects.as_of(None)
                for grant in grants_of(row.facts) or ()
            }

        return grants

    def test_are_read_from_both_sides(self, grants, account_named):
        prod, hub, acquired = "booking-api-prod", "network-hub", "norrland-tms-prod"
        found = grants(prod, hub, acquired)
        sandbox = account_named("sandbox-jonas")
        assert (prod, "vpc-peering-connection", sandbox) in found
        assert (prod, "transit-gateway-attachment", account_named(hub)) in found
        assert (hub, "transit-gateway", account_named(prod)) in found
        assert (acquired, "snapshot", "*") in found
        developer = f"arn:aws:iam::{account_named('booking-dev')}:role/platform/PlatformDeploy"
        assert (prod, "cluster", developer) in found
        kinds = {(row.resource_type, row.name) for row in ResourcePolicy.objects.as_of(None)}
        assert ("resource-share", "shared-subnets") in kinds
        assert sum(kind == "snapshot" for kind, _ in kinds) == 1


class TestDrift:
    def test_shows_what_was_changed_at_the_console(self, run, console):
        run(ONE)
        made = console.create_policy(
            Name="made-at-the-console",
            Description="",
            Type="SERVICE_CONTROL_POLICY",
            Content='{"Version":"2012-10-17","Statement":'
            '[{"Effect":"Deny","Action":"s3:DeleteBucket","Resource":"*"}]}',
        )["Policy"]["PolicySummary"]
        try:
            second = run(ONE)
            assert (second.rows_opened, second.rows_closed) == (1, 0)
            assert Policy.objects.as_of(None).get(policy_id=made["Id"]).name == made["Name"]
        finally:
            console.delete_policy(PolicyId=made["Id"])
        third = run(ONE)
        assert (third.rows_opened, third.rows_closed) == (0, 1)
        assert Policy.objects.get(policy_id=made["Id"]).seen_until == third.started_at
