"""Pure functions: data in, data out; no I/O, no clock, no log."""
