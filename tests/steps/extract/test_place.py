"""extract.place and extract.figures: each picture of the article with its caption once, beside the right paragraph."""

import pytest

from aggregator.model import Article
from tests.steps.extract.pages import TEXT, extracted, framed, paragraphs, prose

SAID = "The ferry on its first morning, seen from the landing stage"


def with_picture(box: str) -> Article:
    return extracted(framed(prose(TEXT[:4]) + box + prose(TEXT[4:])))


def pictures(found: Article) -> list[tuple[str, str | None, str | None, int]]:
    return [(i.url.rsplit("/", 1)[1], i.caption, i.credit, i.position) for i in found.images]


@pytest.mark.parametrize(
    "box",
    [
        f"<figure><img src='/f.jpg'><figcaption>{SAID}</figcaption></figure>",
        f"<div class='image'><img src='/f.jpg'><div class='caption'>{SAID}</div></div>",
        f"<div class='media-block'><figure><img src='/f.jpg'></figure><p class='image-legend'>{SAID}</p></div>",
        f"<div class='article__picture'><picture><img src='/f.jpg'></picture><span class='infotext'>{SAID}</span></div>",
        f"<div class='x7f2'><img src='/f.jpg'><span>{SAID}</span></div>",
        f"<figure><button><img src='/f.jpg'>View 6 images</button></figure><figcaption>{SAID}</figcaption>",
        f"<div class='carousel-slide'><img data-flickity-lazyload='/f.jpg'><p>1 of 4 | {SAID}</p></div>",
        f"<a data-caption='{SAID}'><img src='/f.jpg'></a>",
        f"<div><picture><img src='/f.jpg' alt='{SAID}'></picture></div><div><span>{SAID}</span></div>",
        f"<div class='captioned-image'><figure><a><img src='/f.jpg'></a><figcaption>{SAID}</figcaption></figure></div>",
        f"<figure><amp-img src='/f.jpg' width='640'></amp-img><figcaption>{SAID}</figcaption></figure>",
        f"<amp-img src='/f.jpg'><noscript><img src='/f.jpg'></noscript></amp-img><p class='caption'>{SAID}</p>",
        f"<p class='pictext'><img src='/f.jpg'></p><p class='pictext'>{SAID}</p>",
    ],
)
def test_a_caption_is_found_by_its_picture(box: str) -> None:
    found = with_picture(box)
    assert pictures(found) == [("f.jpg", SAID, None, 4)]
    assert paragraphs(found) == TEXT


def test_an_agency_that_ends_an_article_behind_its_last_picture_makes_no_caption_of_its_end() -> None:
    end = "On Sunday the mayor said that a second ferry was to follow before the autumn. (dpa)"
    page = framed(f"{prose(TEXT)}<p><img src='/f.jpg'></p><p>{end}</p>")
    found = extracted(page)
    assert found.text.endswith(end)
    assert [i.caption for i in found.images] == [None]


def test_a_sentence_that_goes_on_behind_the_word_video_is_no_caption() -> None:
    said = "The mayor told the paper in a video: the ferry stays, and nobody is to pay more."
    found = extracted(framed(f"{prose(TEXT[:2])}<p><img src='/f.jpg'></p><p>{said}</p>{prose(TEXT[3:])}"))
    assert said in found.text
    assert [i.caption for i in found.images] == [None]


@pytest.mark.parametrize("credit", [" (Photo: Ada Lund)", ". © Ada Lund", ". Ada Lund/AFP"])
def test_a_short_paragraph_behind_a_picture_that_says_who_took_it_is_its_caption(credit: str) -> None:
    found = with_picture(f"<p><img src='/f.jpg'></p><p>{SAID}{credit}</p>")
    assert [(url, (said or "").rstrip(".")) for url, said, _, _ in pictures(found)] == [("f.jpg", SAID)]
    assert paragraphs(found) == TEXT


def test_a_caption_behind_its_picture_is_that_pictures_and_no_others() -> None:
    pair = "<p><img src='/{n}.jpg'></p><p class='caption'>The landing stage, number {n}</p>"
    found = with_picture("<p><img src='/0.jpg'></p>" + "".join(pair.format(n=n) for n in range(1, 6)))
    assert pictures(found) == [("0.jpg", None, None, 4)] + [
        (f"{n}.jpg", f"The landing stage, number {n}", None, 4) for n in range(1, 6)
    ]


@pytest.mark.parametrize("box", ["<div data-figure='x'>{}</div>", "<figure data-figure='77'>{}</figure>"])
def test_a_page_may_have_any_attributes_of_its_own(box: str) -> None:
    assert pictures(with_picture(box.format("<img src='/f.jpg'>"))) == [("f.jpg", None, None, 4)]


def test_a_short_paragraph_that_stands_alone_with_a_picture_is_text() -> None:
    part = f"<div class='part'><p>{TEXT[2]}</p><img src='/f.jpg' alt='Ferry'></div>"
    found = extracted(framed(prose(TEXT[:2]) + part + prose(TEXT[3:])))
    assert paragraphs(found) == TEXT
    assert pictures(found) == [("f.jpg", None, None, 3)]


@pytest.mark.parametrize(
    ("said", "credit"),
    [
        ("<span class='caption__credit'>Ada Lund/The Paper</span>", "Ada Lund/The Paper"),
        (" Quelle: Hannes P. Albert/dpa", "Hannes P. Albert/dpa"),
        (" | Bildquelle: The Town", "The Town"),
        (" Photo by Ada Lund", "Ada Lund"),
        (". Ada M. Lund/Getty Images", "Ada M. Lund/Getty Images"),
    ],
)
def test_a_credit_is_split_off(said: str, credit: str) -> None:
    box = f"<figure><img src='/f.jpg'><figcaption class='caption'>{SAID}{said}</figcaption></figure>"
    [(_, caption, named, _)] = pictures(with_picture(box))
    assert ((caption or "").rstrip("."), named) == (SAID, credit)


@pytest.mark.parametrize(
    "noise",
    ["1 min", "View 6 Images", "mit Video", "2:34 The mayor on the ferry", "<a href='/v'>The mayor on the ferry</a>"],
)
def test_times_and_teasers_are_no_captions(noise: str) -> None:
    found = with_picture(f"<figure><img src='/f.jpg'><figcaption>{noise}</figcaption></figure>")
    assert [i.caption for i in found.images] in ([None], [])
    assert paragraphs(found) == TEXT


@pytest.mark.parametrize(
    "still",
    [
        "<div class='video-player'><figure><img src='/v.jpg'></figure><figcaption>The mayor speaks</figcaption></div>",
        "<section><img src='/v.jpg'><p class='caption'>The mayor speaks. 00:21 min. The Paper</p></section>",
        "<div class='video-player'><img src='/v.jpg'><span>02:13 The mayor speaks</span></div>",
    ],
)
def test_the_title_of_a_video_is_no_caption(still: str) -> None:
    found = with_picture(still)
    assert [i.caption for i in found.images] in ([None], [])
    assert paragraphs(found) == TEXT


def test_the_speaker_of_a_quotation_is_no_caption() -> None:
    quote = "<div><figure><blockquote>It floats.</blockquote></figure><figcaption>Bo Ek, ferryman</figcaption></div>"
    picture = "<figure><img src='/f.jpg'></figure>"
    assert [i.caption for i in with_picture(f"<div>{picture}{quote}</div>").images] == [None]


def test_a_caption_that_a_slideshow_says_again_is_said_once() -> None:
    box = (
        f"<figure><img src='/f.jpg'><figcaption>{SAID}’s end</figcaption></figure>"
        f"<div class='overlay'><img src='/f-1024x600.jpg'><p class='caption'>{SAID}'s end</p></div>"
    )
    assert [i.caption for i in with_picture(box).images] == [f"{SAID}’s end"]


def test_two_pictures_of_one_address_with_their_own_captions_are_two() -> None:
    box = "".join(f"<figure><img src='/image?id={n}'><figcaption>{SAID} {n}</figcaption></figure>" for n in "ab")
    assert [i.caption for i in with_picture(box).images] == [f"{SAID} a", f"{SAID} b"]


def test_the_picture_above_the_headline_is_the_articles() -> None:
    lead = f"<div class='hero'><figure><img src='/l.jpg'><figcaption>{SAID}</figcaption></figure></div>"
    page = framed(prose()).replace("<article class='post'>", f"<article class='post'>{lead}")
    assert pictures(extracted(page)) == [("l.jpg", SAID, None, 0)]


def test_pictures_of_authors_and_other_articles_are_not_the_articles() -> None:
    author = "<div class='author'><img src='/a.jpg' width='300'><span>Bo Ek</span></div>"
    card = "<div class='teaser-card'><a href='/x'><img src='/t.jpg'><h3>The swimming hall is late again</h3></a></div>"
    assert extracted(framed(author + prose(), after=card)).images == ()


@pytest.mark.parametrize(
    "image",
    [
        "<img srcset='/s.jpg 300w,/f.jpg 1200w' src='/s.jpg'>",
        "<img src='data:,' data-original-set='/s.jpg 1x, /f.jpg 2x'>",
        "<img srcset='/w_30,h_20/s.jpg 30w, /f.jpg 1200w'>",
    ],
)
def test_of_several_sizes_the_largest_is_the_picture(image: str) -> None:
    assert pictures(with_picture(f"<figure>{image}</figure>")) == [("f.jpg", None, None, 4)]


def test_addresses_are_relative_to_the_pages_base() -> None:
    picture = f"<p><a href='n/2.html'>{TEXT[3]}</a> Or so.</p><figure><img src='i/f.jpg'></figure>"
    found = extracted(framed(prose(TEXT[:3]) + picture + prose(TEXT[4:])), "<base href='/'>")
    assert [i.url for i in found.images] == ["https://paper.example/i/f.jpg"]
    assert "https://paper.example/n/2.html" in found.html
    assert extracted(framed(prose()), "<base target='_blank'><base href='javascript:'>").text
