"""What topics cost: an article that arrives, and a rule that runs over the archive."""
