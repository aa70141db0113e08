"""What is on the screens of one policy."""

import re

from django.utils.html import strip_tags

SLUG = "acme"
TEST = "ou-ab12-test0001"


def html_of(answer):
    """Return a page with single spaces where its template breaks lines."""
    return " ".join(answer.content.decode().split())


def words_of(answer):
    """Return what is written on a page; tags part words, but not punctuation from them."""
    told = strip_tags(html_of(answer).replace("<", " <"))
    return re.sub(r" ([.,;:)])", r"\1", " ".join(told.split()))
