"""Providers as they behave, on local ports."""
