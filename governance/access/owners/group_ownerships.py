"""What groups own: whoever comes into one gains it, and what is deleted leaves it ownerless."""

from django.contrib.auth.models import Group
from django.db.models import Q

from governance.access.owners.labels import label_map, target_words
from governance.access.owners.models import OwnerRuleValue, Ownership, TagConfirmation
from inventory.models import Connection


def group_owns(group: Group) -> str:
    """Name something that a group owns by hand or by a rule's value; empty: nothing.

    To be asked before the group is deleted.
    """
    row = Ownership.objects.as_of(None).filter(group=group).select_related("connection").first()
    if row is not None:
        return f"{row.target_id} of {row.connection.name}"
    value = (
        OwnerRuleValue.objects.filter(group=group, rule__ended_at__isnull=True)
        .select_related("rule")
        .first()
    )
    return "" if value is None else f"what bears the tag {value.rule.tag_key}={value.value}"


def group_decides_in_production(group: Group) -> str:
    """Name a target in production for which a group's members may decide; empty: none.

    To be asked before somebody comes into the group: ownership in production needs a second
    person.
    """
    return owned_in_production(Q(group=group))


def owned_in_production(owners: Q) -> str:
    """Name a target in production that counts as owned by one of these; empty: none.

    `owners`: a condition on `user` and `group`.
    """
    for connection in Connection.objects.all():
        owned = {
            target_id
            for model in (Ownership, TagConfirmation)
            for target_id in model.objects.as_of(None)
            .filter(owners, connection=connection, confirmed_at__isnull=False)
            .values_list("target_id", flat=True)
        }
        if not owned:
            continue
        labels = label_map(connection)
        for target_id in sorted(owned & labels.tree.by_id.keys()):
            if labels.holds_protected(target_id):
                return target_words(labels.tree.by_id[target_id])
    return ""
