"""Feeds that the rows are made of."""

import json
from typing import Any

GOOD = 5
"""Entries of a good source."""


def rss(*items: str, head: str = "", before: str = '<?xml version="1.0" encoding="utf-8"?>', extra: str = "") -> str:
    spaces = 'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return (
        f'{before}<rss version="2.0" {spaces} {extra}><channel><title>Row</title><link>https://site.example/</link>'
        f"<description>d</description>{head}{''.join(items)}</channel></rss>"
    )


def item(n: object = 1, inside: str = "") -> str:
    return f'<item><guid isPermaLink="false">g{n}</guid><title>Entry {n}</title>{inside}</item>'


def atom(*entries: str, extra: str = "", head: str = "<title>Row</title>") -> str:
    return (
        f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" {extra}><id>urn:row</id>'
        f"{head}<updated>2026-01-01T00:00:00Z</updated>{''.join(entries)}</feed>"
    )


def entry(n: object = 1, inside: str = "") -> str:
    return f"<entry><id>urn:e{n}</id><title>Entry {n}</title><updated>2026-01-01T00:00:00Z</updated>{inside}</entry>"


def jsonfeed(*items: Any, **said: Any) -> str:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Row", "items": items} | said)


def good(name: str) -> str:
    return rss(*(item(f"{name}-{n}", f"<description>Words of {name}, number {n}.</description>") for n in range(GOOD)))
