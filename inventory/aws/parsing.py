"""Parsers of AWS's answers: botocore's own, with the parts that cost most done faster.

Half of the time of reading an account was spent on dates and on walking XML by shapes. A session
takes its parsers from a component, `response_parser_factory`, so both are replaced there: dates as
AWS writes them are read by the standard library, and each XML shape becomes one function, made
when it is first met. What is rare (flattened lists, maps, attributes, errors, unions, repeated
elements) is left to botocore's code. The tests hold both to the same output.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final
from xml.etree.ElementTree import Element

from botocore.model import ListShape, Shape, StructureShape
from botocore.parsers import (
    PROTOCOL_PARSERS,
    BaseXMLResponseParser,
    EC2QueryParser,
    QueryParser,
    ResponseParser,
    ResponseParserFactory,
    RestXMLParser,
)
from botocore.utils import parse_timestamp

# As AWS writes times in XML: UTC, to the second or finer.
_ISO_UTC: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z", re.ASCII)

_Read = Callable[[Element], Any]


def timestamp(value: Any) -> datetime:
    """Return the time that botocore's parser returns for `value`, without its guessing where AWS
    writes ISO 8601 in UTC.

    :raises ValueError: it is no time.
    """
    if isinstance(value, str) and _ISO_UTC.fullmatch(value):
        return datetime.fromisoformat(value)
    parsed: datetime = parse_timestamp(value)
    return parsed


class _ShapeReaders(BaseXMLResponseParser):
    """Reads elements by functions made of their shapes; mixed into botocore's XML parsers."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """Make no reader yet: a shape gets its own when it is first met."""
        super().__init__(*arguments, **named)
        self._readers: dict[Shape, _Read] = {}

    def _parse_shape(self, shape: Shape, node: Any) -> Any:
        if not isinstance(node, Element):
            # Text of a header, or repeated elements.
            return self._botocores(shape, node)
        return self._reader(shape)(node)

    def _botocores(self, shape: Shape, node: Any) -> Any:
        return super()._parse_shape(shape, node)  # type: ignore[misc]

    def _reader(self, shape: Shape) -> _Read:
        reader = self._readers.get(shape)
        if reader is None:
            reader = self._readers[shape] = self._made_reader(shape)
        return reader

    def _made_reader(self, shape: Shape) -> _Read:
        if shape.type_name in {"string", "character"}:
            return _text
        if shape.type_name == "timestamp":
            return lambda node: timestamp(_text(node))
        if isinstance(shape, ListShape) and not shape.serialization.get("flattened"):
            return self._list_reader(shape)
        if isinstance(shape, StructureShape) and self._is_plain(shape):
            return self._structure_reader(shape)
        return lambda node: self._botocores(shape, node)

    def _list_reader(self, shape: ListShape) -> _Read:
        member = shape.member

        def read(node: Element) -> list[Any]:
            reader = self._reader(member)
            return [reader(item) for item in node]

        return read

    @staticmethod
    def _is_plain(shape: StructureShape) -> bool:
        return not (
            shape.metadata.get("exception")
            or shape.is_tagged_union
            or any(
                member.serialization.get("flattened") or member.serialization.get("xmlAttribute")
                for member in shape.members.values()
            )
        )

    def _structure_reader(self, shape: StructureShape) -> _Read:
        members = {
            # In none of these structures is a member flattened: its name is its own.
            member.serialization.get("name", name): (name, member)
            for name, member in shape.members.items()
            if member.serialization.get("location") not in self.KNOWN_LOCATIONS
            and not member.serialization.get("eventheader")
        }

        def read(node: Element) -> dict[str, Any]:
            parsed: dict[str, Any] = {}
            for item in node:
                found = members.get(item.tag.rpartition("}")[2])
                if found is None:
                    continue
                name, member = found
                if name in parsed:
                    repeated: dict[str, Any] = self._botocores(shape, node)
                    return repeated
                parsed[name] = self._reader(member)(item)
            return parsed

        return read


def _text(node: Element) -> str:
    # An empty element is an empty text.
    return node.text or ""


class _QueryParser(_ShapeReaders, QueryParser):
    pass


class _EC2QueryParser(_ShapeReaders, EC2QueryParser):
    pass


class _RestXMLParser(_ShapeReaders, RestXMLParser):
    pass


_OWN: Final = {"query": _QueryParser, "ec2": _EC2QueryParser, "rest-xml": _RestXMLParser}


class ParserFactory(ResponseParserFactory):
    """Gives botocore its parsers, one a protocol and process: they hold no state of a response."""

    def __init__(self) -> None:
        """Keep each parser that is made."""
        super().__init__()
        self.create_parser = cache(_parser)  # type: ignore[method-assign]


def _parser(protocol_name: str) -> ResponseParser:
    parsers: Mapping[str, Callable[..., ResponseParser]] = PROTOCOL_PARSERS | _OWN  # type: ignore[operator]
    return parsers[protocol_name](timestamp_parser=timestamp)
