"""The engine for other programs: JSON in, JSON out.

Each command is one module of this package with `add_arguments` and `run`, and one row in the table
of `policies.cli.dispatch`.
"""
