"""Debian's chromium, which asks nobody but this machine and tells what it wanted to run or to ask for."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from playwright.async_api import Browser, ConsoleMessage, Page, Request, async_playwright

CHROMIUM = "/usr/bin/chromium"
ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
RAN = "a script ran"
# What every payload calls. `frame` says which of the documents that are shown at a time.
TELL = f"window.alert = () => console.warn('{RAN} in ' + (window.frameElement?.dataset.frame ?? document.URL))"
OFFERED = """() => [document, ...[...document.querySelectorAll('iframe[data-frame]')].map(frame => frame.contentDocument)]
    .flatMap((shown, frame) => [...shown.querySelectorAll('*')].flatMap(element => [
        ...element.getAttributeNames().filter(name => name.startsWith('on')),
        ...[element.href, element.action, element.formAction].filter(url => typeof url === 'string' && url)
            .filter(url => !/^(https?:|mailto:|file:|about:srcdoc)/.test(new URL(url, 'http://base.example'))),
    ].map(said => `${said} would run in ${frame - 1}`)))"""
SHOW = """markups => Promise.all(markups.map((markup, frame) => new Promise(resolve => {
    const shown = document.createElement('iframe');
    shown.onload = resolve;
    shown.dataset.frame = frame;
    shown.srcdoc = markup;
    document.body.append(shown);
})))"""


class Watched:
    """A page of the browser; `wrong` counts what ran or would, `asked` whom it asked for what."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wrong: Counter[str] = Counter()
        self.asked: Counter[tuple[str, str]] = Counter()
        page.context.on("console", self._hear)
        page.context.on("request", self._note)

    async def open(self, url: str) -> None:
        await self.page.goto(url)
        self.wrong.update(await self.page.evaluate(OFFERED))

    async def show(self, blank: str, markups: Sequence[str]) -> None:
        """Each as a document of its own, on a page that `blank` leads to."""
        await self.page.goto(blank)
        await self.page.evaluate(SHOW, markups)
        self.wrong.update(await self.page.evaluate(OFFERED))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.text.startswith(RAN):
            self.wrong[message.text] += 1

    def _note(self, request: Request) -> None:
        self.asked[urlsplit(request.url).netloc, request.resource_type] += 1


@asynccontextmanager
async def running() -> AsyncIterator[Browser]:
    async with (
        async_playwright() as playwright,
        await playwright.chromium.launch(executable_path=CHROMIUM, args=[ALONE]) as browser,
    ):
        yield browser


@asynccontextmanager
async def watched(browser: Browser) -> AsyncIterator[Watched]:
    """Pages' own policies are not obeyed: nothing may hang on them alone."""
    async with await browser.new_context(bypass_csp=True, accept_downloads=False) as context:
        await context.add_init_script(TELL)
        yield Watched(await context.new_page())
