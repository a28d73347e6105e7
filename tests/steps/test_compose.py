"""steps.compose"""

from dataclasses import replace

from aggregator.model import Article, Enclosure, Entry, Image
from aggregator.steps import compose
from tests.fakes import START, WORDS

FEED = "https://site.example/feed"
ENTRY = Entry(
    guid="g", url="https://site.example/a", title="Title", author="Jo", published=START, summary="<p>Short <b>one</b></p>",
    content="<p>First.</p><p>Second.</p>", language="en", images=(Image(url="https://site.example/1.jpg", caption="C", credit="P"),),
)  # fmt: skip
FIGURE = '<figure><img src="https://site.example/1.jpg" alt=""><figcaption>C P</figcaption></figure>'
PAGE = Article(url="https://site.example/a", title="Page", text=WORDS, html="<p>page</p>")


def test_an_entry_is_an_article_as_far_as_the_feed_has_it() -> None:
    said = compose.of_entry(ENTRY, FEED)
    assert (said.url, said.title, said.byline, said.published, said.language, said.summary, said.origin) == (
        "https://site.example/a", "Title", "Jo", START, "en", "Short one", "feed"
    )  # fmt: skip
    assert said.text == "First.\n\nSecond."
    assert said.images == ENTRY.images


def test_the_figures_of_the_feeds_html_are_pictures_with_captions() -> None:
    figure = '<figure><img src="https://site.example/2.jpg"><figcaption>The <b>quay</b> at noon</figcaption></figure>'
    said = compose.of_entry(replace(ENTRY, content=f"<p>First.</p>{figure}<p>Second.</p>"), FEED)
    assert said.text == "First.\n\nSecond."
    assert said.images[1:] == (Image(url="https://site.example/2.jpg", caption="The quay at noon", position=1),)
    assert said.html.count("The <b>quay</b> at noon") == 1


def test_a_picture_that_only_the_feed_lists_stands_in_the_body_once() -> None:
    said = compose.of_entry(ENTRY, FEED)
    assert said.html == FIGURE + "<p>First.</p><p>Second.</p>"
    shown = '<p><img src="http://www.site.example/1.jpg" alt=""></p>'
    assert compose.of_entry(replace(ENTRY, content=shown), FEED).html == shown
    again = compose.joined(replace(PAGE, html=said.html, text=said.text), ENTRY, FEED)
    assert again.html == said.html


def test_an_entry_with_a_summary_only_has_it_as_its_text() -> None:
    said = compose.of_entry(replace(ENTRY, content=None), FEED)
    assert (said.text, said.summary) == ("Short one", None)


def test_an_entry_without_a_title_or_link_has_one_all_the_same() -> None:
    bare = Entry(guid="g", content=f"<p>{WORDS}</p>", enclosures=(Enclosure(url="https://site.example/1.mp3"),))
    said = compose.of_entry(bare, FEED)
    assert said.url == "https://site.example/1.mp3"
    assert len(said.title) <= 82
    assert said.title.endswith(" …")
    assert compose.of_entry(Entry(guid="g"), FEED).title == "g"
    assert compose.of_entry(Entry(guid="g", content="<p>Hi</p>"), FEED).title == "Hi"


def test_entries_without_a_link_are_pages_apart() -> None:
    one, two = (compose.of_entry(Entry(guid=g), FEED) for g in ("a b", "c"))
    assert one.url.startswith(FEED)
    assert compose.page_key(one) != compose.page_key(two)


def test_the_page_goes_before_the_feed_which_fills_the_gaps() -> None:
    joined = compose.joined(PAGE, ENTRY, FEED)
    assert (joined.title, joined.text, joined.html, joined.origin) == ("Page", WORDS, FIGURE + "<p>page</p>", "page")
    assert (joined.byline, joined.published, joined.language, joined.summary) == ("Jo", START, "en", "Short one")
    assert joined.images == ENTRY.images
    assert compose.joined(replace(PAGE, title="", byline="Page"), ENTRY, FEED).title == "Title"


def test_of_a_page_of_one_line_the_longer_text_wins() -> None:
    entry = replace(ENTRY, content="<p>The pilots wait for daylight.</p>")
    assert (
        compose.joined(replace(PAGE, text="Nothing here, sorry."), entry, FEED).text == "The pilots wait for daylight."
    )
    assert compose.joined(replace(PAGE, text=WORDS), entry, FEED).text == WORDS


def test_a_teaser_page_does_not_replace_the_feeds_text() -> None:
    joined = compose.joined(replace(PAGE, text="Subscribe"), replace(ENTRY, content=f"<p>{WORDS}</p>"), FEED)
    assert joined.text.startswith("The harbour")
    assert "harbour" in joined.html


def test_a_page_of_something_else_that_the_link_leads_to_is_not_the_article() -> None:
    wall = Article(
        url="https://site.example/login?next=a", title="Log in to read on",
        text="Please log in to your account in order to read this article and all others of our paper.",
    )  # fmt: skip
    entry = replace(
        ENTRY, title="A ferry sinks on its way to the quay", content="<p>All on board were saved by fishers.</p>"
    )
    assert compose.joined(wall, entry, FEED) == compose.of_entry(entry, FEED)
    told = replace(wall, title="Ferry sinks on way to quay")
    for page in (replace(wall, url="https://www.site.example/a"), told, replace(wall, text=WORDS * 2)):
        assert compose.joined(page, entry, FEED).title == page.title
    assert compose.joined(wall, Entry(guid="g", url=ENTRY.url), FEED).title == wall.title


def test_captions_that_the_page_lacks_come_from_the_feed() -> None:
    own, bare = Image(url="https://site.example/2.jpg"), Image(url="http://www.site.example/1.jpg", position=3)
    joined = compose.joined(replace(PAGE, images=(own, bare)), ENTRY, FEED)
    assert joined.images == (own, replace(bare, caption="C", credit="P"))


def test_a_page_is_what_it_claims_to_be_on_its_own_host_only() -> None:
    claims = {
        "https://site.example/b?utm_source=x": "site.example/b", "https://other.example/b": "site.example/a",
        "https://site.example/": "site.example/a", "not a url": "site.example/a",
    }  # fmt: skip
    for canonical, key in claims.items():
        assert compose.page_key(replace(PAGE, canonical=canonical)) == key
    assert compose.page_key(PAGE) == "site.example/a"


def test_the_words_of_the_index() -> None:
    article = replace(PAGE, title="L'Été", text="Ein Wort", summary="Kurz", byline="Jo", images=ENTRY.images)
    assert compose.words(article) == ("l ete", "kurz ein wort", "c p", "jo")


def test_of_a_page_that_shows_only_a_part_the_longer_text_wins() -> None:
    longer = replace(ENTRY, content=f"<p>{WORDS} And the rest of it, which the page keeps for its subscribers.</p>")
    assert compose.joined(PAGE, longer, FEED).text == WORDS
    found = compose.joined(replace(PAGE, partial=True), longer, FEED)
    assert found.text.endswith("which the page keeps for its subscribers.")
    assert not found.partial
