"""Answers kept in this process while they are looked at, the oldest of them dropped."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Answer = TypeVar("Answer")


class Kept(Generic[Key, Answer]):
    """Keeps `most` answers by what they are answers to. Safe in threads.

    Everybody who asks the same gets the same object: answers must not be changed.
    """

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._answers: OrderedDict[Key, Answer] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key, find: Callable[[], Answer]) -> Answer:
        """Return the answer for a key, found by `find` where it is not kept."""
        known = self.known(key)
        if known is not None:
            return known
        found = find()
        with self._lock:
            found = self._answers.setdefault(key, found)
            if len(self._answers) > self._most:
                self._answers.popitem(last=False)
        return found

    def known(self, key: Key) -> Answer | None:
        """Return the answer for a key if it is kept."""
        with self._lock:
            known = self._answers.get(key)
            if known is not None:
                self._answers.move_to_end(key)
            return known

    def keys_kept(self) -> list[Key]:
        """Return what answers are kept to, those asked for longest ago first."""
        with self._lock:
            return list(self._answers)

    def clear(self) -> None:
        """Forget every answer."""
        with self._lock:
            self._answers.clear()
