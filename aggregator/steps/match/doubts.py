"""What a query that finds nothing may have been meant to say."""

from collections.abc import Collection, Iterator

from aggregator.steps.match.lexer import tokens
from aggregator.steps.match.prefilter import liked

_SMALL = {"or": "OR joins what may stand alone", "and": "AND joins, and so does a space", "not": "NOT excludes"}


def doubts(query: str, known: Collection[str]) -> Iterator[str]:
    """`known`: the articles named by `like:` that there are."""
    said = {token.text for token in tokens(query) if token.kind == "word"}
    for word, meant in _SMALL.items():
        if word in said:
            yield f"{word!r} in small letters is a word to look for: {meant}"
    for name in sorted(liked(query) - set(known)):
        yield f"like:{name}: there is no such article"
