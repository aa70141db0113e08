"""The cache for what can be worked out anew: while Valkey is away, it holds nothing."""

import logging
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


class OptionalRedisCache(RedisCache):
    """Django's cache in Valkey, whose outages are logged and end no request.

    Not for counts and locks, which hold nothing back where they are not kept: for `add` and `incr`
    use the default cache, which raises RedisError.
    """

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """Return what is kept; `default` where nothing is, or Valkey does not answer."""
        try:
            return super().get(key, default, version)
        except RedisError as error:
            log.warning("the cache cannot be read: %s", error)
            return default

    def has_key(self, key: str, version: int | None = None) -> bool:
        """Whether something is kept, as far as Valkey answers."""
        try:
            return bool(super().has_key(key, version))
        except RedisError as error:
            log.warning("the cache cannot be read: %s", error)
            return False

    def set(self, key: str, value: Any, *args: Any, **kwargs: Any) -> None:
        """Keep a value where Valkey answers."""
        try:
            super().set(key, value, *args, **kwargs)
        except RedisError as error:
            log.warning("the cache cannot be written: %s", error)
