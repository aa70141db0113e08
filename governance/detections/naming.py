"""What a detection is about, by the names that people know: of accounts and policies."""

import re
from collections.abc import Mapping
from typing import Final

from governance.detections.occurrences import account_in
from inventory.models import Connection, Policy

_IN_ACCOUNT: Final = re.compile(r"(.+) in (\d{12})")


def policy_names(connection: Connection) -> Mapping[str, str]:
    """Return the names of the policies that an organization has or had, by their ids."""
    rows = Policy.objects.filter(connection=connection).order_by("seen_from")
    return dict(rows.values_list("policy_id", "name"))


def subject_name(subject_id: str, names: Mapping[str, str]) -> str:
    """Return what a detection is about, such as `BreakGlass in booking-api-prod`.

    `names`: of accounts, OUs and policies by their ids. What has none stays as it is.
    """
    if subject_id in names:
        return names[subject_id]
    account_id, own = "", subject_id
    if found := _IN_ACCOUNT.fullmatch(subject_id):
        own, account_id = found.groups()
    elif subject_id.startswith("arn:"):
        account_id = account_in(subject_id)
        of_service = subject_id.split(":", 5)[-1]
        own = of_service.rpartition("/")[2] or of_service
    return f"{own} in {names.get(account_id, account_id)}" if account_id else own
