"""Policy texts are decoded as the standard library decodes them."""

from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.aws.documents import decoded_document


class TestDecodedDocument:
    @given(st.text())
    def test_returns_what_was_encoded(self, text):
        assert decoded_document(quote(text)) == text

    @given(st.one_of(st.text(), st.text(alphabet="%=0123dDfFaAzZ \r\n\t{}_")))
    def test_returns_what_the_standard_library_returns(self, text):
        assert decoded_document(text) == unquote(text)

    @pytest.mark.parametrize("text", ["%", "%%", "%2", "%zz", "a%0", "%\n41", "%=41", "%C3%A9%C3"])
    def test_leaves_what_is_no_escape(self, text):
        assert decoded_document(text) == unquote(text)
