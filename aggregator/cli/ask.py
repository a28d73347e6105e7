"""Commands that ask: search, show, why, topic, status."""

from typing import TYPE_CHECKING

import click

from aggregator.cli.common import GroupInOrder, configured, logs, options, safe, with_app

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.model import Archived, Likeness, Revision, Topic
    from aggregator.questions import Questions


@click.command()
@click.argument("query")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--best", is_flag=True, help="Best first, not newest first.")
@options(json=True)
def search(query: str, limit: int, best: bool, home: str | None, verbose: int, quiet: bool, as_json: bool) -> None:
    """Search title, text, captions and byline; the language is that of topics (docs/query-language.md).

    Example: aggregator search 'korea caption:"Kim Jong Un"'
    """
    from aggregator.questions import Questions, found_json, line

    logs(verbose, quiet)
    found = with_app(configured(home), lambda app: Questions(app).search(query, limit, best))
    for archived, snippet in found:
        data = found_json(archived, snippet)
        if as_json:
            click.echo(line(data))
        else:
            click.echo(f"{_headline(archived)}\n        {safe(snippet)}")
    if not found and not as_json:
        click.echo("nothing found", err=True)


@click.command()
@click.argument("article")
@click.option("--html", is_flag=True, help="The article as HTML.")
@click.option("--history", is_flag=True, help="What it said before, and what was changed.")
@options(json=True)
def show(article: str, html: bool, history: bool, home: str | None, verbose: int, quiet: bool, as_json: bool) -> None:
    """One article, by id or URL: text, captions, copies, revisions.

    Example: aggregator show 12 --history
    """
    from aggregator.questions import Questions, article_json, line, revisions_json
    from aggregator.steps.text import storable

    if html and (history or as_json):
        raise click.UsageError("--html goes with neither --history nor --json")
    logs(verbose, quiet)

    async def ask(app: "App") -> tuple["Archived", tuple["Archived", ...], tuple["Revision", ...]]:
        questions = Questions(app)
        found = await _article(questions, article)
        return found, await questions.copies(found.id or 0), await questions.revisions(found.id or 0)

    found, copies, revisions = with_app(configured(home), ask)
    if as_json and history:
        for said in revisions_json(found, revisions):
            click.echo(line(said))
    elif as_json:
        click.echo(line(article_json(found)))
    elif html:
        click.echo(storable(found.article.html))
    elif history:
        _history(found, revisions)
    else:
        _show(found, [a for a in copies if a.id != found.id])


@click.command()
@click.argument("article")
@click.argument("topic", required=False)
@options(json=True)
def why(article: str, topic: str | None, home: str | None, verbose: int, quiet: bool, as_json: bool) -> None:
    """Why an article is in a topic, or is not; why it was taken for a copy, for the same page, or for new.

    Example: aggregator why 12 north-korea
    """
    from aggregator.doors.store import likenesses
    from aggregator.errors import ConfigError
    from aggregator.questions import Questions, line
    from aggregator.steps import dedup
    from aggregator.steps.render import page_error

    logs(verbose, quiet)
    config = configured(home)
    if topic and topic not in {t.name for t in config.topics}:
        raise ConfigError(topic, "is no topic of topics.toml; `aggregator topic list` shows them")

    async def ask(app: "App") -> tuple["Archived", "Likeness | None", list[dict[str, object]]]:
        found = await _article(Questions(app), article)
        said = await Questions(app).why(found, topic)
        return (
            found,
            await app.store.read(likenesses.nearest, found.id or 0),
            [
                {"topic": name, "selected": d.selected, "reason": d.reason, "hits": [hit._asdict() for hit in d.hits]}
                for name, d in said
            ],
        )

    found, near, topics = with_app(config, ask)
    apart = dedup.apart(near) if near else None
    verdict, origin = found.verdict, dedup.origin(found.article)
    entry = dedup.known_by(found.guid or "", found.article.url, found.again)
    if as_json:
        data = {"id": found.id, "relation": verdict.relation, "reason": verdict.reason, "origin": origin,
                "apart": apart, "entry": entry, "revisions": found.revisions, "page_error": found.page_error,
                "topics": topics}  # fmt: skip
        click.echo(line(data))
        return
    click.echo(_headline(found))
    click.echo(f"        {verdict.relation}: {safe(verdict.reason)}")
    if origin:
        click.echo(f"        from elsewhere: {safe(origin)}")
    if apart:
        click.echo(f"        {apart}")
    click.echo(f"        entry: {safe(entry)}")
    if error := page_error(found):
        click.echo(f"        {safe(error)}")
    if found.revisions > 1:
        click.echo(
            f"        edited: revision {found.revisions}; `aggregator show {found.id} --history` shows the changes"
        )
    for each in topics:
        click.echo(f"  {'+' if each['selected'] else '-'} {each['topic']}: {safe(str(each['reason']))}")


@click.group(cls=GroupInOrder)
def topic() -> None:
    """Topics, and what a rule would select.

    Example: aggregator topic list
    """


@topic.command("list")
@options(json=True)
def topic_list(home: str | None, verbose: int, quiet: bool, as_json: bool) -> None:
    """Topics, with how many articles each takes.

    Example: aggregator topic list
    """
    from aggregator.doors.store import topics
    from aggregator.questions import line

    logs(verbose, quiet)
    config = configured(home)
    counts = with_app(config, lambda app: app.store.read(topics.counts))
    for each in config.topics:
        n = counts.get(each.name, 0)
        if as_json:
            click.echo(line({"name": each.name, "title": each.title or each.name, "match": each.match, "articles": n}))
        else:
            click.echo(f"{each.name:24}{n:6} articles  {each.match}")
    if not config.topics and not as_json:
        click.echo("no topics yet: write one into config/topics.toml", err=True)


@topic.command("test")
@click.argument("name", required=False)
@click.option("--match", "query", help="A rule that is not saved.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 100_000), help="How many are listed.")
@options(json=True)
def topic_test(
    name: str | None, query: str | None, limit: int, home: str | None, verbose: int, quiet: bool, as_json: bool
) -> None:
    """What a rule would select from the whole archive, before it is saved.

    Example: aggregator topic test --match 'korea OR caption:"Kim Jong Un"'
    """
    from aggregator.model import Decision, Topic
    from aggregator.questions import Questions, line, stamp

    if (name is None) == (query is None):
        raise click.UsageError("give a topic's NAME or a rule by --match")
    logs(verbose, quiet)
    config = configured(home)
    rule = Topic(name="test", match=query) if query is not None else _topic(config.topics, name or "")

    async def ask(app: "App") -> tuple[int, list[tuple["Archived", Decision]]]:
        total, first = 0, list[tuple["Archived", Decision]]()
        async for pair in Questions(app).selected_by(rule):
            total += 1
            if len(first) < limit:
                first.append(pair)
        return total, first

    total, first = with_app(config, ask)
    for archived, decision in first:
        if as_json:
            data = {"id": archived.id, "url": archived.article.url, "title": archived.article.title,
                    "published": stamp(archived.article.published), "source": archived.source,
                    "reason": decision.reason}  # fmt: skip
            click.echo(line(data))
        else:
            click.echo(f"{_headline(archived)}\n        {safe(decision.reason)}")
    if not as_json:
        listed = f", the newest {limit} listed" if total > limit else ""
        click.echo(f"{total} of the archive's articles would be selected{listed}", err=True)


_FIGURES = {
    "failing": "sources failing",
    "pages_failing": "pages that could not be had",
    "due_poll": "polls due",
    "due_history": "archive pages of feeds due",
    "due_subscribe": "WebSub subscriptions due",
    "due_archive": "articles to be fetched",
    "due_publish": "topics to be published",
    "due_report": "feeds of edits to be published",
}
"""What `status` calls a figure whose key says too little."""


@click.command()
@options(json=True)
def status(home: str | None, verbose: int, quiet: bool, as_json: bool) -> None:
    """Figures, and the sources that need a look.

    Example: aggregator status
    """
    from aggregator.questions import Questions, line

    logs(verbose, quiet)

    async def ask(app: "App") -> tuple[dict[str, int | float | str | None], list[dict[str, object]]]:
        return await Questions(app).status(), await Questions(app).sources()

    figures, sources = with_app(configured(home), ask)
    ill = [s for s in sources if s["state"] in ("failing", "gone")]
    if as_json:
        click.echo(line(figures | {"ill": ill}))
        return
    for key, value in figures.items():
        if key != "healthy":
            click.echo(f"{_FIGURES.get(key, key):28}{value!s:>10}")
    if ill:
        click.echo(f"{len(ill)} of {len(sources)} sources need a look:")
    for source in ill:
        click.echo(f"{source['state']}: {source['name']}: {safe(str(source['error']))}")


async def _article(questions: "Questions", name: str) -> "Archived":
    from aggregator.errors import AggregatorError

    found = await questions.named(name)
    if found is None:
        raise AggregatorError(name, "no such article; give an id or a URL, `aggregator search` finds them")
    return found


def _topic(topics: tuple["Topic", ...], name: str) -> "Topic":
    from aggregator.errors import ConfigError

    for each in topics:
        if each.name == name:
            return each
    raise ConfigError(name, "is no topic of topics.toml; `aggregator topic list` shows them")


def _headline(archived: "Archived") -> str:
    from aggregator.questions import stamp

    at = stamp(archived.article.published or archived.first_seen)
    return f"{archived.id:>7} {at} {archived.source}: {safe(archived.article.title)}"


def _show(found: "Archived", copies: list["Archived"]) -> None:
    from aggregator.questions import stamp
    from aggregator.steps.render import page_error

    article = found.article
    click.echo(safe(article.title))
    parts = (article.byline, stamp(article.published), found.source, article.url)
    click.echo(safe(" · ".join(filter(None, parts))))
    if article.summary:
        click.echo(f"\n{safe(article.summary)}")
    click.echo(f"\n{safe(article.text)}")
    for image in article.images:
        credit = f" ({image.credit})" if image.credit else ""
        click.echo(f"\n[{safe(image.url)}]\n{safe(image.caption or '')}{safe(credit)}")
    if found.verdict.relation != "first":
        click.echo(f"\n{found.verdict.relation}: {safe(found.verdict.reason)}")
    if error := page_error(found):
        click.echo(f"\n{safe(error)}")
    for copy in copies:
        click.echo(f"also in {copy.source}: {safe(copy.article.title)} ({copy.id}, {safe(copy.article.url)})")
    if found.revisions > 1:
        click.echo(f"{found.revisions} revisions: --history shows them")


def _history(found: "Archived", revisions: tuple["Revision", ...]) -> None:
    from aggregator.questions import stamp
    from aggregator.steps import diff

    edits = diff.edits(revisions, found)
    if not edits:
        click.echo("never edited", err=True)
    for edit in edits:
        click.echo(f"revision {edit.number} {stamp(edit.seen_at)}")
        for changed in diff.lines(edit):
            click.echo(f"  {safe(changed)}")


COMMANDS = (search, show, why, topic, status)
