"""Values in the cache are JSON: they come back as they were, and nothing is ever unpickled."""

import pickle

import hypothesis
import orjson
import pytest
import redis
from django.conf import settings
from django.core.cache import cache
from hypothesis import given
from hypothesis import strategies as st

from governance.config.cache_serializer import JsonSerializer

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**63), max_value=2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(alphabet=st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc"), inner),
    max_leaves=10,
)


class Dangerous:
    """Runs code when it is unpickled."""

    ran = False

    def __reduce__(self):
        return setattr, (Dangerous, "ran", True)


@hypothesis.settings(deadline=None)
@given(JSON_VALUES)
def test_values_come_back_as_they_were(value):
    stored = JsonSerializer().dumps(value)
    found = JsonSerializer().loads(stored if isinstance(stored, bytes) else str(stored).encode())
    assert (found, type(found)) == (value, type(value))


def test_the_cache_unpickles_nothing_that_somebody_put_there():
    client = redis.Redis.from_url(settings.VALKEY_URL)
    client.set(cache.make_key("harmful"), pickle.dumps(Dangerous()))
    with pytest.raises(orjson.JSONDecodeError):
        cache.get("harmful")
    assert not Dangerous.ran


def test_the_cache_refuses_what_has_no_form_in_json():
    with pytest.raises(TypeError):
        cache.set("object", object())


def test_counting_works_on_stored_integers():
    cache.set("counted", 41)
    assert cache.incr("counted") == 42
    assert cache.get("counted") == 42
