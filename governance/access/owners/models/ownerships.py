"""Owners of roots, OUs and accounts: given by hand, from a file, or by a rule over tags."""

from django.db import models
from django.db.models import F, Q

from governance.access.owners.models.parties import (
    Confirmed,
    Lasting,
    OfParty,
    exactly_one_party,
)


class Ownership(OfParty, Confirmed, Lasting):
    """A person or a group owns a root, OU or account, and all below until another owner stands.

    Where the target may be production it counts for approvals only once a second person has
    confirmed it; elsewhere at once.
    """

    class Source(models.TextChoices):
        """How it was given."""

        HAND = "hand", "By hand"
        FILE = "file", "From a file"

    target_id = models.CharField(max_length=68)
    source = models.CharField(max_length=8, choices=Source.choices, default=Source.HAND)

    class Meta:
        constraints = [
            exactly_one_party("ownership"),
            models.UniqueConstraint(
                fields=["connection", "target_id", "user"],
                condition=Q(ended_at__isnull=True, user__isnull=False),
                name="ownership_one_open_person",
            ),
            models.UniqueConstraint(
                fields=["connection", "target_id", "group"],
                condition=Q(ended_at__isnull=True, group__isnull=False),
                name="ownership_one_open_group",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True)
                | Q(created_by__isnull=True)
                | ~Q(confirmed_by=F("created_by")),
                name="ownership_second_person",
            ),
        ]
        indexes = [
            models.Index(fields=["connection", "target_id"], name="ownership_target"),
            models.Index(
                fields=["connection"], condition=Q(ended_at__isnull=True), name="ownership_open"
            ),
        ]
        permissions = [("confirm_ownership", "Can confirm owners and grants")]

    def __str__(self) -> str:
        return f"{self.target_id}: {self.user or self.group}"


class OwnerRule(Lasting):
    """A tag's value names the owner of what bears it.

    A value in `values` names whom it says there; any other one a person by user name or e-mail,
    or else a group by name. Where several rules match a target, the lowest `position` counts.
    """

    tag_key = models.CharField(max_length=128)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "tag_key"],
                condition=Q(ended_at__isnull=True),
                name="owner_rule_one_open_key",
            )
        ]

    def __str__(self) -> str:
        return f"tag {self.tag_key}"


class OwnerRuleValue(OfParty):
    """Whom one value of a rule's tag means."""

    rule = models.ForeignKey(OwnerRule, on_delete=models.CASCADE, related_name="values")
    value = models.CharField(max_length=256)

    class Meta:
        constraints = [
            exactly_one_party("owner_rule_value"),
            models.UniqueConstraint(fields=["rule", "value"], name="owner_rule_value_once"),
        ]

    def __str__(self) -> str:
        return f"{self.value}: {self.user or self.group}"


class TagConfirmation(OfParty, Confirmed, Lasting):
    """Security's word that a tag names the right owner of a target.

    Holds for exactly this value and this owner, as long as the tag kept the value ever since:
    whoever tags an account must not gain a vote.
    """

    target_id = models.CharField(max_length=68)
    tag_key = models.CharField(max_length=128)
    tag_value = models.CharField(max_length=256)

    class Meta:
        constraints = [
            exactly_one_party("tag_confirmation"),
            models.UniqueConstraint(
                fields=["connection", "target_id", "tag_key"],
                condition=Q(ended_at__isnull=True),
                name="tag_confirmation_one_open",
            ),
        ]
        indexes = [
            models.Index(
                fields=["connection"],
                condition=Q(ended_at__isnull=True),
                name="tag_confirmation_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.target_id} {self.tag_key}={self.tag_value}: {self.user or self.group}"
