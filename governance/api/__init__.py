"""Everything a program sees: /api/v1, one module a resource."""
