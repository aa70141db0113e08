"""Principals and texts that questions of who can are asked about, and what is said of one."""

import json

from governance.posture.who_can.wording import described
from tests.factories.policies import FULL_ACCESS, content
from tests.factories.principals import RoleFactory


def role(snapshot, account_id, name, text=FULL_ACCESS, **values):
    return RoleFactory.create(
        connection=snapshot.connection,
        account_id=account_id,
        name=name,
        inline_policies={"own": content(text).sha256},
        **values,
    )


def allowing(action, *, resource="*", **condition):
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def said_of(answer, found):
    """The standing of one principal and what is said of it."""
    row = next(row for row in answer.rows if answer.population.arn(int(row)) == found.arn)
    way = answer.way(int(row)).parts[0][1]
    return way.standing.value, described(answer, int(row), way)
