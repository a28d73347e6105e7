"""What would run, call home or command a terminal, put into every field: nothing of it comes out anywhere."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from lxml import etree
from selectolax.lexbor import LexborHTMLParser

from aggregator import config, serve
from aggregator.app import App
from aggregator.cli import main
from aggregator.questions import Questions
from aggregator.steps import html
from tests.hostile.attacked import FEEDS, PAYLOADS
from tests.hostile.scripts import MARKUP

OURS = {"html", "head", "body", "title", "meta", "form", "input", "nav", "link", "main", "style", "details"}
"""Elements that only our own pages have, where they stand in our own templates."""

HOME = "http://evil.example"


def active(markup: str, ours: frozenset[str] = frozenset()) -> Iterator[str]:
    """What a browser would run or ask for without a click; read, written and read again, for what changes on the way."""
    for _ in range(3):
        tree = LexborHTMLParser(markup)
        for node in tree.css("*"):
            name, said = str(node.tag), {k: v or "" for k, v in node.attributes.items()}
            if name not in html._TAGS and name not in ours | {"html", "head", "body"}:
                yield f"<{name}>"
            yield from (f"{name} {k}={v}" for k, v in said.items() if not _is_passive(name, k, v, ours))
        markup = tree.html or ""


def _is_passive(tag: str, name: str, value: str, ours: frozenset[str]) -> bool:
    if name.startswith("on") or name in ("style", "srcdoc", "formaction", "ping", "srcset", "background", "http-equiv"):
        return bool(ours) and (tag, name, value) == ("meta", "http-equiv", "Content-Security-Policy")
    if name in ("href", "src", "action", "poster", "cite", "data", "xlink:href"):
        return bool(
            re.match(r"(?:https?://|mailto:)" + (r"|/(?!/)|[a-z]+\.(?:atom|rss|json|opml)$" if ours else ""), value)
        )
    return True


@pytest.mark.parametrize("name", FEEDS)
def test_nothing_in_a_published_feed_runs(attacked: Path, name: str) -> None:
    for ending in ("atom", "rss"):
        root = etree.fromstring((attacked / "feeds_out" / f"{name}.{ending}").read_bytes())
        entries = list(root.iter("{*}entry", "item"))
        assert len(entries) >= len(PAYLOADS) - 5
        for text in root.iter("{*}content", "{*}summary", "description", "{*}encoded", "title"):
            assert not list(active(text.text or "")), etree.tostring(text)
        for element in root.iter("*"):
            for key in ("href", "url", "src"):
                assert re.match(r"https?://", element.get(key, HOME)), etree.tostring(element)
        for link in root.iter("link", "comments"):
            assert link.text is None or link.text.startswith("http"), link.text
    for said in json.loads((attacked / "feeds_out" / f"{name}.json").read_text("utf-8"))["items"]:
        assert not list(active(said["content_html"]))
        for url in (said.get("url"), said.get("image"), *(a["url"] for a in said.get("attachments", ()))):
            assert (url or HOME).startswith("http")


@pytest.mark.parametrize("said", [said for said in MARKUP if "pixel.gif" in said])
def test_what_counts_readers_is_not_kept(said: str) -> None:
    assert html.sanitize(f"<p>Words{said}</p>", "http://a.example/") == "<p>Words</p>"


def test_the_check_itself_sees_what_runs() -> None:
    seen = [said for said in MARKUP if list(active(said))]
    assert len(seen) > 0.8 * len(MARKUP)


def test_the_published_page_has_a_policy_and_nothing_that_runs(attacked: Path) -> None:
    markup = (attacked / "feeds_out" / "index.html").read_text("utf-8")
    assert "Content-Security-Policy" in markup
    assert not list(active(markup, frozenset(OURS | {"link"})))


async def test_nothing_on_the_pages_runs(attacked: Path) -> None:
    async with App(config.load(attacked, {})) as app:
        client: TestClient[Any, Any]
        async with TestClient(TestServer(serve.application(Questions(app)))) as client:
            ids = range(1, len(PAYLOADS) * 4 + 1)
            paths = [
                "/",
                "/sources",
                "/search?q=report",
                "/search?q=%3Cscript%3E",
                *(f"/topic/{name}" for name in FEEDS),
            ]
            for path in (*paths, *(f"/article/{id}" for id in ids)):
                answer = await client.get(path)
                assert "default-src 'none'" in answer.headers["Content-Security-Policy"], path
                assert "script-src" not in answer.headers["Content-Security-Policy"]
                assert not list(active(await answer.text(), frozenset(OURS))), path


OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize(
    "args",
    [
        ("search", "report", "--limit", "1000"),
        ("search", "report", "--limit", "1000", "--json"),
        ("topic", "test", "--match", "source:rss", "--limit", "1000"),
        ("list", "-v"),
        ("status",),
        ("dump",),
        ("export",),
        *(
            ("show", str(id), *how)
            for id in (10, 150, 250, 400)
            for how in ((), ("--html",), ("--json",), ("--history",))
        ),
        *(("why", str(id)) for id in (10, 150, 250, 400)),
    ],
    ids=" ".join,
)
def test_nothing_that_a_command_prints_is_obeyed(
    attacked: Path, capsys: pytest.CaptureFixture[str], args: tuple[str, ...]
) -> None:
    main([*args, "--home", str(attacked)])
    said = capsys.readouterr()
    assert said.out or args[-1] == "--history"
    assert not OBEYED.search(said.out.replace("\\n", "") + said.err)


def test_a_line_of_the_log_is_one_line(attacked: Path) -> None:
    lines = (attacked / "log").read_text("utf-8").splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\d ", line) for line in lines)
    assert not any(OBEYED.search(line) for line in lines)
