"""What people and programs decide of collecting: connections, and runs asked for by hand.

Pages and endpoints reach the writing functions of `inventory` only through these services.
"""
