"""Forms of what a person chose. What may be kept is judged by `governance.notifications`."""

from collections.abc import Sequence
from datetime import time
from typing import Any, Final

from django import forms

from governance.notifications.chat import LONGEST_URL, service_labels
from governance.notifications.quiet_hours import GROUPING_CHOICES

_GROUPING_WORDS: Final = {
    0: "At once, one message an event",
    5: "Within 5 minutes",
    15: "Within 15 minutes",
    60: "Within an hour",
    240: "Within 4 hours",
    1440: "Once a day",
}


def _clock() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class TimingForm(forms.Form):
    """When a person is told."""

    grouping_minutes = forms.TypedChoiceField(
        label="Group events",
        coerce=int,
        choices=[(minutes, _GROUPING_WORDS[minutes]) for minutes in GROUPING_CHOICES],
        help_text="What happens in that time comes as one mail or message.",
    )
    quiet_from = forms.TimeField(label="Quiet from", required=False, widget=_clock())
    quiet_until = forms.TimeField(
        label="Quiet until",
        required=False,
        widget=_clock(),
        help_text="Mails and messages wait until then, except urgent ones. The inbox does not.",
    )

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        """Name the time zone of the quiet hours."""
        super().__init__(*args, **kwargs)
        self.fields["quiet_from"].help_text = f"In your time zone, {zone}. Empty: no quiet hours."

    def clean(self) -> dict[str, Any]:
        """Demand both ends of quiet hours or none."""
        given: dict[str, Any] = super().clean() or {}
        begins, ends = given.get("quiet_from"), given.get("quiet_until")
        if (begins is None) != (ends is None) and not self.errors:
            missing = "quiet_from" if begins is None else "quiet_until"
            self.add_error(missing, "Give both times, or neither for no quiet hours.")
        return given

    def quiet(self) -> tuple[time, time] | None:
        """Return the quiet hours, once the form is valid."""
        begins, ends = self.cleaned_data["quiet_from"], self.cleaned_data["quiet_until"]
        return (begins, ends) if begins is not None and ends is not None else None


class ChatForm(forms.Form):
    """A place in a chat."""

    name = forms.CharField(max_length=80, help_text="As you call it, such as #aws-changes.")
    url = forms.CharField(
        label="Address",
        max_length=LONGEST_URL,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=f"Of an incoming webhook of {service_labels()}, as the service shows it. It is "
        "encrypted and not shown again.",
    )


def field_of(name: str, fields: Sequence[str]) -> str | None:
    """Return the field to which an error belongs, None for the whole form."""
    return name if name in fields else None
