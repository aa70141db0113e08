"""`<name>` in the data: ids that only the seeding knows."""

import re
from collections.abc import Mapping
from typing import Any

from demo.seeding.reading import BadOrganization, Node

_NAME = re.compile(r"<([a-z_]+(?::[^<>]+)?)>")


def substitute(text: str, variables: Mapping[str, str], where: str) -> str:
    """Put values for `<name>` into a text.

    :raises BadOrganization: there is no such name.
    """

    def value(found: re.Match[str]) -> str:
        if found.group(1) not in variables:
            raise BadOrganization(f"{where}: there is no {found.group(0)}")
        return variables[found.group(1)]

    return _NAME.sub(value, text)


def substituted(node: Node, variables: Mapping[str, str]) -> Any:
    """Return a node's value with every `<name>` replaced, however deep.

    :raises BadOrganization: there is no such name.
    """
    return _deep(node.value, variables, node.where)


def _deep(value: Any, variables: Mapping[str, str], where: str) -> Any:
    if isinstance(value, str):
        return substitute(value, variables, where) if "<" in value else value
    if isinstance(value, dict):
        return {_deep(k, variables, where): _deep(v, variables, where) for k, v in value.items()}
    if isinstance(value, list):
        return [_deep(item, variables, where) for item in value]
    return value
