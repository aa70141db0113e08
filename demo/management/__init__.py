"""Commands for people who try Orgwarden out; only the development settings know them."""
