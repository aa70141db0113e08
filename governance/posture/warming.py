"""Compute an organization's newest state in a web process, before a page needs it.

Each web process keeps the compiled organization and its ceilings. At 10,000 accounts these take
seconds, once for each state: so a thread looks every few seconds whether a run has written a new
one, and the first who asks does not wait.
"""

import logging
from threading import Event, Thread
from typing import Final

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connections

from governance.posture.ceilings.organization_ceilings import (
    organization_ceilings,
)
from governance.posture.ceilings.usual import usual_assumptions
from governance.posture.findings.structure import load_shared_findings
from governance.posture.state.organization import CONTROL_TYPES, load_organization
from inventory.models import Connection
from inventory.selectors.runs import active_run
from inventory.selectors.trees import unit_tree
from inventory.viewing import Viewer

log = logging.getLogger(__name__)

# Of all organizations; each page asks for its own viewer again.
_VIEWER: Final = Viewer(sees_inventory=True)


def warm(connection: Connection) -> None:
    """Compute one organization's newest state; a few short queries where it is known.

    While a run goes on, rows change account by account: what follows from them waits for its end.
    """
    organization = load_organization(_VIEWER, connection=connection)
    unit_tree(_VIEWER, connection=connection)
    if not organization.is_known:
        return
    for policy_type in CONTROL_TYPES:
        usual = usual_assumptions(organization, connection.home_region)
        assumed = usual.read([], policy_type)
        organization_ceilings(organization, assumed, policy_type).get_ready()
    if active_run(_VIEWER, connection=connection) is None:
        load_shared_findings(_VIEWER, connection=connection)


def warm_all() -> None:
    """Compute every connected organization's newest state; a failure of one is logged."""
    for connection in Connection.objects.order_by("pk"):
        try:
            warm(connection)
        except DatabaseError:
            raise
        except Exception:
            log.exception("what %s comes to could not be prepared ahead", connection)


class Warming(Thread):
    """Keeps this process warm until it is stopped. `seconds`: between two looks."""

    def __init__(self, *, seconds: float) -> None:
        super().__init__(name="warming", daemon=True)
        self._seconds = seconds
        self._stopped = Event()

    def run(self) -> None:
        """Look again and again; a database that is away is looked for again."""
        while not self._stopped.is_set():
            close_old_connections()
            try:
                warm_all()
            except DatabaseError as error:
                log.warning("nothing can be prepared ahead: %s", error)
                connections.close_all()
            self._stopped.wait(self._seconds)
        connections.close_all()

    def stop(self) -> None:
        """End it, after what it is at."""
        self._stopped.set()
        self.join()


def start_warming() -> None:
    """Start it in this process, unless the settings say never. Not before a fork."""
    if settings.WARMING_SECONDS:
        Warming(seconds=settings.WARMING_SECONDS).start()
