"""What each resource tells."""

import pytest
from django.utils.http import quote_etag

from inventory.models import CredentialReport
from tests.factories.accounts import AccountSettingFactory, IdentityProviderFactory
from tests.factories.organization import (
    DelegatedAdministratorFactory,
    OrganizationResourcePolicyFactory,
    TrustedServiceFactory,
)
from tests.factories.policies import content, denying
from tests.factories.principals import (
    GroupPrincipalFactory,
    IamPolicyFactory,
    PrincipalActivityFactory,
    RoleFactory,
    UserCredentialFactory,
    UserPrincipalFactory,
)
from tests.factories.runs import (
    CoverageFactory,
    DeniedCoverageFactory,
    InventoryRunFactory,
    forget_coverage,
    never_complete,
)
from tests.factories.snapshots import organization_snapshot
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT
from tests.factories.versions import changed

ACME = "/api/v1/organizations/acme"


def told(client, address):
    answer = client.get(f"{ACME}{address}")
    assert answer.status_code == 200, answer.json()
    return answer.json()


class TestOrganizations:
    def test_are_listed_with_the_span_that_is_known(self, viewer, acme):
        (row,) = viewer.get("/api/v1/organizations").json()["results"]
        assert row["slug"] == "acme"
        assert row["organization_id"] == "o-exampleorg1"
        assert row["first_run_at"] == row["latest_run_at"] == "2026-11-01T08:00:00Z"

    def test_tell_how_well_accounts_are_known(self, viewer, acme):
        row = told(viewer, "?as_of=2026-11-01T09:00Z")
        assert row["feature_set"] == "ALL"
        assert row["root_id"] == "r-ab12"
        assert row["policy_types"]["TAG_POLICY"] == "ENABLED"
        assert row["accounts"]["accounts"] == 6
        assert row["accounts"]["by_knowledge"] == {"collected": 5, "unknown": 1}

    def test_are_null_throughout_before_the_first_run(self, viewer, db):
        made = organization_snapshot(covered=False)
        made.run.delete()
        for row in (made.organization, made.root, *made.accounts.values()):
            row.delete()
        row = viewer.get(f"/api/v1/organizations/{made.connection.slug}").json()
        assert row["feature_set"] is None
        assert row["policy_types"] is None
        assert row["first_run_at"] is None
        assert row["accounts"]["accounts"] is None
        assert row["coverage"]["knowledge"] == "unknown"

    def test_tell_what_they_delegate(self, viewer, acme):
        DelegatedAdministratorFactory.create(connection=acme.connection, account_id="333333333331")
        TrustedServiceFactory.create(
            connection=acme.connection, service_principal="sso.amazonaws.com"
        )
        (delegated,) = told(viewer, "/delegated-administrators")["results"]
        assert delegated["account_name"] == "log-archive"
        (trusted,) = told(viewer, "/trusted-services")["results"]
        assert trusted["service_principal"] == "sso.amazonaws.com"

    def test_tell_a_resource_policy_from_none_and_from_not_known(self, viewer, acme):
        assert told(viewer, "/resource-policy")["state"] == "none"
        OrganizationResourcePolicyFactory.create(connection=acme.connection)
        assert "LeaveOrganization" in told(viewer, "/resource-policy")["text"]
        other = organization_snapshot(covered=False)
        answer = viewer.get(f"/api/v1/organizations/{other.connection.slug}/resource-policy")
        assert answer.json()["state"] == "unknown"
        assert answer.json()["text"] is None

    def test_list_all_coverage_with_what_to_do(self, viewer, acme):
        run = InventoryRunFactory.create(connection=acme.connection, started_at=SECOND_RUN_AT)
        DeniedCoverageFactory.create(run=run, account_id="999999999999")
        (row,) = told(viewer, "/coverage?state=denied")["results"]
        assert row["remedy"] == "deploy docs/roles/audit.yaml"
        assert row["last_complete_at"] is None


class TestAccounts:
    def test_carry_how_well_they_are_known(self, viewer, acme):
        row = told(viewer, "/accounts/222222222222?as_of=2026-11-01T08:30Z")
        assert row["name"] == "payments"
        assert row["path"] == ["r-ab12", "ou-ab12-work0001", "ou-ab12-prod0001"]
        assert row["coverage"]["knowledge"] == "collected"
        assert row["coverage"]["total"] == row["coverage"]["complete"] == 7

    def test_that_refuse_the_role_are_denied_and_not_empty(self, viewer, acme):
        forget_coverage(acme.connection, account_id="222222222223")
        for collector in ("iam.authorization_details", "iam.credential_report"):
            DeniedCoverageFactory.create(
                run=acme.run, account_id="222222222223", collector=collector
            )
        assert told(viewer, "/accounts/222222222223")["coverage"]["knowledge"] == "denied"
        page = told(viewer, "/accounts/222222222223/credentials")
        assert page["results"] is None
        assert page["coverage"]["knowledge"] == "denied"
        page = told(viewer, "/principals?account_id=222222222223")
        assert page["results"] is None
        assert page["coverage"]["by_knowledge"] == {"denied": 1}

    def test_have_null_for_tags_that_were_never_read(self, viewer, acme):
        never_complete(acme.connection, collector="organizations.tags")
        assert told(viewer, "/accounts/222222222222")["tags"] is None
        assert told(viewer, "/accounts")["results"][0]["tags"] is None
        assert told(viewer, "/policies/p-regio001")["tags"] is None

    def test_tell_their_levels(self, viewer, acme):
        levels = told(viewer, "/accounts/222222222223/levels")["levels"]
        assert [level["name"] for level in levels] == ["Root", "Workloads", "Prod", "website"]
        assert [policy["name"] for policy in levels[2]["policies"]] == ["allow-listed"]
        assert levels[3]["target_type"] == "ACCOUNT"

    def test_tell_settings_that_are_set_none_and_unknown_apart(self, viewer, acme):
        common = {"connection": acme.connection, "account_id": "222222222222"}
        AccountSettingFactory.create(**common)
        AccountSettingFactory.create(name="password_policy", value=None, **common)
        row = told(viewer, "/accounts/222222222222/settings")
        assert row["account_summary"]["state"] == "set"
        assert row["account_summary"]["value"]["Roles"] == 9
        assert row["password_policy"]["state"] == "none"
        assert row["account_aliases"] == {"state": "unknown", "value": None, "seen_from": None}

    def test_list_credentials_with_the_root_user_first(self, viewer, acme):
        for name in ("alice", "<root_account>", "_bob"):
            UserCredentialFactory.create(
                connection=acme.connection, account_id="222222222222", user_name=name
            )
        first = told(viewer, "/accounts/222222222222/credentials?limit=1")
        assert first["results"][0]["user_name"] == "<root_account>"
        rest = viewer.get(first["next"]).json()
        assert len(rest["results"]) == 1
        assert viewer.get(rest["next"]).json()["next"] is None

    def test_say_how_old_the_credential_report_is(self, viewer, acme):
        of_account = {"connection": acme.connection, "account_id": "222222222222"}
        UserCredentialFactory.create(**of_account)
        address = "/accounts/222222222222/credentials"
        assert told(viewer, address)["results"][0]["report_generated_at"] is None
        CredentialReport.objects.create(generated_at=FIRST_RUN_AT, **of_account)
        assert told(viewer, address)["results"][0]["report_generated_at"] == "2026-11-01T08:00:00Z"

    def test_list_identity_providers(self, viewer, acme):
        IdentityProviderFactory.create(connection=acme.connection, account_id="222222222222")
        (row,) = told(viewer, "/accounts/222222222222/identity-providers")["results"]
        assert row["kind"] == "oidc"
        assert row["client_ids"] == ["sts.amazonaws.com"]

    def test_list_their_coverage_by_collector(self, viewer, acme):
        rows = told(viewer, "/accounts/222222222222/coverage")["results"]
        assert len(rows) == 7
        assert rows[0]["calls"] == {"iam:GetAccountAuthorizationDetails": 1}


class TestUnits:
    def test_are_told_with_their_levels(self, viewer, acme):
        assert told(viewer, "/organizational-units/ou-ab12-prod0001")["name"] == "Prod"
        levels = told(viewer, "/organizational-units/ou-ab12-prod0001/levels")["levels"]
        assert [level["name"] for level in levels] == ["Root", "Workloads", "Prod"]
        levels = told(viewer, "/organizational-units/r-ab12/levels")["levels"]
        assert [level["target_type"] for level in levels] == ["ROOT"]


class TestPolicies:
    def test_tell_where_they_are_attached_and_how_far_they_reach(self, viewer, acme):
        rows = told(viewer, "/policies/p-regio001/attachments")["results"]
        assert [(row["name"], row["accounts"]) for row in rows] == [("Workloads", 3)]
        assert told(viewer, "/policies/p-regio001")["attachment_count"] == 1
        assert told(viewer, "/policies/p-unatt001/attachments")["results"] == []

    def test_page_their_attachments(self, viewer, acme):
        first = told(viewer, "/policies/p-FullAWSAccess/attachments?limit=7&ordering=-name")
        rest = viewer.get(first["next"]).json()
        found = [row["name"] for row in first["results"] + rest["results"]]
        assert found == sorted(found, reverse=True)
        assert len(found) == 11

    def test_give_their_text_as_it_is_and_as_it_was(self, viewer, acme):
        before = acme.policies["deny-regions"]
        text = denying("ec2:RunInstances")
        changed(before, at=SECOND_RUN_AT, content=content(text))
        assert told(viewer, "/policies/p-regio001/content")["text"] == text
        was = told(viewer, "/policies/p-regio001/content?as_of=2026-11-01T08:00:00Z")
        assert was["text"] == before.content.text
        versions = told(viewer, "/policies/p-regio001/versions")["results"]
        assert [version["seen_until"] for version in versions] == [None, "2026-11-01T09:00:00Z"]
        assert versions[0]["text"] == text

    @pytest.mark.parametrize("part", ["", "/content", "/versions", "/attachments"])
    def test_that_were_never_seen_are_not_found(self, viewer, acme, part):
        assert viewer.get(f"{ACME}/policies/p-other{part}").status_code == 404


class TestPrincipals:
    def test_tell_their_last_use_and_what_is_not_known_of_it(self, viewer, acme):
        common = {"connection": acme.connection}
        used, never, unread = (
            RoleFactory.create(name=name, **common) for name in ("used", "never", "unread")
        )
        GroupPrincipalFactory.create(name="group", **common)
        PrincipalActivityFactory.create(arn=used.arn, **common)
        PrincipalActivityFactory.create(arn=never.arn, last_used_at=None, **common)
        page = told(viewer, "/principals?fields=name,last_use")
        uses = {row["name"]: row["last_use"]["use"] for row in page["results"]}
        assert uses == {
            "group": "not_recorded",
            "never": "none_on_record",
            "unread": "unknown",
            "used": "used",
        }
        assert page["coverage"]["accounts"] == 6
        (row,) = told(viewer, "/principals?unused_days=1&q=never&fields=name")["results"]
        assert row["name"] == "never"
        assert unread.name not in {
            row["name"] for row in told(viewer, "/principals?unused_days=1")["results"]
        }

    def test_list_every_policy_that_bears_on_a_user(self, viewer, acme):
        common = {"connection": acme.connection, "account_id": "222222222222"}
        managed = IamPolicyFactory.create(name="Ops", **common)
        inline = content(denying("s3:*"))
        GroupPrincipalFactory.create(
            name="ops", attached_policy_arns=[managed.arn, "arn:aws:iam::aws:policy/Gone"], **common
        )
        UserPrincipalFactory.create(
            name="alice", groups=["ops"], inline_policies={"own": inline.pk}, **common
        )
        row = told(viewer, "/accounts/222222222222/principals/user/alice/policies")
        found = {(policy["kind"], policy["name"]): policy for policy in row["policies"]}
        assert found["inline", "own"]["text"] == inline.text
        assert found["managed", "Ops"]["via_group"] == "ops"
        assert found["managed", "Gone"]["text"] is None
        assert row["coverage"]["knowledge"] == "stale"

    def test_are_found_by_account_kind_and_name(self, viewer, acme):
        RoleFactory.create(name="Deployer", path="/ci/", connection=acme.connection)
        address = "/accounts/222222222222/principals/role/Deployer"
        row = told(viewer, address)
        assert row["arn"] == "arn:aws:iam::222222222222:role/ci/Deployer"
        assert row["url"] == f"http://testserver{ACME}{address}"
        assert row["boundary_arn"] is None
        gone = viewer.get(f"{ACME}/accounts/222222222222/principals/user/Deployer")
        assert gone.status_code == 404


class TestRuns:
    def test_are_listed_newest_first(self, viewer, acme):
        later = InventoryRunFactory.create(
            connection=acme.connection, started_at=SECOND_RUN_AT, state="failed", error="refused"
        )
        rows = told(viewer, "/inventory-runs")["results"]
        assert [row["id"] for row in rows] == [later.pk, acme.run.pk]
        assert [row["error"] for row in rows] == ["refused", None]
        assert len(told(viewer, "/inventory-runs?state=failed")["results"]) == 1
        after = told(viewer, "/inventory-runs?requested_after=2026-11-01T08:30:00Z")["results"]
        assert [row["id"] for row in after] == [later.pk]

    def test_tell_their_progress(self, viewer, acme):
        row = told(viewer, f"/inventory-runs/{acme.run.pk}/progress")
        assert row["accounts_total"] == row["accounts_done"] == 5
        assert row["accounts"] == {"complete": 5}
        assert row["calls"] == {"iam:GetAccountAuthorizationDetails": 9 + 5 * 7}

    def test_that_have_just_begun_do_not_know_how_many_accounts(self, viewer, acme):
        run = InventoryRunFactory.create(connection=acme.connection, state="running")
        row = told(viewer, f"/inventory-runs/{run.pk}/progress")
        assert row["accounts_total"] is None

    def test_tell_coverage_and_accounts(self, viewer, acme):
        rows = told(viewer, f"/inventory-runs/{acme.run.pk}/coverage?account_id=222222222222")
        assert len(rows["results"]) == 7
        rows = told(viewer, f"/inventory-runs/{acme.run.pk}/accounts")
        assert {row["state"] for row in rows["results"]} == {"complete"}

    def test_of_another_organization_are_not_found(self, viewer, acme):
        other = InventoryRunFactory.create()
        assert viewer.get(f"{ACME}/inventory-runs/{other.pk}").status_code == 404


class TestConnections:
    def test_tell_roles_and_keep_the_external_id(self, viewer, acme):
        (row,) = viewer.get("/api/v1/connections").json()["results"]
        assert row["audit_role_name"] == "OrgwardenAudit"
        assert row["has_external_id"] is True
        assert "orgwarden-tests" not in str(row)
        one = viewer.get("/api/v1/connections/acme")
        assert one.json() == row
        assert one.headers["ETag"]


class TestETag:
    def test_spares_what_the_asker_has(self, viewer, acme):
        address = f"{ACME}/accounts/222222222222"
        first = viewer.get(address)
        etag = first.headers["ETag"]
        assert etag.startswith('"')
        again = viewer.get(address, headers={"If-None-Match": etag})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["ETag"] == etag
        weak = viewer.get(address, headers={"If-None-Match": f'W/{etag}, "other"'})
        assert weak.status_code == 304

    def test_changes_with_the_thing(self, viewer, acme):
        address = f"{ACME}/accounts/222222222222"
        etag = viewer.get(address).headers["ETag"]
        changed(acme.accounts["payments"], at=SECOND_RUN_AT, name="pay")
        answer = viewer.get(address, headers={"If-None-Match": etag})
        assert answer.status_code == 200
        assert answer.headers["ETag"] not in {etag, quote_etag("")}

    def test_is_kept_by_no_shared_cache(self, viewer, acme):
        answer = viewer.get(f"{ACME}/accounts")
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert "Authorization" in answer.headers["Vary"]


class TestCoverageOverTime:
    def test_is_that_of_the_runs_until_then(self, viewer, acme):
        run = InventoryRunFactory.create(connection=acme.connection, started_at=SECOND_RUN_AT)
        DeniedCoverageFactory.create(run=run, account_id="222222222222")
        CoverageFactory.create(run=run, account_id="222222222222", collector="iam.saml_providers")
        before = told(viewer, "/accounts/222222222222?as_of=2026-11-01T08:59Z")["coverage"]
        assert before["knowledge"] == "collected"
        after = told(viewer, "/accounts/222222222222")["coverage"]
        assert (after["knowledge"], after["total"], after["denied"]) == ("partial", 7, 1)
