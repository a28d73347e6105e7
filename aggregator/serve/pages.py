"""The pages: what is asked, and the template that answers."""

import asyncio
import json
import logging
import re
from functools import partial
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler
from markupsafe import Markup

from aggregator.errors import QueryError, StoreError
from aggregator.model import Found
from aggregator.serve import copies, feeds, limits
from aggregator.serve.archive import Archive, Figures, Hubs
from aggregator.steps import diff, opml, render
from aggregator.steps.kept import Kept
from aggregator.steps.render.page import TEMPLATES

_log = logging.getLogger(__name__)

_NEWEST = 30
_FOUND = 50
_LONGEST_QUERY = 1000
_HEADERS = {
    # Pictures, videos and sounds come from their publishers; nothing else from anywhere, and no script at all.
    "Content-Security-Policy": "default-src 'none'; img-src http: https:; media-src http: https:; style-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def application(
    archive: Archive, hubs: Hubs | None = None, public_url: str = "", max_bytes: int = 2**20
) -> web.Application:
    """To be run inside the loop that the daemon runs in; `public_url` is where readers reach it, if that is known,
    `max_bytes` what a hub may send at once."""
    application = web.Application(
        middlewares=[limits.patience(), _errors, limits.hosts(public_url)], client_max_size=max_bytes
    )
    application.on_response_prepare.append(_add_headers)
    get = application.router.add_get
    for path, answer in (
        ("/", _front),
        (r"/article/{id:\d{1,18}}", _article),
        (r"/topic/{name:[a-z0-9._-]{1,64}}", _topic),
        ("/search", _search),
        ("/sources", _sources),
        ("/healthz", _health),
        ("/metrics", _metrics),
    ):
        get(path, partial(answer, archive))
    held: Kept[feeds.Version] = Kept(feeds.MAX_HELD)
    for path in (f"/feeds/{{name}}.{{format:{'|'.join(feeds.TYPES)}}}", feeds.PAGE):
        get(path, partial(feeds.published, archive, held))
    get(copies.PICTURE, partial(copies.kept, archive.pictures_dir))
    get("/topics.opml", partial(_topics, archive, public_url))
    get("/style.css", partial(_style, "style.css"))
    get(f"/feeds/{render.STYLE}", partial(_style, render.STYLE))
    if hubs is not None:
        get(r"/websub/{token:[\w-]{20,100}}", partial(_hub_asks, hubs))
        application.router.add_post(r"/websub/{token:[\w-]{20,100}}", partial(_hub_sends, hubs))
    return application


async def _front(archive: Archive, request: web.Request) -> web.Response:
    topics, newest = await asyncio.gather(archive.topics(), archive.newest(_NEWEST))
    return _page("front.html", topics=[topic for topic in topics if not topic.token], newest=newest)


async def _topics(archive: Archive, public_url: str, request: web.Request) -> web.Response:
    # Where nobody said how readers see us, the address that brought this one here is one that it can reach.
    seen = [topic for topic in await archive.topics() if limits.lets_in(topic.token, request)]
    body = opml.opml_topics(seen, public_url or f"{request.scheme}://{request.host}")
    return web.Response(body=body, headers={"Content-Type": "text/x-opml; charset=utf-8"})


async def _article(archive: Archive, request: web.Request) -> web.Response:
    id = int(request.match_info["id"])
    archived = await archive.article(id)
    if archived is None:
        raise web.HTTPNotFound
    copies, revisions, said = await asyncio.gather(
        archive.copies(id), archive.revisions(id), archive.why(archived, None)
    )
    return _page(
        "article.html",
        archived=archived,
        # Sanitized when it was extracted: the one text that is not escaped here.
        content=Markup(render.html(archived.article)),  # noqa: S704
        copies=[copy for copy in copies if copy.id != id],
        edits=await asyncio.to_thread(diff.edits, revisions, archived),
        # A topic of which nothing is there says nothing; there may be a thousand.
        decisions=[
            each
            for each in said
            if not archive.token(each[0]) and (each[1].selected or any(clause.hits for clause in each[2]))
        ],
        page_error=render.page_error(archived),
    )


async def _topic(archive: Archive, request: web.Request) -> web.Response:
    topic = next((t for t in await archive.topics() if t.name == request.match_info["name"]), None)
    if topic is None or not limits.lets_in(topic.token, request):
        raise web.HTTPNotFound
    return _page("topic.html", topic=topic, newest=await archive.of_topic(topic, _NEWEST))


async def _search(archive: Archive, request: web.Request) -> web.Response:
    query, before = request.query.get("q", "").strip()[:_LONGEST_QUERY], request.query.get("before", "")
    since = int(before) if before.isascii() and before.isdecimal() and len(before) < 10 else None
    try:
        found = await archive.search(query, _FOUND, before=since) if query else Found(matches=())
    except QueryError as error:
        return _page("search.html", status=400, query=query, found=(), until=None, error=error)
    return _page("search.html", query=query, found=found.matches, until=found.until, error=None)


async def _sources(archive: Archive, request: web.Request) -> web.Response:
    return _page("sources.html", sources=await archive.sources())


async def _health(archive: Archive, request: web.Request) -> web.Response:
    try:
        status = await archive.status()
    except StoreError as error:
        status = {"healthy": False, "error": str(error)}
    return web.json_response(status, status=200 if status.get("healthy") else 503, dumps=_json)


async def _metrics(archive: Archive, request: web.Request) -> web.Response:
    body = exposition(await archive.status()).encode()
    return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})


async def _style(name: str, request: web.Request) -> web.Response:
    style = TEMPLATES.get_template(name).render()
    headers = {"Cache-Control": "public, max-age=300"}
    return web.Response(text=style, content_type="text/css", charset="utf-8", headers=headers)


async def _hub_asks(hubs: Hubs, request: web.Request) -> web.Response:
    challenge = await hubs.confirms(request.match_info["token"], request.query)
    if challenge is None:
        raise web.HTTPNotFound
    return web.Response(text=challenge, content_type="text/plain")


async def _hub_sends(hubs: Hubs, request: web.Request) -> web.Response:
    token = request.match_info["token"]
    if not await hubs.knows(token):
        raise web.HTTPNotFound  # before the body is read
    signature = request.headers.get("X-Hub-Signature", "")
    await hubs.sends(token, signature, request.headers.get("Content-Type", ""), await request.read())
    return web.Response(status=202)


def exposition(status: Figures) -> str:
    """Prometheus' text format; what is no number has no place in it."""
    lines = []
    for key, value in status.items():
        if isinstance(value, int | float):
            name = "aggregator_" + re.sub(r"\W", "_", key, flags=re.ASCII)
            kind = "counter" if name.endswith("_total") else "gauge"
            lines += [f"# TYPE {name} {kind}", f"{name} {float(value):.15g}"]
    return "\n".join(lines) + "\n"


@web.middleware
async def _errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        response = _page("error.html", status=error.status, code=error.status, reason=error.reason)
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
        return response
    except StoreError as error:
        _log.error("%s: %s", request.path, error)
        return _page("error.html", status=503, code=503, reason="The archive cannot be read")


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)


def _page(template: str, *, status: int = 200, **said: Any) -> web.Response:
    # A lone surrogate in a text that was archived must not cost the page.
    body = TEMPLATES.get_template(template).render(**said).encode("utf-8", "replace")
    return web.Response(body=body, status=status, content_type="text/html", charset="utf-8")


_json = partial(json.dumps, default=str)
