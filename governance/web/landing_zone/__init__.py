"""The landing zone on screen: core accounts, Control Tower, who enforces what, logging."""
