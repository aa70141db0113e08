"""Simulations as a Django application."""

from django.apps import AppConfig
from django.db.models import Q


class SimulationsConfig(AppConfig):
    """Drafts of edits and what they would do."""

    name = "governance.simulations"
    label = "simulations"
    verbose_name = "Simulations"

    def ready(self) -> None:
        """Leave to who sees a part of an organization only their own drafts of it.

        Those of others may hold texts and targets of other parts.
        """
        from governance.simulations.models import Simulation
        from inventory.viewing import rule_for

        rule_for(Simulation, lambda _targets, _connection, viewer: Q(owner_id=viewer.person_id))
