"""The form of a token. What may be issued is judged by `governance.access.tokens`."""

from datetime import UTC, datetime, time, timedelta
from typing import Final

from django import forms
from django.contrib.auth.models import User
from django.db.models import QuerySet

from governance.access import rights
from governance.access.tokens import LONGEST_LIFE
from governance.access.viewers import holds
from inventory.models import Connection
from inventory.viewing import Place

RIGHT_WORDS: Final = {
    rights.VIEW_INVENTORY: "Read the inventory: accounts, policies, principals, runs",
    rights.START_RUN: "Start, retry and refresh inventory runs",
    rights.CANCEL_RUN: "Cancel inventory runs",
    rights.CONFIRM_DELETION: "Confirm suspected deletions",
    rights.TEST_CONNECTION: "Test connections",
    rights.SIMULATE: "Simulate edits of policies and of the tree",
    rights.MANAGE_OWNERS: "Manage owners and labels; in production a second person confirms",
    rights.VIEW_AUDIT: "Read the audit log",
    rights.MANAGE_WEBHOOKS: "Manage webhooks; not for tokens that are limited to places",
    rights.VIEW_ROLES: "Read who holds which role where",
    rights.VIEW_CHANGES: "Read change requests",
    rights.VIEW_TRUST: "See who may get in from where",
    rights.VIEW_CONTRACTS: "See contracts",
    rights.DECLARE_CONTRACT: "Declare, edit and submit contracts",
    rights.VIEW_BASELINE: "Read the baseline",
    rights.ADOPT_BASELINE: "Adopt and import the baseline",
    rights.VIEW_GUARDRAILS: "Read guardrails and their results",
    rights.MANAGE_GUARDRAILS: "Write, enable and disable guardrails",
    rights.VIEW_EXCEPTIONS: "Read exceptions",
    rights.ASK_EXCEPTION: "Ask for exceptions",
    rights.VIEW_LANDING_ZONE: "Read the landing zone",
    rights.VIEW_DRIFT: "Read drift",
    rights.RESOLVE_DRIFT: "Resolve drift",
    rights.VIEW_IGNORE_RULES: "Read ignore rules",
    rights.MANAGE_IGNORE_RULES: "Write and end ignore rules",
    rights.VIEW_FINDINGS: "Read findings",
    rights.WORK_ON_FINDINGS: "Assign, snooze and comment on findings",
    rights.MANAGE_DETECTION_RULES: "Write, enable and disable detection rules",
    rights.MAKE_REPORT: "Create and read reports for auditors",
    rights.PROPOSE_CHANGE: "Propose, submit and withdraw change requests",
    rights.HALT_CHANGE: "Halt rollouts",
    rights.VIEW_APPROVAL_SETTINGS: "Read approval rules, protected roles and change windows",
}
_USUAL_LIFE: Final = timedelta(days=90)


class TokenForm(forms.Form):
    """Name, rights and end of a token."""

    name = forms.CharField(max_length=80, help_text="What will use it, such as nightly-report.")
    scopes = forms.MultipleChoiceField(
        label="Rights",
        widget=forms.CheckboxSelectMultiple,
        help_text="Those you hold yourself. If you lose one, the token loses it too.",
        error_messages={"required": "Choose at least one right for the token."},
    )
    ends_on = forms.DateField(
        label="Ends on",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="The last day it works, in UTC; at most a year from now.",
    )

    places = forms.CharField(
        label="Limited to",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text="An organization, or an OU or account in it, on each line: acme, "
        "acme/ou-ab12-11112222, acme/123456789012. Empty: wherever you hold the rights.",
    )
    address_ranges = forms.CharField(
        label="Used from",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text="Address ranges, one on each line: 203.0.113.0/24. Empty: from anywhere.",
    )
    owner = forms.ModelChoiceField(
        queryset=User.objects.none(),
        required=False,
        label="For",
        empty_label="Yourself",
        help_text="A service account whose rights the token has, in place of yours.",
    )

    def __init__(
        self,
        *args: object,
        user: User,
        now: datetime,
        service_accounts: "QuerySet[User] | None" = None,
        **kwargs: object,
    ) -> None:
        """Offer the rights that `user` holds and a token may have.

        `service_accounts`: for which this person may make tokens; None: for none.
        """
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Django's own arguments
        if service_accounts is not None and service_accounts.exists():
            owner = self.fields["owner"]
            owner.queryset = service_accounts  # type: ignore[attr-defined]  # a ModelChoiceField
        else:
            del self.fields["owner"]
        held = [scope for scope in rights.TOKEN_SCOPES if holds(user, scope)]
        offered = [(scope, RIGHT_WORDS[scope]) for scope in held]
        field = self.fields["scopes"]
        field.choices = offered  # type: ignore[attr-defined]  # a MultipleChoiceField
        field.initial = held[:1]
        ends = self.fields["ends_on"]
        ends.initial = (now + _USUAL_LIFE).date()
        ends.widget.attrs |= {
            "min": now.date().isoformat(),
            "max": (now + LONGEST_LIFE - timedelta(days=1)).date().isoformat(),
        }

    def clean_places(self) -> list[Place] | None:
        """Read the places; None where there are none."""
        lines = [line.strip() for line in self.cleaned_data["places"].splitlines() if line.strip()]
        if not lines:
            return None
        slugs = {line.partition("/")[0] for line in lines}
        keys = dict(Connection.objects.filter(slug__in=slugs).values_list("slug", "pk"))
        found = []
        for line in lines:
            slug, _, target_id = line.partition("/")
            if slug not in keys:
                raise forms.ValidationError(f"There is no organization {slug!r}.")
            found.append(Place(keys[slug], target_id.strip()))
        return found

    def clean_address_ranges(self) -> list[str]:
        """Return a range for each line."""
        given = self.cleaned_data["address_ranges"].splitlines()
        return [line.strip() for line in given if line.strip()]

    def expires_at(self) -> datetime:
        """Return the end of the last day, in UTC."""
        day = self.cleaned_data["ends_on"]
        return datetime.combine(day, time(23, 59, 59), tzinfo=UTC)
