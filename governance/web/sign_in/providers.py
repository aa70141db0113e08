"""How pages name identity providers."""

from django.http import HttpRequest

from governance.access.sign_in.providers import provider_names


def provider_name(request: HttpRequest, provider_id: str) -> str:
    """Return a provider's name; its id where the settings no longer name it."""
    return provider_names().get(provider_id, provider_id)
