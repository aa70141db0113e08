"""Accounts with roles for tests that compare them."""

import json

from tests.factories.organization import AccountFactory
from tests.factories.policies import content
from tests.factories.runs import CoverageFactory


def accounts_read(snapshot, number, parent):
    """Make accounts in an OU whose IAM was read: `own-0`, `own-1`, …"""
    accounts = [
        AccountFactory.create(
            connection=snapshot.connection, parent=snapshot.units[parent], name=f"own-{n}"
        )
        for n in range(number)
    ]
    for account in accounts:
        CoverageFactory.create(
            run=snapshot.run,
            account_id=account.account_id,
            collector="iam.authorization_details",
        )
    return accounts


def trusting(principal):
    """Return the content of a trust policy that lets in one AWS principal."""
    return content(
        json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": {
                    "Effect": "Allow",
                    "Principal": {"AWS": principal},
                    "Action": "sts:AssumeRole",
                },
            }
        )
    )
