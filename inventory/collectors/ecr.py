"""ECR: repositories, the registry of an account in a region, and their policies."""

from collections.abc import Iterator

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.aws.errors import AwsNotFound
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, read_resources, resources
from inventory.records import ResourcePolicyRecord


def collect_repositories(ecr: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each repository of a region with its policy.

    One call a thousand repositories, and one a repository.
    AWS: ecr:DescribeRepositories, GetRepositoryPolicy.
    """
    yield from read_resources(
        ecr,
        "ecr",
        lambda: ecr.paginate("describe_repositories", "repositories", maxResults=1000),
        _repository,
        id_of=lambda listed: str(listed["repositoryArn"]),
        gone=("RepositoryNotFoundException",),
    )


def _repository(listed: AwsAnswer, parts: ResourceParts) -> Iterator[ResourcePolicyRecord]:
    name: str = listed["repositoryName"]
    content = parts.policy("get_repository_policy", "policyText", repositoryName=name)
    yield parts.record("repository", listed["repositoryArn"], name, content)


def collect_registry(ecr: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield the registry of a region if it has a policy: whose images it takes, and for whom.

    AWS: ecr:GetRegistryPolicy.
    """
    try:
        answer = ecr.call("get_registry_policy")
    except AwsNotFound:
        return
    # A registry has no ARN; its policy is about all repositories.
    arn = f"arn:{ecr.partition}:ecr:{ecr.region}:{ecr.account_id}:repository/*"
    parts = ResourceParts(ecr, "ecr")
    yield parts.record("registry", arn, ecr.account_id, answer["policyText"])


COLLECTORS = (
    Collector(
        name="applications.ecr_repositories",
        label="ECR repositories",
        scope=Scope.REGIONAL,
        service="ecr",
        actions=(
            Action(
                "ecr:DescribeRepositories",
                "repositories",
                given={"maxResults": 1},
                finds={"repository": ("repositories", 0, "repositoryName")},
            ),
            Action(
                "ecr:GetRepositoryPolicy",
                "each repository's policy",
                given={"repositoryName": "{repository}"},
            ),
        ),
        read=alone(collect_repositories),
        covers=resources("ecr", "repository"),
    ),
    Collector(
        name="applications.ecr_registry",
        label="ECR registry",
        scope=Scope.REGIONAL,
        service="ecr",
        actions=(Action("ecr:GetRegistryPolicy", "the registry's policy"),),
        read=alone(collect_registry),
        covers=resources("ecr", "registry"),
    ),
)
