import json
from dataclasses import replace
from importlib.resources import files
from itertools import chain
from pathlib import Path

import pytest

from policies import PolicyType, parse_policy
from policies.trust import (
    GuardKind,
    PolicyCrossing,
    PolicyEdge,
    TrustedResource,
    TrustGuard,
    TrustOrganization,
    TrustPrincipal,
    TrustPrincipalKind,
    TrustQuestion,
)
from policies.trust.guards import guards_of
from policies.trust.providers import provider_of
from policies.trust.tenants import tenant_of

FILES = sorted(Path(__file__).parent.joinpath("cases").glob("guards_*.json"))
CASES = list(chain.from_iterable(json.loads(file.read_text("utf-8")) for file in FILES))
OWN = "o-own1234567"
ORGANIZATION = TrustOrganization(
    OWN,
    "999988887777",
    dict.fromkeys(("111122223333", "222233334444", "999988887777"), f"{OWN}/r-ab12/"),
)
ROLE = TrustedResource("arn:aws:iam::111122223333:role/deploy", "111122223333")
KEY = TrustedResource("arn:aws:kms:eu-west-1:111122223333:key/1", "111122223333")


def question(condition: dict, policy: str = "trust", version: str = "2012-10-17") -> TrustQuestion:
    is_trust = policy == "trust"
    kind = PolicyType.TRUST_POLICY if is_trust else PolicyType.RESOURCE_POLICY
    statement = {"Effect": "Allow", "Principal": "*", "Action": "*", "Condition": condition}
    text = json.dumps({"Version": version, "Statement": [statement]})
    document = parse_policy(text, kind).document
    assert document is not None
    return TrustQuestion(document, kind, ROLE if is_trust else KEY, ORGANIZATION)


def principal_of(row: dict) -> TrustPrincipal:
    return TrustPrincipal(
        TrustPrincipalKind(row["kind"]), row["id"], row.get("account_id"), row.get("provider")
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_says_what_each_condition_asks_and_leaves_open(case):
    asked = question(
        case["condition"], case.get("policy", "trust"), case.get("version", "2012-10-17")
    )
    guards = guards_of(asked, asked.policy.statements[0], principal_of(case["principal"]))
    found = [{"kind": guard.kind.value, "holds": guard.holds} for guard in guards]
    wanted = [{"kind": guard["kind"], "holds": guard["holds"]} for guard in case["guards"]]
    assert found == wanted, [guard.leaves_open for guard in guards]
    for guard, expected in zip(guards, case["guards"], strict=True):
        assert expected.get("leaves_open", "") in guard.leaves_open
        assert guard.leaves_open.endswith(".")


class TestTenantOf:
    @pytest.mark.parametrize(
        ("host", "condition", "tenant"),
        [
            ("token.actions.githubusercontent.com", {"sub": "repo:my-org/app:*"}, "my-org"),
            ("token.actions.githubusercontent.com", {"sub": "repo:my-org@1/app@2:*"}, "my-org"),
            ("token.actions.githubusercontent.com", {"sub": "repo:my-org*"}, None),
            ("token.actions.githubusercontent.com", {"sub": ["repo:b/*", "repo:a/*"]}, "a, b"),
            ("token.actions.githubusercontent.com", {"repository_owner": "my-org"}, "my-org"),
            ("token.actions.githubusercontent.com", {"aud": "sts.amazonaws.com"}, None),
            ("gitlab.com", {"sub": "project_path:group/*"}, "group"),
            ("cognito-identity.amazonaws.com", {"aud": "eu-west-1:1"}, "eu-west-1:1"),
            ("oidc.circleci.com/org/0a1b", {"aud": "0a1b"}, "0a1b"),
            ("oidc.eks.eu-west-1.amazonaws.com/id/AB12", {"aud": "sts.amazonaws.com"}, "AB12"),
            ("app.terraform.io", {"sub": "organization:acme:*"}, "acme"),
            ("agent.buildkite.com", {"sub": "organization:acme:pipeline:*"}, "acme"),
            ("oidc.codefresh.io", {"account_id": "5f30"}, "5f30"),
            ("scalr.io", {"sub": "account:acme:environment:*"}, "acme"),
            ("api.pulumi.com/oidc", {"sub": "pulumi:deploy:org:acme:*"}, "acme"),
            (
                "api.pulumi.com/oidc",
                {"sub": "pulumi:environments:pulumi.organization.login:acme:*"},
                "acme",
            ),
            ("api.pulumi.com/oidc/v2", {"sub": "pulumi:org:0a1b:env:*"}, "0a1b"),
            ("api.pulumi.com/oidc/v2", {"aud": "aws:acme"}, None),
            ("login.example.com", {"sub": "user"}, None),
        ],
    )
    def test_names_whom_the_conditions_leave(self, host, condition, tenant):
        asked = question({"StringLike": {f"{host}:{claim}": v for claim, v in condition.items()}})
        assert tenant_of(host, asked.policy.statements[0].conditions) == tenant


class TestProviderOf:
    def test_tells_shared_issuers_from_those_of_one_tenant(self):
        assert provider_of("token.actions.githubusercontent.com").shared
        assert not provider_of("token.actions.githubusercontent.com/acme").shared
        assert provider_of("oidc.circleci.com/org/0a1b").tenant_in_issuer == "0a1b"
        assert not provider_of("login.example.com").is_known

    def test_takes_a_cluster_for_shared_only_where_its_issuer_is_on_the_list(self):
        host = "rh-oidc.s3.us-east-1.amazonaws.com"
        assert provider_of(f"{host}/22ejnvnnturfmt6km08idd0nt4hekbn7").shared
        assert not provider_of(f"{host}/1srtno3qggal8ujsegvtb2njvbmhdu8c").is_known

    def test_knows_the_tenant_of_sentinel_for_government(self):
        host = "sts.windows.net/cab8a31a-1906-4287-a0d8-4eef66b95f6e/"
        assert provider_of(host).session_name_fixes_tenant
        assert not provider_of("sts.windows.net/0aaa/").shared

    def test_has_a_source_and_a_day_for_each_provider(self):
        rows = json.loads(files("policies.trust.providers").joinpath("providers.json").read_bytes())
        for row in rows["providers"]:
            provider = provider_of(row["hosts"][0].replace("*", "x"))
            assert provider.sources, provider.name
            assert all(source.startswith("https://") for source in provider.sources)
            assert provider.read_on, provider.name


class TestIsGuarded:
    @pytest.mark.parametrize(
        ("kind", "tenant", "guarded"),
        [
            (GuardKind.SUBJECT, None, True),
            (GuardKind.AUDIENCE, None, False),
            (GuardKind.AUDIENCE, "eu-west-1:pool", True),
            (GuardKind.REGION, None, False),
            (GuardKind.EXTERNAL_ID, None, True),
        ],
    )
    def test_counts_guards_that_say_who_comes_in(self, kind, tenant, guarded):
        guard = TrustGuard(kind, "key", "StringEquals", ("value",), True, "Only the value.")
        principal = TrustPrincipal(
            TrustPrincipalKind.FEDERATED, "id", provider="host.example.com", tenant=tenant
        )
        edge = PolicyEdge(0, None, principal, (), PolicyCrossing.FEDERATED, (guard,))
        assert edge.is_guarded is guarded
        assert not replace(edge, guards=(replace(guard, holds=False),)).is_guarded
