"""Three small papers that exist only here: what they publish, before and after an edit."""

from collections.abc import Mapping
from html import escape

COURIER, WIRE, RAILS = "courier", "wire", "rails"

FERRY = (
    "The night ferry between Westhaven and the Skerry islands will sail again from the first of March, the harbour "
    "board said on Tuesday, two winters after a storm tore away the landing stage at the southern end of the bay.",
    "The board has found {ships} for the crossing, which takes eleven hours and carries letters, sheep and about "
    "ninety passengers. Tickets will be sold at the old customs house, where the queue on Tuesday already reached the "
    "fish market.",
    "“We have repainted the benches and wound the clock,” said Marta Lind, who has kept the timetable for thirty "
    "years. “What we cannot promise is the weather.”",
)
LIGHTHOUSE = (
    "The lighthouse on Gull Rock, dark since its keeper retired in the autumn, was lit again on Sunday evening by "
    "twelve pupils of the island school, who had spent the term learning how to trim the lamp and polish the lens.",
    "Their teacher said the class would take turns until a new keeper is found. The first log entry, in green crayon, "
    "reads: wind from the west, two boats, one seal.",
)
STATION = (
    "The express from the coast reached Kirkdale on Saturday for the first time since the tunnel was closed, and half "
    "the town had come to the platform to see whether the clock on the engine shed would be right.",
    "It was four minutes slow. The stationmaster, who had promised to eat his cap if the train came late, was handed a "
    "cap made of marzipan by the baker’s daughters.",
    "From Monday there will be two trains a day in each direction, and on market days a third, with a wagon for "
    "bicycles, cheeses and musical instruments.",
)
CAPTIONS = (
    "The stationmaster's cap, made of marzipan, on the platform at Kirkdale",
    "The engine driver's daughter rings the bell as the express comes in",
    "Passengers wait beside the engine shed's clock, four minutes slow",
)


def pages(addresses: Mapping[str, str], edited: bool) -> dict[str, dict[str, tuple[str, str]]]:
    """For each paper its paths: media type and body; `addresses` is where each paper is served."""
    ferry = tuple(p.format(ships="three ships" if edited else "two ships") for p in FERRY)
    return {
        COURIER: {
            "/": ("text/html", _front("The Westhaven Courier", "/feed.xml")),
            "/feed.xml": ("application/rss+xml", _rss(addresses[COURIER], edited)),
            "/ferry": ("text/html", _page("Night ferry to sail again in March", "The Westhaven Courier", ferry)),
            "/lighthouse": ("text/html", _page("Pupils light the lamp", "The Westhaven Courier", LIGHTHOUSE)),
        },
        WIRE: {
            "/atom.xml": ("application/atom+xml", _atom(addresses[WIRE])),
            "/2": ("text/html", _page("Children keep Gull Rock shining", "Northern Wire", LIGHTHOUSE)),
        },
        RAILS: {
            "/feed/": ("application/rss+xml", _rails(addresses[RAILS])),
            "/2026/11/first-express/": ("text/html", _wordpress()),
        },
    }


def _front(title: str, feed: str) -> str:
    link = f'<link rel="alternate" type="application/rss+xml" title="{title}" href="{feed}">'
    return f"<!doctype html><html lang=en><head><title>{title}</title>{link}</head><body><h1>{title}</h1></body></html>"


def _page(title: str, paper: str, paragraphs: tuple[str, ...]) -> str:
    body = "".join(f"<p>{escape(p)}</p>" for p in paragraphs)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} - {paper}</title></head><body>'
        f'<nav><a href="/">Home</a> <a href="/letters">Letters</a></nav><article><h1>{title}</h1>{body}</article>'
        f"<footer>{paper}. All rights reserved.</footer></body></html>"
    )


def _rss(at: str, edited: bool) -> str:
    # An editor who corrects a figure touches the summary, and so the entry; a page that changes alone is another matter.
    summary = "Three ships are ready." if edited else "Two ships are ready."
    return f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>The Westhaven Courier</title><link>{at}/</link><description>News of the bay</description>
<item><title>Night ferry to sail again in March</title><link>{at}/ferry</link><guid>{at}/ferry</guid>
<pubDate>Tue, 17 Nov 2026 09:00:00 GMT</pubDate><description>{summary}</description></item>
<item><title>Pupils light the lamp on Gull Rock</title><link>{at}/lighthouse</link><guid>{at}/lighthouse</guid>
<pubDate>Mon, 16 Nov 2026 18:30:00 GMT</pubDate><description>Twelve pupils, one lamp.</description></item>
</channel></rss>"""


def _atom(at: str) -> str:
    return f"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Northern Wire</title><id>urn:demo:wire</id>
<updated>2026-11-17T07:00:00Z</updated><link href="{at}/"/>
<entry><title>Children keep Gull Rock shining</title><id>urn:demo:wire:2</id><link href="{at}/2"/>
<updated>2026-11-17T07:00:00Z</updated><published>2026-11-17T07:00:00Z</published>
<summary>From the islands</summary></entry></feed>"""


def _rails(at: str) -> str:
    return f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>Branch Line Gazette</title><link>{at}/</link><description>Trains</description>
<item><title>First express reaches Kirkdale</title><link>{at}/2026/11/first-express/</link><guid>{at}/?p=7</guid>
<pubDate>Sun, 15 Nov 2026 08:00:00 GMT</pubDate><description>Four minutes late.</description></item>
</channel></rss>"""


def _wordpress() -> str:
    """Every caption stands twice, once with ' and once with ’, between boxes that are no part of the article."""
    teaser = '<div class="td_module"><h3><a href="/other">Ten platforms you must see</a></h3></div>'
    figures = [
        f'<figure class="wp-caption"><img src="/uploads/{n}.png" alt="{escape(caption)}">'
        f'<figcaption class="wp-caption-text">{escape(caption.replace(chr(39), "’"))}</figcaption>'
        f'<p class="wp-caption-text">{escape(caption)}</p></figure>'
        for n, caption in enumerate(CAPTIONS, 1)
    ]
    text = "".join(f"<p>{escape(p)}</p>{figure}" for p, figure in zip(STATION, figures, strict=True))
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>First express reaches Kirkdale - Branch Line Gazette</title>
<meta property="article:published_time" content="2026-11-15T08:00:00+00:00"></head><body>
<div class="td-header"><div class="date">Tuesday, November 24, 2026</div><ul class="menu"><li><a href="/">Home</a></li></ul></div>
<div class="td_block_wrap related"><h4 class="td-block-title">Must read</h4>{teaser}{teaser}</div>
<article class="post"><header><h1 class="entry-title">First express reaches Kirkdale</h1></header>
<div class="td-post-content entry-content">{text}</div></article>
<div class="td_block_wrap"><h4 class="td-block-title">Latest article</h4>{teaser}{teaser}</div>
<footer>Branch Line Gazette</footer></body></html>"""
