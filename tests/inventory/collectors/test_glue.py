"""The data catalogue and its policy, read from answers as Glue gives them."""

import pytest

from inventory.aws.errors import AwsReadDenied
from inventory.collectors.glue import collect_catalog
from tests.inventory.collectors.resource_records import POLICY, record
from tests.inventory.stubs import stubbed


@pytest.fixture
def glue():
    with stubbed("glue") as aws:
        yield aws


class TestCollectCatalog:
    def test_yields_the_catalogue_where_it_has_a_policy(self, glue):
        glue.answers("get_resource_policy", {"PolicyInJson": POLICY})
        arn = "arn:aws:glue:us-east-1:222222222222:catalog"
        assert list(collect_catalog(glue.client)) == [
            record("glue", "catalog", arn, "222222222222", POLICY)
        ]

    def test_yields_none_where_it_has_none(self, glue):
        glue.refuses("get_resource_policy", "EntityNotFoundException")
        assert list(collect_catalog(glue.client)) == []

    def test_raises_when_it_may_not_be_read_instead_of_yielding_none(self, glue):
        glue.refuses("get_resource_policy", "AccessDeniedException")
        with pytest.raises(AwsReadDenied, match="glue:GetResourcePolicy"):
            list(collect_catalog(glue.client))
