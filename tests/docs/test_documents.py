"""What documents say of the code is true: paths, names, settings, targets, collectors."""

import ast
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from docs import collectors
from inventory.models import Coverage

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
# What is made on a machine and is not in the repository.
_MADE = (".orgwarden", ".venv/", "static/build", "secrets")
_FOLDERS = {
    path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith((".", "_"))
} - {"node_modules", "staticfiles"}


def names_of(path):
    """Return what a Python file defines: functions, classes, their methods, constants."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return found


def ids(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=ids)
class TestEveryDocument:
    def test_names_only_paths_that_exist(self, document):
        text = document.read_text(encoding="utf-8")
        named = {
            word
            for word in re.findall(r"`([\w./-]+)`", text)
            if word.split("/")[0] in _FOLDERS and "/" in word and not word.startswith(_MADE)
        }

        assert [word for word in sorted(named) if not (ROOT / word).exists()] == []

    def test_links_only_to_what_exists(self, document):
        text = document.read_text(encoding="utf-8")
        links = re.findall(r"\]\(([^)#\s]+)(?:#[\w-]+)?\)", text)
        links += re.findall(r'(?:src|srcset)="([^"]+)"', text)
        inside = [link for link in links if "://" not in link]

        missing = [link for link in inside if not (document.parent / unquote(link)).exists()]
        assert missing == []

    def test_links_only_to_headings_that_exist(self, document):
        text = document.read_text(encoding="utf-8")
        for target, anchor in re.findall(r"\]\(([^)#\s]*)#([\w-]+)\)", text):
            other = (document.parent / target).resolve() if target else document
            headings = re.findall(r"^#+ (.+)$", other.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = [re.sub(r"[^\w\s-]", "", each.lower()).replace(" ", "-") for each in headings]
            assert anchor in slugs

    def test_names_only_functions_and_classes_that_exist(self, document):
        text = document.read_text(encoding="utf-8")
        pairs = re.findall(r"`([\w/]+\.py)` \(`(\w+)`\)", text)
        pairs += re.findall(r"\(`([\w/]+\.py)`, `(\w+)`\)", text)
        unknown = [(path, name) for path, name in pairs if name not in names_of(ROOT / path)]
        # A constraint's name is a text.
        words = re.findall(r"\(`(\w+)` in `([\w/]+\.py)`\)", text)
        unknown += [(path, name) for name, path in words if name not in (ROOT / path).read_text()]

        assert unknown == []

    def test_names_only_targets_of_make_that_exist(self, document):
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
        text = document.read_text(encoding="utf-8")
        named = set(re.findall(r"(?:`|^    )make ([a-z]+)", text, re.MULTILINE))

        assert named <= targets


class TestContributing:
    TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")

    def test_names_only_files_that_exist(self):
        named = {word for word in re.findall(r"`([\w./-]+)`", self.TEXT) if _is_file_name(word)}

        assert len(named) > 40
        assert [word for word in sorted(named) if not (ROOT / word).exists()] == []

    def test_has_a_list_for_what_is_added_most_often(self):
        headings = re.findall(r"^## Add (.+)$", self.TEXT, re.MULTILINE)

        assert headings == [
            "a collector",
            "a page with list, detail and endpoint",
            "a finding",
            "a lint rule",
            "a trust finding",
            "a guardrail",
            "a condition operator",
        ]

    def test_says_the_longest_subject_that_the_hook_lets_pass(self):
        hook = (ROOT / ".ci" / "commit_subject.py").read_text(encoding="utf-8")
        (most,) = re.findall(r"MOST_CHARACTERS: Final = (\d+)", hook)

        assert f"at most {most} characters" in self.TEXT


def _is_file_name(word):
    """Whether a word in backticks is a path, of the repository's own files."""
    made = (".venv", ".orgwarden")
    endings = (".py", ".md", ".json", ".html", ".yaml", ".in", ".toml", "/")
    return word.endswith(endings) and not word.startswith(made) and word != "/"


class TestReadme:
    def test_documents_every_variable_that_is_read(self):
        sources = [
            *(ROOT / "governance").rglob("*.py"),
            *(ROOT / "inventory").rglob("*.py"),
            *(ROOT / "policies").rglob("*.py"),
            *(path for path in (ROOT / "docker").iterdir() if path.is_file()),
        ]
        read = set()
        for path in sources:
            read |= set(re.findall(r"\bORGWARDEN_\w+", path.read_text(encoding="utf-8")))
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        documented = set(re.findall(r"`(ORGWARDEN_\w+)`", readme))

        assert read - documented == set()
        assert {name.removesuffix("_FILE") for name in documented - read} <= read

    def test_says_the_defaults_that_the_settings_have(self):
        modules = (ROOT / "governance/config/settings").glob("*.py")
        settings = "".join(path.read_text(encoding="utf-8") for path in modules)
        # Plain values alone: what is worked out is told in words.
        defaults = {
            name: value.removeprefix("default=").lower() if "default=" in value else value
            for name, value in re.findall(
                r'"(ORGWARDEN_\w+)",\s*"?([^")\n{*]+)"?\s*\)',
                re.sub(r"(?<=\d)_(?=\d)", "", settings),
            )
        }
        rows = dict(
            re.findall(
                r"^\| `(ORGWARDEN_\w+)` \| `?([^`|]*?)`? \|",
                (ROOT / "README.md").read_text(encoding="utf-8"),
                re.MULTILINE,
            )
        )

        assert len(defaults) > 60
        assert {name: rows.get(name) for name in defaults} == defaults


class TestCollectors:
    def test_documents_and_templates_say_what_the_collectors_declare(self):
        outdated = [
            str(path.relative_to(ROOT))
            for path, text in collectors.written().items()
            if path.read_text(encoding="utf-8") != text
        ]

        assert outdated == [], "run `make roles`"


class TestOperations:
    def test_tells_what_every_coverage_state_means(self):
        text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
        section = text.split("## What the coverage states mean")[1].split("\n## ")[0]

        assert re.findall(r"^\| (\w+) \|", section, re.MULTILINE)[1:] == list(Coverage.State.values)
