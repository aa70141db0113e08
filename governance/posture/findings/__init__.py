"""Structure findings: what is wrong with the shape of an organization, measured and placed.

A kind of finding is one module of `kinds` and one test; `registry` finds it there, and
`structure.structure_findings` asks every kind.
"""
