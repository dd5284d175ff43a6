"""The rules of the house, pure: no clock, no ids, no IO. Read it from report.py down to flow.py."""
