"""The guardrails that the product brings, read from their files once a process."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from governance.baseline.guardrails.documents import GuardrailDocument
from governance.baseline.guardrails.reading import read_guardrail

FOLDER: Final = Path(__file__).parent / "library"


def shipped_files() -> tuple[Path, ...]:
    """Return the files of the library, by name."""
    return tuple(sorted(FOLDER.glob("*.yaml")))


@cache
def shipped_guardrails() -> Mapping[str, GuardrailDocument]:
    """Return every guardrail of the library by its id, in the order of the ids.

    :raises GuardrailInvalid: a file of the product is wrong, which its tests find.
    """
    found = {}
    for path in shipped_files():
        document = read_guardrail(path.read_bytes(), file=path.name)
        if document.id != path.stem:
            raise ValueError(f"{path.name} holds the guardrail {document.id}")
        found[document.id] = document
    return found
