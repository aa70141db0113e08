"""Fields for a place where a role is held: everywhere, an organization, an OU or account in it."""

from typing import Any

from django import forms
from django.urls import reverse_lazy

from governance.access.role_assignments import RolePlace
from inventory.models import Connection


class PlaceFields(forms.Form):
    """An organization and an OU or account in it, looked up while somebody types.

    The page has `<datalist id="role-places">`.
    """

    organization = forms.ModelChoiceField(
        queryset=Connection.objects.none(),
        required=False,
        to_field_name="slug",
        empty_label="Everywhere",
    )
    target_id = forms.CharField(
        label="OU or account",
        required=False,
        max_length=300,
        help_text="An OU counts with all below it. Empty: all of the organization.",
        widget=forms.TextInput(
            attrs={
                "spellcheck": "false",
                "autocomplete": "off",
                "placeholder": "Name or id",
                "list": "role-places",
                "hx-get": reverse_lazy("role-places"),
                "hx-trigger": "focus, input changed delay:150ms",
                "hx-target": "#role-places",
                "hx-include": "[name=organization]",
            }
        ),
    )

    def __init__(self, *args: Any, connections: Any, **kwargs: Any) -> None:
        """Offer the organizations in `connections`."""
        super().__init__(*args, **kwargs)
        field = self.fields["organization"]
        field.queryset = connections  # type: ignore[attr-defined]  # a ModelChoiceField

    def clean_target_id(self) -> str:
        """Return the id of what was picked, `name · id`, or written."""
        written: str = self.cleaned_data["target_id"].strip()
        return written.rpartition(" · ")[2] or written

    def place(self) -> RolePlace:
        """Return where."""
        return RolePlace(self.cleaned_data["organization"], self.cleaned_data["target_id"])
