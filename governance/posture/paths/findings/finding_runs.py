"""Asks what the graph shows to be wrong, after edges were worked out, in a task of its own.

A graph takes longer than the edges that changed in a run, so edges do not wait for it.
"""

from datetime import datetime

from django.db import transaction

from governance.posture.paths.building import graph_key
from governance.posture.paths.findings import path_finding_kinds
from governance.posture.state.organization import load_organization
from governance.posture.trust.edge_rows import found_row
from governance.posture.trust.findings.facts import TrustFacts
from governance.posture.trust.inputs import VIEWER, sources_mark
from governance.posture.trust.models import OF_ALL, TrustFinding, TrustReading
from governance.posture.trust.storing import WrittenVersions, moment_to_write, store_findings
from inventory.digests import sha256
from inventory.models import Connection
from inventory.store.locks import hold_lock


@transaction.atomic
def find_in_graph(connection: Connection, *, now: datetime) -> WrittenVersions:
    """Bring findings of the graph up to what is collected now; nothing is asked twice a day."""
    organization = load_organization(VIEWER, connection=connection)
    if not organization.is_known:
        return WrittenVersions()
    marks = graph_key(VIEWER, connection=connection, organization=organization)
    mark = sha256(repr((sources_mark(), now.date(), marks)))
    hold_lock(f"trust:{connection.pk}")
    reading = TrustReading.objects.filter(connection=connection, account_id=OF_ALL).first()
    if reading is not None and reading.rows_sha256 == mark:
        return WrittenVersions()
    facts = TrustFacts(connection, organization, now)
    rows = [found_row(kind, found) for kind in path_finding_kinds() for found in kind.check(facts)]
    moment = moment_to_write(connection, now)
    written = store_findings(connection, rows, found_in=TrustFinding.FoundIn.GRAPH, moment=moment)
    TrustReading.objects.update_or_create(
        connection=connection,
        account_id=OF_ALL,
        defaults={"rows_sha256": mark, "run_started_at": moment, "read_at": now},
    )
    return written
