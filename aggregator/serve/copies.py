"""Our copies of pictures over HTTP."""

import asyncio
from pathlib import Path

from aiohttp import web

from aggregator.steps.pictures import TYPES, place

PICTURE = rf"/picture/{{name:[0-9a-f]{{64}}\.(?:{'|'.join(TYPES)})}}"
_PART = 256 * 2**10


async def kept(directory: Path, request: web.Request) -> web.StreamResponse:
    """A copy, as what it is by its first bytes: nothing that somebody sent is taken for a page of ours."""
    name = request.match_info["name"]
    headers = {
        "Content-Type": TYPES[name.rpartition(".")[2]],
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "public, max-age=31536000, immutable",
        "ETag": f'"{name}"',
    }
    try:
        file = await asyncio.to_thread(place(directory, name).open, "rb")
    except OSError:
        raise web.HTTPNotFound from None
    with file:
        if name in {tag.value for tag in request.if_none_match or ()}:
            return web.Response(status=304, headers=headers)
        # aiohttp's FileResponse is sent when it is prepared, and the middleware (limits.patience) prepares once more.
        answer = web.StreamResponse(headers=headers)
        answer.content_length = file.seek(0, 2)
        file.seek(0)
        await answer.prepare(request)
        while request.method == "GET" and (part := await asyncio.to_thread(file.read, _PART)):
            await answer.write(part)
    return answer
