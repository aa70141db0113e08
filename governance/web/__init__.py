"""Everything a person sees: pages, one module a topic."""
