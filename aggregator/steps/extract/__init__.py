"""The article on a web page: its text, its pictures with their captions, and what the page says of it."""

from collections.abc import Sequence

from lxml import html

from aggregator.errors import ExtractError
from aggregator.model import Article, Response
from aggregator.steps.extract import assemble, blocks, choose, clean, figures, metadata, page, second, trees

TEASER_WORDS = 120
PAYWALL_WORDS = 250


def article(response: Response, learned: trees.Forest = choose.LEARNED) -> Article:
    """The article of a page; raises ExtractError where there is none."""
    root, said, pictures = _opened(response)
    read = blocks.read(root)
    chances: Sequence[float] = choose.chances(read, said, learned)
    if second.doubt(read, chances) > second.DOUBT:
        chances = second.fuller(read, chances, root)
    found = assemble.assemble(read, chances, pictures, said, response.url)
    if not found.text:
        raise ExtractError(response.url, "no text found")
    return Article(
        url=response.url,
        title=said.title or found.text[:80],
        text=found.text,
        html=found.html,
        byline=said.byline,
        published=said.published or found.shown,
        language=said.language or metadata.script_language(found.text),
        summary=found.standfirst or said.description,
        images=found.images,
        canonical=said.canonical,
        partial=_is_partial(found.text, said),
    )


def paragraphs(response: Response) -> tuple[list[blocks.Block], metadata.Metadata, list[figures.Figure]]:
    """A page before anything is chosen: its paragraphs, what it says of itself, its pictures."""
    root, said, pictures = _opened(response)
    return blocks.read(root), said, pictures


def _opened(response: Response) -> tuple[html.HtmlElement, metadata.Metadata, list[figures.Figure]]:
    root = page.parse(response)
    said = metadata.read(root, response.url)
    clean.clean(root)
    return root, said, figures.lift(root, response.url)


def _is_partial(text: str, said: metadata.Metadata) -> bool:
    """True for a text that breaks off, and for a short one that is not free or that JSON-LD says more of."""
    words = len(text.split())
    if said.is_free:
        return words < TEASER_WORDS and text.endswith(("…", "..."))
    return words < PAYWALL_WORDS or len(said.body or "") > 1.5 * len(text)
