"""What a page with the editor of policies needs: leave for the editor's own styles."""

import secrets
from functools import cached_property
from typing import Any

from governance.presentation.security_headers import HEADER, policy_with_style_nonce
from governance.web.parts.pages import ConnectionPage


class EditorPage(ConnectionPage):
    """A page whose template loads `editor.js` with `nonce`."""

    @cached_property
    def nonce(self) -> str:
        """What lets the editor write its styles into this one page."""
        return secrets.token_urlsafe(16)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the nonce."""
        return super().get_context_data(nonce=self.nonce, **kwargs)

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> Any:
        """Render, with leave for the editor's own styles."""
        response = super().render_to_response(context, **kwargs)
        response.headers[HEADER] = policy_with_style_nonce(self.nonce)
        return response
