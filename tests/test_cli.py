import gzip
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from socket import socket

import click
import pytest
import tomli
from lxml import etree

from aggregator.cli import aggregator as commands
from tests.commands import Run, Site
from tests.fakes import WORDS

STOLEN = "\x1b]0;stolen\x07\x9b31m"
TEXT = "The ministers of both Koreas met in Geneva on Monday to talk about the border, and agreed to meet again in May."
MORE = (
    "Nobody had been allowed to take notes, and neither of the two delegations has said a word about the talks since."
)
EXTRACTED = {"id", "url", "title", "byline", "published", "language", "summary", "text", "html", "captions", "partial"}
DUMPED = {
    "url", "title", "text", "captions", "published", "source", "guid",
    "id", "story", "copy_of", "relation", "first_seen", "revisions",
}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def news(site: Site) -> str:
    for n, said in enumerate((TEXT, MORE), 1):
        site.page(
            f"/{n}",
            body=f"<article><h1>Korea talks {n}</h1><p>{said}{n}</p><p>{said * 3}{n}</p></article>",
            title=f"Korea talks {n}",
        )
    return site.feed("/news.xml", "The News", ("/1", "Korea talks 1", "Soon"), ("/2", "Korea talks 2", "Later"))


def topic(home: Path, rule: str, name: str = "korea") -> None:
    with (home / "config" / "topics.toml").open("a") as file:
        file.write(f"[[topic]]\nname = {json.dumps(name)}\nmatch = {json.dumps(rule)}\n")


def articles(n: int = 3) -> str:
    lines = [
        {"url": f"https://a.org/{i}", "title": f"Number {i}", "text": f"{TEXT}\n\nThe end of {i}.", "source": "a",
         "captions": [{"image": f"https://a.org/{i}.jpg", "text": f"Kim on day {i}", "credit": None}],
         "published": f"2026-03-0{i + 1}T10:00:00Z", "guid": f"g{i}"}
        for i in range(n)
    ]  # fmt: skip
    return "".join(json.dumps(line) + "\n" for line in lines)


def walk(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            yield from walk(each, (*path, name))
    if path:
        yield path, command


COMMANDS = dict(walk(commands))


def test_init_writes_a_home_and_leaves_one_alone(run: Run, tmp_path: Path) -> None:
    said = run("init", str(tmp_path / "new"))
    assert [Path(line).name for line in said.out.splitlines()] == ["aggregator.toml", "sources.toml", "topics.toml"]
    assert "aggregator add" in said.err
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == ["config", "feeds_out", "storage"]
    again = run("init", str(tmp_path / "new"))
    assert again.out == ""
    assert "nothing changed" in again.err


def test_init_where_a_file_stands_is_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = run("init", str(tmp_path / "file"), code=2)
    assert said.err.endswith(" is a file; `aggregator init --help` explains\n")
    assert said.err.count("\n") == 1


def test_add_asks_a_feed_once(run: Run, site: Site) -> None:
    url = news(site)
    run("add", url, "--no-archive")
    assert site.asked == [url.removeprefix(site.url)]


def test_add_prints_the_first_titles_and_archives(run: Run, site: Site) -> None:
    said = run("add", news(site), "--tag", "asia")
    assert "added the-news: The News (2 entries)" in said.out
    assert "  Korea talks 1\n  Korea talks 2\n" in said.out
    assert run("status", "--json").one["articles"] == 2
    assert TEXT in run("show", f"{site.url}/1").out


def test_add_of_a_page_lists_its_feeds_and_says_which_it_takes(run: Run, site: Site, home: Path) -> None:
    news(site)
    site.feed("/comments.xml", "Comments", ("/c", "Me too", "Yes"))
    page = site.page(
        "/",
        '<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments.xml">'
        '<link rel="alternate" type="application/rss+xml" title="News" href="/news.xml">',
    )
    said = run("add", page)
    assert f"found {site.url}/news.xml  News\nfound {site.url}/comments.xml  Comments\n" in said.out
    assert f"taking {site.url}/news.xml" in said.out
    assert "added the-news" in said.out
    (source,) = tomli.loads((home / "config/sources.toml").read_text())["source"]
    assert source == {"url": f"{site.url}/news.xml", "name": "the-news"}


def test_add_finds_a_feed_that_no_page_names(run: Run, site: Site) -> None:
    site.feed("/feed.xml", "Hidden", ("/1", "One", "…"))
    said = run("add", site.page("/"), "--no-full-text")
    assert f"taking {site.url}/feed.xml" in said.out


def test_add_twice_is_no_error(run: Run, site: Site) -> None:
    url = news(site)
    run("add", url, "--no-archive")
    said = run("add", url)
    assert "is followed already" in said.out
    assert len(run("list", "--json").json) == 1


def test_add_writes_down_the_address_that_was_given_wherever_it_leads(run: Run, site: Site, home: Path) -> None:
    url = news(site)
    for path in ("/old.xml", "/older.xml"):
        site.pages[path] = (301, "text/plain", url.encode())
    said = run("add", f"{site.url}/old.xml", "--no-archive")
    assert f"it has moved to {url}" in said.out
    (source,) = tomli.loads((home / "config/sources.toml").read_text())["source"]
    assert source["url"] == f"{site.url}/old.xml"
    assert url in run("list", "-v").out
    # The same feed is followed once, by whichever of its addresses.
    assert "is followed already" in run("add", url, "--no-archive").out
    assert "is followed already" in run("add", f"{site.url}/older.xml", "--no-archive").out


@pytest.mark.parametrize(("name", "code"), [("the-news", 1), ("Not Good", 2)])
def test_add_under_a_name_that_cannot_be_leaves_the_home_as_it_was(
    run: Run, site: Site, home: Path, name: str, code: int
) -> None:
    run("add", news(site), "--no-archive")
    before = (home / "config/sources.toml").read_bytes()
    said = run("add", site.feed("/other.xml", "Other", ("/3", "Three", "…")), "--name", name, code=code)
    assert one_line(said.err).startswith("aggregator: ")
    assert (home / "config/sources.toml").read_bytes() == before
    assert len(run("list", "--json").json) == 1


def one_line(err: str) -> str:
    (line,) = err.splitlines()
    return line


@pytest.mark.parametrize(
    ("path", "reason"), [("/", "no feed here"), ("/missing", "404"), ("/broken", "none of the feeds")]
)
def test_add_of_no_feed_is_one_line(run: Run, site: Site, path: str, reason: str) -> None:
    site.page("/", body="<p>Nothing")
    site.page("/broken", '<link rel="alternate" type="application/rss+xml" href="/missing.xml">')
    said = run("add", site.url + path, code=1)
    assert reason in said.err.splitlines()[-1]
    assert all("aggregator: " in line or "not usable: " in line for line in said.err.splitlines())
    assert run("list", "--json").out == ""


def test_add_says_when_some_failed(run: Run, site: Site) -> None:
    said = run("add", news(site), f"{site.url}/missing", code=3)
    assert "404" in one_line(said.err)
    assert "added the-news" in said.out


@pytest.mark.parametrize("url", ["http://[", "ftp://a.org/feed", "http://", "https://a.org:99999/", "http://\x1b[31m/"])
def test_add_of_no_address_is_one_line(run: Run, url: str) -> None:
    said = run("add", url, code=1)
    assert "\x1b" not in one_line(said.err)


def test_list_has_the_promised_keys(run: Run, site: Site) -> None:
    run("add", news(site))
    run("import", "-", stdin=f'<opml><body><outline xmlUrl="{site.url}/missing"/></body></opml>')
    run("poll", code=None)
    ok, failing = sorted(run("list", "--json").json, key=lambda each: str(each["state"]), reverse=True)
    assert list(ok) == [
        "name", "url", "title", "state", "last_polled", "next_poll", "failures", "error", "entries"
    ]  # fmt: skip
    assert (ok["name"], ok["title"], ok["state"], ok["entries"], ok["error"]) == ("the-news", "The News", "ok", 2, None)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", ok["last_polled"])
    assert (failing["state"], failing["failures"], failing["title"]) == ("failing", 1, None)
    assert "404" in failing["error"]
    people = run("list", "-v").out
    assert "the-news" in people
    assert "failed 1 time in a row" in people


def test_remove_stops_polling_and_keeps_the_articles(run: Run, site: Site, home: Path) -> None:
    run("add", news(site))
    with (home / "config/sources.toml").open("a") as file:
        file.write("# mine\n")
    said = run("remove", "the-news")
    assert "its articles stay" in said.out
    assert run("list", "--json").out == ""
    assert run("poll", "--all").out == ""
    assert run("status", "--json").one["articles"] == 2
    assert (home / "config/sources.toml").read_text().endswith("# mine\n")
    assert "is not followed" in one_line(run("remove", "the-news", code=2).err)


def test_a_feed_that_is_added_again_gets_its_former_name_back(run: Run, site: Site, home: Path) -> None:
    url = site.feed("/feed", "The News", ("/a", "First", TEXT))
    for _ in range(2):
        assert "added the-news:" in run("add", url, "--no-archive").out
        run("remove", "the-news")


def test_remove_by_address_and_some_unknown(run: Run, site: Site) -> None:
    url = news(site)
    run("add", url, "--no-archive")
    said = run("remove", url, "nobody", code=3)
    assert one_line(said.err).startswith("aggregator: nobody: is not followed")
    assert run("list", "--json").out == ""


def test_opml_goes_out_and_comes_back_in(run: Run, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("add", news(site), "--tag", "asia", "--tag", "world")
    run("add", site.feed("/other.xml", "Other & <more>", ("/3", "Three", "…")))
    out = run("export").out
    outlines = etree.fromstring(out.encode()).findall(".//outline[@xmlUrl]")
    assert {o.get("xmlUrl") for o in outlines} == {f"{site.url}/news.xml", f"{site.url}/other.xml"}
    (tmp_path / "out.opml").write_text(out)
    again = run("import", str(tmp_path / "out.opml"))
    assert again.out == "0 added, 2 already there, 0 refused\n"
    config = (tmp_path / "home/config/aggregator.toml").read_text()
    monkeypatch.setenv("AGGREGATOR_HOME", str(tmp_path / "other"))
    run("init", str(tmp_path / "other"))
    (tmp_path / "other/config/aggregator.toml").write_text(config)
    assert run("import", "-", "--json", stdin=out).one == {"added": 2, "already_there": 0, "refused": 0}
    assert run("poll").out.count("1 new") == 1
    tags = {
        tuple(s.get("tags", ())) for s in tomli.loads((tmp_path / "other/config/sources.toml").read_text())["source"]
    }
    assert tags == {("asia", "world"), ()}


def test_import_refuses_what_is_no_address_and_keeps_the_home_whole(run: Run) -> None:
    urls = ["https://a.org/feed", "https://A.org/feed", "ftp://b.org/", "http://[", "feed:\x7f", "http://ü..de/"]
    body = "".join(f'<outline xmlUrl="{url}"/>' for url in urls)
    said = run("import", "-", stdin=f"<opml><body>{body}</body></opml>", code=3)
    assert said.out == "1 added, 1 already there, 4 refused\n"
    assert len(said.err.splitlines()) == 4
    assert [s["url"] for s in run("list", "--json").json] == ["https://a.org/feed"]


@pytest.mark.parametrize("body", ["", "no xml", "<html/>", "<opml><body><outline text='a'/></body></opml>"])
def test_import_of_no_opml_is_one_line(run: Run, body: str) -> None:
    assert "OPML" in one_line(run("import", "-", stdin=body, code=1).err)


def test_two_spellings_of_an_address_are_one_source(run: Run, home: Path) -> None:
    text = '[[source]]\nurl = "https://a.org"\n[[source]]\nurl = "https://A.org/"\nname = "a"\n'
    (home / "config/sources.toml").write_text(text)
    assert [s["url"] for s in run("list", "--json").json] == ["https://a.org/"]


def test_poll_says_of_each_source_what_came(run: Run, site: Site) -> None:
    run("add", news(site), "--no-archive")
    again = run("poll", "the-news", "--json").one
    assert list(again) == ["name", "status", "outcome", "new", "changed", "error"]
    assert again == {
        "name": "the-news", "status": 200, "outcome": "unchanged", "new": 0, "changed": 0, "error": None
    }  # fmt: skip
    site.feed("/news.xml", "The News", ("/1", "Korea talks 1, edited", "Soon"), ("/9", "Nine", "…"))
    changed = run("poll", "--all", "--json").one
    assert (changed["outcome"], changed["new"], changed["changed"]) == ("new", 1, 1)
    assert run("poll").out == ""


def test_poll_says_how_many_articles_were_revised(run: Run, site: Site) -> None:
    run("add", news(site))
    assert "revised" not in run("poll", "--all").out
    for n, options in enumerate(([], ["-v"], ["--json"])):
        site.page(
            "/1", body=f"<article><h1>Korea talks</h1><p>{MORE * n}</p><p>{TEXT * 3}</p></article>", title="Korea talks"
        )
        site.feed("/news.xml", "The News", ("/1", f"Korea talks, edited {n}", "Soon"))
        said = run("poll", "--all", *options).out
        assert ("1 article revised: what changed is in feeds_out/changes.*" in said) is (options != ["--json"])
        assert (f"{site.url}/1: revised" in said) is (options == ["-v"])


def test_poll_ends_with_3_when_some_fail_and_1_when_all_do(run: Run, site: Site) -> None:
    run("add", news(site), site.feed("/other.xml", "Other", ("/3", "Three", "…")))
    del site.pages["/other.xml"]
    said = run("poll", "--all", "--json", code=3)
    by_name = {each["name"]: each for each in said.json}
    assert (by_name["other"]["outcome"], by_name["other"]["status"]) == ("failed", 404)
    assert "404" in by_name["other"]["error"]
    assert by_name["the-news"]["outcome"] == "unchanged"
    site.pages.clear()
    run("poll", "--all", code=1)


def test_poll_of_a_name_that_is_not_followed_is_used_wrongly(run: Run) -> None:
    assert "nobody: is not followed" in one_line(run("poll", "nobody", code=2).err)


def test_search_and_show_and_why(run: Run, home: Path) -> None:
    topic(home, 'korea* caption:"kim on"')
    run("load", "-", stdin=articles())
    found = run("search", "caption:kim", "--json").json
    assert [list(each) for each in found] == [
        ["id", "url", "title", "published", "source", "snippet", "captions"]
    ] * 3  # fmt: skip
    assert [each["published"] for each in found] == [f"2026-03-0{n}T10:00:00Z" for n in (3, 2, 1)]
    assert found[0]["captions"] == [{"image": "https://a.org/2.jpg", "text": "Kim on day 2", "credit": None}]
    assert len(run("search", "number", "--json", "--limit", "1", "--best").json) == 1
    nothing = run("search", "absent")
    assert (nothing.out, nothing.err) == ("", "nothing found\n")
    assert "\n        Kim on [day] 1\n" in run("search", "caption:day").out
    shown = run("show", "https://a.org/1").out
    assert "Number 1" in shown
    assert "Kim on day 1" in shown
    assert run("show", "https://a.org/1", "--json").one["title"] == "Number 1"
    assert "<p>" in run("show", str(found[0]["id"]), "--html").out
    why = run("why", str(found[0]["id"]), "korea", "--json").one
    assert (why["relation"], why["topics"][0]["topic"], why["topics"][0]["selected"]) == ("first", "korea", True)
    assert {hit["field"] for hit in why["topics"][0]["hits"]} >= {"caption"}
    assert "+ korea: " in run("why", str(found[0]["id"])).out


def test_what_a_query_that_finds_nothing_may_have_been_meant_to_say_is_told(run: Run, home: Path) -> None:
    topic(home, "absent")
    run("load", "-", stdin=articles())
    said = "; 'or' in small letters is a word to look for: OR joins what may stand alone\n"
    assert run("search", "absent or missing").err == "nothing found" + said
    assert run("topic", "test", "--match", "absent or missing").err.endswith(" would be selected" + said)
    assert run("search", 'number like:999 -"or"').err == "nothing found; like:999: there is no such article\n"
    assert run("search", "number like:1").err == ""


def test_why_shows_clause_by_clause_what_an_article_has_of_a_rule(run: Run, home: Path) -> None:
    topic(home, 'title:number^2 (caption:"kim on" OR absent) -sport')
    topic(home, "absent number", name="none")
    run("load", "-", stdin=articles())
    run("publish")
    said = run("why", "1").out
    assert "+ korea: match 'title:number' in title:" in said
    assert "(version 1 of its rule, " in said
    assert "      + title:number\n          title: [Number] 0\n" in said
    assert '      + caption:"kim on"\n          caption: [Kim on] day 0\n' in said
    assert "      - absent: not there\n" in said
    assert "      + -sport: not there\n" in said
    assert "  - none: not selected: 'absent' does not match, and 'absent number' asks for it\n      - absent" in said
    taken, other = run("why", "1", "--json").one["topics"]
    assert (taken["version"], taken["score"], other["version"], other["selected"]) == (1, 3, None, False)
    assert other["score"] is None  # of nothing that was found
    assert run("status", "--json").one["topics"] == 2  # what takes nothing is one too
    assert taken["decided_at"].endswith("Z")
    assert [(c["rule"], c["clause"], c["holds"]) for c in other["clauses"]] == [
        ("match", "absent", False), ("match", "number", True)
    ]  # fmt: skip


def test_another_rule_is_tried_against_what_a_topic_takes(run: Run, home: Path) -> None:
    topic(home, "title:1 OR title:2")
    run("load", "-", stdin=articles(4))
    run("publish")
    tried = run("topic", "test", "korea", "--match", "title:2 OR title:3", "--json").json
    assert [(each["change"], each["title"]) for each in tried] == [
        ("+", "Number 3"), ("-", "Number 1"), ("=", "Number 2")
    ]  # fmt: skip
    assert tried[1]["reason"] == "not selected: no clause of 'title:2 OR title:3' matches"
    shown = run("topic", "test", "korea", "--exclude", "title:1", "--limit", "1")
    assert shown.out.startswith("- ")
    assert shown.err == (
        "1 of the archive's articles would be selected: 0 would come (+), 1 would go (-), 1 stay (=); "
        "1 listed, of each kind the newest\n"
    )
    before = (home / "config" / "topics.toml").read_text()
    (home / "config" / "topics.toml").write_text(before.replace("title:1 OR title:2", "title:3"))
    assert [each["change"] for each in run("topic", "test", "korea", "--json").json] == ["+", "-", "-"]
    assert "(0% judged)" in run("topic", "list").out
    run("publish")
    assert [each["change"] for each in run("topic", "test", "korea", "--json").json] == ["="]
    assert "judged" not in run("topic", "list").out
    assert "change" not in run("topic", "test", "--match", "number", "--json").json[0]


def test_why_says_how_an_article_is_known_and_where_it_says_that_it_is_from(run: Run) -> None:
    wire = f"{TEXT} {MORE} {TEXT.replace('Geneva', 'Vienna')}"
    lines = [
        {"url": "https://copy.org/a", "title": "Koreas talk", "text": f"{wire}\n\nFirst published by Harbour Times.",
         "published": "2026-03-01T10:00:00Z", "source": "copy"},
        {"url": "https://harbour-times.org/7", "title": "The Koreas talk", "text": wire,
         "published": "2026-03-01T12:00:00Z", "source": "times", "guid": "urn:7"},
    ]  # fmt: skip
    run("load", "-", stdin="".join(json.dumps(line) + "\n" for line in lines))
    copy, original = run("why", "1", "--json").one, run("why", "2", "--json").one
    assert (copy["relation"], original["relation"]) == ("copy", "first")
    assert "stands in the longer one, here and in article 2 (https://harbour-times.org/7)" in copy["reason"]
    assert copy["reason"].endswith(f"; {copy['origin']}")
    assert (copy["entry"], original["entry"]) == ("known by its link", "known by its guid urn:7")
    assert (copy["origin"], original["origin"]) == ("it says “First published by Harbour Times”", None)
    assert f"from elsewhere: {copy['origin']}" in run("why", "1").out


def test_why_says_that_a_topic_shows_another_article_of_the_story(run: Run, home: Path) -> None:
    (home / "config" / "topics.toml").write_text('[[topic]]\nname = "port"\nmatch = "harbour"\n')
    for site in "ab":
        line = {"url": f"https://{site}.example/1", "title": "Storm", "text": WORDS}
        run("load", "-", stdin=json.dumps(line))
    (first,) = run("why", "1", "--json").one["topics"]
    (second,) = run("why", "2", "port", "--json").one["topics"]
    assert "in its place" not in first["reason"]
    assert second["reason"].endswith("; article 1, of the same story, is shown in its place (copies = 'first')")


def test_why_names_the_nearest_of_another_story(run: Run) -> None:
    lines = [
        {"url": "https://a.org/1", "title": "Koreas meet", "text": f"{TEXT} {MORE}", "source": "a",
         "published": "2026-03-01T10:00:00Z"},
        {"url": "https://b.org/1", "title": "A week in talks", "source": "b", "published": "2026-03-02T10:00:00Z",
         "text": "The unions have called for a strike on the first day of the month, which the port and both railways are "
                 f"to join at noon. What else was said this week, by whom and to what end. {MORE} Nobody expects the farmers "
                 "to give in before the harvest, and the miners will hardly wait for them to do so."},
    ]  # fmt: skip
    run("load", "-", stdin="".join(json.dumps(line) + "\n" for line in lines))
    first, second = run("why", "1", "--json").one, run("why", "2", "--json").one
    assert (first["relation"], second["relation"]) == ("first", "first")
    assert first["apart"].startswith("of another story than article 2: ")
    assert second["apart"] in run("why", "2").out


def test_a_topic_is_tried_then_written_then_published(run: Run, home: Path) -> None:
    run("load", "-", stdin=articles())
    tried = run("topic", "test", "--match", "title:1 OR title:2", "--json")
    assert [list(each) for each in tried.json] == [["id", "url", "title", "published", "source", "reason"]] * 2
    assert "2 of the archive's articles" in run("topic", "test", "--match", "title:1 OR title:2", "--limit", "1").err
    topic(home, "title:1 OR title:2")
    assert "korea: 2 articles" in run("publish").out
    assert b"Number 1" in (home / "feeds_out/korea.atom").read_bytes()
    assert {p.name for p in (home / "feeds_out").iterdir()} == {
        "korea.atom", "korea.rss", "korea.json", "changes.atom", "changes.rss", "changes.json", "feed.css",
        "health.atom", "health.rss", "health.json",
        "index.html", "topics.opml"
    }  # fmt: skip
    assert run("topic", "list", "--json").one == {
        "name": "korea", "title": "korea", "match": "title:1 OR title:2", "articles": 2
    }  # fmt: skip
    assert len(run("topic", "test", "korea", "--json").json) == 2
    assert "0 files changed" in run("publish", "korea").out


def test_status_names_the_ill(run: Run, site: Site) -> None:
    run("add", news(site))
    site.pages.clear()
    run("poll", "--all", code=1)
    figures = run("status", "--json").one
    assert (figures["sources"], figures["failing"], figures["articles"]) == (1, 1, 2)
    assert [each["name"] for each in figures["ill"]] == ["the-news"]
    assert "failing: the-news: " in run("status").out


def test_a_dump_of_what_was_loaded_is_what_was_loaded(run: Run) -> None:
    assert run("load", "-", stdin=articles()).out == "3 new, 0 changed, 0 known, 0 refused\n"
    dumped = run("dump")
    assert all(set(each) >= DUMPED for each in dumped.json)
    for before, after in zip(map(json.loads, articles().splitlines()), dumped.json, strict=True):
        assert {key: after[key] for key in before} == before
    assert run("load", "-", stdin=articles()).out == "0 new, 0 changed, 3 known, 0 refused\n"
    assert run("load", "-", stdin=dumped.out).out == "0 new, 0 changed, 3 known, 0 refused\n"
    assert run("dump").out == dumped.out


def test_the_next_line_of_a_guid_is_an_edit_and_the_same_line_again_is_known(run: Run) -> None:
    first, edited = articles(1), articles(1).replace("The end of 0", "The end of all")
    assert run("load", "-", "--json", stdin=first + edited).one == {
        "new": 1,
        "changed": 1,
        "known": 0,
        "deleted": 0,
        "refused": 0,
    }
    assert run("load", "-", "--json", stdin=edited).one == {
        "new": 0,
        "changed": 0,
        "known": 1,
        "deleted": 0,
        "refused": 0,
    }
    found = run("show", "1", "--json").one
    assert (found["revisions"], "The end of all" in found["text"]) == (2, True)


def test_what_cannot_be_loaded_is_counted_with_its_line(run: Run, home: Path) -> None:
    wrong = [
        "no json", "[]", '{"title": "no url"}', '{"url": 5, "title": "x"}',
        '{"url": "https://a.org/", "title": "x", "published": "soon"}',
        '{"url": "https://a.org/", "title": "x", "published": "0001-01-01T00:00:00+14:00"}',
        '{"url": "https://a.org/", "title": "x", "captions": {"text": "y"}}',
    ]  # fmt: skip
    (home / "wrong.jsonl").write_text("\n".join([*wrong, articles(1)]))
    said = run("load", str(home / "wrong.jsonl"), code=3)
    assert said.out == "1 new, 0 changed, 0 known, 7 refused\n"
    assert [line.split(":")[2] for line in said.err.splitlines()] == list("1234567")
    (home / "wrong.jsonl").write_text("no json")
    assert run("load", str(home / "wrong.jsonl"), code=1).out == "0 new, 0 changed, 0 known, 1 refused\n"


@pytest.mark.parametrize(
    "line",
    [
        b'{"url": "https://a.org/1", "title": "caf\xe9"}',
        b'{"url": "https://a.org/1", "title": "lone \\ud800"}',
        b'{"url": "https://a.org/\\ud800", "title": "lone"}',
        b'{"url": "http://[", "title": "no host", "source": "a"}',
        b'{"url": "https://a.org/1", "title": "nul \\u0000", "guid": "\\u0000\\udfff", "source": "\\ud800"}',
        b'{"url": "https://a.org/1", "title": "x", "captions": [{"image": "\\ud800", "text": "y"}]}',
        b'{"url": "https://a.org/1", "title": "x", "language": "\\ud800"}',
    ],
)
def test_wild_lines_are_taken_or_refused_never_a_crash(run: Run, line: bytes) -> None:
    run("load", "-", stdin=line + b"\n", code=None)
    run("dump")


def test_extract_of_a_folder(run: Run, tmp_path: Path) -> None:
    page = f"""<html lang="en"><head><title>Talks in Geneva</title>
        <meta property="article:published_time" content="2024-06-17T11:12:00+02:00"></head><body><article>
        <h1>Talks in Geneva</h1><p>{TEXT}</p><figure><img src="/1.jpg"><figcaption>The table</figcaption></figure>
        <p>{TEXT} {TEXT}</p></article></body></html>"""
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "a.html").write_text(page)
    (folder / "b.html.gz").write_bytes(gzip.compress(page.encode()))
    (folder / "urls.json").write_text('{"a": "https://a.org/x/a", "b": "https://b.org/b"}')
    found = {each["id"]: each for each in run("extract", str(folder)).json}
    assert set(found) == {"a", "b"}
    assert all(set(each) == EXTRACTED for each in found.values())
    a = found["a"]
    assert (a["url"], a["title"], a["published"]) == ("https://a.org/x/a", "Talks in Geneva", "2024-06-17T09:12:00Z")
    assert a["captions"] == [{"image": "https://a.org/1.jpg", "text": "The table", "credit": None}]
    assert a["text"] == "\n\n".join([TEXT, f"{TEXT} {TEXT}"])
    assert found["b"]["captions"][0]["image"] == "https://b.org/1.jpg"


def test_extract_of_a_url_and_of_what_holds_nothing(run: Run, site: Site, tmp_path: Path) -> None:
    news(site)
    assert run("extract", f"{site.url}/1").one["url"] == f"{site.url}/1"
    (tmp_path / "b.html.gz").write_bytes(b"no gzip")
    said = run("extract", f"{site.url}/1", str(tmp_path / "b.html.gz"), code=3)
    assert [each["text"] is None for each in said.json] == [False, True]
    assert "cannot be read" in one_line(said.err)
    assert "no such file" in one_line(run("extract", str(tmp_path / "nowhere"), code=2).err)
    empty = tmp_path / "empty.html"
    empty.touch()
    assert one_line(run("extract", str(empty), code=1).err).startswith(f"aggregator: {empty}: empty page")


@pytest.mark.parametrize(("said", "where"), [("{\n,", ":2: is no JSON"), ("[1]", ": must be one JSON object")])
def test_addresses_of_pages_that_cannot_be_read_are_one_line(run: Run, tmp_path: Path, said: str, where: str) -> None:
    (tmp_path / "urls.json").write_text(said)
    assert f"urls.json{where}" in one_line(run("extract", str(tmp_path), code=2).err)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[http]\nallow_addresses = ["10.0.0.0/33"]', "aggregator.toml:2: allow_addresses: '10.0.0.0/33'"),
        ('full_text = true\ndatabase = "mysql://a/b"', "aggregator.toml:2: database: mysql is no database we know"),
    ],
)
def test_what_only_a_door_can_tell_of_a_setting_has_its_line(run: Run, home: Path, text: str, said: str) -> None:
    (home / "config/aggregator.toml").write_text(text)
    assert said in one_line(run("list", code=2).err)


def test_one_way_to_show_an_article_at_a_time(run: Run) -> None:
    said = one_line(run("show", "1", "--html", "--history", code=2).err)
    assert said == "aggregator: --html goes with neither --history nor --json; `aggregator show --help` explains"


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["serach"], 2, "No such command"),
        (["search"], 2, "Missing argument"),
        (["search", "a", "--limit", "0"], 2, "not in the range"),
        (["search", "title:"], 2, "title:"),
        (["search", "(a"], 2, "at character"),
        (["search", '"a'], 2, "at character"),
        (["topic", "test"], 2, "NAME or a rule"),
        (["topic", "test", "nothing"], 2, "is no topic"),
        (["topic", "test", "--match", "AND"], 2, "at character"),
        (["publish", "nothing"], 2, "is no topic"),
        (["why", "1", "nothing"], 2, "is no topic"),
        (["why", "1"], 1, "no such article"),
        (["show", "1"], 1, "no such article"),
        (["show", "99999999999999999999"], 1, "no such article"),
        (["show", "https://["], 1, "no such article"),
        (["show", "²"], 1, "no such article"),
        (["load", "/nowhere"], 2, "No such file"),
        (["list", "--home", "/nowhere"], 2, "aggregator init"),
    ],
)
def test_mistakes_are_one_line_and_have_their_exit_code(run: Run, args: list[str], code: int, said: str) -> None:
    result = run(*args, code=code)
    assert said in result.err.splitlines()[-1]
    assert result.out == ""


def test_a_rule_that_cannot_be_read_names_its_topic_and_shows_the_place(run: Run, home: Path) -> None:
    topic(home, "korea (nuclear")
    shown, caret, said = run("status", code=2).err.splitlines()
    assert (shown, caret) == ("korea (nuclear", "      ^")
    assert "topic 'korea'" in said


def test_a_mistake_in_the_config_is_one_line(run: Run, home: Path) -> None:
    (home / "config/sources.toml").write_text("[[source]]\nulr = 'x'\n")
    line = one_line(run("list", code=2).err)
    assert line.endswith("sources.toml:2: unknown key 'ulr'; did you mean 'url'?")


def test_a_database_that_cannot_be_opened_is_one_line(run: Run, home: Path) -> None:
    (home / "storage/archive.db").write_bytes(b"no database at all, but long enough to be read as one" * 40)
    assert one_line(run("status", code=1).err)


def test_nothing_of_a_strangers_title_reaches_the_terminal(run: Run, site: Site, home: Path) -> None:
    site.pages["/feed.json"] = (
        200, "application/feed+json",
        json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": f"News {STOLEN}", "items": [
            {"id": f"1{STOLEN}", "url": f"{site.url}/1", "title": f"Title {STOLEN}", "content_text": f"{TEXT} {STOLEN}",
             "authors": [{"name": f"Jo {STOLEN}"}]}]}).encode(),
    )  # fmt: skip
    site.page("/1", f"<title>Page {STOLEN}</title>", f"<article><h1>Title {STOLEN}</h1><p>{TEXT * 3}{STOLEN}</article>")
    topic(home, "koreas")
    wild = json.dumps({"url": f"https://a.org/{STOLEN}", "title": STOLEN + "x", "text": STOLEN + "koreas",
                       "source": STOLEN + "a", "guid": STOLEN, "byline": STOLEN, "language": STOLEN,
                       "captions": [{"image": f"https://a.org/{STOLEN}", "text": STOLEN, "credit": STOLEN}]})  # fmt: skip
    for args, stdin in [
        (["add", f"{site.url}/feed.json"], ""), (["load", "-"], wild), (["list", "-v"], ""), (["poll", "--all"], ""),
        (["search", "koreas"], ""), (["search", "koreas", "--json"], ""), (["topic", "test", "korea"], ""),
        (["status"], ""), (["dump"], ""), (["export"], ""), (["show", "1"], ""), (["show", "2"], ""),
        (["show", "1", "--html"], ""), (["show", "2", "--html"], ""), (["why", "1"], ""), (["why", "2"], ""),
        (["show", "1", "--history"], ""), (["publish"], ""), (["topic", "list"], ""), (["extract", f"{site.url}/1"], ""),
    ]:  # fmt: skip
        said = run(*args, stdin=stdin, code=None)
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", said.out + said.err), args
    assert run("status", "--json").one["articles"] == 2


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_the_help_of_every_command_has_an_example(run: Run, path: tuple[str, ...]) -> None:
    command = COMMANDS[path]
    said = run(*path, "--help").out
    if not isinstance(command, click.Group):
        assert f"Example: aggregator {' '.join(path)}" in re.sub(r"\s+", " ", said)
        names = {option for parameter in command.params for option in parameter.opts}
        assert path[0] in ("init", "demo", "restore") or {"--home", "-v", "-q"} <= names


def test_help_answers_without_loading_the_machinery() -> None:
    code = (
        "import sys\nfrom aggregator.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'sqlalchemy', 'aiohttp', 'lxml', 'feedparser', 'rich', 'apscheduler'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Polls feeds" in done.stdout


def test_the_installed_command_answers(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("aggregator")
    done = subprocess.run([program, "list", "--home", tmp_path], capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert one_line(done.stderr).startswith(f"aggregator: {tmp_path}: is no home")


def test_the_session_of_the_readme_ends_in_a_published_feed(site: Site, tmp_path: Path) -> None:
    text = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
    session = re.search(r"## From nothing.*?```console\n(.*?)```", text, re.DOTALL)
    assert session
    lines = [line.removeprefix("$ ") for line in session[1].splitlines()]
    assert len(lines) == 5
    news(site)
    page = site.page("/", '<link rel="alternate" type="application/rss+xml" href="/news.xml">')
    script = re.sub(r"https://\S+", page, "\n".join(lines)).replace("aggregator run", "exec aggregator run")
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        listen = f"127.0.0.1:{free.getsockname()[1]}"
    environ = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "AGGREGATOR_SERVER__LISTEN": listen,
        "AGGREGATOR_HTTP__ALLOW_ADDRESSES": site.host, "AGGREGATOR_HTTP__HOST_PAUSE": "0s",
        "AGGREGATOR_CPU_WORKERS": "0",
    }  # fmt: skip
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(["bash", "-euc", script], cwd=tmp_path, env=environ, stdout=log, stderr=log)
    feed = tmp_path / "news/feeds_out/korea.atom"
    try:
        for _ in range(1200):
            if (feed.exists() and b"Korea talks 2" in feed.read_bytes()) or process.poll() is not None:
                break
            time.sleep(0.1)
        assert b"Korea talks 2" in feed.read_bytes(), (tmp_path / "log").read_text()
        process.terminate()
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()


def test_standard_output_may_be_closed_early(run: Run, home: Path) -> None:
    run("load", "-", stdin=articles())
    program = Path(sys.executable).with_name("aggregator")
    with subprocess.Popen([program, "dump", "--home", home], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as done:
        assert done.stdout is not None
        assert done.stderr is not None
        done.stdout.close()
        assert b"Traceback" not in done.stderr.read()


def test_commands_that_only_ask_write_nothing_into_feeds_out(run: Run, home: Path) -> None:
    topic(home, "korea")
    for command in (["list"], ["status"], ["search", "korea"], ["topic", "list"], ["dump"]):
        run(*command)
    assert list((home / "feeds_out").iterdir()) == []


def test_a_rule_that_cannot_be_read_is_named_with_its_line(run: Run, home: Path) -> None:
    topic(home, "korea")
    topic(home, "(", name="wrong")
    text = (home / "config" / "topics.toml").read_text()
    line = text[: text.index('"("')].count("\n") + 1
    said = run("list", code=2)
    assert f"topics.toml:{line}: topic 'wrong': " in said.err


def test_demo_says_at_once_that_it_cannot_listen_so(run: Run) -> None:
    assert "must be host:port" in run("demo", "--listen", "127.0.0.1:99999", code=2).err


def test_what_commands_did_can_be_read_by_programs(run: Run, site: Site, home: Path) -> None:
    url = news(site)
    topic(home, "korea")
    added = run("add", url, "--json").one
    assert added == {
        "url": url, "name": "the-news", "title": "The News", "outcome": "added", "entries": 2, "error": None
    }  # fmt: skip
    assert run("add", url, "--json").one == added | {"outcome": "followed"}
    failed = run("add", f"{site.url}/nothing", "--json", code=1).one
    assert (failed["outcome"], "404" in failed["error"]) == ("failed", True)
    assert run("load", "-", "--json", stdin=articles()).one == {
        "new": 3,
        "changed": 0,
        "known": 0,
        "deleted": 0,
        "refused": 0,
    }
    assert run("publish", "--json").one == {"name": "korea", "articles": 2, "changed": 0}
    assert run("remove", "the-news", "--json").one == {"name": "the-news", "removed": True}


def test_a_feed_that_is_followed_is_not_asked_again_by_add(run: Run, site: Site) -> None:
    url = news(site)
    run("add", url)
    site.pages.clear()
    assert "is followed already" in run("add", url).out


def test_extract_says_of_each_paragraph_why(
    run: Run, site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    appeal = "The Geneva Post is owned by its readers, and lives on what they give, a little every month, each of them."
    body = "<article><h1>{0}</h1>{1}<p>" + appeal + "</p></article><footer><p>All rights reserved.</p></footer>"
    for n in range(4):
        text = "".join(f"<p>{TEXT} This is part {part} of report {n}.</p>" for part in "abcd")
        site.page(f"/{n}", body=body.format(f"Report {n}", text), title=f"Report {n}")
    site.feed("/feed", "Post", *((f"/{n}", f"Report {n}", "") for n in range(3)))
    run("add", f"{site.url}/feed")
    run("poll", "--all")
    rules = tmp_path / "home" / "config" / "sites"
    rules.mkdir()
    (rules / "127.0.0.1.txt").write_text("strip: //footer\ntitel: //h1")
    said = run("extract", f"{site.url}/3", "-v")
    lines = said.err.splitlines()
    assert caplog.messages == ["config/sites/127.0.0.1.txt:2: unknown rule 'titel'; ignored"]
    assert [line.strip() for line in lines[1::2]] == [
        "config/sites/127.0.0.1.txt: strip: //footer",
        "unlikely",
        *["likely, by its place, its look and its neighbours"] * 4,
        "stands around 3 other articles of this host too",
    ]
    assert [line[0] for line in lines[::2]] == [*"--++++-"]
    assert all(re.match(r"[+-] (?:\d\.\d\d|    )  \S", line) for line in lines[::2])
    assert set(said.one) == EXTRACTED
    (found,) = run("extract", f"{site.url}/3", "-v", "--json").json
    assert [set(block) for block in found["blocks"]] == [{"text", "kept", "chance", "reason"}] * 7
    assert found["blocks"][-1]["text"] == appeal[:99] + "…"


@pytest.mark.parametrize("body", [b"", b"<rss><chan", b"\x00\x01\x02"])
def test_a_feed_that_is_broken_is_not_exchanged_for_another(run: Run, site: Site, body: bytes) -> None:
    site.feed("/feed.xml", "Another")
    site.pages["/broken"] = (200, "application/rss+xml", body)
    assert "/broken: " in one_line(run("add", f"{site.url}/broken", code=1).err)
    assert run("list", "--json").json == []


def test_a_link_that_is_called_a_feed_is_tried(run: Run, site: Site) -> None:
    url = site.feed("/aktuell", "News")
    site.page("/", body='<a href="/x">Other</a> <a href="/aktuell">RSS</a>')
    assert f"taking {url}" in run("add", f"{site.url}/").out


def test_a_name_that_is_taken_is_said_of_the_name(run: Run, site: Site) -> None:
    run("add", site.feed("/a", "A"), "--name", "x")
    assert one_line(run("add", site.feed("/b", "B"), "--name", "x", code=1).err).startswith("aggregator: --name: ")


def test_to_add_a_source_that_fails_says_why_it_does(run: Run, site: Site) -> None:
    url = site.feed("/a", "A")
    run("add", url)
    del site.pages["/a"]
    run("poll", "--all", code=1)
    assert "404" in one_line(run("add", url).err)


def test_imported_sources_are_called_what_they_were(run: Run) -> None:
    outlines = "".join(f'<outline text="The News" xmlUrl="https://{host}.org/"/>' for host in "ab")
    run("import", "-", stdin=f"<opml><body>{outlines}</body></opml>")
    assert [s["name"] for s in run("list", "--json").json] == ["the-news", "the-news-2"]


def test_what_is_no_address_is_not_loaded(run: Run) -> None:
    lines = [
        '{"url": "javascript:alert(1)", "title": "A"}',
        '{"url": "https://a.org/", "title": "A", "captions": [{"image": "javascript:x", "text": "B"}]}',
    ]
    said = run("load", "-", stdin="\n".join(lines), code=1)
    assert said.out.endswith("2 refused\n")
    assert said.err.count("not an http or https address") == 2


@pytest.mark.parametrize(
    ("line", "url"),
    [
        ({"url": "/2026/quay", "source": "a.example"}, "https://a.example/2026/quay"),
        ({"url": "//a.example/quay"}, "https://a.example/quay"),
        ({"url": "/2026/quay", "source": "The News"}, "https://load.invalid/2026/quay"),
        ({"guid": "quay 1"}, "https://load.invalid/#/quay%201"),
    ],
)
def test_an_article_whose_address_is_not_whole_is_kept(run: Run, line: dict[str, str], url: str) -> None:
    run("load", "-", stdin=json.dumps({"title": "Quay", "text": "Open."} | line))
    (kept,) = run("dump").json
    assert (kept["url"], kept["guid"]) == (url, line.get("guid", line.get("url")))


def test_revisions_can_be_read_by_programs(run: Run) -> None:
    for text in ("First words.", "Other words."):
        run("load", "-", stdin=json.dumps({"url": "https://a.org/1", "title": "A", "text": text}))
    said = run("show", "1", "--history", "--json").json
    assert [(each["number"], each["text"]) for each in said] == [(1, "First words."), (2, "Other words.")]


def test_a_value_from_the_environment_is_blamed_on_its_variable(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGGREGATOR_HTTP__ALLOW_ADDRESSES", "nonsense")
    assert one_line(run("list", code=2).err).startswith("aggregator: AGGREGATOR_HTTP__ALLOW_ADDRESSES: ")
    monkeypatch.setenv("AGGREGATOR_HTTP__ALLOW_ADDRESSES", '["127.0.0.1:80"]')
    run("list")
    monkeypatch.setenv("AGGREGATOR_HTTP__TIMEOT", "3s")
    assert "did you mean AGGREGATOR_HTTP__TIMEOUT?" in one_line(run("list", code=2).err)


def test_poll_tells_of_the_sources_that_it_leaves_out_after_a_429(run: Run, site: Site) -> None:
    outlines = "".join(f'<outline xmlUrl="{site.url}/{n}"/>' for n in range(3))
    run("import", "-", stdin=f"<opml><body>{outlines}</body></opml>")
    site.pages |= {f"/{n}": (429, "text/plain", b"") for n in range(3)}
    said = run("poll", "--all", code=None)
    assert said.out.count(": failed: ") == 1
    assert said.out.count(f": unchanged: not asked: {site.host} answered 429, again at 2") == 2
    assert "Traceback" not in said.err
