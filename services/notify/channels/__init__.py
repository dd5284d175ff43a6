"""The ways to reach a person: one small file each, all alike behind `channel.py`."""
