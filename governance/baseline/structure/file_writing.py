"""A structure as the YAML file that `files.read_baseline_file` reads it from."""

from typing import Any, Final

import yaml

from governance.baseline.structure.document import FORMAT, Structure

_HEADER: Final = "# yaml-language-server: $schema=baseline.schema.json\n"


class _BaselineDumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, and account ids quoted."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    if text.isdecimal():
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_BaselineDumper.add_representer(str, _represent_text)


def baseline_file(structure: Structure) -> str:
    """Return a structure as a file; `read_baseline_file` reads the same structure from it."""
    paths = {
        target_id: "/".join(
            _escaped(structure.units[step].name)
            for step in reversed(list(structure.chain(target_id)))
        )
        for target_id in structure.units
    }
    document: dict[str, Any] = {
        "format": FORMAT,
        "scope": sorted(structure.scope),
        "organizational_units": dict(sorted(paths.items(), key=lambda item: item[1])),
        "accounts": _grouped_accounts(structure),
        "policies": {
            policy_id: {
                "name": policy.name,
                "type": policy.type,
                "attached_to": sorted(structure.attachments.get(policy_id, ())),
                **_tags_written(structure, policy_id),
                "text": policy.text,
            }
            for policy_id, policy in sorted(structure.policies.items())
        },
        "aws_managed_policies": {
            policy_id: sorted(held)
            for policy_id, held in sorted(structure.attachments.items())
            if policy_id not in structure.policies
        },
        "detached_defaults": {
            policy_id: sorted(held)
            for policy_id, held in sorted(structure.detached_defaults.items())
        },
    }
    if structure.policy_types is not None:
        document["policy_types"] = sorted(structure.policy_types)
    if structure.trusted_services is not None:
        document["trusted_services"] = sorted(structure.trusted_services)
    if structure.delegations is not None:
        services: dict[str, list[str]] = {}
        for service, account_id in sorted(structure.delegations):
            services.setdefault(service, []).append(account_id)
        document["delegated_administrators"] = services
    if structure.delegation_policy is not None:
        document["delegation_policy"] = structure.delegation_policy
    text = yaml.dump(
        document, Dumper=_BaselineDumper, sort_keys=False, allow_unicode=True, width=100
    )
    return _HEADER + text


def _tags_written(structure: Structure, policy_id: str) -> dict[str, dict[str, str]]:
    """Return a policy's tags as a member; none where nothing is said of tags."""
    if structure.policy_tags is None:
        return {}
    return {"tags": dict(sorted(structure.policy_tags.get(policy_id, {}).items()))}


def _grouped_accounts(structure: Structure) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for account_id, place in sorted(structure.accounts.items()):
        found.setdefault(place.parent_id, {})[account_id] = place.name
    return dict(sorted(found.items()))


def _escaped(name: str) -> str:
    return name.replace("%", "%25").replace("/", "%2F")
