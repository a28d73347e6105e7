"""The article on a web page: its text, its pictures with their captions, and what the page says of it."""

from aggregator.errors import ExtractError
from aggregator.model import Article, Response
from aggregator.steps.extract import assemble, blocks, choose, clean, figures, metadata, page, trees

TEASER_WORDS = 120
PAYWALL_WORDS = 250


def article(response: Response, learned: trees.Forest = choose.LEARNED) -> Article:
    """The article of a page; raises ExtractError where there is none."""
    read, said, pictures = paragraphs(response)
    found = assemble.assemble(read, choose.chances(read, said, learned), pictures, said, response.url)
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
    root = page.parse(response)
    said = metadata.read(root, response.url)
    clean.clean(root)
    pictures = figures.lift(root, response.url)
    return blocks.read(root), said, pictures


def _is_partial(text: str, said: metadata.Metadata) -> bool:
    """True for a text that breaks off, and for a short one that is not free or that JSON-LD says more of."""
    words = len(text.split())
    if said.is_free:
        return words < TEASER_WORDS and text.endswith(("…", "..."))
    return words < PAYWALL_WORDS or len(said.body or "") > 1.5 * len(text)
