// node read.mjs PARSER < FEED: the entries, as a parser of the npm registry reads them, on one line of JSON.

import { text } from 'node:stream/consumers';

import { parseFeed } from 'feedsmith';
import RssParser from 'rss-parser';

const time = (said) => new Date(said).toISOString();

const readers = {
  async feedsmith(said) {
    const { format, feed } = parseFeed(said);
    if (format === 'json') {
      return feed.items.map((e) => [e.id, e.title, e.url, time(e.date_published), e.content_html]);
    }
    if (format === 'rss') {
      return feed.items.map((e) => [e.guid.value, e.title, e.link, time(e.pubDate), e.content.encoded]);
    }
    const link = (e) => e.links.find(({ rel }) => !rel || rel === 'alternate').href;
    return feed.entries.map((e) => [e.id, e.title.value, link(e), time(e.published), e.content.value]);
  },
  async 'rss-parser'(said) {
    const { items } = await new RssParser().parseString(said);
    return items.map((e) => [e.id ?? e.guid, e.title, e.link, e.isoDate, e['content:encoded'] ?? e.content]);
  },
};

console.log(JSON.stringify(await readers[process.argv[2]](await text(process.stdin))));
