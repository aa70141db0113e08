"""Compiles Django's templates to Python functions, once a process.

Django interprets a template again for each page: a method call for each node, a walk through the
stack of contexts for each name. A page of 50 rows has thousands of both, and half of what a page
cost went there. A compiled template gives the same text: includes and blocks are put in place,
names that the template binds itself become Python's own, and what is constant is drawn once.

A template with a tag that `compiler` does not know stays interpreted as a whole.
"""

from collections.abc import Callable
from typing import Any


def drawn_once(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a simple tag whose text follows from its arguments: constant ones are drawn once."""
    function.drawn_once = True  # type: ignore[attr-defined]  # read by `compiler`
    return function
