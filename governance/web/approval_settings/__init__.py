"""Approval rules, protected roles, check levels and change windows: one pattern of pages."""
