"""Ceilings of the reference organization: whole, and after one edit."""

from __future__ import annotations

from functools import partial

from benchmarks.organizations import ReferenceOrganization
from benchmarks.tables import measured, print_table
from policies.ceiling import Assumptions, CeilingMaker
from policies.compiled import default_compiler

ASSUMPTIONS = Assumptions({"aws:requestedregion": "eu-west-1"}, ("role", "user"))


def run() -> None:
    """Measure from the compiled organization on, as the targets are set."""
    compiler = default_compiler()
    organization = ReferenceOrganization(compiler, words=5)
    edits = organization.edits()
    catalogue = compiler.catalogue

    def whole() -> None:
        CeilingMaker(catalogue).ceilings(organization.tree)

    def under_assumptions() -> None:
        CeilingMaker(catalogue, ASSUMPTIONS).ceilings(organization.tree)

    maker = CeilingMaker(catalogue)
    before = maker.ceilings(organization.tree)
    print_table(
        f"Ceilings of {len(organization.tree):,} targets "
        f"({len({id(ceiling) for ceiling in before.values()}):,} distinct)",
        [
            measured("whole", [whole] * 15, 40e-3),
            measured(
                "whole, a region and kinds of principals assumed", [under_assumptions] * 9, None
            ),
            measured(
                "after one edit, the maker kept",
                [partial(maker.ceilings, edit.after) for edit in edits],
                15e-3,
            ),
        ],
    )


if __name__ == "__main__":
    run()
