"""How values stand in the cache: as JSON. What is read back is never unpickled.

Whoever can write to Valkey could otherwise run code in every process that reads from it.
"""

from typing import Any

import orjson


class JsonSerializer:
    """Django's protocol for a serializer of its Redis cache.

    Integers stand as they are, for Valkey's own INCR. Tuples come back as lists, the members of an
    enum as their values.
    """

    def dumps(self, value: Any) -> bytes | int:
        """Return a value as it is stored.

        :raises TypeError: JSON has no form for it.
        """
        return value if type(value) is int else orjson.dumps(value)

    def loads(self, stored: bytes) -> Any:
        """Return a stored value.

        :raises ValueError: it is no JSON.
        """
        return orjson.loads(stored)
