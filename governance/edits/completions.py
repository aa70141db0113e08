"""Words an editor of policies offers: actions, condition keys and operators."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Final

from policies import Operator, SetOperator, load_catalogue
from policies.context_keys import GLOBAL_KEYS, TAG_KEYS
from policies.language.operators import OPERATOR_NAMES

MOST: Final = 50


class Word(StrEnum):
    """What is completed."""

    ACTION = "action"
    KEY = "key"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Completion:
    """A word, and what it is."""

    word: str
    about: str


def completions(word: Word, text: str, *, services: Iterable[str] = ()) -> tuple[Completion, ...]:
    """Return at most 50 words for what was typed: those that begin so, then those that hold it.

    `services`: prefixes (`s3`) of the actions that the statement names; their keys come first.
    """
    found = {
        Word.ACTION: _actions,
        Word.KEY: lambda wanted: _keys(wanted, services),
        Word.OPERATOR: _operators,
    }[word](text.strip().lower())
    return tuple(islice(found, MOST))


def _actions(text: str) -> Iterator[Completion]:
    catalogue = load_catalogue()
    if ":" not in text:
        for service in catalogue.services:
            if service.startswith(text):
                yield Completion(f"{service}:*", catalogue.service_names[service])
    for begins in (True, False):
        for at, name in enumerate(catalogue.lower_names):
            if name.startswith(text) if begins else (text in name and not name.startswith(text)):
                yield Completion(catalogue.names[at], catalogue.access_level(at))


def _keys(text: str, services: Iterable[str]) -> Iterator[Completion]:
    catalogue = load_catalogue()
    known = {key.name: f"{key.value_type}, global" for key in GLOBAL_KEYS.values()}
    known |= {key.name.partition("${")[0]: "String, global" for key in TAG_KEYS.values()}
    for service in services:
        for key in catalogue.condition_keys_of_service(service.lower()):
            known.setdefault(key.name.partition("${")[0], f"{key.value_type}, {service}")
    yield from _matching(known.items(), text)


def _operators(text: str) -> Iterator[Completion]:
    words = dict.fromkeys(OPERATOR_NAMES, "condition operator")
    for name in OPERATOR_NAMES:
        if name != Operator.NULL:
            words[f"{name}IfExists"] = "holds where the key is absent, too"
            words |= {f"{prefix}:{name}": "for keys of several values" for prefix in SetOperator}
    yield from _matching(words.items(), text)


def _matching(words: Iterable[tuple[str, str]], text: str) -> Iterator[Completion]:
    listed = sorted(words, key=lambda pair: (len(pair[0].split(":")), pair[0].lower()))
    starting = [pair for pair in listed if pair[0].lower().startswith(text)]
    holding = [pair for pair in listed if pair not in starting and text in pair[0].lower()]
    for word, about in (*starting, *holding):
        yield Completion(word, about)
