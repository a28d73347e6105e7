"""The article put together: which paragraphs are its text, which lines its standfirst, where its pictures stand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from itertools import groupby, islice

from aggregator.model import Article, Image
from aggregator.steps import html, text
from aggregator.steps.extract import place, shown, signs
from aggregator.steps.extract.blocks import Block
from aggregator.steps.extract.figures import Figure
from aggregator.steps.extract.metadata import Metadata
from aggregator.steps.extract.sums import is_good

_MIN_TEXT = 140
_MAX_LEAD = 800
_OPENING = 60
_SHORT = 8  # words of what an article may say twice


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """The parts of an article that come from its body."""

    text: str
    html: str
    standfirst: str | None
    images: tuple[Image, ...]
    shown: datetime | None = None  # the day that stands beside the headline
    kept: tuple[int, ...] = ()  # which paragraphs are its text
    out: dict[int, str] = field(default_factory=dict)  # and why others that were chosen are none


def assemble(
    page: Sequence[Block],
    chosen: list[int],
    pictures: list[Figure],
    said: Metadata,
    base: str,
    whole: bool = False,
    known: Article | None = None,
) -> Assembled:
    """The chosen paragraphs with the pictures between them; those of a page that is `whole` the article are all its.
    What is `known` from earlier pages is left out."""
    title = text.fold(said.title)
    out: dict[int, str] = {}
    if known is not None:
        new = _new(page, chosen, known)
        out |= {i: "an earlier page of the article says it" for i in chosen if i not in new}
        chosen = new
    if known is None and sum(len(page[i].text) for i in chosen) < _MIN_TEXT and len(said.body or "") > _MIN_TEXT:
        return _written(said.body or "")
    start = 0 if whole else _after_headline(page, chosen, title)
    captions = {text.fold(c) for f in pictures for c in (f.caption, f"{f.caption} {f.credit}") if c}
    out |= {i: reason for i in chosen if (reason := _double(page[i], captions, title))}
    kept = [i for i in chosen if i not in out]
    out |= dict.fromkeys(place.beside(page, kept, pictures), "a caption, by its place beside a picture")
    kept = [i for i in kept if i not in out]
    opening = text.fold(said.description or "")[:_OPENING]
    lead = (_apart(page, kept, opening) or _standfirst(page, kept[0], start, opening)) if kept and not whole else []
    kept = [i for i in kept if i not in lead]
    out |= dict.fromkeys(lead, "the standfirst: it is the summary")
    standfirst = " ".join(page[i].text for i in lead)
    images, places = place.place(page, kept, pictures, start, known.images if known else ())
    return Assembled(
        text="\n\n".join(page[i].text for i in kept),
        html=html.sanitize(_markup(page, kept, images, places), base),
        standfirst=standfirst or None,
        images=tuple(images),
        shown=shown.day(page, title, kept[0]) if kept else None,
        kept=tuple(kept),
        out=out,
    )


def _new(page: Sequence[Block], chosen: list[int], known: Article) -> list[int]:
    """What earlier pages did not say; a short line may stand on both, beside what is new."""
    before = {text.fold(p) for p in known.text.split("\n\n")}
    new = {i for i in chosen if page[i].folded not in before}
    return [i for i in chosen if i in new or page[i].words < _SHORT] if new else []


def _written(said: str) -> Assembled:
    """What JSON-LD says where a script writes the page's text."""
    paragraphs = html.plain(said).split("\n\n") if "<" in said else [text.clean(p) for p in said.split("\n")]
    paragraphs = [p for p in paragraphs if p]
    markup = "".join(f"<p>{escape(p)}</p>" for p in paragraphs)
    return Assembled(text="\n\n".join(paragraphs), html=html.sanitize(markup, ""), standfirst=None, images=())


def _after_headline(page: Sequence[Block], chosen: list[int], title: str) -> int:
    """Where the article's span begins: the last headline before its text, or the text's first paragraph."""
    if not chosen:
        return 0
    ahead = [i for i in range(chosen[0], -1, -1) if page[i].figure is None and not page[i].box.hidden]
    headings = [i for i in ahead if page[i].box.tag == "h1"] or [i for i in ahead if title and page[i].folded == title]
    return headings[0] if headings else chosen[0]


def _double(block: Block, captions: set[str], title: str) -> str | None:
    """What a paragraph says again."""
    if block.box.tag == "h1" or block.folded == title:
        return "the headline"
    return "a caption said again" if block.folded in captions else None


def _apart(page: Sequence[Block], kept: list[int], opening: str) -> list[int]:
    """A first paragraph that is the page's description, and is named for it alone: it was told apart, though it reads
    as text."""
    first = page[kept[0]]
    own = [box for box in islice(first.box.path(), 2) if box.blocks == 1 or box is first.box]
    is_lead = any(signs.STANDFIRST.search(box.name) for box in own) and len(first.text) < _MAX_LEAD
    is_more = sum(len(page[i].text) for i in kept[1:]) > 2 * len(first.text)
    return kept[:1] if is_lead and is_more and _describes(first, opening) else []


def _describes(block: Block, opening: str) -> bool:
    """Whether it begins as the page's description does."""
    return len(block.folded) > 30 and block.folded[:_OPENING] == opening


def _standfirst(page: Sequence[Block], first: int, start: int, opening: str) -> list[int]:
    """Lines between headline and text that lead in: by their class, or as the page's description begins, else the only
    line of prose there. What was chosen as text stays text."""
    ahead = [
        i
        for i in range(start + 1, first)
        if page[i].figure is None and 30 < len(page[i].text) < _MAX_LEAD and page[i].linked < 0.3
    ]
    found = []
    for i in ahead:
        named = any(signs.STANDFIRST.search(box.name) for box in islice(page[i].box.path(), 2))
        if named or _describes(page[i], opening):
            found.append(i)
    return found or _only([i for i in ahead if is_good(page[i]) and page[i].box.marks.isdisjoint(signs.FRAMES)])


def _only(found: list[int]) -> list[int]:
    return found if len(found) == 1 else []


def _markup(page: Sequence[Block], kept: list[int], images: list[Image], places: dict[int, list[int]]) -> str:
    pieces: list[str] = [_figures(images, places.get(0, []))]
    position = 0
    for (kind, around), group in groupby(kept, key=lambda i: (page[i].kind, _list_of(page[i]))):
        items = []
        for i in group:
            position += 1
            tag = "p" if kind == "blockquote" else kind
            items.append(f"<{tag}>{page[i].html}</{tag}>{_figures(images, places.get(position, []))}")
        joined = "".join(items)
        pieces.append(
            f"<{around}>{joined}</{around}>"
            if kind == "li"
            else f"<blockquote>{joined}</blockquote>"
            if kind == "blockquote"
            else joined
        )
    return "".join(pieces)


def _list_of(block: Block) -> str:
    """Which list an item stands in: the steps of a recipe keep their numbers."""
    return next((box.tag for box in block.box.path() if box.tag in ("ul", "ol")), "ul") if block.kind == "li" else ""


def _figures(images: list[Image], numbers: list[int]) -> str:
    return "".join(_figure(images[n]) for n in numbers)


def _figure(image: Image) -> str:
    said = " ".join(s for s in (image.caption, f"({image.credit})" if image.credit else None) if s)
    caption = f"<figcaption>{escape(said)}</figcaption>" if said else ""
    return f'<figure><img src="{escape(image.url)}" alt="">{caption}</figure>'
