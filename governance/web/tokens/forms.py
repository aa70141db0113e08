"""The form of a token. What may be issued is judged by `governance.access.tokens`."""

from datetime import UTC, datetime, time, timedelta
from typing import Final

from django import forms
from django.contrib.auth.models import User

from governance.access import rights
from governance.access.tokens import LONGEST_LIFE
from governance.access.viewers import holds

RIGHT_WORDS: Final = {
    rights.VIEW_INVENTORY: "Read the inventory: accounts, policies, principals, runs",
    rights.START_RUN: "Start, retry and refresh inventory runs",
    rights.CANCEL_RUN: "Cancel inventory runs",
    rights.CONFIRM_DELETION: "Confirm suspected deletions",
    rights.TEST_CONNECTION: "Test connections",
    rights.SIMULATE: "Simulate edits of policies and of the tree",
    rights.MANAGE_OWNERS: "Manage owners and labels; in production a second person confirms",
    rights.VIEW_AUDIT: "Read the audit log",
    rights.VIEW_ROLES: "Read who holds which role where",
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

    def __init__(self, *args: object, user: User, now: datetime, **kwargs: object) -> None:
        """Offer the rights that `user` holds and a token may have."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Django's own arguments
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

    def expires_at(self) -> datetime:
        """Return the end of the last day, in UTC."""
        day = self.cleaned_data["ends_on"]
        return datetime.combine(day, time(23, 59, 59), tzinfo=UTC)
