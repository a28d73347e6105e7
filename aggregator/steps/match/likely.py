"""Whether the texts of an article leave it possible that it matches, where the indexes cannot tell."""

from collections.abc import Callable
from functools import partial

from aggregator.model import Article
from aggregator.steps import text
from aggregator.steps.match.ast import And, Near, Node, Or, Regex, Term, Weighted
from aggregator.steps.match.find import is_said
from aggregator.steps.match.view import Texts, may_stand


def likely(node: Node) -> Callable[[Article], bool] | None:
    """None: whatever else it depends on, of the texts the indexes have told enough."""
    return partial(_may, node) if _is_open(node) else None


def _is_open(node: Node) -> bool:
    """Phrases and words that stand near each other are more than their words, and of a pattern no index knows."""
    match node:
        case And():
            return any(map(_is_open, node.parts))
        case Or():
            return all(map(_is_open, node.parts))
        case Weighted():
            return _is_open(node.part)
        case Term():
            return len(node.tokens) > 1
        case _:
            return isinstance(node, Near | Regex)


def _may(node: Node, article: Article) -> bool:
    parts = (article.title, article.summary or "", article.text, *article.captions, article.byline or "")
    return _holds(node, Texts(article=article), _folded("\n\n".join(parts)))


def _folded(said: str) -> str:
    """As one, or else by paragraphs, of which most are folded quickly."""
    plain = text.folded_plainly(said)
    return "\n\n".join(map(text.folded, said.split("\n\n"))) if plain is None else plain


def _holds(node: Node, texts: Texts, whole: str) -> bool:
    """`whole` is all that the texts say, folded: it tells quickly of most that they do not say it."""
    match node:
        case And():
            return all(_holds(part, texts, whole) for part in node.parts)
        case Or():
            return any(_holds(part, texts, whole) for part in node.parts)
        case Weighted():
            return _holds(node.part, texts, whole)
        case Term():
            return may_stand(node.tokens, whole) and is_said(node, texts)
        case Near():
            return all(may_stand(part.tokens, whole) for part in node.parts) and is_said(node, texts)
        case Regex():
            return is_said(node, texts)
        case _:
            return True
