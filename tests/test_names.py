"""One name means one thing: no class is defined twice in the three rooms."""

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# Classes nested in the one they belong to, which is part of their name.
NESTED = {"Meta", "Kind", "Source", "State"}


@cache
def classes():
    """Return where each class is defined, by name."""
    found = defaultdict(list)
    for room in ("policies", "inventory", "governance"):
        for path in (ROOT / room).rglob("*.py"):
            # Django finds a command of manage.py by its file and calls each class Command.
            if not {"migrations", "commands"} & set(path.parts):
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                    if isinstance(node, ast.ClassDef):
                        found[node.name].append(str(path.relative_to(ROOT)))
    return found


def test_no_class_name_is_defined_twice():
    twice = {name: paths for name, paths in classes().items() if len(paths) > 1}
    assert {name: paths for name, paths in twice.items() if name not in NESTED} == {}


def test_the_names_that_may_be_defined_twice_are():
    found = classes()
    assert [name for name in sorted(NESTED) if len(found[name]) < 2] == []
