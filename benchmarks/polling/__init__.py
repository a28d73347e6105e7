"""What polling costs: ours beside newsboat and lemon24/reader, on one loopback server, in one run."""
