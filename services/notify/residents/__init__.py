"""Answers to residents: told by the way that each left, one message each, without notify ever keeping a number."""
