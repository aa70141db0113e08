"""Finds plotly.js in the Python package plotly, so that both are always of one version."""

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage, Storage

_NAME = "plotly.min.js"


def _folder() -> Path:
    spec = find_spec("plotly")
    if spec is None or spec.origin is None:
        raise ImproperlyConfigured("the Python package plotly, which brings plotly.js, is missing")
    return Path(spec.origin).parent / "package_data"


class PlotlyFinder(BaseFinder):
    """Offers `plotly.min.js` and nothing else of that folder."""

    def find(self, path: str, find_all: bool = False, **_: Any) -> Any:
        """Return where the file is, a list with `find_all`; nothing for every other name."""
        found = [str(_folder() / _NAME)] if path == _NAME else []
        return found if find_all else (found[0] if found else [])

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        """Yield the one file."""
        yield _NAME, FileSystemStorage(location=str(_folder()))
