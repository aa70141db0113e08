"""Contents of principals' policies: which actions each mentions, and the statements of some.

What a content mentions is kept for the life of this process, a few bytes each, since there may be
very many; statements are read for those contents alone that mention what is asked.
"""

from collections.abc import Iterable, Mapping
from itertools import islice
from threading import Lock
from typing import Final

from governance.posture.state.parsed_policies import parsed_contents
from policies import CompiledStatement, PolicyDocument, PolicyType, default_compiler

Content = tuple[str, PolicyType]
"""A SHA-256 and the type that the text is read as."""

UNREADABLE: Final = -1
_AT_ONCE: Final = 5000

_mentioned: dict[Content, int] = {}
_same: dict[int, int] = {}
_lock: Final = Lock()


def mentioned_actions(contents: Iterable[Content]) -> Mapping[Content, int]:
    """Return the set of actions that statements of each content cover; UNREADABLE if it has none.

    Call it with what a selector let the viewer see.
    """
    wanted = list(dict.fromkeys(contents))
    missing = iter([content for content in wanted if content not in _mentioned])
    while some := list(islice(missing, _AT_ONCE)):
        for content, document in _documents(some):
            bits = UNREADABLE if document is None else _bits(document)
            with _lock:
                _mentioned[content] = _same.setdefault(bits, bits)
    return {content: _mentioned[content] for content in wanted}


def statements_of(contents: Iterable[Content]) -> Mapping[Content, tuple[CompiledStatement, ...]]:
    """Return the compiled statements of contents that can be read."""
    compiler = default_compiler()
    listed = iter(list(dict.fromkeys(contents)))
    found: dict[Content, tuple[CompiledStatement, ...]] = {}
    while some := list(islice(listed, _AT_ONCE)):
        for content, document in _documents(some):
            if document is not None:
                found[content] = compiler.document(document)
    return found


def _documents(contents: list[Content]) -> Iterable[tuple[Content, PolicyDocument | None]]:
    for kind in dict.fromkeys(kind for _, kind in contents):
        hashes = [sha256 for sha256, of_kind in contents if of_kind is kind]
        parsed = parsed_contents((sha256, kind) for sha256 in hashes)
        for sha256 in hashes:
            known = parsed.get(sha256)
            yield (sha256, kind), known.document if known else None


def _bits(document: PolicyDocument) -> int:
    catalogue = default_compiler().catalogue
    found = 0
    for statement in document.statements:
        if statement.actions is None:
            found |= catalogue.all_bits & ~catalogue.union(statement.not_actions or ())
        else:
            found |= catalogue.union(statement.actions)
    return found
