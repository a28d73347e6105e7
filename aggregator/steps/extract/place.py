"""Which pictures of a page are the article's, and between which of its paragraphs each stands."""

from collections.abc import Sequence
from itertools import islice

from aggregator.model import Image
from aggregator.steps import text
from aggregator.steps.extract import signs
from aggregator.steps.extract.blocks import Block, Box
from aggregator.steps.extract.figures import Figure, key, split_credit
from aggregator.steps.extract.sums import is_good

_FOREIGN = frozenset({"letter", "share", "advert", "menu", "comment", "author"})
_LEAD_LEVELS = 4  # boxes around a headline in which its picture may stand before it
MAX_BESIDE = 40  # words of a caption that nothing but its place tells
_CAPTION_KINDS = ("p", "li")
MIN_SAID = 8  # letters of an alternative text that says something
MAX_LONGER = 2  # times its letters: a caption may name its credit too


def place(
    page: Sequence[Block],
    kept: Sequence[int],
    pictures: Sequence[Figure],
    start: int,
    earlier: Sequence[Image] = (),
) -> tuple[list[Image], dict[int, list[int]]]:
    """The pictures of the article's span, one for each address and caption, and which stand before which paragraph;
    none of those on `earlier` pages."""
    images: list[Image] = []
    places: dict[int, list[int]] = {}
    if not kept:
        return images, places
    texts = {box for k in kept for box in page[k].box.path()}
    inside = set(kept)
    seen: dict[str, int] = {}
    captions: set[str] = {text.fold(i.caption) for i in earlier if i.caption}
    before = {key(i.url) for i in earlier}
    position = 0
    for i in range(_start(page, kept, start), _end(page, kept)):
        position += i in inside
        number = page[i].figure
        if number is None:
            continue
        figure = pictures[number]
        caption, credit = figure.caption, figure.credit
        name = key(figure.url)
        if name in before or _is_foreign(page[i].box, caption, texts) or (i < start and not caption):
            continue
        folded = text.fold(caption or "")
        if caption and folded in captions:
            continue
        image = Image(url=figure.url, caption=caption, credit=credit, position=position)
        known = seen.get(name)
        if known is not None and (not caption or images[known].caption is None):
            if caption:
                images[known] = Image(
                    url=images[known].url, caption=caption, credit=credit, position=images[known].position
                )
        else:
            seen[name] = len(images)
            places.setdefault(position, []).append(len(images))
            images.append(image)
        captions.add(folded)
    return images, places


def _is_foreign(around: Box, caption: str | None, texts: set[Box]) -> bool:
    """True for the picture of a frame or a teaser: `texts` are the boxes that hold paragraphs of the article."""
    for box in around.path():
        if box in texts:
            return False
        if (box.hidden and not caption) or box.tag in ("nav", "footer") or "related" in box.marks:
            return True
        if "author" in box.marks and len((caption or "").split()) < 8:
            return True
        if not caption and (not box.marks.isdisjoint(_FOREIGN) or (box.words > 3 and box.linked > 0.5 * box.words)):
            return True
    return False


def beside(page: Sequence[Block], chosen: Sequence[int], pictures: Sequence[Figure]) -> set[int]:
    """Give pictures without a caption the short text that follows and says what their alternative text says or ends in
    a credit, or that is the only one in their box and no prose of the article; the paragraphs that are captions by
    that."""
    found: set[int] = set()
    prose = {k for k in chosen if is_good(page[k])}
    texts = {page[k].box for k in chosen if page[k].words > MAX_BESIDE}
    texts |= {box for one in texts for box in one.path()}
    for i in range(chosen[0], chosen[-1] + 1) if chosen else ():
        number = page[i].figure
        if number is None or pictures[number].caption is not None:
            continue
        at = _as_alternative(page, i, pictures[number].alt) or _credited(page, i, chosen[-1])
        if at is None:
            only = _only_one(page, i, texts)
            at = None if only in prose else only
        if at is not None and not signs.NOISE.match(page[at].text) and not signs.DURATION.search(page[at].text):
            caption, credit = split_credit(page[at].text)
            pictures[number].caption, pictures[number].credit = caption, pictures[number].credit or credit
            found.add(at)
    return found


def _as_alternative(page: Sequence[Block], i: int, alternative: str) -> int | None:
    """The paragraph right behind a picture that begins as its alternative text."""
    said = text.fold(alternative)
    at = i + 1
    if len(said) < MIN_SAID or at == len(page) or page[at].words > MAX_BESIDE:
        return None
    is_caption = page[at].kind in _CAPTION_KINDS and page[at].folded.startswith(said)
    return at if is_caption and len(page[at].folded) < MAX_LONGER * len(said) else None


def _credited(page: Sequence[Block], i: int, last: int) -> int | None:
    """The short paragraph right behind a picture that says who took it. "(dpa)" alone ends the `last` paragraph of an
    agency's article too."""
    at = i + 1
    if at == len(page) or page[at].kind not in _CAPTION_KINDS or page[at].words > MAX_BESIDE:
        return None
    caption, credit = split_credit(page[at].text)
    if not credit or (at == last and signs.AGENCY.fullmatch(credit)):
        return None
    if caption is None:
        return at
    label = page[at].text[len(caption) :].lstrip()
    is_sentence = caption[-1].isalnum() and label[:1].islower()  # "they agreed by photo: it was there"
    return at if caption[0].isalnum() and not is_sentence else None


def _only_one(page: Sequence[Block], i: int, texts: set[Box]) -> int | None:
    """The only short text in a picture's box; `texts` are the boxes that hold paragraphs of the article."""
    around = next((box for box in page[i].box.path() if box.words), None)
    if around is None or around in texts or around.words > MAX_BESIDE or around.linked > 0.3 * around.words:
        return None
    near = [k for k in range(max(0, i - 2), min(i + 3, len(page))) if k != i and around in page[k].box.path()]
    if len(near) != 1 or around.blocks != 2 or page[near[0]].kind not in _CAPTION_KINDS:
        return None
    return near[0]


def _start(page: Sequence[Block], kept: Sequence[int], start: int) -> int:
    """The headline, the beginning of the smallest article element around it, or of the boxes close around it."""
    frames = [box for box in page[kept[0]].box.path() if box.tag in ("article", "main", "header")][-1:]
    close = [box for box in islice(page[start].box.path(), 1, _LEAD_LEVELS) if box.tag not in ("body", "html")][-1:]
    inside = {*frames, *close}
    for i in range(start, -1, -1):
        if inside.isdisjoint(page[i].box.path()):
            return min(i + 1, start)
    return 0 if inside else start


def _end(page: Sequence[Block], kept: Sequence[int]) -> int:
    """Pictures that follow the last paragraph in its own box are the article's."""
    last = kept[-1]
    box = page[last].box.parent
    end = last + 1
    while end < len(page) and page[end].figure is not None and box is not None and box in page[end].box.path():
        end += 1
    return end
