"""AWS Organizations with its rules: pages, quotas, reasons of refusal, who may call what.

Not moto's: its backend has none of these rules, knows 4 of 15 policy types and scans every account
at each request, so the front keeps the organization itself (state.py) and answers every call.
"""
