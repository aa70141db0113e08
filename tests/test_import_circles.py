"""Each module can be imported by itself, whichever is first: no imports run in a circle."""

from graphlib import CycleError, TopologicalSorter

import grimp
import pytest

ROOMS = ("policies", "inventory", "governance", "demo", "benchmarks")


def packages_of(module: str) -> set[str]:
    """Return the packages that Python imports before a module in them."""
    parts = module.split(".")
    return {".".join(parts[:depth]) for depth in range(1, len(parts))}


def imported(graph: grimp.ImportGraph) -> dict[str, set[str]]:
    """Return what each module has Python import first: modules, and the packages that hold them."""
    found = {}
    for module in graph.modules:
        named = graph.find_modules_directly_imported_by(module)
        packages = set().union(*map(packages_of, named)) - packages_of(module) - {module}
        found[module] = named | packages
    return found


def check_circles(modules: dict[str, set[str]]) -> None:
    """:raises CycleError: modules import each other in a circle; its second argument is one."""
    TopologicalSorter(modules).prepare()


def test_no_imports_run_in_a_circle():
    check_circles(imported(grimp.build_graph(*ROOMS, cache_dir=None)))


def test_a_circle_through_a_package_is_one():
    graph = grimp.ImportGraph()
    for importer, module in (
        ("demo.seeding", "demo.seeding.filling"),
        ("demo.seeding.filling", "demo.world"),
        ("demo.world", "demo.seeding.reading"),
    ):
        graph.add_import(importer=importer, imported=module)
    with pytest.raises(CycleError):
        check_circles(imported(graph))
