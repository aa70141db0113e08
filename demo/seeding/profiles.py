"""Profiles: what the IAM and buckets of many accounts have in common, and how one differs.

A profile is a file `profiles/NAME.yaml` with `extends:` (other profiles) and, by kind, lists of
named things: roles, users, groups, managed_policies, saml_providers, oidc_providers, buckets,
resources; and settings such as password_policy. Of two things with one name the later wins, key by
key. `without:` names things that are left out.
"""

from collections.abc import Mapping
from pathlib import Path

from demo.seeding.plan import Inventory
from demo.seeding.reading import Node, read_yaml

KINDS = (
    *("managed_policies", "roles", "groups", "users", "saml_providers", "oidc_providers"),
    *("buckets", "resources"),
)
SETTINGS = (
    "password_policy",
    "alias",
    "root_user",
    "s3_public_access_block",
    "outbound_federation",
)


class Profiles:
    """The profiles of a folder, each read once."""

    def __init__(self, folder: Path, organization_folder: Path | None = None) -> None:
        self._folder = folder
        self._named_from = organization_folder or folder.parent
        self._read: dict[str, tuple[Inventory, dict[str, Node]]] = {}

    def profile(self, name: str, asked_by: Node) -> tuple[Inventory, dict[str, Node]]:
        """Return things and settings of a profile, with all it extends.

        :raises BadOrganization: there is no such profile, or its file is wrong.
        """
        if name not in self._read:
            path = self._folder / f"{name}.yaml"
            if not path.is_file():
                raise asked_by.bad(f"there is no profile {name!r} in {self._folder.name}/")
            self._read[name] = self._compose(read_yaml(path, self._named_from))
        inventory, settings = self._read[name]
        return {kind: dict(things) for kind, things in inventory.items()}, dict(settings)

    def _compose(self, node: Node) -> tuple[Inventory, dict[str, Node]]:
        entries = node.mapping("extends", "description", "without", *KINDS, *SETTINGS)
        inventory: Inventory = {kind: {} for kind in KINDS}
        settings: dict[str, Node] = {}
        if "extends" in entries:
            for name in entries["extends"].texts():
                base, base_settings = self.profile(name, entries["extends"])
                for kind, things in base.items():
                    inventory[kind].update(things)
                settings.update(base_settings)
        return differ(inventory, settings, entries)


def differ(
    inventory: Inventory, settings: dict[str, Node], entries: Mapping[str, Node]
) -> tuple[Inventory, dict[str, Node]]:
    """Lay the differences of `entries` over a profile and return both.

    :raises BadOrganization: a thing without a name, or one left out that was never there.
    """
    if "without" in entries:
        for kind, names in entries["without"].mapping(*KINDS).items():
            for name in names.texts():
                if name not in inventory[kind]:
                    raise names.bad(f"{name!r} is not there to be left out")
                del inventory[kind][name]
    for kind in KINDS:
        if kind not in entries:
            continue
        for item in entries[kind].items():
            named = item.mapping()
            if "name" not in named:
                raise item.bad("the key 'name' is missing")
            name = named["name"].text()
            before = inventory[kind].get(name)
            value = (before.value if before else {}) | item.value
            inventory[kind][name] = Node(item.where, value)
    settings.update({key: entries[key] for key in SETTINGS if key in entries})
    return inventory, settings
