"""Functions, versions, aliases, layers and URLs, read from answers as Lambda gives them."""

import pytest

from inventory.aws.errors import AwsPartlyDenied, AwsReadDenied
from inventory.collectors.lambda_functions import collect_functions, collect_layers
from tests.inventory.collectors.resource_records import POLICY, read_until, record
from tests.inventory.stubs import stubbed

ARN = "arn:aws:lambda:us-east-1:222222222222:function:"
URL = "https://0123456789abcdef.lambda-url.us-east-1.on.aws/"
LAYER = "arn:aws:lambda:us-east-1:222222222222:layer:"


@pytest.fixture
def functions():
    with stubbed("lambda") as aws:
        yield aws


def lists(aws, *named):
    found = [
        {"FunctionName": name, "Version": version, "FunctionArn": f"{ARN}{name}:{version}"}
        for name, version in named
    ]
    aws.answers("list_functions", {"Functions": found}, FunctionVersion="ALL", MaxItems=50)


def has(aws, name, policy=None, qualifier=None):
    if policy is None:
        aws.refuses("get_policy", "ResourceNotFoundException", http_status_code=404)
        return
    qualified = {"Qualifier": qualifier} if qualifier else {}
    aws.answers("get_policy", {"Policy": policy}, FunctionName=name, **qualified)


def has_urls(aws, name, *urls):
    found = [
        {
            **{"FunctionArn": ARN + arn, "FunctionUrl": URL + auth_type},
            **{"AuthType": auth_type, "CreationTime": "1", "LastModifiedTime": "1"},
        }
        for arn, auth_type in urls
    ]
    aws.answers("list_function_url_configs", {"FunctionUrlConfigs": found}, FunctionName=name)


def has_aliases(aws, name, *aliases):
    found = [{"Name": each, "AliasArn": f"{ARN}{name}:{each}"} for each in aliases]
    aws.answers("list_aliases", {"Aliases": found}, FunctionName=name)


def function(name, policy=None, urls=(), **more):
    facts = {"function_urls": None if urls is None else list(urls)}
    return record("lambda", "function", ARN + name, name, policy, facts=facts, **more)


class TestCollectFunctions:
    def test_yields_functions_and_the_versions_and_aliases_that_have_policies(self, functions):
        lists(functions, ("resize", "$LATEST"), ("resize", "1"), ("resize", "2"))
        has(functions, "resize", POLICY)
        has_urls(functions, "resize")
        has_aliases(functions, "resize", "live", "old")
        has(functions, "resize", POLICY, "live")
        has(functions, "resize")
        has(functions, "resize", POLICY, "1")
        has(functions, "resize")
        assert list(collect_functions(functions.client)) == [
            function("resize", POLICY),
            record("lambda", "function alias", f"{ARN}resize:live", "resize:live", POLICY),
            record("lambda", "function version", f"{ARN}resize:1", "resize:1", POLICY),
        ]

    def test_yields_the_urls_of_a_function_and_of_its_aliases_with_who_may_call_them(
        self, functions
    ):
        lists(functions, ("hook", "$LATEST"))
        has(functions, "hook")
        has_urls(functions, "hook", ("hook:live", "AWS_IAM"), ("hook", "NONE"))
        has_aliases(functions, "hook")
        assert list(collect_functions(functions.client)) == [
            function(
                "hook",
                urls=(
                    {"qualifier": "", "url": f"{URL}NONE", "auth_type": "NONE"},
                    {"qualifier": "live", "url": f"{URL}AWS_IAM", "auth_type": "AWS_IAM"},
                ),
            )
        ]

    def test_marks_what_may_not_be_read_as_unknown(self, functions):
        lists(functions, ("vault", "$LATEST"), ("vault", "1"))
        functions.refuses("get_policy", "AccessDeniedException")
        functions.refuses("list_function_url_configs", "AccessDeniedException")
        has_aliases(functions, "vault")
        functions.refuses("get_policy", "AccessDeniedException")
        found, error = read_until(AwsPartlyDenied, collect_functions, functions.client)
        denied = {"policy": "AccessDeniedException"}
        both = denied | {"function_urls": "AccessDeniedException"}
        arn = f"{ARN}vault:1"
        assert found == [
            function("vault", urls=None, unknown=both),
            record("lambda", "function version", arn, "vault:1", unknown=denied),
        ]
        assert error.listed_all

    def test_raises_when_functions_may_not_be_listed_instead_of_yielding_none(self, functions):
        functions.refuses("list_functions", "AccessDeniedException")
        with pytest.raises(AwsReadDenied, match="lambda:ListFunctions"):
            list(collect_functions(functions.client))


class TestCollectLayers:
    def test_yields_the_versions_of_layers_that_have_policies(self, functions):
        layers = {"Layers": [{"LayerName": "base", "LayerArn": f"{LAYER}base"}]}
        functions.answers("list_layers", layers, MaxItems=50)
        versions = [
            {"Version": number, "LayerVersionArn": f"{LAYER}base:{number}"} for number in (2, 1)
        ]
        functions.answers("list_layer_versions", {"LayerVersions": versions}, LayerName="base")
        functions.answers(
            "get_layer_version_policy", {"Policy": POLICY}, LayerName="base", VersionNumber=2
        )
        functions.refuses("get_layer_version_policy", "ResourceNotFoundException")
        assert list(collect_layers(functions.client)) == [
            record("lambda", "layer version", f"{LAYER}base:2", "base:2", POLICY)
        ]

    def test_raises_when_layers_may_not_be_listed_instead_of_yielding_none(self, functions):
        functions.refuses("list_layers", "AccessDeniedException")
        with pytest.raises(AwsReadDenied, match="lambda:ListLayers"):
            list(collect_layers(functions.client))
