"""A second evaluator, slow and plain, written from the guide alone.

It reads questions as JSON and shares no code with `policies`: where both agree, either both are
right or the guide was misread twice.
"""
