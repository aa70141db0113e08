"""Organizations as data: what loads, and what is said of data that cannot."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from moto.moto_api._internal.models import moto_api_backend
from moto.s3.models import s3_backends

from demo.seeding import organization_files
from demo.seeding.organization_files import read_organization, seeding_of
from demo.seeding.reading import BadOrganization
from demo.simulator.callers import iam_of
from inventory.collectors import registry
from inventory.collectors.collector import Reader

DEMO = Path(organization_files.__file__).parent.parent / "organization"
TINY = Path(__file__).parent / "simulator" / "organization"
REAL = Path(__file__).parents[2].parent / "shared/data/moj-organization/organization.json"
SEEDED_AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def seed():
    """Seed an organization into this process' moto and empty it afterwards."""

    def seed(path):
        moto_api_backend.reset()
        return seeding_of(path)(SEEDED_AT)

    yield seed
    moto_api_backend.reset()


@pytest.fixture
def copy(tmp_path):
    """Return a function that copies the tiny organization and changes one of its files."""

    def copy(name, before, after):
        folder = tmp_path / "organization"
        shutil.copytree(TINY, folder)
        file = folder / name
        text = file.read_text()
        assert before in text
        file.write_text(text.replace(before, after, 1))
        return folder

    return copy


class TestDemoOrganization:
    def test_has_the_shape_of_a_landing_zone(self, seed):
        found = seed(DEMO)
        organization = found.organization
        assert found.warnings == []
        assert 60 <= len(organization.accounts) <= 70
        depth = max(len(organization.ancestors(each)) - 1 for each in organization.units)
        assert depth == 4
        top = {organization.units[each].name for each in organization.child_units["r-hf7q"]}
        assert top >= {
            *("Security", "Infrastructure", "Workloads", "Sandbox", "Policy Staging"),
            *("Exceptions", "Suspended"),
        }
        under_root = organization.child_accounts["r-hf7q"]
        assert {organization.accounts[each].name for each in under_root} == {
            *("halden-management", "group-website")
        }

    def test_gives_the_same_ids_and_dates_every_time(self, seed):
        def picture():
            organization = seed(DEMO).organization
            roles = {
                (account_id, role.name): (role.id, role.last_used, role.create_date)
                for account_id in organization.accounts
                for role in iam_of(account_id).roles.values()
            }
            return list(organization.policies), list(organization.units), roles

        assert picture() == picture()

    def test_lets_its_audit_roles_do_what_the_documents_say(self, seed):
        seeded = seed(DEMO)
        [role] = [
            each
            for each in iam_of(seeded.organization.management_account_id).roles.values()
            if each.name == "OrgwardenAudit"
        ]
        [statement] = json.loads(role.policies["orgwarden-audit"])["Statement"]
        assert tuple(statement["Action"]) == registry.actions(Reader.ACCOUNT)

    def test_every_account_has_people_workloads_or_platform_roles(self, seed):
        for account_id in seed(DEMO).organization.accounts:
            assert len(iam_of(account_id).roles) >= 15


class TestWeaknesses:
    def test_every_listed_weakness_is_where_the_list_says(self, seed):
        organization = seed(DEMO).organization
        listed = yaml.safe_load((DEMO / "weaknesses.yaml").read_text())
        accounts = {account.name: account for account in organization.accounts.values()}
        policies = {policy.name: policy for policy in organization.policies.values()}
        units = {organization.path(each): each for each in organization.units}
        assert len(listed["weaknesses"]) >= 20
        for weakness in (*listed["weaknesses"], *listed["coverage"]):
            where = weakness["where"]
            assert weakness["find"]
            if "policy" in where:
                assert where["policy"] in policies, weakness["id"]
            if "unit" in where:
                names = {organization.units[each].name for each in units.values()}
                assert where["unit"] in names, weakness["id"]
                parent = next(
                    each.unit_id
                    for each in organization.units.values()
                    if each.name == where["unit"]
                )
                ids = list(organization.child_accounts[parent])
            else:
                ids = [accounts[where["account"]].account_id] if "account" in where else []
            for account_id in ids:
                _check_there(account_id, where, organization, policies, weakness["id"])

    def test_ids_are_unique(self):
        listed = yaml.safe_load((DEMO / "weaknesses.yaml").read_text())
        ids = [each["id"] for each in (*listed["weaknesses"], *listed["coverage"])]
        assert len(set(ids)) == len(ids)


def _check_there(account_id, where, organization, policies, weakness):
    iam = iam_of(account_id)
    roles = {role.name for role in iam.roles.values()}
    if "role" in where:
        prefix, _, suffix = where["role"].partition("<system>")
        assert any(role.startswith(prefix) and role.endswith(suffix) for role in roles), weakness
    if "bucket" in where:
        assert where["bucket"] in s3_backends[account_id]["aws"].buckets, weakness
    if "missing_role" in where:
        assert where["missing_role"] not in roles, weakness
    if where.get("user", "<root_account>") != "<root_account>":
        assert where["user"] in iam.users, weakness
    if "policy" in where:
        assert policies[where["policy"]].policy_id in organization.attachments[account_id]
    if where.get("setting") == "full_access":
        assert "p-FullAWSAccess" not in organization.attachments[account_id]


class TestBadData:
    @pytest.mark.parametrize(
        ("file", "before", "after", "message"),
        [
            (
                "organization.yaml",
                "id: o-tiny000001",
                "id: tiny",
                "organization/organization.yaml: id: an organization's id is o- and",
            ),
            ("organization.yaml", "name: Tiny", "nam: Tiny", "unknown key 'nam'"),
            (
                "organization.yaml",
                "management_account: management",
                "management_account: nobody",
                "management_account: there is no account 'nobody'",
            ),
            ("organization.yaml", "name: Tiny", "name: [", "organization.yaml: no YAML"),
            (
                "accounts/accounts.yaml",
                "unit: Team/Prod",
                "unit: Team/Test",
                "accounts.yaml: app: unit: there is no unit 'Team/Test'",
            ),
            (
                "accounts/accounts.yaml",
                '"333333333333"',
                '"222222222222"',
                "accounts.yaml: app: 222222222222 is already used by",
            ),
            ("accounts/accounts.yaml", '"333333333333"', '"333"', "an account id is 12 digits"),
            (
                "accounts/accounts.yaml",
                "profile: writer",
                "profile: reader",
                "writer: profile: there is no profile 'reader'",
            ),
            ("accounts/accounts.yaml", "SUSPENDED", "GONE", "closed: state: a state is one of"),
            (
                "policies/policies.yaml",
                "attached_to: [Team]",
                "attached_to: [Nowhere]",
                "team-costs: attached_to: there is no root, unit or account 'Nowhere'",
            ),
            ("policies/policies.yaml", "TAG_POLICY", "LABEL_POLICY", "no policy type"),
            (
                "profiles/app.yaml",
                "managed: [SecurityAudit]",
                "managed: [SecurityAuditt]",
                "neither the account nor AWS has a managed policy 'SecurityAuditt'",
            ),
            (
                "profiles/app.yaml",
                "trust: {service: ec2.amazonaws.com}",
                "trust: {}",
                "profiles/app.yaml: roles: Bounded: trust: trust is exactly one of",
            ),
            ("profiles/app.yaml", "<account_slug>", "<account_slog>", "there is no <account_slog>"),
            (
                "profiles/management.yaml",
                "roles: [OrgwardenAudit]",
                "roles: [Nobody]",
                "without: roles: 'Nobody' is not there to be left out",
            ),
        ],
    )
    def test_names_file_and_key(self, seed, copy, file, before, after, message):
        with pytest.raises(BadOrganization, match="organization") as caught:
            seed(copy(file, before, after))
        assert message in str(caught.value)

    def test_says_what_can_be_given(self, tmp_path):
        with pytest.raises(BadOrganization, match="give a folder"):
            read_organization(tmp_path / "nothing.txt")
        with pytest.raises(BadOrganization, match=r"organization\.yaml: the file is missing"):
            read_organization(tmp_path)

    def test_loads_a_policy_that_aws_would_refuse_with_a_warning(self, seed, copy):
        found = seed(copy("policies/policies.yaml", '"iam:GetAccountSummary"', '"iam"'))
        (warning,) = found.warnings
        assert "loose: AWS would refuse this policy" in warning


class TestJsonOrganization:
    def test_loads_a_real_organization(self, seed):
        if not REAL.exists():
            pytest.skip(f"the organization of 382 accounts is not at {REAL}")
        found = seed(REAL)
        data = json.loads(REAL.read_text())
        organization = found.organization
        assert len(organization.accounts) == len(data["accounts"]) + 1
        assert len(organization.units) - 1 == len(data["organizational_units"])
        assert set(data["root"]["service_access"]) == set(organization.trusted_services)
        attached = sum(
            not organization.policies[policy_id].aws_managed
            for policies in organization.attachments.values()
            for policy_id in policies
        )
        assert attached == len({(each["policy"], each["target"]) for each in data["attachments"]})
        for account_id in organization.accounts:
            assert "p-FullAWSAccess" in organization.attachments[account_id]
            assert iam_of(account_id).roles

    def test_makes_what_the_file_lacks(self, seed, tmp_path):
        file = tmp_path / "organization.json"
        accounts = [
            {"key": f"a{n}", "name": f"A {n}", "parent": "u2", "id": f"{n:012}", "tags": {}}
            for n in range(1, 5)
        ]
        file.write_text(
            json.dumps(
                {
                    "root": {"policy_types_enabled": [], "service_access": []},
                    "organizational_units": [
                        {"key": "u2", "name": "Same", "parent": "u1"},
                        {"key": "u1", "name": "Same", "parent": "root"},
                        {"key": "u3", "name": "Same", "parent": "root"},
                    ],
                    "accounts": accounts,
                    "policies": [],
                    "attachments": [],
                }
            )
        )
        found = seed(file)
        assert [each for each in found.warnings if "second unit of this name" in each]
        assert len(found.organization.accounts) == 5
        role_names = {role.name for role in iam_of("000000000004").roles.values()}
        assert "OrgwardenAudit" in role_names

    def test_names_a_missing_parent(self, tmp_path):
        file = tmp_path / "organization.json"
        file.write_text(
            json.dumps(
                {
                    "root": {"policy_types_enabled": [], "service_access": []},
                    "organizational_units": [{"key": "u", "name": "U", "parent": "gone"}],
                    "accounts": [],
                }
            )
        )
        with pytest.raises(BadOrganization, match="U: the parent is not among the units"):
            read_organization(file)
