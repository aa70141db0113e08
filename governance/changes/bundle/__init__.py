"""A change request as a bundle that anybody can check without Orgwarden."""
