"""Secrets are sealed with a key that is not in the database."""

import pytest

from governance.notifications.sealing import CannotOpen, SealingUnavailable, seal, unseal

OLD, NEW = "old-" + "k" * 40, "new-" + "k" * 40


@pytest.fixture(autouse=True)
def _key(settings):
    settings.SEALING_KEYS = [OLD]


class TestSeal:
    def test_opens_to_what_was_sealed(self):
        assert unseal(seal("whsec_äbc", purpose="a"), purpose="a") == "whsec_äbc"

    def test_holds_nothing_of_the_text_and_never_looks_the_same(self):
        sealed = seal("whsec_abc", purpose="a")
        assert "abc" not in sealed
        assert sealed != seal("whsec_abc", purpose="a")

    def test_does_not_open_for_another_purpose(self):
        with pytest.raises(CannotOpen, match="not as it was sealed"):
            unseal(seal("secret", purpose="chat address"), purpose="webhook secret")

    def test_does_not_open_what_was_tampered_with(self):
        sealed = seal("secret", purpose="a")
        changed = sealed[:-4] + ("AAAA" if not sealed.endswith("AAAA") else "BBBB")
        with pytest.raises(CannotOpen):
            unseal(changed, purpose="a")

    @pytest.mark.parametrize("text", ["", "v1", "v1:", "v2:aaaaaaaa:AAAA", "plain", "v1:zz:!!"])
    def test_says_what_to_do_about_what_it_did_not_seal(self, text):
        with pytest.raises(CannotOpen, match="set the secret again"):
            unseal(text, purpose="a")

    def test_opens_with_an_earlier_key_after_another_became_the_first(self, settings):
        sealed = seal("secret", purpose="a")
        settings.SEALING_KEYS = [NEW, OLD]
        assert unseal(sealed, purpose="a") == "secret"
        assert seal("secret", purpose="a").split(":")[1] != sealed.split(":")[1]

    def test_does_not_open_once_its_key_is_gone(self, settings):
        sealed = seal("secret", purpose="a")
        settings.SEALING_KEYS = [NEW]
        with pytest.raises(CannotOpen, match="ORGWARDEN_SEALING_KEY_FILE"):
            unseal(sealed, purpose="a")

    def test_says_what_to_set_where_there_is_no_key(self, settings):
        settings.SEALING_KEYS = []
        with pytest.raises(SealingUnavailable, match="ORGWARDEN_SEALING_KEY_FILE"):
            seal("secret", purpose="a")
