"""The form of a contract. What its fields mean is judged by `governance.contracts.reading`."""

from typing import Any, Final

from django import forms

from governance.contracts.terms import (
    GUARD_LABELS,
    LONGEST_PURPOSE,
    LONGEST_VALUE,
    SOURCE_LABELS,
    TARGET_LABELS,
    ContractTerms,
)

_FIELDS: Final = {
    "from": "from_kind",
    "from.kind": "from_kind",
    "from.value": "from_value",
    "from.tenant": "from_tenant",
    "to": "to_kind",
    "to.kind": "to_kind",
    "to.value": "to_value",
    "actions": "actions",
    "guards": "guards",
    "purpose": "purpose",
    "until": "until",
}
LARGEST_FILE: Final = 1_000_000


class ContractForm(forms.Form):
    """What a contract agrees to."""

    from_kind = forms.ChoiceField(
        label="From", choices=[(kind.value, label) for kind, label in SOURCE_LABELS.items()]
    )
    from_value = forms.CharField(
        label="Who",
        required=False,
        max_length=LONGEST_VALUE,
        help_text="Id, name, ARN or pattern, host or service. Empty for everyone.",
        widget=forms.TextInput(attrs={"list": "contract-sources", "autocomplete": "off"}),
    )
    from_tenant = forms.CharField(
        label="Tenant",
        required=False,
        max_length=LONGEST_VALUE,
        help_text="Of an identity provider, such as a GitHub organization. Empty: any.",
    )
    to_kind = forms.ChoiceField(
        label="To", choices=[(kind.value, label) for kind, label in TARGET_LABELS.items()]
    )
    to_value = forms.CharField(
        label="What",
        max_length=LONGEST_VALUE,
        help_text="Id, name, ARN or pattern, or environment.",
        widget=forms.TextInput(attrs={"list": "contract-targets", "autocomplete": "off"}),
    )
    actions = forms.CharField(
        label="Actions",
        max_length=10_000,
        help_text="The actions allowed at most, one per line, such as sts:AssumeRole or s3:Get*.",
        widget=forms.Textarea(attrs={"rows": 3, "class": "mono"}),
    )
    guards = forms.MultipleChoiceField(
        label="Guards that must hold",
        required=False,
        choices=[(kind.value, label) for kind, label in GUARD_LABELS.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    purpose = forms.CharField(
        label="Purpose",
        max_length=LONGEST_PURPOSE,
        help_text="What the crossing is for, in a sentence.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    until = forms.DateField(
        label="Until",
        required=False,
        help_text="The last day on which it holds.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def given(self) -> dict[str, Any]:
        """Return the fields as `read_terms` takes them."""
        data = self.cleaned_data
        source = {"kind": data["from_kind"], "value": data["from_value"]}
        if data["from_tenant"]:
            source["tenant"] = data["from_tenant"]
        return {
            "from": source,
            "to": {"kind": data["to_kind"], "value": data["to_value"]},
            "actions": data["actions"].split(),
            "guards": data["guards"],
            "purpose": data["purpose"],
            "until": data["until"],
        }

    def add_errors(self, errors: dict[str, str]) -> None:
        """Put what `read_terms` found wrong beside the fields."""
        for path, message in errors.items():
            said = f"{message[:1].upper()}{message[1:]}."
            self.add_error(_FIELDS.get(path), said.replace("?.", "?"))


def initial_of(terms: ContractTerms) -> dict[str, Any]:
    """Return a form's values for terms."""
    return {
        "from_kind": terms.source.kind.value,
        "from_value": terms.source.value,
        "from_tenant": terms.source.tenant,
        "to_kind": terms.target.kind.value,
        "to_value": terms.target.value,
        "actions": "\n".join(terms.actions),
        "guards": [guard.value for guard in terms.guards],
        "purpose": terms.purpose,
        "until": terms.until,
    }


class ContractFileForm(forms.Form):
    """A file of contracts."""

    file = forms.FileField(label="File", help_text="YAML, as an export gives it.")
