"""The only files that touch the world; each stands alone."""
