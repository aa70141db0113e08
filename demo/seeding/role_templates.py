"""What a role that reads may do, from the template that deploys it: `docs/roles/NAME.yaml`.

The demo's roles are those of the documents, so that what a new collector needs is theirs at once.
"""

from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from demo.seeding.reading import Node

_FOLDER: Final = Path(__file__).resolve().parents[2] / "docs" / "roles"


class CloudFormationLoader(yaml.SafeLoader):
    """Reads CloudFormation's short functions as what they are given."""


CloudFormationLoader.add_multi_constructor("!", lambda loader, suffix, node: node.value)


def template_document(node: Node) -> dict[str, Any]:
    """Return the policy that the template `node` names gives its role.

    :raises BadOrganization: there is no such template.
    """
    try:
        return _document(node.text())
    except FileNotFoundError as error:
        raise node.bad(f"there is no template {node.text()!r} in docs/roles/") from error


@cache
def _document(name: str) -> dict[str, Any]:
    text = (_FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    template = yaml.load(text, Loader=CloudFormationLoader)  # noqa: S506
    [policy] = template["Resources"]["Role"]["Properties"]["Policies"]
    found: dict[str, Any] = policy["PolicyDocument"]
    return found
