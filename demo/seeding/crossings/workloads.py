"""Clusters whose pods have roles, and certificates that have."""

import hashlib
import uuid
from collections.abc import Callable, Mapping
from typing import Final

from demo.seeding.crossings.adding import REGION, Adding
from demo.seeding.reading import required


def _eks_cluster(adding: Adding) -> None:
    entries = adding.entries("account", "name", "mode", "entries", "pod_identities")
    owner, name = adding.account_id, adding.text("name")
    arn = f"arn:aws:eks:{REGION}:{owner}:cluster/{name}"
    described, policies = {}, {}
    for item in entries["entries"].items() if "entries" in entries else ():
        of_entry = item.mapping("principal", "policies", "groups")
        principal = required(of_entry, "principal", item).text()
        described[principal] = {
            "accessEntry": {
                "clusterName": name,
                "principalArn": principal,
                "type": "STANDARD",
                "kubernetesGroups": of_entry["groups"].texts() if "groups" in of_entry else [],
            }
        }
        policies[principal] = {
            "clusterName": name,
            "principalArn": principal,
            "associatedAccessPolicies": [
                {
                    "policyArn": f"arn:aws:eks::aws:cluster-access-policy/{each}",
                    "accessScope": {"type": "cluster", "namespaces": []},
                }
                for each in (of_entry["policies"].texts() if "policies" in of_entry else [])
            ],
        }
    pods = {}
    for item in entries["pod_identities"].items() if "pod_identities" in entries else ():
        of_pod = item.mapping("namespace", "service_account", "role")
        namespace = required(of_pod, "namespace", item).text()
        account = required(of_pod, "service_account", item).text()
        association_id = adding.id("a-", owner, name, namespace, account)
        pods[association_id] = {
            "clusterName": name,
            "namespace": namespace,
            "serviceAccount": account,
            "associationId": association_id,
            "associationArn": (
                f"arn:aws:eks:{REGION}:{owner}:podidentityassociation/{name}/{association_id}"
            ),
            "roleArn": required(of_pod, "role", item).text(),
        }
    issuer = hashlib.sha256(arn.encode()).hexdigest()[:32].upper()
    adding.add(
        "eks_cluster",
        owner,
        {"name": name},
        DescribeCluster={
            "cluster": {
                "name": name,
                "arn": arn,
                "status": "ACTIVE",
                "accessConfig": {
                    "authenticationMode": adding.text("mode") if "mode" in entries else "API"
                },
                "identity": {
                    "oidc": {"issuer": f"https://oidc.eks.{REGION}.amazonaws.com/id/{issuer}"}
                },
                "resourcesVpcConfig": {
                    "endpointPublicAccess": True,
                    "publicAccessCidrs": ["0.0.0.0/0"],
                },
            }
        },
        ListAccessEntries={"accessEntries": list(described)},
        DescribeAccessEntry=described,
        ListAssociatedAccessPolicies=policies,
        ListPodIdentityAssociations={
            "associations": [
                {key: value for key, value in pod.items() if key != "roleArn"}
                for pod in pods.values()
            ]
        },
        DescribePodIdentityAssociation={
            association_id: {"association": pod} for association_id, pod in pods.items()
        },
    )


def _trust_anchor(adding: Adding) -> None:
    entries = adding.entries("account", "name", "acm_pca", "certificate", "enabled")
    owner, name = adding.account_id, adding.text("name")
    anchor_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{owner}/anchor/{name}"))
    if "acm_pca" in entries:
        source = {
            "sourceType": "AWS_ACM_PCA",
            "sourceData": {"acmPcaArn": entries["acm_pca"].text()},
        }
    else:
        source = {
            "sourceType": "CERTIFICATE_BUNDLE",
            "sourceData": {"x509CertificateData": adding.text("certificate")},
        }
    adding.add(
        "trust_anchor",
        owner,
        {
            "trustAnchorId": anchor_id,
            "trustAnchorArn": f"arn:aws:rolesanywhere:{REGION}:{owner}:trust-anchor/{anchor_id}",
            "name": name,
            "enabled": entries["enabled"].flag() if "enabled" in entries else True,
            "source": source,
        },
    )


def _roles_anywhere_profile(adding: Adding) -> None:
    adding.entries("account", "name", "roles", "session_policy")
    owner, name = adding.account_id, adding.text("name")
    profile_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{owner}/profile/{name}"))
    adding.add(
        "roles_anywhere_profile",
        owner,
        {
            "profileId": profile_id,
            "profileArn": f"arn:aws:rolesanywhere:{REGION}:{owner}:profile/{profile_id}",
            "name": name,
            "enabled": True,
            "roleArns": adding.texts("roles"),
            "durationSeconds": 3600,
            "acceptRoleSessionName": False,
        },
    )


KINDS: Final[Mapping[str, Callable[[Adding], None]]] = {
    "eks_clusters": _eks_cluster,
    "trust_anchors": _trust_anchor,
    "roles_anywhere_profiles": _roles_anywhere_profile,
}
