"""How the demo's people answer what others ask them to agree to: contracts and exceptions."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from governance.access.owners.acting import ActingPerson
    from inventory.models import Connection


def answer_agreement(
    agreement: Any,
    people: "Mapping[str, ActingPerson]",
    standing: Callable[..., Any],
    review: Callable[..., Any],
    verdict: str,
    body: str = "",
    *,
    now: datetime,
) -> None:
    """Have as many of those who are entitled answer as it takes, security where it must.

    `standing`, `review`: of its kind, the latter with its number.
    """
    by_key = {one.user.pk: one for one in people.values()}
    turns: dict[int, None] = {}
    for one in standing(agreement, now=now).subject.required:
        entitled = sorted(by_key.keys() & one.entitled)[: one.count]
        security = sorted(by_key.keys() & one.security)[:1] if one.needs_security else []
        turns.update(dict.fromkeys((*entitled, *security)))
    for key in turns:
        agreement.refresh_from_db()
        if agreement.state != "proposed":
            return
        review(
            by=by_key[key],
            verdict=verdict,
            body=body,
            digest=agreement.digest,
            stepped_up_at=now,
            now=now,
        )


def ids_by_name(connection: "Connection") -> Mapping[str, str]:
    """Return ids by the names of accounts and the paths of OUs."""
    from demo.owners import units_by_path
    from inventory.models import Account

    rows = Account.objects.as_of(None).filter(connection=connection)
    return {**dict(rows.values_list("name", "account_id")), **units_by_path(connection)}
