"""Forms of owners, rules and absence. What may be done is judged by governance.access.owners."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms

from governance.access.owners.labelling import VALUES
from governance.access.owners.models.labels import LabelKind
from governance.access.owners.parties import Parties, PartyKey
from governance.access.owners.standing import StandingOwner

_PEOPLE_LIST = {"list": "people", "autocomplete": "off"}


def label_choices(kind: LabelKind, nothing: str) -> list[tuple[str, str]]:
    """Return the values of a label, and that there is none."""
    return [("", nothing), *((value, value.capitalize()) for value in VALUES[kind])]


def named_party(parties: Parties, words: str) -> PartyKey:
    """Return whom words name.

    :raises ValidationError: nobody, or more than one.
    """
    key = parties.named(words)
    if key is None:
        raise forms.ValidationError(
            "%(words)s matches no user name, e-mail or group.", params={"words": words}
        )
    return key


class OwnersForm(forms.Form):
    """Owners set manually and labels of one target."""

    keep = forms.MultipleChoiceField(
        label="Owners set manually", required=False, widget=forms.CheckboxSelectMultiple
    )
    add = forms.CharField(
        label="Add an owner",
        required=False,
        max_length=300,
        help_text="User name, e-mail, or group:name. Several with commas.",
        widget=forms.TextInput(attrs=_PEOPLE_LIST),
    )
    environment = forms.ChoiceField(
        required=False, choices=label_choices(LabelKind.ENVIRONMENT, "Inherit")
    )
    criticality = forms.ChoiceField(
        required=False, choices=label_choices(LabelKind.CRITICALITY, "Inherit")
    )
    reason = forms.CharField(
        required=False, max_length=300, help_text="For the audit log and the person who confirms."
    )

    def __init__(
        self,
        *args: Any,
        parties: Parties,
        owners: Sequence[StandingOwner],
        labels: Mapping[LabelKind, str],
        **kwargs: Any,
    ) -> None:
        """Offer the present owners to be kept. `labels`: what is set by hand here."""
        super().__init__(*args, **kwargs)
        self._parties = parties
        self._present = {f"{one.party.key.kind}:{one.party.key.pk}": one for one in owners}
        keep = self.fields["keep"]
        keep.choices = [  # type: ignore[attr-defined]  # a MultipleChoiceField
            (key, one.party.label) for key, one in self._present.items()
        ]
        keep.initial = list(self._present)
        if not self._present:
            del self.fields["keep"]
        for kind, value in labels.items():
            self.fields[kind.value].initial = value

    def clean_add(self) -> list[PartyKey]:
        """Return whom the words name."""
        words = [one.strip() for one in self.cleaned_data["add"].split(",") if one.strip()]
        return [named_party(self._parties, one) for one in words]

    def parties(self) -> list[PartyKey]:
        """Return who is to own the target."""
        kept = [self._present[key].party.key for key in self.cleaned_data.get("keep", [])]
        return list(dict.fromkeys([*kept, *self.cleaned_data["add"]]))


class OwnerRuleForm(forms.Form):
    """A tag that names owners."""

    tag_key = forms.CharField(
        label="Tag", max_length=128, help_text="The tag's key, exactly as in AWS, such as owner."
    )
    values = forms.CharField(
        required=False,
        label="Values",
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        help_text="One per line: value = person or group:name. Only for values that are not a user "
        "name, e-mail or group.",
    )

    def __init__(self, *args: Any, parties: Parties, **kwargs: Any) -> None:
        """Read names with `parties`."""
        super().__init__(*args, **kwargs)
        self._parties = parties

    def clean_values(self) -> dict[str, PartyKey]:
        """Return whom each value means."""
        found: dict[str, PartyKey] = {}
        for number, line in enumerate(self.cleaned_data["values"].splitlines(), 1):
            if not line.strip():
                continue
            value, sign, words = (part.strip() for part in line.rpartition("="))
            if not sign or not value or len(value) > 256:
                raise forms.ValidationError(
                    "Line %(number)s: write value = person.", params={"number": number}
                )
            if value.casefold() in {one.casefold() for one in found}:
                raise forms.ValidationError(
                    "Line %(number)s: %(value)s comes twice.",
                    params={"number": number, "value": value},
                )
            key = self._parties.named(words)
            if key is None:
                raise forms.ValidationError(
                    "Line %(number)s: %(words)s matches no user name, e-mail or group.",
                    params={"number": number, "words": words},
                )
            found[value] = key
        return found


class LabelRuleForm(forms.Form):
    """A tag that says an environment or a criticality."""

    kind = forms.ChoiceField(label="Label", choices=LabelKind.choices)
    tag_key = forms.CharField(label="Tag", max_length=128, help_text="Exactly as in AWS.")
    values = forms.CharField(
        required=False,
        label="Values",
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text="One per line: value = label, such as blue = production. Only for values that "
        "are not a label.",
    )

    def clean_values(self) -> dict[str, str]:
        """Return what each value means."""
        found: dict[str, str] = {}
        for number, line in enumerate(self.cleaned_data["values"].splitlines(), 1):
            if not line.strip():
                continue
            value, sign, label = (part.strip() for part in line.rpartition("="))
            if not sign or not value:
                raise forms.ValidationError(
                    "Line %(number)s: write value = label.", params={"number": number}
                )
            found[value] = label.lower()
        return found


class OwnersFileForm(forms.Form):
    """A file of owners and labels."""

    file = forms.FileField(
        label="File",
        help_text="CSV or YAML, UTF-8, at most 2 MB and 5,000 entries.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.yaml,.yml"}),
    )


class _SpanForm(forms.Form):
    """Days from and until."""

    starts_on = forms.DateField(
        label="From", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    ends_on = forms.DateField(
        label="Until",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="The last day, in UTC.",
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        """Begin today unless told."""
        super().__init__(*args, **kwargs)
        self.fields["starts_on"].initial = now.date()
        self._now = now

    def starts_at(self) -> datetime:
        """Return the start of the first day, in UTC; of today: now."""
        day: date = self.cleaned_data["starts_on"]
        start = datetime.combine(day, time(), tzinfo=UTC)
        return max(start, self._now) if day == self._now.date() else start

    def ends_at(self) -> datetime:
        """Return the end of the last day, in UTC."""
        day: date = self.cleaned_data["ends_on"]
        return datetime.combine(day, time(), tzinfo=UTC) + timedelta(days=1)


class AbsenceForm(_SpanForm):
    """When somebody is away."""


class DeputyForm(_SpanForm):
    """Who stands in, and when."""

    deputy = forms.CharField(
        max_length=300,
        help_text="User name or e-mail.",
        widget=forms.TextInput(attrs=_PEOPLE_LIST),
    )
    field_order = ["deputy", "starts_on", "ends_on"]

    def __init__(self, *args: Any, parties: Parties, **kwargs: Any) -> None:
        """Read names with `parties`."""
        super().__init__(*args, **kwargs)
        self._parties = parties

    def clean_deputy(self) -> int:
        """Return the person."""
        key = named_party(self._parties, self.cleaned_data["deputy"])
        if key.kind != "person":
            raise forms.ValidationError("A deputy is a person.")
        return key.pk
