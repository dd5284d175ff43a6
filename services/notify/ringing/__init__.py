"""Ringing: alerts that go outside the application, within quota and rest, and never called sent when they were not."""
