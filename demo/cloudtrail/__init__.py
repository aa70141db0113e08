"""The demo organization's CloudTrail: 30 days made from `activity.yaml`, and what happens since.

`plan.py` reads what principals do, `events.py` and `identities.py` write events as CloudTrail
does, `generation.py` draws when they happen and packs them into objects, and `log_bucket.py` is
the trail's bucket: objects are made when somebody first asks for them.
"""
