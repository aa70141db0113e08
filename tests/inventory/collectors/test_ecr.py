"""Repositories, the registry and their policies, read from answers as ECR gives them."""

import pytest

from inventory.aws.errors import AwsPartlyDenied, AwsReadDenied
from inventory.collectors.ecr import collect_registry, collect_repositories
from tests.inventory.collectors.resource_records import POLICY, read_until, record
from tests.inventory.stubs import stubbed

ARN = "arn:aws:ecr:us-east-1:222222222222:repository/"


@pytest.fixture
def ecr():
    with stubbed("ecr") as aws:
        yield aws


def lists(aws, *names):
    found = [{"repositoryArn": ARN + each, "repositoryName": each} for each in names]
    aws.answers("describe_repositories", {"repositories": found}, maxResults=1000)


def repository(name, policy=None, **more):
    return record("ecr", "repository", ARN + name, name, policy, **more)


class TestCollectRepositories:
    def test_yields_each_repository_with_its_policy_or_none(self, ecr):
        lists(ecr, "base/java", "plain")
        ecr.answers("get_repository_policy", {"policyText": POLICY}, repositoryName="base/java")
        ecr.refuses("get_repository_policy", "RepositoryPolicyNotFoundException")
        found = list(collect_repositories(ecr.client))
        assert found == [repository("base/java", POLICY), repository("plain")]

    def test_leaves_out_a_repository_that_was_deleted_meanwhile(self, ecr):
        lists(ecr, "going")
        ecr.refuses("get_repository_policy", "RepositoryNotFoundException")
        lists(ecr)
        assert list(collect_repositories(ecr.client)) == []

    def test_marks_a_policy_that_may_not_be_read_as_unknown(self, ecr):
        lists(ecr, "vault")
        ecr.refuses("get_repository_policy", "AccessDeniedException")
        found, _ = read_until(AwsPartlyDenied, collect_repositories, ecr.client)
        assert found == [repository("vault", unknown={"policy": "AccessDeniedException"})]


class TestCollectRegistry:
    def test_yields_the_registry_where_it_has_a_policy(self, ecr):
        ecr.answers("get_registry_policy", {"policyText": POLICY})
        [found] = collect_registry(ecr.client)
        assert found == record("ecr", "registry", f"{ARN}*", "222222222222", POLICY)

    def test_yields_none_where_it_has_none(self, ecr):
        ecr.refuses("get_registry_policy", "RegistryPolicyNotFoundException")
        assert list(collect_registry(ecr.client)) == []

    def test_raises_when_it_may_not_be_read_instead_of_yielding_none(self, ecr):
        ecr.refuses("get_registry_policy", "AccessDeniedException")
        with pytest.raises(AwsReadDenied, match="ecr:GetRegistryPolicy"):
            list(collect_registry(ecr.client))
