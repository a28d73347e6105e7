"""Measurements; each takes a corpus folder as its argument."""
