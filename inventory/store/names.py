"""The names of principals, each once for an organization."""

from collections.abc import Iterable

from inventory.models import Connection, PrincipalName

_BATCH = 1000


def keep_names(names: Iterable[str], *, connection: Connection) -> None:
    """Store the names that were not seen before; none is ever taken out."""
    wanted = set(names)
    known = PrincipalName.objects.filter(connection=connection, name__in=wanted)
    new = wanted - set(known.values_list("name", flat=True))
    PrincipalName.objects.bulk_create(
        # In one order everywhere, so that two writers never wait for each other.
        [PrincipalName(connection=connection, name=name) for name in sorted(new)],
        batch_size=_BATCH,
        ignore_conflicts=True,
    )
