"""extract.choose: the article, all of it and nothing else. Each page has one of the habits that lose or add text."""

import pytest

from tests.steps.extract.pages import TEXT, TITLE, extracted, framed, paragraphs, prose


def test_the_article_of_a_plain_page() -> None:
    assert paragraphs(extracted(framed(prose()))) == TEXT


def test_a_first_paragraph_of_another_make_is_text() -> None:
    inside = f"<p class='has-drop-cap large'>{TEXT[0]}</p>{prose(TEXT[1:])}"
    assert paragraphs(extracted(framed(inside))) == TEXT


@pytest.mark.parametrize(
    "link",
    [
        "<p><strong>Read also: <a href='/a'>How the bridge was built in 1931</a></strong></p>",
        "<p><a href='/a'>Lea también: Así se construyó el puente en 1931</a></p>",
        "<p><strong><a href='/a'>Lesen Sie auch: Wie die Brücke 1931 gebaut wurde</a></strong></p>",
        "<p><a href='/a'>À lire aussi : Comment le pont fut construit en 1931</a></p>",
        "<p><a href='/a'>Читайте также: Как построили мост в 1931 году</a></p>",
        "<p><strong>यह भी पढ़ें:</strong> <a href='/a'>पुल कैसे बना था</a></p>",
        "<p>اقرأ أيضا: <a href='/a'>كيف بني الجسر عام 1931</a></p>",
        "<p><b>SEE MORE: <a href='/a'>How the bridge was built in 1931</a></b></p>",
        "<p>【関連記事】<a href='/a'>橋はどのように建てられたか</a></p>",
        "<div class='related'><h3>Related</h3><ul><li><a href='/a'>How the bridge was built</a></li></ul></div>",
    ],
)
def test_links_to_other_articles_inside_are_left_out(link: str) -> None:
    assert paragraphs(extracted(framed(prose(TEXT[:4]) + link + prose(TEXT[4:])))) == TEXT


def test_a_banner_that_asks_for_consent_before_the_headline_is_left_out() -> None:
    said = [
        "We and our 842 partners store and read information on your device, for example cookies, and process personal data.",
        "You can withdraw your consent at any time by a click on the settings at the foot of each page of this paper.",
    ]
    assert paragraphs(extracted(f"<div class='x1'>{prose(said)}<button>Accept</button></div>{framed(prose())}")) == TEXT


def test_text_before_a_headline_that_nothing_follows_is_text() -> None:
    assert paragraphs(extracted(f"<div class='body'>{prose()}</div><h1>{TITLE}</h1>")) == TEXT


def test_an_offer_of_a_newsletter_inside_is_left_out() -> None:
    said = "<h3>Unser Newsletter</h3><p>Jeden Morgen die wichtigsten Nachrichten aus der Region in Ihr Postfach. Jetzt anmelden!</p>"
    box = f"<div class='article-newsletter-box'>{said}</div>"
    assert paragraphs(extracted(framed(prose(TEXT[:4]) + box + prose(TEXT[4:])))) == TEXT
    assert paragraphs(extracted(f"<body class='has-newsletter'><h1>{TITLE}</h1><p>{TEXT[0]}</p>")) == TEXT[:1]


def test_a_headline_that_is_repeated_is_left_out() -> None:
    assert paragraphs(extracted(framed(f"<p><b>{TITLE}</b></p>{prose()}"))) == TEXT


def test_the_next_article_below_is_left_out() -> None:
    other = [
        f"The council met on day {n} of the month and spoke for hours about the new swimming hall." for n in range(6)
    ]
    after = f"<article class='post'><h1>A swimming hall for the town</h1><div class='article-body'>{prose(other)}</div></article>"
    body = framed(prose()).replace("</main>", f"{after}</main>")
    assert paragraphs(extracted(body)) == TEXT


def test_articles_without_a_headline_beside_this_one_are_left_out() -> None:
    others = "".join(f"<article class='post'>{prose([p.replace('ferry', 'bus')])}</article>" for p in TEXT)
    main = f"<main><article class='post'><h1>{TITLE}</h1>{prose(TEXT[:3])}</article>{others}</main>"
    assert paragraphs(extracted(main)) == TEXT[:3]


@pytest.mark.parametrize(
    "box",
    [
        "<div class='author-bio'><p>Bo Ek has written about the river and its towns since 2009.</p></div>",
        "<div class='newsletter'><h3>Our newsletter</h3><p>Get the best stories into your inbox every morning.</p></div>",
        "<p class='follow'>Follow us on <a href='https://social.example'>social media</a>.</p>",
        "<div class='share'><a href='/s'>Share</a> <a href='/t'>Post</a></div>",
        "<p class='copyright'>Copyright 2026 The Paper. All rights reserved.</p>",
        "<div class='tags'>Tags: <a href='/t/ferry'>ferry</a>, <a href='/t/bridge'>bridge</a></div>",
        "<div class='comments'><h3>Comments</h3><div class='comment'><p>I took it every day as a child, and was never late.</p></div></div>",
    ],
)  # fmt: skip
def test_boxes_after_the_end_are_left_out(box: str) -> None:
    assert paragraphs(extracted(framed(prose(), after=box))) == TEXT


@pytest.mark.parametrize("name", ["share-price", "market-share", "text-share"])
def test_shares_of_a_company_are_no_buttons(name: str) -> None:
    said = "The share of the ferry in all that crosses the river fell to three percent on Monday."
    page = framed(f"{prose(TEXT[:3])}<p class='{name}'>{said}</p>{prose(TEXT[3:])}")
    assert paragraphs(extracted(page)) == [*TEXT[:3], said, *TEXT[3:]]


def test_a_body_that_is_cut_by_an_advertisement_is_joined() -> None:
    halves = f"<div class='body-part'>{prose(TEXT[:3])}</div><div class='ad'>Advertisement</div><div class='body-part'>{prose(TEXT[3:])}</div>"
    assert paragraphs(extracted(framed(halves))) == TEXT


def test_subheadings_are_text() -> None:
    inside = f"{prose(TEXT[:4])}<h2>Four minutes</h2>{prose(TEXT[4:])}"
    assert paragraphs(extracted(framed(inside))) == [*TEXT[:4], "Four minutes", *TEXT[4:]]


def test_a_page_without_paragraph_elements_is_read_by_its_boxes() -> None:
    assert paragraphs(extracted(framed("".join(f"<div class='par'>{p}</div>" for p in TEXT)))) == TEXT


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("ja", "火曜日、古い橋が閉鎖され、町は渡し船を三十年ぶりに動かすことにした。船は製材所の裏の小屋で眠っていた。"),
        ("zh", "星期二，旧桥被关闭，镇上决定三十年来第一次重新启用渡船。这条船一直停在锯木厂后面的棚子里。"),
        ("ar", "أُغلق الجسر القديم يوم الثلاثاء، وقررت البلدة تشغيل العبّارة لأول مرة منذ ثلاثين عاماً، وكانت في سقيفة خلف المنشرة."),
        ("ru", "Во вторник закрыли старый мост, и город впервые за тридцать лет решил пустить паром, который стоял за лесопилкой."),
        ("hi", "मंगलवार को पुराना पुल बंद कर दिया गया, और शहर ने तीस साल बाद पहली बार नाव चलाने का निर्णय लिया, जो शेड में खड़ी थी।"),
    ],
)  # fmt: skip
def test_no_script_is_a_stranger(lang: str, said: str) -> None:
    text = [f"{said}{n}。" if lang in ("ja", "zh") else f"{said} {n}." for n in range(1, 7)]
    assert paragraphs(extracted(framed(prose(text)), lang=lang)) == text


@pytest.mark.parametrize(
    "line",
    [
        "Follow The Paper on Instagram, Facebook and YouTube.",
        "Get The Paper delivered every morning.",
        "More from The Paper",
        "< Back to top",
        "Empfohlener redaktioneller Inhalt",
        "Il vous reste 57.09% de cet article à lire. La suite est réservée aux abonnés.",
    ],
)
def test_what_a_site_says_of_itself_is_left_out(line: str) -> None:
    assert paragraphs(extracted(framed(prose(TEXT[:5]) + f"<p>{line}</p>" + prose(TEXT[5:])))) == TEXT


def test_what_is_said_to_screen_readers_is_left_out() -> None:
    inside = "".join(f"<section><div class='visually-hidden'>Article content</div>{prose([p])}</section>" for p in TEXT)
    assert paragraphs(extracted(framed(inside))) == TEXT


@pytest.mark.parametrize("name", ["hidden", "box d-none", "intro hidden"])
def test_what_a_class_hides_is_left_out(name: str) -> None:
    offer = "<li>Every word of the paper on every device, for one crown a week.</li><li>The puzzles of the last ten years.</li>"
    inside = f"{prose(TEXT[:3])}<div class='{name}'><ul>{offer}</ul></div>{prose(TEXT[3:])}"
    assert paragraphs(extracted(framed(inside))) == TEXT


def test_what_only_narrow_screens_hide_is_text() -> None:
    inside = "".join(f"<div class='hidden md:block'>{prose([p])}</div>" for p in TEXT)
    assert paragraphs(extracted(framed(inside))) == TEXT


@pytest.mark.parametrize("tag", ["noscript", "button"])
def test_an_element_that_holds_the_whole_page_is_read(tag: str) -> None:
    assert paragraphs(extracted(f"<{tag}>{framed(prose())}")) == TEXT


def test_a_page_of_nothing_but_teasers_keeps_them() -> None:
    lines = [" ".join(p.split()[:18]) + "." for p in TEXT if len(p.split()) > 18]
    cards = "".join(f"<article><h2><a href='/{n}'>Story {n}</a></h2><p>{p}</p></article>" for n, p in enumerate(lines))
    assert set(lines[:2]) <= set(paragraphs(extracted(f"<main>{cards}</main>")))


def test_a_page_where_nothing_looks_likely_still_gives_its_prose() -> None:
    hidden = f"<div aria-hidden='true'><div class='modal-content'>{prose()}</div></div>"
    assert TEXT[0] in extracted(hidden + "<p>Welcome to our little page, dear readers.</p>").text
