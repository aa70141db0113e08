"""The forms of one's own profile. What may be kept is judged by `governance.access.people`."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password

from governance.access.models import Profile
from governance.access.people import PersonValues, Preferences


class NameForm(forms.Form):
    """How somebody is called, and where mail reaches them."""

    first_name = forms.CharField(max_length=150, required=False)
    last_name = forms.CharField(max_length=150, required=False)
    email = forms.EmailField(label="Mail address", required=False)

    @classmethod
    def of(cls, user: User) -> "NameForm":
        """Return the form with what is written down of somebody."""
        return cls(initial={name: getattr(user, name) for name in cls.base_fields})

    def values(self, user: User) -> PersonValues:
        """Return what was given; the user name stays."""
        return PersonValues(user.username, **self.cleaned_data)


class PreferencesForm(forms.Form):
    """How pages look to somebody."""

    time_zone = forms.ChoiceField(
        choices=[(name, name.replace("_", " ")) for name in sorted(available_timezones())],
        help_text="Exact times are shown in it, with the zone's name.",
    )
    date_format = forms.ChoiceField(choices=Profile.DateFormat.choices)
    theme = forms.ChoiceField(
        choices=Profile.Theme.choices,
        help_text="In every browser; the theme menu changes this browser only.",
    )
    density = forms.ChoiceField(choices=Profile.Density.choices)

    @classmethod
    def of(cls, user: User) -> "PreferencesForm":
        """Return the form with what somebody has chosen."""
        return cls(initial={name: getattr(user.profile, name) for name in cls.base_fields})

    def preferences(self) -> Preferences:
        """Return what was given, once the form is valid."""
        return Preferences(**self.cleaned_data)


class PasswordForm(forms.Form):
    """A new password, twice."""

    password = forms.CharField(
        label="New password",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters, and none that many people use.",
        max_length=256,
        strip=False,
    )
    again = forms.CharField(
        label="New password again",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        max_length=256,
        strip=False,
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Judge the password as that of `user`."""
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_password(self) -> str:
        """:raises ValidationError: it could be guessed."""
        password: str = self.cleaned_data["password"]
        validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        """Compare the two."""
        found = super().clean() or {}
        if found.get("password") and found.get("password") != found.get("again"):
            self.add_error("again", "The two are not the same.")
        return found
