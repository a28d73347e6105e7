"""The article on a web page: its text, its pictures with their captions, and what the page says of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import html

from aggregator.errors import ExtractError
from aggregator.model import Article, PageLimits, Response
from aggregator.steps import text, urls
from aggregator.steps.extract import (
    assemble,
    blocks,
    choose,
    chrome,
    clean,
    explain,
    figures,
    metadata,
    obey,
    page,
    second,
    trees,
)
from aggregator.steps.extract import further as followed
from aggregator.steps.extract.chrome import Memory
from aggregator.steps.extract.site import Rules

TEASER_WORDS = 120
PAYWALL_WORDS = 250
NO_RULES = Rules(name="")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """A page before anything is chosen; `is_body`: it is no more than the body that a rule found."""

    root: html.HtmlElement
    base: str
    said: metadata.Metadata
    pictures: list[figures.Figure]
    is_body: bool
    single: str | None
    further: tuple[str, ...]
    stripped: list[tuple[str, str]]
    cut: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a page holds, and where more of its article may be."""

    article: Article
    single: str | None = None  # the address of the whole article on one page, where a rule finds one
    further: tuple[str, ...] = ()  # addresses that the page calls its next; most are those of other articles
    learned: tuple[int, ...] = ()  # its paragraphs, for the memory of its host
    again: tuple[str, ...] = ()  # those that the memory took out
    judged: tuple[explain.Judged, ...] = ()  # where they are to be explained
    cut: tuple[str, ...] = ()  # by which limits its page was


def article(response: Response, learned: trees.Forest = choose.LEARNED) -> Article:
    """The article of a page; raises ExtractError where there is none."""
    return read(response, learned=learned).article


def read(
    response: Response,
    rules: Rules | None = None,
    known: Article | None = None,
    memory: Memory | None = None,
    explained: bool = False,
    limits: PageLimits = page.LIMITS,
    learned: trees.Forest = choose.LEARNED,
) -> Reading:
    """The article of a page, its site's rules obeyed, without what is `known` from the pages before it, and what its
    host's other pages say too (`memory`); raises ExtractError where there is none."""
    rules = rules or NO_RULES
    opened = _opened(response, rules, limits)
    said, title = opened.said, text.fold(opened.said.title)
    paragraphs = blocks.read(opened.root)
    chances: Sequence[float] = choose.chances(paragraphs, said, learned)
    by = "likely, by its place, its look and its neighbours"
    again: tuple[str, ...] = ()
    if opened.is_body:
        choice = choose.of_body(paragraphs, rules.prune)
        by = f"in the body that {rules.name} names"
    else:
        if second.doubt(paragraphs, chances) > second.DOUBT:
            doubtful, chances = chances, second.fuller(paragraphs, chances, opened.root)
            by = by if chances is doubtful else "in the container that readability-lxml chose, which is fuller"
        choice = choose.chosen(paragraphs, chances, title, response.url)
        here = chrome.place(response.url, said.title)
        repeated = chrome.repeated(paragraphs, choice.kept, memory or {}, here, said)
        choice = choice.without({i: f"stands around {n} other articles of this host too" for i, n in repeated.items()})
        again = tuple(paragraphs[i].text for i in repeated)
    found = assemble.assemble(paragraphs, choice.kept, opened.pictures, said, opened.base, opened.is_body, known)
    if not found.text:
        raise ExtractError(response.url, "no text found")
    article = Article(
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
        partial=bool(opened.cut) or _is_cut(paragraphs, found.kept) or _is_partial(found.text, said),
    )
    return Reading(
        article=article,
        single=opened.single,
        further=opened.further,
        again=again,
        learned=() if opened.is_body else chrome.learned(paragraphs, chances),
        judged=explain.explain(paragraphs, chances, choice, found, opened.stripped, by, opened.is_body)
        if explained
        else (),
        cut=opened.cut,
    )


def paragraphs(response: Response) -> tuple[list[blocks.Block], metadata.Metadata, list[figures.Figure]]:
    """A page before anything is chosen: its paragraphs, what it says of itself, its pictures."""
    opened = _opened(response, NO_RULES)
    return blocks.read(opened.root), opened.said, opened.pictures


def _opened(response: Response, rules: Rules, limits: PageLimits = page.LIMITS) -> _Opened:
    root, cut = page.parse(response, rules.replaced, limits)
    base = page.base(root, response.url)
    said = obey.said(root, rules, metadata.read(root, response.url))
    single = obey.link(root, rules.single_page_link)
    further = [obey.link(root, rules.next_page_link)] if rules.next_page_link else followed.links(root)
    stripped = [(start, f"{rules.name}: {rule}") for start, rule in obey.strip(root, rules)]
    body = obey.body(root, rules)
    root = root if body is None else body
    clean.clean(root)
    pictures = figures.lift(root, base, limits.max_pictures)
    if len(pictures) == limits.max_pictures:
        cut += (f"{limits.max_pictures} pictures or more (page.max_pictures)",)
    return _Opened(
        root=root,
        base=base,
        said=said,
        pictures=pictures,
        is_body=body is not None,
        single=single and urls.absolute(base, single),
        stripped=stripped,
        cut=cut,
        further=tuple(u for f in further if f and (u := urls.absolute(base, f))),
    )


def _is_cut(paragraphs: Sequence[blocks.Block], kept: Sequence[int]) -> bool:
    """True where our own limits ended the text."""
    return len(paragraphs) >= blocks.MAX_BLOCKS or any(paragraphs[i].is_cut for i in kept)


def _is_partial(text: str, said: metadata.Metadata) -> bool:
    """True for a text that breaks off, and for a short one that is not free or that JSON-LD says more of."""
    words = len(text.split())
    if said.is_free:
        return words < TEASER_WORDS and text.endswith(("…", "..."))
    return words < PAYWALL_WORDS or len(said.body or "") > 1.5 * len(text)
