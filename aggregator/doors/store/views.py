"""Views for people with sqlite3, datasette or pandas (docs/schema.md); the program reads none of them."""

from sqlalchemy import Connection, text

from aggregator.doors.store import dialect
from aggregator.doors.store.tables import articles, decisions, sources

VIEWS = {
    "article_list": """
        SELECT a.id, a.url, a.title, a.byline, {published} AS published, a.language, s.name AS source,
               {first_seen} AS first_seen, {revised_at} AS revised_at,
               a.revisions, a.relation, a.story_id, a.copy_of, a.verdict
        FROM articles a JOIN sources s ON s.id = a.source_id""",
    "caption_list": """
        SELECT i.article_id, a.title, s.name AS source, i.number, i.url AS image, i.caption, i.credit
        FROM images i JOIN articles a ON a.id = i.article_id JOIN sources s ON s.id = a.source_id
        WHERE i.caption IS NOT NULL""",
    "source_list": """
        SELECT s.id, s.name, s.url, s.title,
               CASE WHEN s.removed THEN 'removed' WHEN s.paused THEN 'paused' WHEN s.gone THEN 'gone'
                    WHEN s.failures > 0 THEN 'failing' ELSE 'ok' END AS state,
               {polled_at} AS polled_at, {poll_at} AS poll_at, s.failures, s.error,
               (SELECT count(*) FROM articles a WHERE a.source_id = s.id) AS articles
        FROM sources s""",
    "topic_list": """
        SELECT t.name AS topic, d.article_id, a.title, a.url, {first_seen} AS first_seen, d.reason,
               {decided_at} AS decided_at
        FROM decisions d JOIN topics t ON t.id = d.topic_id JOIN articles a ON a.id = d.article_id
        WHERE d.selected AND NOT t.removed""",
}

_TIMES = (
    ("a", articles.c.published), ("a", articles.c.first_seen), ("a", articles.c.revised_at),
    ("s", sources.c.polled_at), ("s", sources.c.poll_at), ("d", decisions.c.decided_at),
)  # fmt: skip


def drop(tx: Connection) -> None:
    """Before a migration: a database does not let go of a column that a view shows."""
    for name in VIEWS:
        tx.execute(text(f"DROP VIEW IF EXISTS {name}"))


def create(tx: Connection) -> None:
    times = {c.name: dialect.shown(tx, table, c) for table, c in _TIMES}
    for name, query in VIEWS.items():
        tx.execute(text(f"CREATE VIEW {name} AS {query.format_map(times)}".replace(":", "\\:")))
