"""Forms of people and groups. What may be kept is judged by the services of `governance.access`."""

from typing import Any

from django import forms
from django.contrib.auth.models import Group, User

from governance.access.models import Profile
from governance.access.people import PersonValues
from governance.access.roles import Role
from governance.web.parts.people import name_of
from governance.web.parts.place_fields import PlaceFields


class PersonForm(forms.Form):
    """Somebody's name and address."""

    username = forms.CharField(label="User name", max_length=150)
    first_name = forms.CharField(max_length=150, required=False)
    last_name = forms.CharField(max_length=150, required=False)
    email = forms.EmailField(label="Mail address", required=False)

    def values(self) -> PersonValues:
        """Return what was given, once the form is valid."""
        return PersonValues(**self.cleaned_data)


class ServiceAccountForm(forms.Form):
    """A service account's name, and what it is for."""

    username = forms.CharField(label="Name", max_length=150)
    description = forms.CharField(
        max_length=200, required=False, help_text="Which program uses it, and for what."
    )


class GroupForm(forms.Form):
    """A group's name."""

    name = forms.CharField(max_length=150)


class MembersForm(forms.Form):
    """Who is in a group."""

    members = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, required=False, label="Members"
    )

    def __init__(self, *args: Any, group: Group, **kwargs: Any) -> None:
        """Offer everybody who is active, and who is in it."""
        super().__init__(*args, **kwargs)
        inside = set(group.user_set.values_list("pk", flat=True))
        people = User.objects.filter(is_active=True) | User.objects.filter(pk__in=inside)
        field = self.fields["members"]
        field.choices = [  # type: ignore[attr-defined]  # a MultipleChoiceField
            (str(one.pk), name_of(one)) for one in people.distinct().order_by("username")
        ]
        field.initial = [str(pk) for pk in inside]


class MergeForm(forms.Form):
    """Somebody who came in a second time, by an identity provider."""

    source = forms.ModelChoiceField(
        queryset=User.objects.none(),
        label="Also came in as",
        help_text="That account's identities move here, and it is deactivated.",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Offer other people who have an identity."""
        super().__init__(*args, **kwargs)
        others = User.objects.filter(
            socialaccount__isnull=False, is_active=True, profile__kind=Profile.Kind.PERSON
        )
        field = self.fields["source"]
        field.queryset = (  # type: ignore[attr-defined]  # a ModelChoiceField
            others.exclude(pk=user.pk).distinct().order_by("username")
        )


class ClaimRuleForm(PlaceFields):
    """A claim's value, and the role it gives where."""

    value = forms.CharField(
        label="Value of the claim", max_length=200, help_text="Such as the name or id of a group."
    )
    role = forms.ChoiceField(choices=Role.choices)
    field_order = ("value", "role", "organization", "target_id")
