"""Measures sameness on a corpus of articles of which it is known which are one text."""
