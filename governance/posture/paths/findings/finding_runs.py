"""Asks what the graph shows to be wrong, after edges were worked out, in a task of its own.

A graph takes longer than the edges that changed in a run, so edges do not wait for it.
"""

from datetime import datetime
from typing import Final

from django.core.cache import cache
from django.db import transaction

from governance.posture.paths.building import graph_key
from governance.posture.paths.findings import path_finding_kinds
from governance.posture.state.organization import load_organization
from governance.posture.trust.edge_rows import found_row
from governance.posture.trust.findings.facts import TrustFacts
from governance.posture.trust.inputs import VIEWER
from governance.posture.trust.models import TrustFinding
from governance.posture.trust.storing import WrittenVersions, moment_to_write, store_findings
from inventory.digests import sha256
from inventory.models import Connection
from inventory.store.locks import hold_lock

_KEPT_SECONDS: Final = 24 * 3600


@transaction.atomic
def find_in_graph(connection: Connection, *, now: datetime) -> WrittenVersions:
    """Bring findings of the graph up to what is collected now; nothing is asked twice a day."""
    organization = load_organization(VIEWER, connection=connection)
    if not organization.is_known:
        return WrittenVersions()
    marks = graph_key(VIEWER, connection=connection, organization=organization)
    name, digest = f"paths.found:{connection.pk}", sha256(repr(marks))
    if cache.get(name) == digest:
        return WrittenVersions()
    hold_lock(f"trust:{connection.pk}")
    facts = TrustFacts(connection, organization, now)
    rows = [found_row(kind, found) for kind in path_finding_kinds() for found in kind.check(facts)]
    written = store_findings(
        connection,
        rows,
        found_in=TrustFinding.FoundIn.GRAPH,
        moment=moment_to_write(connection, now),
    )
    transaction.on_commit(lambda: cache.set(name, digest, _KEPT_SECONDS))
    return written
