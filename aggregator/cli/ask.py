"""Commands that ask: search, show, status."""

import sys
from typing import TYPE_CHECKING

import click

from aggregator.cli.common import article_named, configured, headline, logs, options, safe, with_app

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.model import Archived, Found, Revision, Snippet


@click.command()
@click.argument("query")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--best", is_flag=True, help="Best first, not newest first.")
@click.option("--before", type=click.IntRange(1), help="Only articles before this id: the next page.")
@options(json=True)
def search(
    query: str, limit: int, best: bool, before: int | None, home: str | None, verbose: int, quiet: bool, as_json: bool
) -> None:
    """Search title, text, captions and byline; the language is that of topics (docs/query-language.md).

    Example: aggregator search 'korea caption:"Kim Jong Un"'
    """
    from aggregator.questions import Questions, found_json, line

    if best and before:
        raise click.UsageError("--before goes with the newest first, not with --best")
    logs(verbose, quiet)

    async def ask(app: "App") -> tuple["Found", tuple[str, ...]]:
        questions = Questions(app)
        found = await (
            questions.best(query, limit) if best else questions.search(query, limit, before=before, scanned=None)
        )
        return found, () if found.matches else await questions.doubts(query)

    found, doubts = with_app(configured(home), ask)
    for archived, snippet in found.matches:
        data = found_json(archived, snippet)
        if as_json:
            click.echo(line(data))
        else:
            click.echo(f"{headline(archived)}\n        {_marked(snippet)}")
    if found.until:
        older = "the best of the newest, as --best looks" if best else f"older ones with --before {found.until}"
        click.echo(f"perhaps more: {older}", err=True)
    elif not found.matches and not as_json:
        click.echo("; ".join(("nothing found", *map(safe, doubts))), err=True)


def _marked(snippet: "Snippet | None") -> str:
    """The hit is bold on a terminal, and in brackets elsewhere."""
    if snippet is None:
        return ""
    text, start, end = snippet
    hit = safe(text[start:end])
    if hit:
        hit = click.style(hit, bold=True) if sys.stdout.isatty() else f"[{hit}]"
    return safe(text[:start]) + hit + safe(text[end:])


@click.command()
@click.argument("article")
@click.option("--html", is_flag=True, help="The article as HTML.")
@click.option("--history", is_flag=True, help="What it said before, and what was changed.")
@options(json=True)
def show(article: str, html: bool, history: bool, home: str | None, verbose: int, quiet: bool, as_json: bool) -> None:
    """One article, by id or URL: text, captions, copies, revisions, star.

    Example: aggregator show 12 --history
    """
    from aggregator.questions import Questions, article_json, line, revisions_json
    from aggregator.steps.text import printable

    if html and (history or as_json):
        raise click.UsageError("--html goes with neither --history nor --json")
    logs(verbose, quiet)

    async def ask(app: "App") -> tuple["Archived", tuple["Archived", ...], tuple["Revision", ...], str | None]:
        questions = Questions(app)
        found = await article_named(questions, article)
        id = found.id or 0
        return found, await questions.copies(id), await questions.revisions(id), await questions.starred_at(id)

    found, copies, revisions, starred_at = with_app(configured(home), ask)
    if as_json and history:
        for said in revisions_json(found, revisions):
            click.echo(line(said))
    elif as_json:
        click.echo(line(article_json(found)))
    elif html:
        click.echo(printable(found.article.html))
    elif history:
        _history(found, revisions)
    else:
        _show(found, [a for a in copies if a.id != found.id], starred_at)


_FIGURES = {
    "failing": "sources failing",
    "pages_failing": "pages that could not be had",
    "due_poll": "polls due",
    "due_history": "archive pages of feeds due",
    "due_subscribe": "WebSub subscriptions due",
    "due_archive": "articles to be fetched",
    "due_publish": "topics to be published",
    "due_report": "feeds of edits to be published",
    "due_picture": "pictures to be fetched or looked at",
    "pictures": "pictures kept",
    "pictures_gone": "of these, gone at their publishers",
    "pictures_bytes": "bytes of pictures",
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
            click.echo(f"{_FIGURES.get(key, key):36}{value!s:>10}")
    if ill:
        click.echo(f"{len(ill)} of {len(sources)} sources need a look:")
    for source in ill:
        click.echo(f"{source['state']}: {source['name']}: {safe(str(source['error']))}")


def _show(found: "Archived", copies: list["Archived"], starred_at: str | None) -> None:
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
    if starred_at:
        click.echo(f"starred {starred_at}: it stays, whatever retention says")


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
