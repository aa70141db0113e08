"""Which addresses the smoke test visits."""

from demo.smoke.addresses import addresses

SAMPLES = {"slug": "acme", "account_id": "111122223333"}


class TestAddresses:
    def test_are_all_that_the_product_has_with_parameters_filled_in(self):
        paths = {address.path for address in addresses(SAMPLES) if not address.lacking}

        assert {"/", "/healthz", "/sign-in/", "/style/", "/o/acme/"} <= paths
        assert "/api/v1/organizations/acme/accounts/111122223333" in paths
        assert not any("<" in path for path in paths)

    def test_tell_which_parameter_has_no_sample(self):
        lacking = {address.path: address.lacking for address in addresses({}) if address.lacking}

        assert lacking["/o/<slug:slug>/"] == ("slug",)

    def test_quote_names_that_an_address_cannot_hold(self):
        samples = {**SAMPLES, "party_name": "Harbour Partners"}
        paths = {address.path for address in addresses(samples) if not address.lacking}

        assert "/api/v1/organizations/acme/external-parties/Harbour%20Partners" in paths
