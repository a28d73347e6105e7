"""What lies beside the feeds, for whoever serves feeds_out/ with a server of their own: the page that lists them."""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from aggregator.model import Archived, Topic
from aggregator.steps.render.head import STYLE

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parents[2] / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def index(topics: Sequence[Topic], newest: Sequence[Archived]) -> bytes:
    """Needs no other file: the style sheet is inside, the feeds lie beside it, the articles at their publishers."""
    page = TEMPLATES.get_template("published.html").render(topics=topics, newest=newest)
    return page.encode("utf-8", "replace")


def style() -> bytes:
    """Of the feeds themselves, where a browser shows one."""
    return TEMPLATES.get_template(STYLE).render().encode()
