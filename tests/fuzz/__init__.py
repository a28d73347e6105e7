"""The doors at which strangers knock, tried by a fuzzer that sees which lines its inputs reach: `make fuzz`."""
