"""Names of resources and files made from names of policies: unique, and the same each time."""

import re
from collections.abc import Iterable, Mapping

from governance.changes.elsewhere.approved import ApprovedPolicy

_NOT_TERRAFORM = re.compile(r"[^0-9A-Za-z_-]+")
_NOT_CLOUDFORMATION = re.compile(r"[^0-9A-Za-z]+")
_NOT_FILE = re.compile(r"[^0-9A-Za-z._-]+")
_LONGEST = 100


def terraform_name(name: str) -> str:
    """Return a name as a Terraform identifier, which begins with a letter or underscore."""
    found = _NOT_TERRAFORM.sub("_", name.strip())[:_LONGEST].strip("_") or "policy"
    return found if found[0].isalpha() else f"_{found}"


def cloudformation_name(name: str) -> str:
    """Return a name as a CloudFormation logical id: letters and digits alone."""
    words = _NOT_CLOUDFORMATION.split(name)
    return "".join(f"{word[:1].upper()}{word[1:]}" for word in words)[:_LONGEST] or "Policy"


def file_name(policy: ApprovedPolicy) -> str:
    """Return the name of a policy's file: `TYPE/name.json`."""
    name = _NOT_FILE.sub("-", policy.name).strip(".-")[:_LONGEST] or "policy"
    return f"{policy.policy_type}/{name}.json"


def unique_names(wanted: Iterable[tuple[str, str]], *, joined_by: str = "_") -> Mapping[str, str]:
    """Return by key a name of its own; later ones get a number. `wanted`: (key, name) pairs.

    `joined_by`: what stands between name and number; a number comes before an ending `.json`.
    Names that differ only in case count as equal: file systems may not tell them apart.
    """
    taken: set[str] = set()
    found: dict[str, str] = {}
    for key, name in wanted:
        chosen, number = name, 2
        while chosen.casefold() in taken:
            stem, ending = (name[:-5], ".json") if name.endswith(".json") else (name, "")
            chosen = f"{stem}{joined_by}{number}{ending}"
            number += 1
        taken.add(chosen.casefold())
        found[key] = chosen
    return found
