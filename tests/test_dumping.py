"""dump --all and load: the whole archive as lines, and back"""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from aggregator import config, dumping
from aggregator.app import App
from aggregator.doors.store import articles, integrity, ledger, namesakes, sources, stars, topics
from aggregator.doors.store.schema import HEAD
from aggregator.errors import AggregatorError
from aggregator.model import Finding, Source
from aggregator.pruning import prune
from aggregator.steps import compose
from tests.commands import Run
from tests.doors.seeds import entry
from tests.fakes import WORDS, Clock, FakeWeb, configure, item, page, rss, work, write_home

TOPICS: list[dict[str, Any]] = [
    {"name": "storms", "match": "title:3^2 OR title:7 OR caption:ship", "window": "30d"},
    {"name": "all", "match": "the", "keep_most": 20, "sources": ["tag:press"]},
]


async def fill(app: App, web: FakeWeb, now: Clock, random: Random) -> None:
    """Some days of three papers that copy and correct each other; much of it is starred or deleted."""
    papers: list[dict[str, Any]] = [
        {"url": f"https://{n}.example/feed", "name": n, "tags": ["press"], "keep_most": 5} for n in "abc"
    ]
    await configure(app, sources=papers, topics=TOPICS)
    texts = [" ".join(random.sample(WORDS.split(), 60)) + f" Żółw 朝鮮 \x1f{n}" for n in range(12)]
    for day in range(4):
        for paper in papers:
            items = []
            for n in random.sample(range(12), 6):
                link = f"https://{paper['name']}.example/{n}"
                picture = (
                    f'<figure><img src="/{n}.jpg" width=900 height=600><figcaption>A crane, {n}</figcaption></figure>'
                )
                text = texts[n] + (f"\n\nCorrected on day {day}." if random.random() < 0.3 else "")
                web[link] = page(f"Storm number {n}", text, picture) if random.random() < 0.4 else b"\0"
                items.append(item(f"{n}", f"Storm number {n}", link, text, now()))
            web[paper["url"]] = rss(*items)
        await app.store.write(sources.due_now, None, now())
        await work(app)
        now.advance(days=1, seconds=random.random())
    for archived in await app.store.read(articles.dump, 0):
        if random.random() < 0.2:
            await app.store.write(stars.star, archived.id or 0, now())
    assert await prune(app) > 3
    await work(app)


async def dumped(app: App) -> list[str]:
    lines: list[str] = []
    await dumping.dump(app, lines.append, lambda of: None)
    return lines


async def taken(app: App, lines: list[str]) -> dumping.Taken:
    head = dumping.head(lines[0])
    assert head is not None
    return await dumping.load(app, "lines", head, lines[1:], lambda of: None)


async def test_an_archive_is_the_same_after_a_way_through_lines(
    app: App, web: FakeWeb, now: Clock, unmigrated: str, tmp_path: Path
) -> None:
    await fill(app, web, now, Random(1))
    lines = await dumped(app)
    tables = {json.loads(line)["table"] for line in lines[1:]}
    assert tables > {
        "sources",
        "entries",
        "articles",
        "images",
        "revisions",
        "decisions",
        "stars",
        "tombstones",
        "ledger",
    }
    home = write_home(tmp_path / "new", database=unmigrated)
    async with App(config.load(home, {}), now=now, web=web) as other:
        assert (await taken(other, lines)).refused == []
        assert await dumped(other) == lines
        found: list[Finding] = []
        await other.store.read(integrity.check, compose.words, found.append, lambda of: None)
        assert found == []
        assert await other.store.read(ledger.head) == await app.store.read(ledger.head)
        # and it goes on: what is known is known, what is new is new
        asked = Source(id=1, url=""), [entry(f"moved-{n}", title=f"Storm number {n}") for n in range(12)]
        known = await other.store.read(namesakes.among, *asked)
        assert known
        assert set(known) == set(await app.store.read(namesakes.among, *asked))
        await configure(other, sources=[{"url": s.url, "name": s.name} for s in app.config.sources], topics=TOPICS)
        before = [a.id or 0 for a in await other.store.read(articles.dump, 0)]
        await other.store.write(sources.due_now, None, now())
        await work(other)
        assert [a.id for a in await other.store.read(articles.dump, 0)] == before
        web["https://a.example/feed"] = rss(item("new", "Quite new", "", "<p>Nothing like it.</p>"))
        await other.store.write(sources.due_now, None, now())
        await work(other)
        assert [a.id for a in await other.store.read(articles.dump, 0)] == [*before, max(before) + 1]
        assert {live.topic.name for live in await other.store.read(topics.live)} == {"storms", "all"}


async def test_a_home_that_holds_something_takes_no_other_archive(app: App, web: FakeWeb) -> None:
    web["https://a.example/feed"] = rss(item("a", link=""))
    await configure(app, sources=["https://a.example/feed"])
    await work(app)
    lines = await dumped(app)
    with pytest.raises(AggregatorError, match="is not empty: a whole archive is loaded into a new home only"):
        await taken(app, lines)
    assert await dumped(app) == lines


def lines_of(run: Run) -> list[str]:
    articles = [
        {"url": f"https://a.org/{n}", "title": f"Number {n}", "text": f"Of {n}.", "source": "a"} for n in range(3)
    ]
    run("load", "-", stdin="".join(json.dumps(each) + "\n" for each in articles))
    return run("dump", "--all").out.splitlines(keepends=True)


def fresh(run: Run, tmp_path: Path) -> None:
    for file in (tmp_path / "home" / "storage").glob("archive.db*"):
        file.unlink()


def changed(lines: list[str], of: str, **said: Any) -> int:
    """The line of the table's first row says something else; returns its number."""
    at = next(n for n, line in enumerate(lines) if json.loads(line).get("table") == of)
    lines[at] = json.dumps(json.loads(lines[at]) | said) + "\n"
    return at + 1


def test_a_dump_goes_into_a_new_home(run: Run, tmp_path: Path) -> None:
    lines = lines_of(run)
    assert json.loads(lines[0])["archive"] == HEAD
    fresh(run, tmp_path)
    said = run("load", "-", "--json", stdin="".join(lines)).one
    assert (said["articles"], said["entries"], said["ledger"], said["refused"]) == (3, 3, 3, 0)
    assert run("dump", "--all").out == "".join(lines)
    assert [each["id"] for each in run("search", "number", "--json").json] == [3, 2, 1]
    assert run("verify", "--json").one["whole"]


@pytest.mark.parametrize(
    ("table", "said", "reason"),
    [
        ("articles", {"title": 5}, "articles: title: must be a text"),
        ("articles", {"title": None}, "articles: "),
        ("articles", {"titel": "x"}, "articles has no column 'titel'"),
        ("articles", {"entry_id": 77}, "articles: "),
        ("articles", {"id": 2**40}, "articles: id: must be a whole number"),
        ("articles", {"published": "yesterday"}, "articles: published: Invalid isoformat string"),
        ("articles", {"published": "2024-01-01T00:00:00"}, "articles: published: needs a zone: Z"),
        ("articles", {"body": {"text": "x"}}, "articles: body: must have text and html"),
        ("articles", {"title": "half \ud800"}, "articles: title: "),
        ("articles", {"table": "articels"}, "table: 'articels' is none of an archive"),
        ("ledger", {"chain": "xyz"}, "ledger: chain: "),
        ("sources", {"removed": 1}, "sources: removed: must be true or false"),
    ],
)  # fmt: skip
def test_a_broken_line_is_named_and_the_rest_is_loaded(
    run: Run, tmp_path: Path, table: str, said: dict[str, Any], reason: str
) -> None:
    lines = lines_of(run)
    fresh(run, tmp_path)
    number = changed(lines, table, **said)
    (tmp_path / "lines.jsonl").write_text("".join(lines))
    done = run("load", str(tmp_path / "lines.jsonl"), "--json", code=3)
    assert f"aggregator: {tmp_path}/lines.jsonl:{number}: {reason}" in done.err
    kept = {"articles": 2} if table == "articles" else {"ledger": 2} if table == "ledger" else {"sources": 0}
    assert kept.items() <= done.one.items()


def test_a_dump_that_was_cut_off_is_told(run: Run, tmp_path: Path) -> None:
    lines = lines_of(run)
    fresh(run, tmp_path)
    err = run("load", "-", stdin="".join(lines[:-2]) + lines[-2][:30], code=3).err
    assert f"-:{len(lines) - 1}: not JSON" in err
    assert "ledger: 1 rows were kept of 3 that its first line promises" in err


@pytest.mark.parametrize(
    ("line", "said"),
    [('{"archive": "9999", "rows": {}}', "written by a newer aggregator"), ('{"archive": 5, "rows": {}}', "written by a newer")],
)  # fmt: skip
def test_what_a_newer_program_wrote_is_left_alone(run: Run, line: str, said: str) -> None:
    assert said in run("load", "-", stdin=line + "\n", code=1).err


def test_articles_are_loaded_as_before_whatever_their_first_line_says(run: Run) -> None:
    article = json.dumps({"archive": "no", "url": "https://a.org/1", "title": "One"}) + "\n"
    assert run("load", "-", "--json", stdin=article).one["new"] == 1
    assert run("load", "-", "--json", stdin="[1\n", code=1).one["refused"] == 1
    assert run("load", "-", "--json", stdin="").one == {"new": 0, "changed": 0, "known": 0, "deleted": 0, "refused": 0}
