"""crossings.yaml → what lets others into accounts and is neither a role nor a bucket.

Accounts are named as elsewhere, or by 12 digits where they are nobody's here.

vpc_peering_connections  requester, accepter, status
transit_gateways         account, name, auto_accept, attached (accounts)
vpc_endpoints            account, service, policy
resource_shares          account, name, external, resources, principals (accounts, organization),
                         permissions (name, resource type and actions, in one text)
snapshots, images        account, name, shared_with (accounts, all), encrypted
db_snapshots             as snapshots; db_cluster_snapshots too
vpc_endpoint_services    account, name, acceptance_required, principals (ARNs, *)
eks_clusters             account, name, mode, entries, pod_identities
trust_anchors            account, name, acm_pca or certificate; profiles: account, name, roles
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from demo.seeding.crossings import networks, shares, workloads
from demo.seeding.crossings.adding import Adding
from demo.seeding.reading import Node
from demo.seeding.variables import substituted
from demo.simulator.crossings import Crossings

_KINDS: Final = {**networks.KINDS, **shares.KINDS, **workloads.KINDS}


def fill_crossings(
    node: Node,
    crossings: Crossings,
    *,
    accounts: Mapping[str, str],
    variables: Mapping[str, str],
    seeded_at: datetime,
) -> None:
    """Add what the file names. `accounts`: name → id. Ids come from names, always the same.

    :raises BadOrganization: an entry is wrong, or names an account that is not there.
    """
    kinds = node.mapping(*_KINDS)
    for kind, entries in kinds.items():
        for item in entries.items():
            own = Node(item.where, substituted(item, variables))
            _KINDS[kind](Adding(own, crossings, accounts, seeded_at))
