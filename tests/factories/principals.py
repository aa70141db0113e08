"""IAM of member accounts: roles, users, groups, managed policies, credentials, use."""

import json
from datetime import UTC, datetime
from typing import Any

import factory

from inventory.models import IamPolicy, Principal, PrincipalActivity, UserCredential
from inventory.store.names import keep_names
from tests.factories.connections import ConnectionFactory
from tests.factories.policies import FULL_ACCESS, content
from tests.factories.versions import VersionFactory

ACCOUNT_ID = "222222222222"
TRUST_IN_EC2 = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ec2.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


class RoleFactory(VersionFactory[Principal]):
    """A role that EC2 may assume."""

    class Meta:
        model = Principal

    @classmethod
    def _create(cls, model_class: type[Principal], *args: Any, **values: Any) -> Principal:
        made: Principal = super()._create(model_class, *args, **values)
        keep_names([made.name], connection=made.connection)
        return made

    account_id = ACCOUNT_ID
    kind = Principal.Kind.ROLE
    name = factory.Sequence(lambda n: f"role-{n:05d}")
    path = "/"
    arn = factory.LazyAttribute(
        lambda row: f"arn:aws:iam::{row.account_id}:{row.kind}{row.path}{row.name}"
    )
    unique_id = factory.Sequence(lambda n: f"AROA{n:016d}")
    created_at = datetime(2025, 6, 1, 10, 0, tzinfo=UTC)
    trust_policy = factory.LazyFunction(lambda: content(TRUST_IN_EC2))
    boundary_arn = ""
    attached_policy_arns = factory.LazyFunction(list)
    inline_policies = factory.LazyFunction(dict)
    groups = factory.LazyFunction(list)
    instance_profile_arns = factory.LazyFunction(list)
    tags = factory.LazyFunction(dict)


class UserPrincipalFactory(RoleFactory):
    """An IAM user."""

    kind = Principal.Kind.USER
    name = factory.Sequence(lambda n: f"user-{n:05d}")
    unique_id = factory.Sequence(lambda n: f"AIDA{n:016d}")
    trust_policy = factory.LazyFunction(lambda: None)


class GroupPrincipalFactory(RoleFactory):
    """An IAM group."""

    kind = Principal.Kind.GROUP
    name = factory.Sequence(lambda n: f"group-{n:05d}")
    unique_id = factory.Sequence(lambda n: f"AGPA{n:016d}")
    trust_policy = factory.LazyFunction(lambda: None)


class IamPolicyFactory(VersionFactory[IamPolicy]):
    """A customer managed policy of an account; give `text` or `content`."""

    class Meta:
        model = IamPolicy

    class Params:
        text = FULL_ACCESS

    account_id = ACCOUNT_ID
    name = factory.Sequence(lambda n: f"managed-{n}")
    path = "/"
    arn = factory.LazyAttribute(
        lambda row: f"arn:aws:iam::{row.account_id}:policy{row.path}{row.name}"
    )
    unique_id = factory.Sequence(lambda n: f"ANPA{n:016d}")
    aws_managed = False
    default_version_id = "v1"
    content = factory.LazyAttribute(lambda row: content(row.text))


class UserCredentialFactory(VersionFactory[UserCredential]):
    """A user's row in the credential report: a password with MFA and no access keys."""

    class Meta:
        model = UserCredential

    account_id = ACCOUNT_ID
    user_name = factory.Sequence(lambda n: f"user-{n:05d}")
    arn = factory.LazyAttribute(lambda row: f"arn:aws:iam::{row.account_id}:user/{row.user_name}")
    password_enabled = True
    password_last_changed_at = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
    mfa_active = True
    access_key_1_active = False
    access_key_2_active = False


class PrincipalActivityFactory(factory.django.DjangoModelFactory[PrincipalActivity]):
    """When a principal was last used."""

    class Meta:
        model = PrincipalActivity

    connection = factory.SubFactory(ConnectionFactory)
    account_id = ACCOUNT_ID
    arn = factory.Sequence(lambda n: f"arn:aws:iam::{ACCOUNT_ID}:role/role-{n:05d}")
    last_used_at = datetime(2026, 10, 20, 14, 0, tzinfo=UTC)
    last_used_region = "eu-west-2"
