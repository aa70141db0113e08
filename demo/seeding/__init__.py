"""Fills the simulated AWS from an organization written down as data.

Either a folder of YAML files as demo/organization (yaml_folder.py says what is in them) or an
`organization.json` that lists OUs, accounts, policies and attachments of a real organization.
"""
