"""Whose policy decides over an ARN."""

import pytest

from inventory.selectors.resource_policies import holders_of

HEAD = "eu-west-1:222222222222"


@pytest.mark.parametrize(
    ("arn", "holders"),
    [
        ("arn:aws:s3:::data/a/b.csv", ["arn:aws:s3:::data"]),
        ("arn:aws:s3:::*", ["arn:aws:s3:::*"]),
        (
            f"arn:aws:s3:{HEAD}:accesspoint/in/object/a",
            [f"arn:aws:s3:{HEAD}:accesspoint/in/object/a", f"arn:aws:s3:{HEAD}:accesspoint/in"],
        ),
        (
            f"arn:aws:execute-api:{HEAD}:abc/prod/GET/x",
            [f"arn:aws:execute-api:{HEAD}:abc/prod/GET/x", f"arn:aws:execute-api:{HEAD}:abc/*"],
        ),
        (
            f"arn:aws:events:{HEAD}:rule/orders/nightly",
            [
                f"arn:aws:events:{HEAD}:rule/orders/nightly",
                f"arn:aws:events:{HEAD}:event-bus/orders",
            ],
        ),
        (
            f"arn:aws:events:{HEAD}:rule/nightly",
            [f"arn:aws:events:{HEAD}:rule/nightly", f"arn:aws:events:{HEAD}:event-bus/default"],
        ),
        (
            f"arn:aws:glue:{HEAD}:table/lake/orders",
            [f"arn:aws:glue:{HEAD}:table/lake/orders", f"arn:aws:glue:{HEAD}:catalog"],
        ),
        (f"arn:aws:sqs:{HEAD}:jobs", [f"arn:aws:sqs:{HEAD}:jobs"]),
        ("jobs", ["jobs"]),
    ],
)
def test_the_nearest_comes_first(arn, holders):
    assert list(holders_of(arn)) == holders
