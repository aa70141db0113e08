"""Results kept in this process while they are looked at; the least recently used goes first."""

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

from cachetools import LRUCache

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class ProcessCache(Generic[Key, Value]):
    """An LRU cache of `most` results that threads share.

    Equal keys give the same object to everybody: results must not be changed.
    """

    def __init__(self, *, most: int) -> None:
        self._values: LRUCache[Key, Value] = LRUCache(maxsize=most)
        self._lock = Lock()

    def get(
        self,
        key: Key,
        find: Callable[[], Value],
        *,
        is_valid: Callable[[Value], bool] = lambda _: True,
    ) -> Value:
        """Return the result for a key, found by `find` where it is not kept or not valid any more.

        `find` runs outside of the lock. Where two threads find at once, both get the first result.
        """
        known = self.known(key)
        if known is not None and is_valid(known):
            return known
        found = find()
        with self._lock:
            first = self._values.get(key)
            if first is not None and is_valid(first):
                return first
            self._values[key] = found
            return found

    def known(self, key: Key) -> Value | None:
        """Return the result for a key if it is kept, which counts as a use."""
        with self._lock:
            return self._values.get(key)

    def kept_keys(self) -> list[Key]:
        """Return the keys of what is kept."""
        with self._lock:
            return list(self._values)

    def clear(self) -> None:
        """Drop every result."""
        with self._lock:
            self._values.clear()
