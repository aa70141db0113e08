"""Structure findings: what is wrong with the shape of an organization, measured and placed.

One module a question; `structure.structure_findings` asks them all.
"""
