"""Pages written for these tests, each with one habit of the web."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.errors import ExtractError
from aggregator.model import Article, Response
from aggregator.steps.extract import article

URL = "https://paper.example/2026/02/the-bridge/"
HTML = {"content-type": "text/html; charset=utf-8"}
PARAGRAPHS = [
    "The old bridge over the Lenne was closed on Tuesday, after engineers had found a crack in its middle pier.",
    "Traffic is sent by way of the harbour, where a second lane was opened, and buses wait at the northern end.",
    "“We knew that it would come,” said the mayor, who has crossed it every morning since she was a child.",
    "A new bridge would cost forty million, the council was told, and it would take four years until it stands.",
    "Until then the ferry runs again, twice an hour, and the ferryman has bought himself a second pair of gloves.",
]
BODY = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)


def extracted(body: str, head: str = "", headers: dict[str, str] = HTML, lang: str = ' lang="en"') -> Article:
    page = f"<!doctype html><html{lang}><head>{head}</head><body>{body}</body></html>"
    return article(Response(url=URL, status=200, headers=headers, body=page.encode()))


def framed(inside: str) -> str:
    return f"<article><h1>The bridge is closed</h1><div class='entry-content'>{inside}</div></article>"


def paragraphs(found: Article) -> list[str]:
    return found.text.split("\n\n")


def captions(found: Article) -> list[str | None]:
    return [i.caption for i in found.images]


def teasers(title: str) -> str:
    cards = "".join(
        f"<div class='card-{n}'><a href='/p{n}'><img src='/t{n}.jpg' alt='A teaser'></a>"
        f"<h3><a href='/p{n}'>{title}: another story of the day {n}</a></h3><time>Sunday</time><div>A line on it.</div></div>"
        for n in range(3)
    )
    return f"<div class='blocks'><h4>{title}</h4>{cards}</div>"


def test_a_wordpress_page_gives_its_text_and_each_caption_once() -> None:
    said = [f"The harbour’s gate number {n}, seen from the town’s tower" for n in range(4)]
    figures = [
        f"<figure class='wp-caption'><a href='/g{n}.jpg'><img src='/g{n}-1024x683.jpg' title=\"{c.replace('’', chr(39))}\"></a>"
        f"<figcaption class='wp-caption-text'>{c}</figcaption></figure>"
        f"<div class='slide-overlay'><p class='wp-caption-text'>{c.replace('’', chr(39))}</p></div>"
        for n, c in enumerate(said)
    ]
    inside = "".join(f"<p>{p}</p>{f}" for p, f in zip(PARAGRAPHS, [*figures, ""], strict=True))
    top = "<div class='head-date'>Monday, December 23, 2024</div>"
    found = extracted(top + framed(teasers("Must read") + inside) + teasers("Latest article"))
    assert paragraphs(found) == PARAGRAPHS
    assert captions(found) == said
    assert [i.position for i in found.images] == [1, 2, 3, 4]
    assert found.html.count("<figcaption>") == 4
    assert found.published is None
    assert found.title == "The bridge is closed"


@pytest.mark.parametrize(
    "image",
    [
        "<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw=' data-src='/a/ferry.jpg'>",
        "<img data-lazy-src='/a/ferry.jpg' src='/blank.gif'>",
        "<img src='data:,'><noscript><img src='/a/ferry.jpg'></noscript>",
        "<img srcset='/a/ferry-small.jpg 300w, /a/ferry.jpg 1200w' src='/a/ferry-small.jpg'>",
        "<picture><source srcset='/a/ferry.webp'><img src='/a/ferry.jpg'></picture>",
    ],
)
def test_a_lazy_picture_has_its_real_address(image: str) -> None:
    found = extracted(framed(f"{BODY}<figure>{image}<figcaption>The ferry at noon</figcaption></figure>{BODY}"))
    assert [(i.url, i.caption) for i in found.images] == [("https://paper.example/a/ferry.jpg", "The ferry at noon")]


def test_a_gallery_keeps_a_caption_for_each_picture() -> None:
    items = "".join(f"<dl><dt><img src='/g/{n}.jpg'></dt><dd class='gallery-caption'>Boat {n}</dd></dl>" for n in "abc")
    found = extracted(framed(f"{BODY}<div class='gallery'>{items}</div>{BODY.replace('The', 'That')}"))
    assert captions(found) == ["Boat a", "Boat b", "Boat c"]
    assert "Boat" not in found.text


@pytest.mark.parametrize(
    ("said", "caption", "credit"),
    [
        ("The pier on Monday. (Photo: Ada Lund)", "The pier on Monday.", "Ada Lund"),
        ("The pier on Monday. Photo by Ada Lund", "The pier on Monday.", "Ada Lund"),
        ("The pier on Monday © Ada Lund", "The pier on Monday", "Ada Lund"),
        ("The pier on Monday. Ada Lund/Getty Images", "The pier on Monday.", "Ada Lund/Getty Images"),
        ("The pier on Monday. (Ada Lund/The Paper)", "The pier on Monday.", "Ada Lund/The Paper"),
        ("The pier, twice a week (Monday/Friday)", "The pier, twice a week (Monday/Friday)", None),
        ("The pier on Monday. (AP Photo/Ada Lund)", "The pier on Monday.", "AP Photo/Ada Lund"),
        ("The pier on Monday", "The pier on Monday", None),
        ("Photo: Ada Lund", None, "Ada Lund"),
        ("Ada Lund/AP", None, "Ada Lund/AP"),
        ("The pier at dawn. Credit... Ada Lund for The Paper", "The pier at dawn.", "Ada Lund for The Paper"),
        ("To the town’s credit ... it was paid", "To the town’s credit ... it was paid", None),
        ("渔船停在港口。新华社记者 张三 摄", "渔船停在港口。", "新华社记者 张三 摄"),
        ("渡轮沉没。一名记者在现场拍摄", "渡轮沉没。一名记者在现场拍摄", None),
        ("港に並ぶ漁船＝2024年5月、山田太郎撮影", "港に並ぶ漁船＝2024年5月", "山田太郎撮影"),
        ("AP Photo/Ada Lund", None, "AP Photo/Ada Lund"),
        ("Ada Lund/AFP via Getty Images", None, "Ada Lund/AFP via Getty Images"),
        ("The pier of Vellmar Foto: Ada Lund/dpa", "The pier of Vellmar", "Ada Lund/dpa"),
        ("The pier on Monday. Ada Lund / Reuters", "The pier on Monday.", "Ada Lund / Reuters"),
        ("The pier of Vellmar / Reuters", "The pier of Vellmar / Reuters", None),
        ("الرصيف في فيلمار (أ ف ب)", "الرصيف في فيلمار", "أ ف ب"),
        ("The pier on Monday (Photo: Ada Lund/AP)", "The pier on Monday", "Ada Lund/AP"),
        ("The pier on Monday [Ada Lund/Getty Images]", "The pier on Monday", "Ada Lund/Getty Images"),
    ],
)
def test_a_credit_is_no_part_of_the_caption(said: str, caption: str | None, credit: str | None) -> None:
    figure = f"<figure><img src='/pier.jpg'><figcaption>{said}</figcaption></figure>"
    found = extracted(framed(f"{BODY}{figure}{BODY.replace('The', 'That')}"))
    assert [(i.caption, i.credit) for i in found.images] == [(caption, credit)]


def test_a_numbered_list_keeps_its_numbers() -> None:
    lists = "<ul><li>Rain</li></ul><ol><li>Wait for the ferry on the landing stage.</li><li>Pay the ferryman, who gives no change.</li></ol>"
    found = extracted(framed(f"{BODY}{lists}{BODY.replace('The', 'That')}"))
    assert (
        "<ol><li>Wait for the ferry on the landing stage.</li><li>Pay the ferryman, who gives no change.</li></ol>"
        in found.html
    )


def test_a_credit_element_is_read_by_its_class() -> None:
    figure = "<figure><img src='/p.jpg'><figcaption>The pier<span class='credit'>Ada Lund</span></figcaption></figure>"
    found = extracted(framed(BODY + figure + BODY.replace("The", "That")))
    assert [(i.caption, i.credit) for i in found.images] == [("The pier", "Ada Lund")]


def test_alt_text_is_no_caption() -> None:
    found = extracted(
        framed(f"{BODY}<p><img src='/pier.jpg' alt='A pier in the fog'></p>{BODY.replace('The', 'That')}")
    )
    assert captions(found) == [None]


def test_a_caption_of_an_attribute_is_a_caption() -> None:
    found = extracted(framed(f"{BODY}<a data-caption='The pier'><img src='/p.jpg'></a>{BODY.replace('The', 'That')}"))
    assert captions(found) in (["The pier"], [None])


def test_pictures_of_related_boxes_are_not_the_articles() -> None:
    box = "<div class='related-posts'><figure><img src='/r.jpg'><figcaption>Not ours</figcaption></figure><a href='/r'>R</a></div>"
    assert extracted(framed(BODY + box)).images == ()


def test_a_lead_picture_in_the_header_counts() -> None:
    lead = "<header><h1>The bridge is closed</h1><figure><img src='/l.jpg'><figcaption>The crack</figcaption></figure></header>"
    found = extracted(f"<article>{lead}<div class='entry-content'>{BODY}</div></article>")
    assert [(i.caption, i.position) for i in found.images] == [("The crack", 0)]


def test_metadata_of_json_ld() -> None:
    data = (
        '<script type="application/ld+json">{"@context":"https://schema.org","@graph":[{"@type":"NewsArticle",'
        '"headline":"The bridge is closed","datePublished":"2026-02-03T10:15:00+02:00",'
        '"author":[{"@type":"Person","name":"By Ada Lund"},{"name":"Bo Ek"}]}]}</script>'
        "<link rel='canonical' href='/2026/02/the-bridge/'><title>The bridge is closed | The Paper</title>"
    )
    found = extracted(f"<div class='today'>Friday, 6 March 2026</div>{framed(BODY)}", data, lang=' lang="pt_BR"')
    assert found.published == datetime(2026, 2, 3, 8, 15, tzinfo=UTC)
    assert (found.title, found.byline) == ("The bridge is closed", "Ada Lund, Bo Ek")
    assert (found.language, found.canonical, found.origin) == ("pt-br", URL, "page")


@pytest.mark.parametrize(
    "said",
    [
        "<meta name='syndication-source' content='https://wire.example/a'>",
        '<script type="application/ld+json">{"@type":"NewsArticle","isBasedOn":"https://wire.example/a"}</script>',
        '<script type="application/ld+json">{"@type":"Article","isBasedOn":[{"@id":"https://wire.example/a"}]}</script>',
    ],
)
def test_a_page_names_the_one_that_it_shows_again(said: str) -> None:
    own = f"<link rel='canonical' href='{URL}'>"
    assert extracted(framed(BODY), own + said).canonical == "https://wire.example/a"
    assert extracted(framed(BODY), own + said.replace("https://wire.example", "")).canonical == URL
    there = "<link rel='canonical' href='https://first.example/b'>"
    assert extracted(framed(BODY), there + said).canonical == "https://first.example/b"


def test_the_sites_name_is_cut_off_the_title() -> None:
    head = "<title>A crack in the old bridge - The Paper</title><meta property='og:site_name' content='The Paper'>"
    assert extracted(f"<div>{BODY}</div>", head).title == "A crack in the old bridge"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (
            "<meta property='article:published_time' content='2026-02-03T10:15:00Z'>",
            datetime(2026, 2, 3, 10, 15, tzinfo=UTC),
        ),
        ("<meta name='date' content='2026-02-03 10:15'>", datetime(2026, 2, 3, 10, 15, tzinfo=UTC)),
        ("<meta name='date' content='nonsense 99'>", None),
    ],
)
def test_a_time_without_a_zone_is_utc(head: str, expected: datetime | None) -> None:
    assert extracted(framed(BODY), head).published == expected


def test_a_standfirst_stands_apart() -> None:
    lead = "<p class='standfirst'>Engineers found a crack, and the town has to take the ferry again.</p>"
    found = extracted(f"<article><h1>The bridge is closed</h1>{lead}<div class='text'>{BODY}</div></article>")
    assert found.summary == "Engineers found a crack, and the town has to take the ferry again."
    assert paragraphs(found) == PARAGRAPHS


def test_a_description_is_the_summary_where_no_standfirst_is() -> None:
    found = extracted(framed(BODY), "<meta name='description' content='A crack, and a ferry.'>")
    assert found.summary == "A crack, and a ferry."


def test_the_sites_frame_is_left_out() -> None:
    page = (
        "<nav><a href='/'>Home</a></nav><aside><p>Follow our channel for much more of this, every day of the week.</p></aside>"
        f"{framed('<div class=share>Share this on all networks</div>' + BODY + '<form>Your mail<input></form>')}"
        "<div id='comments'><p>First! I have always said that this bridge would not hold, and nobody listened.</p></div>"
        "<footer>© 2026 The Paper</footer><script>var x = '<p>no</p>'</script>"
    )
    assert paragraphs(extracted(page)) == PARAGRAPHS


def test_headings_lists_and_quotations_are_paragraphs() -> None:
    inside = f"{BODY}<h2>The ferry</h2><ul><li>at noon</li><li>at four</li></ul><blockquote>It holds.</blockquote>{BODY[:-4]}!</p>"
    found = extracted(framed(inside))
    assert paragraphs(found)[5:9] == ["The ferry", "at noon", "at four", "It holds."]
    assert "<ul><li>at noon</li><li>at four</li></ul>" in found.html.replace("\n", "")
    assert "<blockquote>" in found.html


def test_line_breaks_part_paragraphs() -> None:
    found = extracted(f"<article><h1>The bridge is closed</h1><div>{'<br><br>'.join(PARAGRAPHS)}</div></article>")
    assert paragraphs(found) == PARAGRAPHS


def test_a_script_page_gives_the_text_of_its_json_ld() -> None:
    said = "\\n".join(PARAGRAPHS)
    data = f'<script type="application/ld+json">{{"@type":"NewsArticle","headline":"The bridge","articleBody":"{said}"}}</script>'
    found = extracted("<div id='app'></div>", data)
    assert paragraphs(found) == PARAGRAPHS
    assert found.html.count("<p>") == 5


def test_windows_1251_by_meta() -> None:
    said = "Старый мост через реку закрыли во вторник, после того как инженеры нашли трещину. " * 4
    page = f"<html><head><meta charset=windows-1251></head><body><article><p>{said}</p></article></body></html>"
    found = article(Response(url=URL, status=200, headers={}, body=page.encode("cp1251")))
    assert found.text == said.strip()


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_rules(mark: str) -> None:
    page = f"<html><body>{framed(BODY)}</body></html>"
    found = article(
        Response(url=URL, status=200, headers={"content-type": "text/html; charset=koi8-r"}, body=page.encode(mark))
    )
    assert paragraphs(found) == PARAGRAPHS


def test_an_unknown_charset_does_no_harm() -> None:
    found = article(
        Response(
            url=URL,
            status=200,
            headers={"content-type": "text/html; charset=x-none"},
            body=f"<p>{'Köln ' * 90}".encode("cp1252"),
        )
    )
    assert found.text.startswith("Köln")


def test_a_script_gives_the_language_away() -> None:
    assert extracted(f"<p>{'오래된 다리가 화요일에 폐쇄되었다. ' * 20}</p>", lang="").language == "ko"


@pytest.mark.parametrize(
    ("body", "kind", "reason"),
    [
        (b"", "text/html", "empty"),
        (b"%PDF-1.7 ...", "text/html", "not HTML"),
        (b"{}", "application/json", "not HTML"),
        (b"GIF89a", "image/gif", "not HTML"),
        (b"<html><body><nav><a href='/'>Home</a></nav></body></html>", "text/html", "no text"),
        (b"<!-- nothing -->", "text/html", "not HTML|no text"),
    ],
)
def test_what_is_no_article_says_why(body: bytes, kind: str, reason: str) -> None:
    with pytest.raises(ExtractError, match=reason):
        article(Response(url=URL, status=200, headers={"content-type": kind}, body=body))


@pytest.mark.parametrize(
    "hostile",
    [
        "<div>" * 20_000,
        "<b>" * 20_000,
        "<p " + " ".join(f"a{n}=1" for n in range(50_000)) + ">",
        "<a href='/x'>link</a> " * 10_000,
        " " * 500_000,
        "<p a='" + "x" * 200_000,
        "<figure>" * 200 + "<img src='/a.jpg'>" * 500,
        "<ul>" * 300 + "<li>x" * 3000,
    ],
    ids=range(8),
)
def test_a_hostile_page_ends(hostile: str) -> None:
    try:
        extracted(framed(BODY) + hostile)
    except ExtractError as error:
        assert error.reason  # noqa: PT017


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=400) | st.text(alphabet="<>/=\"' &;#apdivmgx\n!-", max_size=300).map(str.encode))
def test_random_bytes_raise_nothing_else(body: bytes) -> None:
    try:
        found = article(Response(url=URL, status=200, headers={}, body=body))
    except ExtractError:
        return
    assert found.text
