"""What every page loads: small enough for a slow line, and of one version with Python's."""

import gzip
import json
import re
from pathlib import Path

import plotly
import pytest

ROOT = Path(__file__).parents[3]
BUILT = ROOT / "static" / "build"
TABLER = ROOT / "node_modules" / "@tabler" / "core" / "dist" / "css" / "tabler.min.css"


@pytest.mark.parametrize(
    ("name", "most_bytes"),
    [("orgwarden.css", 50_000), ("plotly.js", 450_000), ("app.js", 10_000)],
)
def test_is_no_heavier_than_said_when_compressed(name, most_bytes):
    assert len(gzip.compress((BUILT / name).read_bytes(), 9)) <= most_bytes


def test_plotly_is_of_the_version_that_checks_the_figures():
    head = (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_bytes()[:200]
    of_python = re.search(rb"plotly\.js v([\d.]+)", head)
    wanted = json.loads((ROOT / "package.json").read_text())["devDependencies"]["plotly.js"]

    assert of_python is not None
    assert of_python[1].decode() == wanted


def test_styles_keep_every_class_of_tabler_that_a_template_names():
    defined = re.compile(r"\.([A-Za-z][\w-]*)")
    tabler = set(defined.findall(TABLER.read_text()))
    built = set(defined.findall((BUILT / "orgwarden.css").read_text()))
    named = {
        word
        for template in (ROOT / "templates").rglob("*.html")
        for words in re.findall(r'class="([^"]*)"', template.read_text())
        for word in re.sub(r"{[{%].*?[%}]}", " ", words).split()
    }

    assert named & tabler
    assert named & tabler <= built
