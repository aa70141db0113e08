"""Forms of roles. What may be given is judged by `governance.access.role_assignments`."""

from datetime import UTC, datetime, time

from django import forms
from django.contrib.auth.models import Group, User

from governance.access.models import RoleAssignment
from governance.access.roles import Role
from governance.web.parts.place_fields import PlaceFields


class AssignRoleForm(PlaceFields):
    """A role for a person or a group at a place."""

    holder = forms.CharField(
        label="Person or group",
        max_length=160,
        help_text="A user name, or group: and a group's name.",
        widget=forms.TextInput(attrs={"list": "holders", "autocomplete": "off"}),
    )
    role = forms.ChoiceField(choices=Role.choices)
    ends_on = forms.DateField(
        label="Ends on",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="The last day it counts, in UTC.",
    )
    field_order = ("holder", "role", "organization", "target_id", "ends_on")

    def clean_holder(self) -> User | Group:
        """Find the person or group.

        :raises ValidationError: there is none with that name.
        """
        words = self.cleaned_data["holder"].strip()
        found: User | Group | None
        if words.startswith("group:"):
            found = Group.objects.filter(name=words.removeprefix("group:").strip()).first()
        else:
            found = User.objects.filter(username=words).first()
        if found is None:
            raise forms.ValidationError("No such person or group.")
        return found

    def held_by(self) -> dict[str, User | Group]:
        """Return the person or the group, as the service takes them."""
        found = self.cleaned_data["holder"]
        return {"user": found} if isinstance(found, User) else {"group": found}

    def ends_at(self) -> datetime | None:
        """Return the end of the last day, in UTC; None: no end."""
        day = self.cleaned_data["ends_on"]
        return None if day is None else datetime.combine(day, time(23, 59, 59), tzinfo=UTC)


class WhyMayForm(PlaceFields):
    """A person and a place, to ask what they may do there."""

    person = forms.CharField(
        max_length=150, widget=forms.TextInput(attrs={"list": "holders", "autocomplete": "off"})
    )
    field_order = ("person", "organization", "target_id")

    def clean_person(self) -> User:
        """Find the person.

        :raises ValidationError: nobody is called so.
        """
        found = User.objects.filter(username=self.cleaned_data["person"].strip()).first()
        if found is None:
            raise forms.ValidationError("No such person.")
        return found


class RoleFilters(forms.Form):
    """Which assignments are listed."""

    q = forms.CharField(label="Person or group", required=False, max_length=150)
    role = forms.ChoiceField(choices=[("", "Any role"), *Role.choices], required=False)
    organization = forms.CharField(required=False, max_length=80)
    source = forms.ChoiceField(
        choices=[("", "Any source"), *RoleAssignment.Source.choices], required=False
    )
