from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.language.patterns import (
    Glob,
    Wild,
    any_matches,
    arn_glob,
    resource_glob,
    string_glob,
)

patterns = st.text(alphabet="ab:*?", max_size=14)
texts = st.text(alphabet="ab:", max_size=12)


def slowly(glob: Glob, text: str) -> bool:
    """Try every way to spread the text over the tokens, one character at a time."""
    tokens: list[str | Wild] = []
    for token in glob.tokens:
        tokens.extend(token if isinstance(token, str) else [token])

    @cache
    def fits(at: int, place: int) -> bool:
        if at == len(tokens):
            return place == len(text)
        token = tokens[at]
        if token in (Wild.ANY, Wild.PART):
            if fits(at + 1, place):
                return True
            takes = place < len(text) and (token is Wild.ANY or text[place] != ":")
            return takes and fits(at, place + 1)
        if place == len(text):
            return False
        same = token is Wild.ONE or (
            text[place] != ":" if token is Wild.ONE_IN_PART else text[place] == token
        )
        return same and fits(at + 1, place + 1)

    return fits(0, 0)


class TestGlobs:
    @settings(max_examples=400)
    @given(patterns, texts)
    def test_match_as_trying_every_way_does(self, pattern, text):
        for glob in (string_glob((pattern,)), resource_glob((pattern,)), arn_glob((pattern,))):
            if glob is not None:
                assert glob.matches(text) == slowly(glob, text)

    @settings(max_examples=300)
    @given(st.lists(st.text(alphabet="ab:*", max_size=6), min_size=5, max_size=9), texts)
    def test_match_arns_of_many_stars_too(self, parts, text):
        pattern = ":".join(parts)
        for glob in (resource_glob((pattern,)), arn_glob((pattern,))):
            if glob is not None:
                for candidate in (text, pattern.replace("*", "ab"), pattern.replace("*", ":")):
                    assert glob.matches(candidate) == slowly(glob, candidate)

    @given(st.lists(patterns, max_size=5), texts)
    def test_joined_match_if_one_does(self, several, text):
        globs = [string_glob((pattern,)) for pattern in several]
        assert any_matches(globs)(text) == any(glob.matches(text) for glob in globs)

    def test_many_stars_do_not_explode(self):
        assert not string_glob(("*a" * 40 + "b",)).matches("a" * 5000)

    def test_a_newline_is_a_character(self):
        assert string_glob(("a*b",)).matches("a\nb")


class TestResourcePatterns:
    @pytest.mark.parametrize(
        ("pattern", "arn", "covers"),
        [
            ("*", "arn:aws:s3:::bucket", True),
            ("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/a:b", True),
            ("arn:aws:s3:::bucket/a*.txt", "arn:aws:s3:::bucket/a:b.txt", True),
            ("arn:aws:s3*", "arn:aws:s3:::bucket", True),
            ("arn:aws:sns:*:x-1", "arn:aws:sns:eu-west-1:111122223333:x-1", True),
            ("arn:aws:sns:eu*1:111122223333:x", "arn:aws:sns:eu-west-1:111122223333:x", True),
            ("arn:aws:sns:eu*3:x", "arn:aws:sns:eu-west-1:111122223333:x", False),
            ("arn:aws:s3:::Bucket", "arn:aws:s3:::bucket", False),
        ],
    )
    def test_a_star_crosses_colons_where_it_ends_its_part(self, pattern, arn, covers):
        assert resource_glob((pattern,)).matches(arn) is covers
