"""Each kind of resource that collectors keep is an edge, or is named as one that lets nobody in."""

import json
import re
from pathlib import Path

from governance.posture.trust.models import TrustEdge
from governance.posture.trust.refreshing import refresh_trust
from inventory.collectors.registry import COLLECTORS
from inventory.records import ResourcePolicyRecord
from inventory.resource_facts import GRANTS, AccessGrant, GranteeKind
from tests.factories.policies import content
from tests.factories.resources import BucketFactory, account_block
from tests.factories.times import FIRST_RUN_AT

DOCUMENT = Path(__file__).resolve().parents[4] / "docs" / "trust.md"
PAYMENTS, WEBSITE = "222222222222", "222222222223"
STRANGER, MANAGEMENT = "999999999999", "111111111111"
HERE = f"eu-west-1:{PAYMENTS}"

# Service and type of a resource, its ARN, and an action that its policy opens.
WITH_POLICIES = (
    ("acm-pca", "certificate-authority", f"arn:aws:acm-pca:{HERE}:certificate-authority/c",
     "acm-pca:IssueCertificate"),
    ("backup", "backupVault", f"arn:aws:backup:{HERE}:backup-vault:v",
     "backup:CopyIntoBackupVault"),
    ("dynamodb", "stream", f"arn:aws:dynamodb:{HERE}:table/t/stream/2026", "dynamodb:GetRecords"),
    ("dynamodb", "table", f"arn:aws:dynamodb:{HERE}:table/t", "dynamodb:GetItem"),
    ("ecr", "registry", f"arn:aws:ecr:{HERE}:*", "ecr:ReplicateImage"),
    ("ecr", "repository", f"arn:aws:ecr:{HERE}:repository/r", "ecr:BatchGetImage"),
    ("elasticfilesystem", "file-system", f"arn:aws:elasticfilesystem:{HERE}:file-system/fs-1",
     "elasticfilesystem:ClientMount"),
    ("es", "domain", f"arn:aws:es:{HERE}:domain/d", "es:ESHttpGet"),
    ("events", "event-bus", f"arn:aws:events:{HERE}:event-bus/b", "events:PutEvents"),
    ("execute-api", "execute-api-general", f"arn:aws:execute-api:{HERE}:api1/*",
     "execute-api:Invoke"),
    ("glacier", "vault", f"arn:aws:glacier:{HERE}:vaults/v", "glacier:InitiateJob"),
    ("glue", "catalog", f"arn:aws:glue:{HERE}:catalog", "glue:GetDatabase"),
    ("kafka", "cluster", f"arn:aws:kafka:{HERE}:cluster/c/1", "kafka:CreateVpcConnection"),
    ("kinesis", "consumer", f"arn:aws:kinesis:{HERE}:stream/s/consumer/c:1",
     "kinesis:SubscribeToShard"),
    ("kinesis", "stream", f"arn:aws:kinesis:{HERE}:stream/s", "kinesis:GetRecords"),
    ("kms", "key", f"arn:aws:kms:{HERE}:key/k", "kms:Decrypt"),
    ("lambda", "function", f"arn:aws:lambda:{HERE}:function:f", "lambda:InvokeFunction"),
    ("lambda", "function alias", f"arn:aws:lambda:{HERE}:function:f:live", "lambda:InvokeFunction"),
    ("lambda", "function version", f"arn:aws:lambda:{HERE}:function:f:3", "lambda:InvokeFunction"),
    ("lambda", "layer version", f"arn:aws:lambda:{HERE}:layer:l:1", "lambda:GetLayerVersion"),
    ("logs", "destination", f"arn:aws:logs:{HERE}:destination:d", "logs:PutSubscriptionFilter"),
    ("logs", "log-group", f"arn:aws:logs:{HERE}:*", "logs:PutLogEvents"),
    ("logs", "single-log-group", f"arn:aws:logs:{HERE}:log-group:/app", "logs:PutLogEvents"),
    ("s3", "accesspoint", f"arn:aws:s3:{HERE}:accesspoint/a", "s3:GetObject"),
    ("s3", "bucket", "arn:aws:s3:::data", "s3:GetObject"),
    ("s3", "multiregionaccesspoint", f"arn:aws:s3::{PAYMENTS}:accesspoint/m.mrap", "s3:GetObject"),
    ("s3express", "bucket", f"arn:aws:s3express:{HERE}:bucket/one--euw1-az1--x-s3",
     "s3express:CreateSession"),
    ("s3tables", "Table", f"arn:aws:s3tables:{HERE}:bucket/lake/table/t", "s3tables:GetTableData"),
    ("s3tables", "TableBucket", f"arn:aws:s3tables:{HERE}:bucket/lake", "s3tables:GetTableBucket"),
    ("secretsmanager", "Secret", f"arn:aws:secretsmanager:{HERE}:secret:s-1",
     "secretsmanager:GetSecretValue"),
    ("ses", "identity", f"arn:aws:ses:{HERE}:identity/example.com", "ses:SendEmail"),
    ("sns", "topic", f"arn:aws:sns:{HERE}:t", "sns:Publish"),
    ("sqs", "queue", f"arn:aws:sqs:{HERE}:q", "sqs:SendMessage"),
)  # fmt: skip

WITH_GRANTS = (
    ("eks", "cluster", GranteeKind.PRINCIPAL, f"arn:aws:iam::{STRANGER}:role/x",
     "eks access entry", ("eks:AccessKubernetesApi",), "external"),
    ("rolesanywhere", "trust-anchor", GranteeKind.FEDERATED, "sha256:0a1b",
     "roles anywhere trust anchor", ("rolesanywhere:CreateSession",), "federated"),
    ("iam", "delegation-request", GranteeKind.ACCOUNT, STRANGER,
     "iam delegation request", ("s3:GetObject",), "external"),
    ("ram", "resource-share", GranteeKind.ACCOUNT, STRANGER,
     "ram share", ("glue:GetTable",), "external"),
    ("ec2", "transit-gateway-attachment", GranteeKind.ACCOUNT, WEBSITE,
     "transit gateway attachment", (), "unit"),
    ("ec2", "vpc-peering-connection", GranteeKind.ACCOUNT, STRANGER, "vpc peering", (), "external"),
    ("ec2", "vpc-endpoint-service", GranteeKind.EVERYONE, "*",
     "vpc endpoint service", (), "public"),
    ("ec2", "snapshot", GranteeKind.EVERYONE, "*",
     "snapshot attribute", ("ec2:CreateVolume",), "public"),
    ("ec2", "image", GranteeKind.ORGANIZATION,
     f"arn:aws:organizations::{MANAGEMENT}:organization/o-exampleorg1",
     "image attribute", ("ec2:RunInstances",), "organization"),
    ("rds", "snapshot", GranteeKind.ACCOUNT, STRANGER,
     "snapshot attribute", ("rds:RestoreDBInstanceFromDBSnapshot",), "external"),
    ("rds", "cluster-snapshot", GranteeKind.ACCOUNT, STRANGER,
     "snapshot attribute", ("rds:RestoreDBClusterFromSnapshot",), "external"),
    ("aoss", "data-access-policy", GranteeKind.PRINCIPAL, f"arn:aws:iam::{WEBSITE}:role/search",
     "opensearch data access policy", ("aoss:ReadDocument",), "unit"),
)  # fmt: skip

# CloudWatch Logs enforces these policies for calls by AWS services only.
FOR_SERVICES_ALONE = {("logs", "log-group"), ("logs", "single-log-group")}
# A transit gateway lets in by its attachments; the others say in docs/trust.md why they do not.
LET_NOBODY_IN = {
    ("ec2", "transit-gateway"),
    ("ec2", "vpc-endpoint"),
    ("rolesanywhere", "profile"),
}
# Collectors of what lets in without being a resource with a policy or grants of its own.
OTHERS = {
    *("iam.authorization_details", "iam.outbound_federation"),
    *("identity_center.assignments", "organizations.delegated_administrators"),
    *("organizations.resource_policy", "organizations.outbound_transfers"),
    *("organizations.inbound_transfers", "organizations.root_access_features"),
}


def stored(snapshot, service, resource_type, arn, **fields):
    BucketFactory.create(
        connection=snapshot.connection,
        account_id=PAYMENTS,
        service=service,
        resource_type=resource_type,
        arn=arn,
        **fields,
    )


def test_a_policy_on_each_kind_of_resource_is_an_edge_that_a_request_passes(snapshot):
    account_block(snapshot.connection, PAYMENTS, None)
    for service, resource_type, arn, action in WITH_POLICIES:
        resource = f"{arn}/*" if (service, resource_type) == ("s3", "bucket") else arn
        if resource_type in {"accesspoint", "multiregionaccesspoint"}:
            resource = f"{arn}/object/*"
        principal = {"AWS": f"arn:aws:iam::{STRANGER}:root"}
        if (service, resource_type) in FOR_SERVICES_ALONE:
            principal = {"Service": "es.amazonaws.com"}
        allow = {
            **{"Effect": "Allow", "Principal": principal},
            **{"Action": action, "Resource": resource},
        }
        text = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        facts = {} if service != "s3" else {"block_public_access": None}
        stored(snapshot, service, resource_type, arn, content=content(text), facts=facts)
    refresh_trust(snapshot.connection, now=FIRST_RUN_AT)
    found = TrustEdge.objects.as_of(None).filter(state="open", witness__isnull=False)
    assert {
        (row.service, row.resource_type, row.resource_arn, *row.actions) for row in found
    } == set(WITH_POLICIES)
    outside = found.filter(principal_id=STRANGER, crossing="external")
    assert outside.count() == len(WITH_POLICIES) - len(FOR_SERVICES_ALONE)


def test_a_grant_of_each_kind_is_an_edge_with_what_it_goes_through_and_crosses(snapshot):
    for service, kind, grantee_kind, grantee, through, actions, _ in WITH_GRANTS:
        grant = AccessGrant(grantee_kind, grantee, through, actions)
        arn = f"arn:aws:{service}:{HERE}:{kind}/one"
        stored(snapshot, service, kind, arn, facts={GRANTS: [grant.as_json()]})
    refresh_trust(snapshot.connection, now=FIRST_RUN_AT)
    found = TrustEdge.objects.as_of(None).filter(source="grant")
    assert {
        (row.service, row.resource_type, row.through, row.principal_id, row.crossing)
        for row in found
    } == {
        (service, kind, through, grantee.rpartition("/")[2] if "organizations" in grantee
         else grantee, crossing)
        for service, kind, _, grantee, through, _, crossing in WITH_GRANTS
    }  # fmt: skip


def kinds(collector):
    """Return service and type of the resources with policies or grants that a collector keeps."""
    return {
        (covered.where["service"], covered.where["resource_type"])
        for covered in collector.covers
        if covered.record is ResourcePolicyRecord
    }


def test_no_kind_of_resource_that_is_collected_is_left_out():
    collected = set().union(*map(kinds, COLLECTORS))
    tried = {case[:2] for case in (*WITH_POLICIES, *WITH_GRANTS)}
    assert collected - tried == LET_NOBODY_IN
    assert tried <= collected


def test_the_document_has_a_row_for_each_collector_with_its_test():
    section = DOCUMENT.read_text(encoding="utf-8").partition("## What becomes an edge")[2]
    rows = re.findall(r"^\| (`.+?) \| .+ \| `(tests/\S+)` \|$", section, re.MULTILINE)
    listed = [name for names, _ in rows for name in re.findall(r"`(\S+)`", names)]
    assert sorted(listed) == sorted({each.name for each in COLLECTORS if kinds(each)} | OTHERS)
