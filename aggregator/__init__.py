"""Polls feeds, archives the articles behind them for ever, and republishes them by topic."""
