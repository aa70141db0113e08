"""IAM's settings of an account in words: the six most important first, then all others."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_SHORTEST_SAFE: Final = 14  # CIS AWS Foundations Benchmark, "minimum length of 14 or greater".
_LABELS: Final[Mapping[str, str]] = {
    "MinimumPasswordLength": "Minimum length",
    "RequireSymbols": "Requires symbols",
    "RequireNumbers": "Requires numbers",
    "RequireUppercaseCharacters": "Requires capitals",
    "RequireLowercaseCharacters": "Requires small letters",
    "AllowUsersToChangePassword": "Users may change their own",
    "ExpirePasswords": "Passwords expire",
    "MaxPasswordAge": "Expire after, days",
    "PasswordReusePrevention": "Earlier passwords refused",
    "HardExpiry": "Expired needs an administrator",
    "MFADevices": "MFA devices",
    "MFADevicesInUse": "MFA devices in use",
    "AccountMFAEnabled": "Root user's MFA",
    "AccountAccessKeysPresent": "Root user's access keys",
    "AccountPasswordPresent": "Root user's password",
    "AccountSigningCertificatesPresent": "Root user's signing certificates",
}
_WORDS: Final = re.compile(r"[A-Z]{2,}(?=[A-Z][a-z]|\d|$)|[A-Z][a-z]+|\d+")


@dataclass(frozen=True, slots=True)
class IamSetting:
    """A setting in words. `state`: a key of the looks, empty where nothing is to be judged."""

    label: str
    words: str
    state: str = ""


def label_of(key: str) -> str:
    """Return what a key of IAM's is called: `GroupsPerUserQuota` is `Groups per user quota`."""
    if key in _LABELS:
        return _LABELS[key]
    words = _WORDS.findall(key)
    if not words:
        return key
    return " ".join([words[0], *(word if word.isupper() else word.lower() for word in words[1:])])


def value_of(value: object) -> str:
    """Return a value in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)


def six_settings(
    summary: Mapping[str, Any] | None, password_policy: Mapping[str, Any] | None, *, is_read: bool
) -> tuple[IamSetting, ...]:
    """Return the settings that matter most.

    `summary`: None where it was not collected. `password_policy`: None where the account has none
    of its own; `is_read`: whether that is known.
    """
    return (*_of_root(summary), *_of_passwords(password_policy, is_read=is_read))


def _of_root(summary: Mapping[str, Any] | None) -> tuple[IamSetting, ...]:
    found = []
    for key, good, bad, wanted in (
        ("AccountMFAEnabled", "On", "Off", 1),
        ("AccountAccessKeysPresent", "None", "Present", 0),
        ("AccountSigningCertificatesPresent", "None", "Present", 0),
    ):
        value = None if summary is None else summary.get(key)
        if value is None:
            found.append(IamSetting(label_of(key), "Not known", "unknown"))
        elif bool(value) is bool(wanted):
            found.append(IamSetting(label_of(key), good, "holds"))
        else:
            found.append(IamSetting(label_of(key), bad, "open"))
    return tuple(found)


def _of_passwords(policy: Mapping[str, Any] | None, *, is_read: bool) -> tuple[IamSetting, ...]:
    names = ("Minimum password length", "Password reuse", "Password age")
    if not is_read:
        return tuple(IamSetting(name, "Not known", "unknown") for name in names)
    rules = policy or {}
    length = int(rules.get("MinimumPasswordLength") or 0)
    reuse, age = rules.get("PasswordReusePrevention"), rules.get("MaxPasswordAge")
    return (
        IamSetting(
            names[0],
            f"{length} characters" if length else "AWS's default, 8 characters",
            "holds" if length >= _SHORTEST_SAFE else "open",
        ),
        IamSetting(
            names[1],
            f"the last {reuse} are refused" if reuse else "allowed",
            "holds" if reuse else "open",
        ),
        IamSetting(names[2], f"expires after {age} days" if age else "does not expire"),
    )
