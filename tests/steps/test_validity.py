"""What we publish, by the rules of others: the schema of RFC 4287, JSON Feed 1.1, and parsers that are not ours."""

import html
import io
import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import fastfeedparser
import feedparser
import pytest
from hypothesis import given, settings
from lxml import etree

from aggregator.model import Archived
from aggregator.steps import render
from tests.steps.test_render import BASE, SEEN, TOPIC, archived, article, everything, feed

ATOM = etree.RelaxNG(etree.parse(Path(__file__).parents[1] / "data" / "atom.rng"))
NPM = Path(__file__).parents[1] / "npm"
BOTH = (archived(), archived(guid="2", of=article(byline=None, title="안녕 & <b>", language="ko"), podcast=""))


def sound(atom: bytes) -> None:
    document = etree.fromstring(atom)
    assert ATOM.validate(document), ATOM.error_log


def keeps_json_feed(said: dict[str, Any]) -> None:
    """https://www.jsonfeed.org/version/1.1/, what it demands and how it spells."""
    assert said["version"] == "https://jsonfeed.org/version/1.1"
    assert isinstance(said["title"], str)
    assert all(hub.keys() == {"type", "url"} for hub in said.get("hubs", ()))
    ids = [each["id"] for each in said["items"]]
    assert len(set(ids)) == len(ids)
    for each in said["items"]:
        assert isinstance(each["content_html"], str)
        assert all(
            datetime.fromisoformat(each[key]).tzinfo for key in ("date_published", "date_modified") if key in each
        )
        assert all(isinstance(tag, str) for tag in each.get("tags", ()))
        assert all(author["name"] for author in each.get("authors", ()))
        assert all({"url", "mime_type"} <= a.keys() for a in each.get("attachments", ()))
        assert None not in each.values()


def test_atom_keeps_the_schema() -> None:
    head = render.head(TOPIC, BASE, "https://hub.example/")
    said = [render.rendered(each) for each in BOTH]
    sound(feed("atom", *BOTH))
    sound(feed("atom"))
    sound(
        b"".join(map(bytes, render.document("atom", render.of_page(head, 3, 2), render.fragments(said, render.PAGED))))
    )
    left = replace(render.with_page(head, 1, 4), deleted=(("urn:aggregator:article:0", SEEN),))
    sound(b"".join(map(bytes, render.document("atom", left, render.fragments(said)))))


@pytest.mark.parametrize(
    "broken",
    [
        lambda body: body.replace(b"<id>", b"<x>", 1).replace(b"</id>", b"</x>", 1),
        lambda body: body.replace(b"+00:00</updated>", b"</updated>", 1),
        lambda body: body.replace(b'rel="enclosure"', b'rel="two words"', 1),
        lambda body: body.replace(b'length="1234"', b'length="long"', 1),
        lambda body: body.replace(b"<title>", b"<title>x</title><title>", 1),
    ],
)
def test_the_schema_tells_what_is_wrong(broken: Callable[[bytes], bytes]) -> None:
    with pytest.raises(AssertionError):
        sound(broken(feed("atom", *BOTH)))


@settings(max_examples=20, deadline=None)
@given(everything)
def test_whatever_was_archived_keeps_the_rules(wild: Archived) -> None:
    sound(feed("atom", wild))
    keeps_json_feed(json.loads(feed("json", wild)))


@pytest.mark.parametrize("format", ["atom", "rss"])
def test_two_parsers_read_the_same(format: str) -> None:
    body = feed(format, *BOTH)
    one, two = feedparser.parse(io.BytesIO(body)), fastfeedparser.parse(body)
    assert not one.bozo
    said = [[(e.id, e.title, e.link) for e in read.entries] for read in (one, two)]
    assert said[0] == said[1]
    assert [e.id for e in one.entries] == [render.rendered(each).id for each in BOTH]
    times = [datetime(*e.published_parsed[:6]).isoformat() for e in one.entries]
    assert times == [datetime.fromisoformat(e.published).replace(tzinfo=None).isoformat() for e in two.entries]


@pytest.mark.parametrize(
    ("parser", "format"),
    [
        ("feedsmith", "atom"),
        ("feedsmith", "rss"),
        ("feedsmith", "json"),
        ("rss-parser", "atom"),
        ("rss-parser", "rss"),
    ],
)
def test_parsers_of_another_world_read_the_same(parser: str, format: str) -> None:
    node = shutil.which("node")
    assert node, "nodejs is not installed: `make test` does it"
    command = [node, str(NPM / "read.mjs"), parser]
    read = json.loads(subprocess.run(command, input=feed(format, *BOTH), capture_output=True, check=True).stdout)
    said = [render.rendered(each) for each in BOTH]
    # RSS must have a date; JSON Feed and Atom, where nothing is known, need none
    times = [(e.published or e.updated).strftime("%Y-%m-%dT%H:%M:%S.000Z") for e in said]
    titles = [e.title for e in said]
    assert [id for id, *_ in read] == [e.id for e in said]
    assert [html.unescape(title) for _, title, *_ in read] == titles
    assert [link for _, _, link, *_ in read] == [e.url for e in said]
    assert [at for _, _, _, at, _ in read] == times
    assert [content for *_, content in read] == [e.content for e in said]
