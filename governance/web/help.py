"""The page that says what each concept means."""

from typing import Any

from governance.presentation.concepts import CONCEPTS
from governance.web.parts.pages import Page
from governance.web.parts.rights_view import Opening


class HelpPage(Page):
    """Every concept in two sentences, with the document that says all of it."""

    required_right = Opening.SIGNED_IN
    page_title = "Concepts"
    template_name = "governance/help/page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the concepts by title."""
        concepts = sorted(CONCEPTS.items(), key=lambda pair: pair[1].title)
        return super().get_context_data(concepts=concepts, **kwargs)
