"""A small newsroom of its own on loopback, through the whole program: nothing leaves this machine."""

import asyncio
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from aiohttp import web

from aggregator import config, jobs, serve
from aggregator.app import App
from aggregator.config.edit import init
from aggregator.demo import newsroom
from aggregator.demo.pictures import picture
from aggregator.doors.store import sources
from aggregator.errors import ServeError
from aggregator.passes import drain
from aggregator.questions import Questions
from aggregator.runners.local import Local
from aggregator.sync import sync

TOPICS = """
[[topic]]
name = "islands"
title = "News of the islands"
match = 'ferry OR "gull rock" OR island*'

[[topic]]
name = "railways"
title = "Railways"
match = 'caption:"engine shed" OR title:express'
"""


async def show(once: bool, listen: str) -> None:
    """Serve three papers, poll them, let one be edited, poll again, and say what became of it all."""
    with TemporaryDirectory(prefix="aggregator-demo-") as folder:
        edited = asyncio.Event()
        async with _papers(edited) as addresses, App(_home(Path(folder), addresses, listen)) as app:
            await sync(app)
            first = await _pass(app)
            edited.set()
            second = await _pass(app)
            await _summary(app, first, second)
            if not once:
                await _serve(app, listen)


def _home(folder: Path, addresses: dict[str, str], listen: str) -> config.Config:
    init(folder)
    feeds = {newsroom.COURIER: "/feed.xml", newsroom.WIRE: "/atom.xml", newsroom.RAILS: "/feed/"}
    lines = "".join(f'[[source]]\nurl = "{addresses[name]}{path}"\n' for name, path in feeds.items())
    (folder / "config" / "sources.toml").write_text(lines, "utf-8")
    (folder / "config" / "topics.toml").write_text(TOPICS, "utf-8")
    loaded = config.load(folder)
    http = config.Http(allow_addresses=("127.0.0.1",), host_pause=config.Http().host_pause * 0, per_host=4)
    settings = replace(loaded.settings, http=http, server=config.Server(listen=listen))
    return replace(loaded, settings=settings)


@asynccontextmanager
async def _papers(edited: asyncio.Event) -> AsyncIterator[dict[str, str]]:
    """Each paper on a port of its own; what they say changes once `edited` is set."""
    runners: list[web.AppRunner] = []
    addresses: dict[str, str] = {}

    def paper(name: str) -> web.Application:
        async def answer(request: web.Request) -> web.Response:
            if photograph := re.fullmatch(r"/uploads/([0-9])\.png", request.path):
                return web.Response(body=picture(int(photograph[1])), content_type="image/png")
            found = newsroom.pages(addresses, edited.is_set())[name].get(request.path)
            if found is None:
                raise web.HTTPNotFound
            return web.Response(text=found[1], content_type=found[0], charset="utf-8")

        application = web.Application()
        application.router.add_get("/{path:.*}", answer)
        return application

    try:
        for name in (newsroom.COURIER, newsroom.WIRE, newsroom.RAILS):
            runner = web.AppRunner(paper(name), access_log=None, shutdown_timeout=1)
            await runner.setup()
            runners.append(runner)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            addresses[name] = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield addresses
    finally:
        for runner in runners:
            await runner.cleanup()


async def _pass(app: App) -> list[jobs.Done]:
    """One job at a time, so that every demo tells the same story."""
    done: list[jobs.Done] = []
    await app.store.write(sources.due_now, None, app.now())
    await drain(app, Local(app, 1, done.append))
    return done


async def _summary(app: App, first: list[jobs.Done], second: list[jobs.Done]) -> None:
    questions = Questions(app)
    status = await questions.status()
    click.echo("Three papers, served on this machine, polled twice:\n")
    for pass_, done in (("first poll", first), ("second poll", second)):
        polled = ", ".join(f"{d.subject} {d.new} new {d.changed} changed" for d in done if d.job.kind == "poll")
        click.echo(f"  {pass_}: {polled}")
    click.echo(
        f"\n  {status['articles']} articles, {status['stories']} stories, {status['copies']} copy, "
        f"{status['revisions']} edit, {status['captions']} captions\n"
    )
    for archived in sorted(await questions.newest(20), key=lambda a: a.id or 0):
        for each in await questions.copies(archived.id or 0):
            mark = {"first": "      ", "copy": "  copy", "same": "  same"}[each.verdict.relation]
            edits = f"  ({each.revisions - 1} edit)" if each.revisions > 1 else ""
            click.echo(f"{mark} {each.id}. {each.source}: {each.article.title}{edits}")
            for image in each.article.images:
                click.echo(f"           picture: {image.caption}")
    click.echo("")
    for topic in await questions.topics():
        count = len(await questions.taken(topic.name))
        click.echo(f"  topic {topic.name}: {count} article{'s' if count != 1 else ''} matching {topic.match}")


async def _serve(app: App, listen: str) -> None:
    """Until Ctrl-C."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    runner = web.AppRunner(serve.application(Questions(app)), access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, *config.address(listen)).start()
    except OSError as error:
        reason = f"cannot be listened on ({error.strerror or error}); --listen names another address"
        raise ServeError(listen, reason) from error
    else:
        click.echo(f"\nLook at http://{listen}/ or subscribe to http://{listen}/feeds/islands.atom; Ctrl-C ends it.")
        await stop.wait()
    finally:
        await runner.cleanup()
