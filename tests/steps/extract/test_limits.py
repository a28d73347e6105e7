"""At a limit the article is what was read until then, and says so."""

import pytest

from aggregator.model import Article, PageLimits
from aggregator.steps import extract
from aggregator.steps.extract import blocks, figures, page, second
from tests.steps.extract.pages import TEXT, extracted, framed, paragraphs, prose, response

LINE = "<p>The ferry crossed the river in four minutes on day {0}, and came back before the tea was cold.</p>"


def lines(count: int) -> str:
    return "".join(map(LINE.format, range(count)))


def pictures(count: int) -> str:
    return "".join(f"<img src='/{n}.jpg' width=900 height=600><p>And the {n}. day.</p>" for n in range(count))


@pytest.mark.parametrize(
    "body",
    [
        framed(prose()) + "<i>x</i>" * page.LIMITS.max_elements,
        framed(prose()) + " " * page.LIMITS.max_characters,
        framed(lines(blocks.MAX_BLOCKS)),
        "<div>" * 10_000 + framed(prose()) + "</div>" * 10_000,
        framed("<font size=2>" * 10_000 + prose()),
        "<table><tr><td>" * 3000 + framed(prose()),
        framed(prose() + f"<p>{' '.join(TEXT) * (blocks.MAX_BLOCK // 900)}</p>"),
    ],
    ids=["elements", "characters", "paragraphs", "boxes", "tags", "tables", "one paragraph"],
)
def test_a_page_over_a_limit_gives_what_was_read_and_is_marked(body: str) -> None:
    found = extracted(body)
    assert found.partial
    assert "The ferry crossed" in found.text or paragraphs(found)[: len(TEXT)] == TEXT


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (framed(prose()) + "<i>x</i>" * 300, "over 200 elements (page.max_elements)"),
        (framed(prose()) + " " * 9000, "over 8,000 characters (page.max_characters)"),
        ("<div>" * 40 + framed(prose()) + "</div>" * 40, "over 30 elements inside one another (page.max_depth)"),
        (framed(prose() + pictures(3)), "3 pictures or more (page.max_pictures)"),
        (framed(prose() + pictures(2)) + "<i>x</i>" * 100, None),
    ],
)
def test_each_limit_can_be_set_and_is_named(body: str, words: str | None) -> None:
    limits = PageLimits(max_elements=200, max_characters=8000, max_depth=30, max_pictures=3)
    found = extract.read(response(body), limits=limits)
    assert found.cut == ((words,) if words else ())
    assert found.article.partial == bool(words)
    assert paragraphs(found.article)[: len(TEXT)] == TEXT


def test_no_more_attributes_are_read_than_is_said() -> None:
    many = framed(prose()).replace("<p>", f"<p {' '.join(f'data-{n}=x' for n in range(9))} hidden>", 1)
    few, all = (extract.read(response(many), limits=PageLimits(max_attributes=n)).article for n in (5, 64))
    assert paragraphs(few) == TEXT
    assert TEXT[0] not in paragraphs(all)


def test_a_page_within_the_limits_is_not_marked() -> None:
    assert not extracted(framed(prose() + lines(300))).partial


def test_a_paragraph_that_is_cut_loses_its_markup_not_its_words() -> None:
    long = " ".join(f"<a href='/{n}'>the harbour master’s {n}. letter</a>, which says nothing;" for n in range(2000))
    found = extracted(framed(f"{prose()}<p>{long}</p>"))
    assert "<a" not in found.html


def test_captions_beyond_the_limit_are_still_no_text() -> None:
    figure = (
        "<figure><img src='/{0}.jpg'><figcaption>The ferry, on its {0}. crossing of the river</figcaption></figure>"
    )
    found: Article = extracted(framed(prose() + "".join(map(figure.format, range(page.LIMITS.max_pictures + 50)))))
    assert "crossing of the river" not in found.text
    assert len(found.images) <= page.LIMITS.max_pictures


def test_readability_is_not_asked_of_a_page_without_end() -> None:
    few, many = (
        [block] * count for block in [blocks.Block(BOX, "p", words=9)] for count in (10, second.MAX_BLOCKS + 1)
    )
    assert second.doubt(few, [0.4] * len(few)) > second.DOUBT
    assert second.doubt(many, [0.4] * len(many)) == 0.0


BOX = blocks.Box(tag="div", name="", role="", parent=None, depth=0, marks=frozenset(), hidden=False)


def test_a_caption_of_many_dots_is_read_in_bounded_time() -> None:
    said = "Boats photo: " + "A.b " * 50 + "x. y"  # before, each dot doubled the time: this would not have ended
    assert figures.split_credit(said) == (said, None)
    assert figures.split_credit("Boats at the quay. Photo: A. B. Lund/example.org") == (
        "Boats at the quay.",
        "A. B. Lund/example.org",
    )
