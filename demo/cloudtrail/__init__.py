"""The demo organization's CloudTrail: 30 days made from `activity.yaml`, and what happens since.

`plan.py` reads what principals do, `alike_calls.py` and `planted.py` make events of it, which
`events.py` and `identities.py` write as CloudTrail does; `generation.py` draws when they happen and
packs them into objects. `log_bucket.py` is the trail's bucket: objects are made when somebody first
asks for them. `recording.py` adds what is written to the simulator.
"""
