"""An event's action → the resources that it was asked about, as ARNs or patterns of ARNs.

Looked for in this order: ARNs that the event or its parameters name and that are of one of the
action's resource types; ARNs put together from parameters (`bucketName`, `instanceId`); the type's
ARN with `*` for what the event does not tell. Names of single objects and generated ids become
`*` (`arn:aws:s3:::bucket/*`), so that usage does not grow with them.

Source: Service Authorization Reference, "Resource types defined by …"; the parameters are those of
the services' API references.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice, product
from typing import Final, NamedTuple

import msgspec

from inventory.cloudtrail.mapping import action_data
from policies.catalogue import load_catalogue
from policies.language.json_reader import JsonValue

_VARIABLE: Final = re.compile(r"\$\{([^}]*)\}")
_PLACES: Final = ("Partition", "Region", "Account")
_GENERATED: Final = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|[a-z]{1,20}-(?:[0-9a-f]{8}|[0-9a-f]{17})"
    r"|[0-9a-f]{20,}"
    r"|[0-9]{8,}",
    re.I,
)
_MOST_VALUES: Final = 400
_MOST_RESOURCES: Final = 10
_MOST_DEPTH: Final = 8
_LONGEST: Final = 2048


class CallPlace(NamedTuple):
    """Where a call's resources are unless the event says otherwise."""

    partition: str
    region: str
    account_id: str


class Parameters(NamedTuple):
    """The texts in a request's parameters, by lower-case name, and the ARNs among them.

    `given`: the names, as written, of the request's own parameters that are not empty.
    """

    texts: Mapping[str, Sequence[str]]
    arns: Sequence[str]
    given: frozenset[str] = frozenset()


NO_PARAMETERS: Final = Parameters({}, ())


class _Kind(NamedTuple):
    """A resource type of an action. `names`: for each variable, the parameters that may fill it."""

    is_required: bool
    arn: str
    matches: re.Pattern[str]
    variables: tuple[str, ...]
    names: tuple[tuple[str, ...], ...]
    is_exact: bool
    has_path: bool


def read_parameters(raw: msgspec.Raw) -> Parameters:
    """Return the texts of an event's `requestParameters`, however deep they lie."""
    try:
        value: JsonValue = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, RecursionError):
        return NO_PARAMETERS
    texts: dict[str, list[str]] = {}
    arns: list[str] = []
    _collect(value, "", texts, arns, _MOST_DEPTH)
    own = value.items() if isinstance(value, dict) else ()
    return Parameters(texts, arns, frozenset(name for name, item in own if item))


def _collect(
    value: JsonValue, name: str, texts: dict[str, list[str]], arns: list[str], depth: int
) -> None:
    if isinstance(value, str):
        if len(value) <= _LONGEST:
            texts.setdefault(name, []).append(value)
            if value.startswith("arn:"):
                arns.append(value)
    elif depth and isinstance(value, dict):
        for key, item in value.items():
            _collect(item, key.lower(), texts, arns, depth - 1)
    elif depth and isinstance(value, list):
        for item in value[:_MOST_VALUES]:
            _collect(item, name, texts, arns, depth - 1)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        texts.setdefault(name, []).append(str(value))


def resources_of(
    action: str, place: CallPlace, named: Sequence[str], parameters: Parameters
) -> tuple[str, ...]:
    """Return the ARNs or patterns that one call of an action was about; `("*",)` for none.

    `named`: the ARNs in the event's `resources`.
    """
    kinds = _kinds(action)
    if not kinds:
        return ("*",)
    asks_for_all = action.startswith(_ASKS_FOR_ALL)
    found: dict[str, None] = {}
    filled: set[int] = set()
    built: list[tuple[int, int, list[str]]] = []
    arns = dict.fromkeys((*named, *parameters.arns))
    builder = _ArnBuilder(action, place, parameters.texts, is_alone=len(kinds) == 1)
    for at, kind in enumerate(kinds):
        of_kind = [arn for arn in arns if kind.matches.fullmatch(arn)]
        if of_kind:
            filled.add(at)
            found.update(_few(of_kind, kind, place))
        elif known := builder.known_variables(kind):
            built.append((known, at, list(islice(builder.arns(kind), _MOST_RESOURCES + 1))))
    # What more parameters describe is meant; less is what it lies in (`stageName`, `restApiId`).
    most = max((known for known, _, _ in built), default=0)
    for known, at, of_kind in built if asks_for_all or not found else ():
        if asks_for_all or known == most:
            filled.add(at)
            found.update(_few(of_kind, kinds[at], place))
    if asks_for_all:
        for at, kind in enumerate(kinds):
            if kind.is_required and at not in filled:
                found.setdefault(_open(kind, place))
    if not found:
        # Several required types may be alternatives, as the models of bedrock:InvokeModel are.
        required = [kind for kind in kinds if kind.is_required] or kinds
        pattern = _open(required[0], place) if len(required) == 1 else _common(required, place)
        return (pattern,)
    return tuple(found)


def _few(arns: Sequence[str], kind: _Kind, place: CallPlace) -> dict[str, None]:
    """Return ARNs without what usage does not grow with; the type's pattern for very many."""
    folded = dict.fromkeys(arn if kind.is_exact else fold(arn) for arn in arns)
    return folded if len(folded) <= _MOST_RESOURCES else {_open(kind, place): None}


_ASKS_FOR_ALL: Final = "ec2:"
"""A service that authorises each of an action's required types, existing or about to be made."""
_VAGUE: Final = frozenset({"name", "id", "identifier", "resourceid", "resourcename", "uuid"})
"""Parameters that may be of whatever type where an action works on several."""


class _ArnBuilder:
    """Puts ARNs together from a request's parameters."""

    def __init__(
        self, action: str, place: CallPlace, texts: Mapping[str, Sequence[str]], *, is_alone: bool
    ) -> None:
        self.place = place
        self.texts = texts
        self.is_alone = is_alone
        self.is_create = action.partition(":")[2].startswith("Create")

    def known_variables(self, kind: _Kind) -> int:
        """Return how many of a type's variables have a parameter; 0 if the first has none."""
        known = [any(self._counts(name) for name in names) for names in kind.names]
        return sum(known) if known and known[0] else 0

    def arns(self, kind: _Kind) -> Iterator[str]:
        """Yield the ARNs of a type; none where its first variable has no parameter."""
        choices: list[Sequence[str]] = []
        for names in kind.names:
            found = next((name for name in names if self._counts(name)), None)
            if found is None and not choices:
                return
            values = self.texts[found] if found is not None else ("*",)
            choices.append([self._name(value, kind) for value in values])
        for chosen in product(*choices) if choices else ():
            yield _filled(kind, self.place, chosen)

    def _counts(self, name: str) -> bool:
        return name in self.texts and (self.is_alone or name not in _VAGUE)

    def _name(self, value: str, kind: _Kind) -> str:
        """Return what of a parameter's value stands in an ARN."""
        if value.startswith(("https://", "http://")):
            return value.rstrip("/").rpartition("/")[2]
        if value.startswith(("arn:", "alias/")) or not value:
            return "*"
        if kind.has_path:
            path = (self.texts.get("path") or ("/",))[0].strip("/")
            if self.is_create:
                return f"{path}/{value}" if path else value
            # A path may stand before the name; the event does not tell it.
            return f"*{value}"
        if kind.arn.endswith(":secret:${SecretId}"):
            return f"{value}-*"
        if kind.arn.endswith("${ParameterNameWithoutLeadingSlash}"):
            return value.lstrip("/") or "*"
        return value


def _filled(kind: _Kind, place: CallPlace, texts: Iterable[str]) -> str:
    values = iter(texts)
    return _VARIABLE.sub(
        lambda found: (
            getattr(place, _FIELDS[found[1]]) if found[1] in _FIELDS else next(values, "*")
        ),
        kind.arn,
    )


_FIELDS: Final = {"Partition": "partition", "Region": "region", "Account": "account_id"}


def _open(kind: _Kind, place: CallPlace) -> str:
    return _filled(kind, place, ())


def named_resources(action: str, named: Sequence[str]) -> tuple[str, ...]:
    """Return what the event's own ARNs say of an action's resources; empty if they say nothing."""
    kinds = _kinds(action)
    if not kinds:
        return ("*",)
    found: dict[str, None] = {}
    for kind in kinds:
        for arn in named:
            if kind.matches.fullmatch(arn):
                found[arn if kind.is_exact else fold(arn)] = None
    return tuple(found) if len(found) <= _MOST_RESOURCES else ()


def parameters_read(action: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the parameters that the resources of an action are made of, in lower case.

    First those whose values they hold; then those of which only the number of texts counts, as
    their place in the ARN becomes `*`.
    """
    valued: dict[str, None] = {}
    counted: dict[str, None] = {}
    for kind in _kinds(action):
        if kind.has_path:
            valued["path"] = None
        for variable, names in zip(kind.variables, kind.names, strict=True):
            before = kind.arn.partition(f"${{{variable}}}")[0]
            is_folded = ":log-stream:" in before or before.endswith(":s3:::${BucketName}/")
            (counted if is_folded and not kind.is_exact else valued).update(dict.fromkeys(names))
    return tuple(valued), tuple(name for name in counted if name not in valued)


def _common(kinds: Sequence[_Kind], place: CallPlace) -> str:
    """Return a pattern that covers the resources of all of some types."""
    heads = {tuple(_open(kind, place).split(":", 5)[:5]) for kind in kinds}
    parts = [column[0] if len(set(column)) == 1 else "*" for column in zip(*heads, strict=True)]
    return ":".join((*parts, "*"))


def fold(arn: str) -> str:
    """Return an ARN with `*` for an object's key, a log stream, and ids that AWS makes up."""
    return _fold(fold_key(arn)) if arn.startswith("arn:") else arn


def fold_key(arn: str) -> str:
    """Return an ARN with `*` for an object's key, and any other as it is."""
    if arn.startswith("arn:aws:s3:::"):
        bucket, slash, _ = arn.partition("/")
        return f"{bucket}/*" if slash else arn
    return arn


@lru_cache(maxsize=65536)
def _fold(arn: str) -> str:
    head, colon, rest = arn[: _end_of_head(arn)], ":", arn[_end_of_head(arn) + 1 :]
    if head.startswith("arn:") and head.endswith(":s3::"):
        bucket, slash, _ = rest.partition("/")
        return f"{head}{colon}{bucket}/*" if slash else arn
    stream = rest.find(":log-stream:")
    if stream >= 0:
        return f"{head}{colon}{rest[:stream]}:log-stream:*"
    parts = re.split(r"([:/])", rest)
    return head + colon + "".join("*" if _GENERATED.fullmatch(part) else part for part in parts)


def of_action(action: str, arns: Iterable[str]) -> list[str]:
    """Return those of some ARNs that an action can work on."""
    kinds = _kinds(action)
    return [arn for arn in arns if any(kind.matches.fullmatch(arn) for kind in kinds)]


def folded(action: str, arn: str) -> str:
    """Return `fold(arn)`, but for resources of a type that usage counts one by one."""
    exact = any(kind.is_exact and kind.matches.fullmatch(arn) for kind in _kinds(action))
    return arn if exact else fold(arn)


def _end_of_head(arn: str) -> int:
    at = -1
    for _ in range(5):
        at = arn.find(":", at + 1)
        if at < 0:
            return len(arn)
    return at


@lru_cache(maxsize=16384)
def _kinds(action: str) -> tuple[_Kind, ...]:
    catalogue = load_catalogue()
    index = catalogue.index_of[action.lower()]
    exact = action_data()["exact_types"]
    return tuple(
        _kind(arn, required, f"{found.service}:{found.name}" in exact)
        for found, required in catalogue.resource_types(index)
        for arn in found.arn.split(", ")
    )


def _kind(arn: str, is_required: bool, is_exact: bool) -> _Kind:
    variables = tuple(v for v in _VARIABLE.findall(arn) if v not in _PLACES)
    pieces = _VARIABLE.split(arn)
    pattern = "".join(
        re.escape(piece) if at % 2 == 0 else _piece(piece, last=at == len(pieces) - 2)
        for at, piece in enumerate(pieces)
    )
    listed = action_data()["parameter_names"]
    names = tuple(tuple(listed.get(v.lower(), [v.lower(), v.lower() + "s"])) for v in variables)
    has_path = any(variable.endswith("WithPath") for variable in variables)
    return _Kind(is_required, arn, re.compile(pattern, re.S), variables, names, is_exact, has_path)


def _piece(variable: str, *, last: bool) -> str:
    if variable == "Partition":
        return r"aws[a-z-]*"
    if variable == "Region":
        return r"[a-z0-9-]*"
    if variable == "Account":
        return r"(?:\d{12}|aws|)"
    if variable == "BucketName":
        return r"[^:/]+"
    return r".+" if last or variable.endswith("WithPath") else r"[^:]+"
