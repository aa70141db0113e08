"""YAML and JSON read strictly, each value with the line it stands in.

No anchors, aliases, tags, merge keys or several documents; no key twice; depth and number of values
are limited. So a small file cannot become large, and what is read is what a reader sees.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

DEEPEST: Final = 30
MOST_VALUES: Final = 20_000
LARGEST_BYTES: Final = 1_000_000
_PLAIN_TAGS: Final = frozenset({"str", "int", "bool", "null", "float", "timestamp", "seq", "map"})
_CORE: Final = "tag:yaml.org,2002:"
_TRUE: Final = frozenset({"true", "yes", "on"})

Path = tuple[int | str, ...]
PlainValue = Any
"""None, bool, int, str, list or dict with text keys; a scalar outside of JSON is text."""


class YamlUnreadable(ValueError):
    """A text is no such YAML. `line`: where, from 1; 0: nowhere in particular."""

    def __init__(self, message: str, line: int = 0) -> None:
        self.line = line
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class PlacedValue:
    """What was read. `lines`: by path, the line of a value, from 1."""

    value: PlainValue
    lines: Mapping[Path, int]

    def line(self, path: Path) -> int:
        """Return the line of what stands at a path, or of the nearest value around it."""
        for length in range(len(path), -1, -1):
            found = self.lines.get(path[:length])
            if found is not None:
                return found
        return 1


class _StrictLoader(yaml.SafeLoader):
    """Composes nodes; stops at what this module does not read."""

    depth = 0
    count = 0
    most_values = MOST_VALUES

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Compose a node.

        :raises YamlUnreadable: it is an alias, too deep, or one too many.
        """
        event = self.peek_event()  # type: ignore[no-untyped-call]
        line = event.start_mark.line + 1
        if isinstance(event, yaml.events.AliasEvent) or getattr(event, "anchor", None):
            raise YamlUnreadable("anchors (&) and aliases (*) are not read", line)
        self.depth += 1
        self.count += 1
        if self.depth > DEEPEST:
            raise YamlUnreadable(f"values are nested more than {DEEPEST} deep", line)
        if self.count > self.most_values:
            raise YamlUnreadable(f"there are more than {self.most_values:,} values", line)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def read_placed(
    content: bytes,
    *,
    typed_below: frozenset[str] = frozenset(),
    most_values: int = MOST_VALUES,
    largest_bytes: int = LARGEST_BYTES,
) -> PlacedValue:
    """Read one document of YAML or JSON, of at most so many values and bytes.

    Scalars are text as written, so that ids keep their zeros; below members named in `typed_below`
    they are of the types that JSON has.

    :raises YamlUnreadable: see there.
    """
    if len(content) > largest_bytes:
        raise YamlUnreadable(f"it is larger than {largest_bytes // 1_000_000} MB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise YamlUnreadable(f"it is not UTF-8 (byte {error.start})") from None
    try:
        node = _composed(text, most_values)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise YamlUnreadable(error.problem or "this is not YAML", line) from None
    except yaml.reader.ReaderError as error:
        message = f"character {error.position + 1} is none that YAML may hold"
        raise YamlUnreadable(message) from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        if isinstance(error, YamlUnreadable):
            raise
        raise YamlUnreadable("this is not YAML") from None
    if node is None:
        raise YamlUnreadable("it is empty")
    lines: dict[Path, int] = {}
    return PlacedValue(_plain(node, (), lines, typed_below, typed=False), lines)


def _composed(text: str, most_values: int) -> Any:
    loader = _StrictLoader(text)
    loader.most_values = most_values
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


def _plain(
    node: Any, path: Path, lines: dict[Path, int], typed_below: frozenset[str], *, typed: bool
) -> PlainValue:
    lines[path] = line = node.start_mark.line + 1
    if node.tag.removeprefix(_CORE) not in _PLAIN_TAGS or not node.tag.startswith(_CORE):
        raise YamlUnreadable(f"the tag {node.tag.removeprefix(_CORE)} is not read", line)
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node, line, typed=typed)
    if isinstance(node, yaml.SequenceNode):
        return [
            _plain(item, (*path, number), lines, typed_below, typed=typed)
            for number, item in enumerate(node.value)
        ]
    found: dict[str, PlainValue] = {}
    for name, value in _members(node):
        if name in found:
            raise YamlUnreadable(f"{name} is given twice", value.start_mark.line + 1)
        below = typed or name in typed_below
        found[name] = _plain(value, (*path, name), lines, typed_below, typed=below)
    return found


def _members(node: Any) -> Iterator[tuple[str, Any]]:
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise YamlUnreadable("a name has to be text", key.start_mark.line + 1)
        yield str(key.value), value


def _scalar(node: Any, line: int, *, typed: bool) -> PlainValue:
    kind, text = node.tag.removeprefix(_CORE), str(node.value)
    if kind == "null":
        return None
    if not typed:
        return text
    if kind == "bool":
        return text.lower() in _TRUE
    if kind == "int":
        try:
            return int(text)
        except ValueError:
            raise YamlUnreadable(f"{text} is not a plain whole number; quote it", line) from None
    if kind == "float":
        raise YamlUnreadable(f"{text} is a fraction; quote it", line)
    return text
