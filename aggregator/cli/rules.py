"""Commands about what topics take: why, topic."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli.common import (
    GroupInOrder,
    article_named,
    configured,
    headline,
    logs,
    options,
    progress,
    safe,
    topic_named,
    with_app,
)

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.model import Archived, Clause, Decision, Likeness
    from aggregator.questions import Change


@click.command()
@click.argument("article")
@click.argument("topic", required=False)
@options(json=True)
def why(article: str, topic: str | None, home: str | None, verbose: int, quiet: bool, as_json: bool) -> None:
    """Why an article is in a topic, or is not, clause by clause; why it was taken for a copy, for the same page, or for
    new.

    Example: aggregator why 12 north-korea
    """
    from aggregator.doors.store import likenesses
    from aggregator.questions import Questions, line
    from aggregator.steps import dedup
    from aggregator.steps.render import page_error

    logs(verbose, quiet)
    config = configured(home)
    if topic:
        topic_named(config.topics, topic)

    async def ask(app: "App") -> tuple["Archived", "Likeness | None", tuple[Any, ...]]:
        found = await article_named(Questions(app), article)
        said = await Questions(app).why(found, topic)
        return found, await app.store.read(likenesses.nearest, found.id or 0), said

    found, near, said = with_app(config, ask)
    apart = dedup.apart(near) if near else None
    verdict, origin = found.verdict, dedup.origin(found.article)
    entry = dedup.known_by(found.guid or "", found.article.url, found.again)
    if as_json:
        data = {"id": found.id, "relation": verdict.relation, "reason": verdict.reason, "origin": origin,
                "apart": apart, "entry": entry, "revisions": found.revisions, "page_error": found.page_error,
                "partial": found.article.partial, "topics": [_json(*each) for each in said]}  # fmt: skip
        click.echo(line(data))
        return
    click.echo(headline(found))
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
    for name, decision, clauses in said:
        _explained(name, decision, clauses)


@click.group(cls=GroupInOrder)
def topic() -> None:
    """Topics, and what a rule would select.

    Example: aggregator topic list
    """


@topic.command("list")
@options(json=True)
def topic_list(home: str | None, verbose: int, quiet: bool, as_json: bool) -> None:
    """Topics, with how many articles each takes, and how far a new rule has come through the archive.

    Example: aggregator topic list
    """
    from aggregator.doors.store import topics
    from aggregator.questions import line

    logs(verbose, quiet)
    config = configured(home)

    async def ask(app: "App") -> tuple[dict[str, int], dict[str, float]]:
        live = await app.store.read(topics.live)
        return await app.store.read(topics.counts), {each.topic.name: each.judged for each in live}

    counts, judged = with_app(config, ask)
    for each in config.topics:
        n, share = counts.get(each.name, 0), judged[each.name]
        if as_json:
            click.echo(line({"name": each.name, "title": each.title or each.name, "match": each.match, "articles": n}))
        else:
            click.echo(f"{each.name:24}{n:6} articles  {'' if share == 1 else f'({share:.0%} judged)  '}{each.match}")
    if not config.topics and not as_json:
        click.echo("no topics yet: write one into config/topics.toml", err=True)


@topic.command("test")
@click.argument("name", required=False)
@click.option("--match", "query", help="A rule that is not saved: for the topic NAME, or for none yet.")
@click.option("--exclude", help="What that rule leaves out.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 100_000), help="How many are listed.")
@options(json=True)
def topic_test(
    name: str | None,
    query: str | None,
    exclude: str | None,
    limit: int,
    home: str | None,
    verbose: int,
    quiet: bool,
    as_json: bool,
) -> None:
    """What a rule would select from the whole archive, before it is saved. Of a topic: what would come (+), what would
    go (-) and what would stay (=) against what it takes now, by the rule in topics.toml or that of --match.

    Example: aggregator topic test --match 'korea OR caption:"Kim Jong Un"'
    """
    from aggregator.model import Topic
    from aggregator.questions import Questions, line, stamp

    if name is None and query is None:
        raise click.UsageError("give a topic's NAME or a rule by --match")
    logs(verbose, quiet)
    config = configured(home)
    rule = topic_named(config.topics, name) if name else Topic(name="test", match="", mute=config.mute)
    rule = replace(
        rule, match=rule.match if query is None else query, exclude=rule.exclude if exclude is None else exclude
    )

    async def ask(
        app: "App",
    ) -> tuple[dict["Change", int], dict["Change", list[tuple["Archived", "Decision"]]], tuple[str, ...]]:
        questions = Questions(app)
        counts: dict[Change, int] = {"+": 0, "-": 0, "=": 0}
        first: dict[Change, list[tuple[Archived, Decision]]] = {"+": [], "-": [], "=": []}
        present = await questions.taken(name) if name else None
        with progress("articles looked at") as step:
            async for change, archived, decision in questions.tried(rule, present, step):
                counts[change] += 1
                if len(first[change]) < limit:
                    first[change].append((archived, decision))
        return counts, first, () if counts["+"] + counts["="] else await questions.doubts(rule.match)

    counts, first, doubts = with_app(config, ask, take_up=False)
    listed = [(change, *pair) for change, pairs in first.items() for pair in pairs][:limit]
    for change, archived, decision in listed:
        if as_json:
            data = {"id": archived.id, "url": archived.article.url, "title": archived.article.title,
                    "published": stamp(archived.article.published), "source": archived.source,
                    "reason": decision.reason}  # fmt: skip
            click.echo(line(data | ({"change": change} if name else {})))
        else:
            sign = f"{change} " if name else ""
            click.echo(f"{sign}{headline(archived)}\n        {safe(decision.reason)}")
    if not as_json:
        summary = _summary(counts, len(listed), compared=name is not None)
        click.echo("; ".join((summary, *map(safe, doubts))), err=True)


def _summary(counts: dict["Change", int], listed: int, compared: bool) -> str:
    said = f"{counts['+'] + counts['=']} of the archive's articles would be selected"
    if compared:
        said += f": {counts['+']} would come (+), {counts['-']} would go (-), {counts['=']} stay (=)"
    return said + (f"; {listed} listed, of each kind the newest" if listed < sum(counts.values()) else "")


def _json(name: str, decision: "Decision", clauses: Iterable["Clause"]) -> dict[str, object]:
    from aggregator.questions import stamp

    return {
        "topic": name,
        "selected": decision.selected,
        "reason": decision.reason,
        "score": decision.score if decision.hits or decision.selected else None,
        "version": decision.version,
        "decided_at": stamp(decision.decided_at),
        "hits": [hit._asdict() for hit in decision.hits],
        "clauses": [each._asdict() | {"hits": [hit._asdict() for hit in each.hits]} for each in clauses],
    }


def _explained(name: str, decision: "Decision", clauses: Iterable["Clause"]) -> None:
    from aggregator.questions import stamp

    kept = f" (version {decision.version} of its rule, {stamp(decision.decided_at)})" if decision.version else ""
    click.echo(f"  {'+' if decision.selected else '-'} {name}: {safe(decision.reason)}{kept}")
    for each in clauses:
        rule = "" if each.rule == "match" else f"{each.rule}: "
        click.echo(f"      {'+' if each.holds else '-'} {rule}{safe(each.clause)}{each.absence and ': '}{each.absence}")
        for hit in each.hits:
            marked = f"{hit.text[: hit.start]}[{hit.text[hit.start : hit.end]}]{hit.text[hit.end :]}"
            click.echo(f"          {hit.field}: {safe(marked)}")
