"""What somebody proposed and a second person must confirm."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import F, Q

from governance.access.models import ClaimRule, RoleAssignment
from governance.access.owners.models.labels import Label
from governance.access.owners.models.ownerships import Ownership
from governance.access.owners.models.parties import OfParty


class GrantProposal(OfParty):
    """What decides over others and therefore needs a second person.

    A role, an ownership in production, a label that takes something out of production, a person's
    way into a group that decides, a claim that gives a deciding role, the recovery of an account
    that decides. `user` or `group`: who gains; neither for a label or a claim. `connection` is null
    for what holds everywhere. A person never confirms what they proposed, nor what they gain
    themselves.
    """

    class Kind(models.TextChoices):
        """What is granted."""

        OWNERSHIP = "ownership", "Ownership"
        ROLE = "role", "Role"
        LABEL = "label", "Label"
        MEMBERSHIP = "membership", "Member of group"
        CLAIM = "claim", "Claim"
        RECOVERY = "recovery", "Account recovery"

    class State(models.TextChoices):
        """Where it stands."""

        PROPOSED = "proposed", "Proposed"
        CONFIRMED = "confirmed", "Confirmed"
        REFUSED = "refused", "Refused"
        EXPIRED = "expired", "Expired"

    kind = models.CharField(max_length=12, choices=Kind.choices)
    state = models.CharField(max_length=12, choices=State.choices, default=State.PROPOSED)
    connection = models.ForeignKey(
        "inventory.Connection", null=True, on_delete=models.CASCADE, related_name="+"
    )
    target_id = models.CharField(max_length=68, blank=True)
    what = models.CharField(
        max_length=240,
        help_text="The role, the label's value, the group's name, what a claim gives, or by what "
        "an account decides.",
        blank=True,
    )
    ownership = models.ForeignKey(
        Ownership, null=True, blank=True, on_delete=models.CASCADE, related_name="proposals"
    )
    label = models.ForeignKey(
        Label, null=True, blank=True, on_delete=models.CASCADE, related_name="proposals"
    )
    role_assignment = models.ForeignKey(
        RoleAssignment, null=True, blank=True, on_delete=models.SET_NULL, related_name="proposals"
    )
    joined_group = models.ForeignKey(
        Group, null=True, blank=True, on_delete=models.CASCADE, related_name="membership_proposals"
    )
    claim_rule = models.ForeignKey(
        ClaimRule, null=True, blank=True, on_delete=models.SET_NULL, related_name="proposals"
    )
    reason = models.CharField(max_length=500, blank=True)
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    decision_note = models.CharField(max_length=500, blank=True)
    by_command = models.BooleanField(
        default=False, help_text="Confirmed on the server, for want of a second person."
    )

    class Meta:
        ordering = ["-proposed_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=True) | Q(group__isnull=True),
                name="grant_proposal_person_or_group",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed")
                | Q(decided_by__isnull=True)
                | Q(proposed_by__isnull=True)
                | ~Q(decided_by=F("proposed_by")),
                name="grant_proposal_second_person",
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_at__isnull=True)
                | (~Q(state="proposed") & Q(decided_at__isnull=False)),
                name="grant_proposal_decided_with_time",
            ),
            models.UniqueConstraint(
                fields=["ownership"],
                condition=Q(state="proposed"),
                name="grant_proposal_one_of_ownership",
            ),
            models.UniqueConstraint(
                fields=["label"],
                condition=Q(state="proposed"),
                name="grant_proposal_one_of_label",
            ),
            models.UniqueConstraint(
                fields=["role_assignment"],
                condition=Q(state="proposed"),
                name="grant_proposal_one_of_role",
            ),
            models.UniqueConstraint(
                fields=["joined_group", "user"],
                condition=Q(state="proposed"),
                name="grant_proposal_one_of_membership",
            ),
            models.UniqueConstraint(
                fields=["claim_rule"],
                condition=Q(state="proposed"),
                name="grant_proposal_one_of_claim",
            ),
            models.UniqueConstraint(
                fields=["user", "proposed_by"],
                condition=Q(state="proposed", kind="recovery"),
                name="grant_proposal_one_of_recovery",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-proposed_at"],
                condition=Q(state="proposed"),
                name="grant_proposal_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.what} {self.target_id}".strip()


class RoleRecertification(models.Model):
    """When a role assignment was last looked at and found still right."""

    assignment = models.OneToOneField(
        RoleAssignment, on_delete=models.CASCADE, related_name="recertification"
    )
    recertified_at = models.DateTimeField()
    recertified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.assignment_id} at {self.recertified_at:%Y-%m-%d}"
