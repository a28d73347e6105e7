"""The article on a web page: its text, its pictures with their captions, and what the page says of it."""

from aggregator.errors import ExtractError
from aggregator.model import Article, Response
from aggregator.steps.extract import assemble, body, chrome, figures, metadata, page


def article(response: Response) -> Article:
    """The article of a page; raises ExtractError where there is none."""
    root = page.parse(response)
    said = metadata.read(root, response.url)
    chrome.strip(root)
    pictures = figures.lift(root, response.url)
    body.number(root)
    found = assemble.assemble(body.blocks(root), body.vote(root), pictures, said, response.url)
    if not found.text:
        raise ExtractError(response.url, "no text found")
    return Article(
        url=response.url,
        title=said.title or found.text[:80],
        text=found.text,
        html=found.html,
        byline=said.byline,
        published=said.published,
        language=said.language or metadata.script_language(found.text),
        summary=found.standfirst or said.description,
        images=found.images,
        canonical=said.canonical,
    )
