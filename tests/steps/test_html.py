"""HTML from outside: safe, bounded, readable."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from aggregator.steps import html

BASE = "https://example.org/a/b"


@pytest.mark.parametrize(
    "payload",
    [
        "<script>alert(1)</script>",
        "<scr<script></script>ipt>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href='java\tscript:alert(1)'>x</a>",
        "<a href='&#106;avascript:alert(1)'>x</a>",
        "<a href=' \x01javascript:alert(1)'>x</a>",
        "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
        "<a href='vbscript:msgbox(1)'>x</a>",
        "<img src='javascript:alert(1)'>",
        "<svg onload=alert(1)><a xlink:href='javascript:alert(1)'>x</a></svg>",
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
        "<iframe src='javascript:alert(1)'></iframe>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<object data='javascript:alert(1)'></object><embed src='javascript:alert(1)'>",
        "<form action='javascript:alert(1)'><button formaction='javascript:alert(1)'>x</button></form>",
        "<p style='background:url(javascript:alert(1))'>x</p>",
        "<style>@import 'javascript:alert(1)';</style>",
        "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
        "<base href='javascript:alert(1)//'>",
        "<video poster='javascript:alert(1)' src=x onloadstart=alert(1)></video>",
        "<details open ontoggle=alert(1)>x</details>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
        "<!--><img src=x onerror=alert(1)>-->",
        "<template><script>alert(1)</script></template>",
    ],
)
def test_nothing_runs(payload: str) -> None:
    clean = html.sanitize(f"<p>before</p>{payload}", BASE).lower()
    markup = clean.replace("&lt;", "").replace("&gt;", "")
    assert "before" in clean
    for danger in ("<script", "<style", "<iframe", "<svg", "<form", "<object", "<base", "<meta", "<!--"):
        assert danger not in markup
    for danger in ('="javascript', '="vbscript', '="data:'):
        assert danger not in markup
    assert " on" not in "".join(part.split(">")[0] for part in clean.split("<")[1:] if "title=" not in part)


def test_addresses_become_absolute() -> None:
    said = '<a href="../c">x</a><img src="//cdn.example/i.png"><a href="mailto:a@b.example">m</a><a href="#n">n</a>'
    assert html.sanitize(said, BASE) == (
        '<a href="https://example.org/c">x</a><img src="https://cdn.example/i.png">'
        '<a href="mailto:a@b.example">m</a><a href="https://example.org/a/b#n">n</a>'
    )


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ('<a href="/c?x=1&amp;copy=2">x</a>', '<a href="https://example.org/c?x=1&amp;copy=2">x</a>'),
        ("<a href='/c?\"q<'>x</a>", '<a href="https://example.org/c?&quot;q&lt;">x</a>'),
        ('<a href="/c" title="as in src=&quot;/d&quot;">x</a>', '<a href="https://example.org/c" title="as in src=&quot;/d&quot;">x</a>'),
        ('<a href="/c">x</a> &lt;a href="/d">', '<a href="https://example.org/c">x</a> &lt;a href="/d"&gt;'),
        ('<a href="http://[bad" title="t">x</a>', '<a title="t">x</a>'),
        ('<a href="mailto: a@b.example ">m</a>', '<a href="mailto: a@b.example">m</a>'),
        ('<video src="v" poster="p"></video>', '<video src="https://example.org/a/v" poster="https://example.org/a/p" preload="none" controls=""></video>'),
    ],
)  # fmt: skip
def test_of_a_tag_its_addresses_alone_are_made_absolute(said: str, kept: str) -> None:
    assert html.sanitize(said, BASE) == kept


def test_figures_tables_and_code_stay() -> None:
    said = (
        '<figure><img src="https://e.org/i.jpg" alt="A" width="9"><figcaption>C</figcaption></figure>'
        "<table><tbody><tr><td>1</td></tr></tbody></table><pre><code>x</code></pre>"
    )
    assert html.sanitize(said, BASE) == said


@pytest.mark.parametrize(
    "pixel",
    [
        '<img src="https://t.example/p.gif" width="1" height="1">',
        '<img height=1 width=1 src="https://t.example/p.gif">',
        '<img src="https://t.example/p.gif" width="0" height="0">',
        '<img alt="nothing">',
        '<img src="data:image/gif;base64,R0lGOD">',
    ],
)
def test_pixels_that_count_readers_go(pixel: str) -> None:
    assert html.sanitize(f"<p>a{pixel}b</p>", BASE) == "<p>ab</p>"


def test_what_xml_forbids_goes() -> None:
    assert html.sanitize("a\x00\x08\x0bb\ud800c\uffff&#1;", BASE) == "abc"


def test_a_lone_bracket_is_text() -> None:
    assert html.sanitize("1 < 2 & 3", BASE) == "1 &lt; 2 &amp; 3"


@pytest.mark.parametrize(
    "hostile",
    [
        "<b>" * 100_000,
        "<div>" * 100_000 + "</div>" * 100_000,
        "<b></x>" * 60_000,
        " " * 2_400_000,
        "<p" + " " * 1_000_000,
        "<p " + 'a="b" ' * 150_000 + ">",
        "<p " + "a" * 900_000 + ">",
        "<img src='data:image/png;base64," + "A" * 3_000_000 + "'>",
        "<!--" * 200_000,
        "&" * 900_000,
        "<p a='" * 100_000,
        "".join(f"<font color={n}>" for n in range(99)) + "<p>x" * 50_000,
    ],
    ids=range(12),
)
def test_hostile_pages_take_bounded_time(hostile: str) -> None:
    start = process_time()
    html.sanitize(hostile, BASE)
    html.plain(hostile)
    assert process_time() - start < 4


def test_depth_is_cut_and_the_text_stays() -> None:
    clean = html.sanitize("<div>" * 300 + "<p>deep</p>" + "</div>" * 300 + "<p>after</p>", BASE)
    assert "<p>deep</p>" in clean
    assert clean.endswith("<p>after</p>")
    assert clean.count("<div>") == clean.count("</div>") == 100


def test_many_attributes_are_cut() -> None:
    said = "<a href='/x' " + "".join(f"b{n}=c " for n in range(4000)) + ">x</a>"
    assert html.sanitize(said, BASE) == '<a href="https://example.org/x">x</a>'


def test_plain_text_has_a_paragraph_for_each_block() -> None:
    said = (
        "<h1>Title</h1><p>One &amp; <b>two</b><br>three</p>loose<ul><li>a</li><li>b</li></ul>"
        "<table><tr><td>1</td><td>2</td></tr></table>four<br><br>five<script>no()</script><style>p{}</style>"
    )
    assert html.plain(said) == "Title\n\nOne & two three\n\nloose\n\na\n\nb\n\n1 2\n\nfour\n\nfive"


def test_captions_are_no_text() -> None:
    said = "<p>a</p><figure><img src=x><figcaption>caption</figcaption></figure><p>b</p>"
    assert html.plain(said) == "a\n\nb"


def test_what_is_to_be_heard_or_seen_is_asked_for_once_somebody_plays_it() -> None:
    said = '<video preload="auto" autoplay src="/v.mp4"></video><audio src="/a.mp3"></audio>'
    media = html.sanitize(said, "http://e.org/")
    assert html.sanitize(media, "http://e.org/") == media
    found = [(node.tag, dict(node.attributes)) for node in LexborHTMLParser(media).css("audio, video")]
    assert found == [
        ("video", {"src": "http://e.org/v.mp4", "preload": "none", "controls": ""}),
        ("audio", {"src": "http://e.org/a.mp3", "preload": "none", "controls": ""}),
    ]


@pytest.mark.parametrize("said", ["\ufdd0", "&#xFDD0;", "&#64976;"])
def test_what_marks_the_place_of_a_picture_is_no_text(said: str) -> None:
    clean = html.sanitize(f"<p>{said}</p><p>Text</p><figure><img src=/a.png></figure><p>{said}</p>", "http://e.org/")
    assert [(i.url, i.position) for i in html.figures(clean)] == [("http://e.org/a.png", 1)]


@pytest.mark.parametrize(("said", "text"), [("", ""), ("a &lt; b", "a < b"), ("<!-- x -->", ""), ("a\n b", "a b")])
def test_plain_text_of_little(said: str, text: str) -> None:
    assert html.plain(said) == text


@given(st.text(alphabet=st.sampled_from("<>/&;=\"' \nabpdivscrhef!-#x0\x00\ud800"), max_size=300))
def test_any_text_can_be_sanitized_and_read(said: str) -> None:
    clean = html.sanitize(said, BASE)
    assert html.sanitize(clean, BASE) == clean
    html.plain(said).encode()


PIECES = st.lists(
    st.sampled_from(
        ["<p>", "</p>", "<b>", "a ", "\n", "<br>", "<figure>", "<figcaption>c</figcaption>", "</figure>", "&amp;", "&lt;p&gt;",
         "<table><tr><td>1</td><td>2</td></tr></table>", "é", "<ul><li>x<li>y</ul>", "<pre>\n a\n  b</pre>", "</a>", "&nbsp;",
         '<img src="/i.png" alt="A > b">', '<a href="c?x=1&y" title="<b>">', "<audio>z</audio>", "<h1>", "</h1>", "<div>",
         "</div>", "<!-- c -->", "<script>s</script>", "<video src=/v>q</video>", "<td>", "<sup>2</sup>", "<dl><dt>a<dd>b</dl>"]
    ),
    max_size=10,
).map("".join)  # fmt: skip
ADDRESSES = st.sampled_from(
    ["https://e.org", "https://e.org/a?b=1&amp;c=2#d", "http://e.org/a b", "https://e.org\\a", "HTTPS://e.org", "/a", "a", "", "?",
     "//e.org/a", "mailto:a@e.org", "mailto:a", "https:a", "https://e.org/&quot;", "https://e.org/a;", "https://e.org?", "#", "tel:1",
     "https://user@e.org/", "http://[::1]/", "https://e.org:80/a", "https://e/", "https://é.org/", "https://e.org/é", "x:y", " https://e.org/ "]
)  # fmt: skip
LINKED = st.tuples(st.sampled_from(["a href", "img src", "video poster", "blockquote cite", "q cite"]), ADDRESSES)


@given(PIECES)
def test_the_text_of_clean_markup_is_found_either_way(said: str) -> None:
    clean = html.sanitize(said, BASE)
    assert html.plain_of_clean(clean) == html.plain(clean)


@given(st.lists(LINKED, min_size=1, max_size=3), PIECES)
def test_addresses_that_need_no_change_are_the_same_beside_those_that_do(
    links: list[tuple[str, str]], more: str
) -> None:
    said = "".join(f'<{name}="{address}">x</{name.split()[0]}>' for name, address in links)
    alone, beside = html.sanitize(said, BASE), html.sanitize(f"{said}<p><a href='/'>y</a></p>", BASE)
    assert f'{alone}<p><a href="https://example.org/">y</a></p>' == beside
