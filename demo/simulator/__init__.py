"""A stand-in for AWS on this machine: moto behind a strict front that answers as AWS documents.

`python -m demo.simulator --port 0 --address-file FILE --organization demo/organization`

front.py takes every request: it names the call (protocols/), knows the caller (callers.py), plays
the ordered faults (faults.py), throttles (rates.py), authorizes (authorization.py) and hands the
call to whoever answers it: organizations/, iam/, security_tokens.py, tagging.py or moto.
What cannot be answered gets an error in AWS's own shape, never a page of HTML.
"""
