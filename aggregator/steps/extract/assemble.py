"""The article put together: which paragraphs are its text, which lines its standfirst, where its pictures stand."""

from dataclasses import dataclass
from itertools import groupby

from aggregator.model import Image
from aggregator.steps import html, text
from aggregator.steps.extract import chrome, signs
from aggregator.steps.extract.body import NUMBER, Block
from aggregator.steps.extract.figures import Figure, key
from aggregator.steps.extract.metadata import Metadata

_MIN_TEXT = 140


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """The parts of an article that come from its body."""

    text: str
    html: str
    standfirst: str | None
    images: tuple[Image, ...]


def assemble(page: list[Block], voted: set[str], pictures: list[Figure], said: Metadata, base: str) -> Assembled:
    """Choose the paragraphs, put the pictures between them."""
    chosen = _choose(page, voted, text.fold(said.body or ""))
    start = _after_headline(page, chosen, said.title)
    if sum(len(page[i].text) for i in chosen) < _MIN_TEXT and len(said.body or "") > _MIN_TEXT:
        return _written(said.body or "")
    captions = {text.fold(c) for f in pictures for c in (f.caption, f"{f.caption} {f.credit}") if c}
    titles = {text.fold(said.title)}
    kept = [i for i in chosen if not _is_double(page[i], captions, titles)]
    lead = _standfirst(page, kept, start, said)
    kept = [i for i in kept if i not in lead]
    standfirst = " ".join(page[i].text for i in lead) or None
    images, places = _place(page, kept, pictures, start)
    return Assembled(
        text="\n\n".join(page[i].text for i in kept),
        html=html.sanitize(_markup(page, kept, images, places), base),
        standfirst=standfirst,
        images=tuple(images),
    )


def _written(said: str) -> Assembled:
    """What JSON-LD says where a script writes the page's text."""
    paragraphs = html.plain(said).split("\n\n") if "<" in said else [text.clean(p) for p in said.split("\n")]
    paragraphs = [p for p in paragraphs if p]
    markup = "".join(f"<p>{_escape(p)}</p>" for p in paragraphs)
    return Assembled(text="\n\n".join(paragraphs), html=html.sanitize(markup, ""), standfirst=None, images=())


def _choose(page: list[Block], voted: set[str], witness: str) -> list[int]:
    """What readability voted for, with what it lost in between, and of the same make beside it."""
    kept = [i for i, b in enumerate(page) if b.figure is None and b.owner.get(NUMBER) in voted]
    if sum(len(page[i].text) for i in kept) < _MIN_TEXT:
        kept = _largest(page)
    if len(witness) > 500:
        seen = [i for i, b in enumerate(page) if len(b.text) > 60 and b.linked < 0.5 and text.fold(b.text) in witness]
        if sum(len(page[i].text) for i in seen) > 0.6 * len(witness):
            kept = sorted({*(i for i in kept if seen[0] <= i <= seen[-1]), *seen})
    if not kept:
        return []
    kept = sorted({*kept, *_cut_off(page, kept)})
    inside = set(kept)
    makes = {_make(page[i]) for i in kept if len(page[i].text) > 80}
    for i in range(kept[0], kept[-1]):
        if i not in inside and page[i].figure is None and _belongs(page[i], makes):
            inside.add(i)
    return [i for i in sorted(inside) if not _is_noise(page[i])]


def _cut_off(page: list[Block], kept: list[int]) -> list[int]:
    """Paragraphs outside of the choice whose elements are made as most of the chosen ones are, in the same article."""
    weight: dict[tuple[object, ...], int] = {}
    for i in kept:
        if len(page[i].text) > 80:
            weight[_make(page[i])] = weight.get(_make(page[i]), 0) + len(page[i].text)
    whole = sum(len(page[i].text) for i in kept)
    framed = _framed(page, kept)
    if sum(len(page[i].text) for i in framed) > 1.6 * whole:
        return framed
    makes = {m for m, w in weight.items() if w > 0.25 * whole and (m[1] or m[3])}
    frame = next(page[kept[0]].owner.iterancestors("article"), None)
    found = [i for i, b in enumerate(page) if len(b.text) > 80 and b.linked < 0.3 and _make(b) in makes]
    return [i for i in found if next(page[i].owner.iterancestors("article"), None) is frame]


def _framed(page: list[Block], kept: list[int]) -> list[int]:
    """The long paragraphs of the article or main element around the choice, where it has one headline."""
    frame = next(page[kept[0]].owner.iterancestors("article", "main"), None)
    if frame is None or sum(1 for _ in frame.iter("h1")) > 1 or sum(1 for _ in frame.iter("article")) > 2:
        return []
    long = (i for i, b in enumerate(page) if len(b.text) > 80 and b.linked < 0.3 and b.kind in ("p", "li"))
    return [i for i in long if frame in page[i].owner.iterancestors()]


def _largest(page: list[Block]) -> list[int]:
    """The paragraphs under the parent that has most text."""
    weight: dict[object, int] = {}
    for b in page:
        if b.figure is None and b.linked < 0.5:
            parent = b.owner.getparent()
            weight[parent] = weight.get(parent, 0) + len(b.text)
    best = max(weight, key=lambda p: weight[p], default=None)
    return [i for i, b in enumerate(page) if b.figure is None and b.linked < 0.5 and b.owner.getparent() is best]


def _make(block: Block) -> tuple[object, ...]:
    """What paragraphs of one hand share: the tags and classes around them."""
    parent = block.owner.getparent()
    return (
        block.owner.tag,
        block.owner.get("class"),
        parent.tag if parent is not None else "",
        parent.get("class") if parent is not None else "",
    )


def _belongs(block: Block, makes: set[tuple[object, ...]]) -> bool:
    if block.linked > 0.5:
        return False
    return _make(block) in makes or len(block.text) > 100 or block.kind != "p"


def _is_noise(block: Block) -> bool:
    if block.kind == "p" and block.linked > 0.9 and len(block.text) < 150:
        return True
    return bool(signs.NOISE.match(block.text))


def _after_headline(page: list[Block], chosen: list[int], title: str) -> int:
    """Where the article's span begins: the last headline before its text, or the text's first paragraph."""
    if not chosen:
        return 0
    folded = text.fold(title)
    for i in range(chosen[0], -1, -1):
        if page[i].owner.tag == "h1" or (folded and text.fold(page[i].text) == folded):
            return i
    return chosen[0]


def _is_double(block: Block, captions: set[str], titles: set[str]) -> bool:
    folded = text.fold(block.text)
    return block.owner.tag == "h1" or folded in titles or folded in captions


def _standfirst(page: list[Block], kept: list[int], start: int, said: Metadata) -> list[int]:
    """Lines between headline and text that say they lead in, by their class or by being the page's description."""
    if not kept:
        return []
    description = text.fold(said.description or "")
    ahead = [i for i in range(start, kept[0]) if page[i].figure is None and len(page[i].text) > 30]
    found = []
    for i in [*ahead, *kept[:2]]:
        block = page[i]
        if len(block.text) > 800 or block.linked > 0.3:
            break
        named = any(
            signs.STANDFIRST.search(chrome.names(e)) for e in (block.owner, *list(block.owner.iterancestors())[:1])
        )
        folded = text.fold(block.text)
        described = len(folded) > 30 and (folded == description or (i < kept[0] and folded[:60] == description[:60]))
        if (named or described) and _short_share(page, kept, i):
            found.append(i)
        elif i in kept:
            break
    return found


def _short_share(page: list[Block], kept: list[int], i: int) -> bool:
    return sum(len(page[k].text) for k in kept if k != i) > len(page[i].text)


def _place(
    page: list[Block], kept: list[int], pictures: list[Figure], start: int
) -> tuple[list[Image], dict[int, list[int]]]:
    """The pictures of the article's span, one for each address and caption, and which stand before which paragraph."""
    if not kept:
        return [], {}
    images: list[Image] = []
    places: dict[int, list[int]] = {}
    seen: dict[str, int] = {}
    captions: set[str] = set()
    span = range(_span_start(page, kept, start), _span_end(page, kept))
    position = 0
    inside = set(kept)
    for i in span:
        position += i in inside
        number = page[i].figure
        if number is None:
            continue
        figure = pictures[number]
        caption = figure.caption if text.fold(figure.caption or "") not in captions else None
        name = key(figure.url)
        if name in seen:
            if caption and images[seen[name]].caption is None:
                old = images[seen[name]]
                images[seen[name]] = Image(url=old.url, caption=caption, credit=figure.credit, position=old.position)
                captions.add(text.fold(caption))
            continue
        if figure.caption and not caption:
            continue
        if caption:
            captions.add(text.fold(caption))
        seen[name] = len(images)
        places.setdefault(position, []).append(len(images))
        images.append(Image(url=figure.url, caption=caption, credit=figure.credit, position=position))
    return images, places


def _span_start(page: list[Block], kept: list[int], start: int) -> int:
    """The headline, or the beginning of the smallest article element around it."""
    frames = list(page[kept[0]].owner.iterancestors("article", "main", "header"))
    for i in range(start, -1, -1):
        if not frames or frames[-1] not in page[i].owner.iterancestors():
            return min(i + 1, start)
    return 0 if frames else start


def _span_end(page: list[Block], kept: list[int]) -> int:
    """Pictures that follow the last paragraph in its own box are the article's."""
    last = kept[-1]
    box = page[last].owner.getparent()
    end = last + 1
    while (
        end < len(page) and page[end].figure is not None and box is not None and box in page[end].owner.iterancestors()
    ):
        end += 1
    return end


def _markup(page: list[Block], kept: list[int], images: list[Image], places: dict[int, list[int]]) -> str:
    pieces: list[str] = [_figures(images, places.get(0, []))]
    position = 0
    for kind, group in groupby(kept, key=lambda i: page[i].kind):
        items = []
        for i in group:
            position += 1
            tag = "p" if kind == "blockquote" else kind
            items.append(f"<{tag}>{page[i].html}</{tag}>{_figures(images, places.get(position, []))}")
        joined = "".join(items)
        pieces.append(
            f"<ul>{joined}</ul>"
            if kind == "li"
            else f"<blockquote>{joined}</blockquote>"
            if kind == "blockquote"
            else joined
        )
    return "".join(pieces)


def _figures(images: list[Image], numbers: list[int]) -> str:
    return "".join(_figure(images[n]) for n in numbers)


def _figure(image: Image) -> str:
    said = " ".join(s for s in (image.caption, f"({image.credit})" if image.credit else None) if s)
    caption = f"<figcaption>{_escape(said)}</figcaption>" if said else ""
    return f'<figure><img src="{_escape(image.url)}" alt="">{caption}</figure>'


def _escape(said: str) -> str:
    return said.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
