"""Serves the feeds of a corpus folder over loopback and runs a whole home against it, twice.

    .venv/bin/python -m benchmarks.replay FOLDER

FOLDER holds ID.gz files, and an index.json that may say {"id", "url", "format", "encoding"} for each. Pages behind the
entries are not fetched: the corpus has none. CPU seconds and peak memory are those of the aggregator's processes.
"""

import argparse
import gzip
import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

AGGREGATOR = (sys.executable, "-m", "aggregator")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--workers", type=int, default=2, help="processes that parse (cpu_workers)")
    parser.add_argument("--database", default="sqlite:///storage/archive.db")
    options = parser.parse_args()
    feeds = {path.name.removesuffix(".gz"): gzip.decompress(path.read_bytes()) for path in options.folder.glob("*.gz")}
    server = _serve(feeds)
    port = server.server_address[1]
    with tempfile.TemporaryDirectory(prefix="replay-") as folder:
        home = Path(folder)
        _home(home, feeds, port, options)
        print(f"{len(feeds)} feeds, {sum(map(len, feeds.values())) / 1e6:.1f} MB")
        _pass("first poll", home, feeds)
        _pass("second poll, all unchanged", home, feeds)
    server.shutdown()


def _pass(name: str, home: Path, feeds: dict[str, bytes]) -> None:
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run((*AGGREGATOR, "poll", "--all", "--json", "--home", str(home)), stdout=subprocess.PIPE)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    polled = [json.loads(line) for line in done.stdout.splitlines()]
    status = json.loads(subprocess.check_output((*AGGREGATOR, "status", "--json", "--home", str(home))))
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"\n{name}: exit {done.returncode}")
    print(f"  sources {len(polled)} of {len(feeds)}, entries {status['entries']}, articles {status['articles']}, "
          f"stories {status['stories']}, copies {status['copies']}, captions {status['captions']}")  # fmt: skip
    print(f"  CPU {cpu:.1f} s, wall {wall:.1f} s, peak memory of the largest process {after.ru_maxrss / 1024:.0f} MiB")
    outcomes = {o: sum(p["outcome"] == o for p in polled) for o in ("new", "unchanged", "failed")}
    print("  " + ", ".join(f"{n} {outcome}" for outcome, n in outcomes.items()))
    for each in polled:
        if each["outcome"] == "failed":
            print(f"  failed: {each['name']}: {each['error']}")


def _home(home: Path, feeds: dict[str, bytes], port: int, options: argparse.Namespace) -> None:
    subprocess.run((*AGGREGATOR, "init", str(home)), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    (home / "config" / "aggregator.toml").write_text(
        f'database = "{options.database}"\nfull_text = false\ncpu_workers = {options.workers}\n[http]\n'
        f'allow_addresses = ["127.0.0.1:{port}"]\nhost_pause = "0s"\nper_host = 32\n'
    )
    sources = (f'[[source]]\nurl = "http://127.0.0.1:{port}/{id}"\nname = "feed-{id}"\n' for id in feeds)
    (home / "config" / "sources.toml").write_text("\n".join(sources))
    (home / "config" / "topics.toml").write_text('[[topic]]\nname = "korea"\nmatch = "korea OR pyongyang"\n')


def _serve(feeds: dict[str, bytes]) -> ThreadingHTTPServer:
    tags = {id: f'"{hashlib.sha256(body).hexdigest()[:16]}"' for id, body in feeds.items()}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            id = self.path.strip("/")
            same = self.headers.get("If-None-Match") == tags.get(id)
            body = b"" if same else feeds.get(id, b"")
            self.send_response(304 if same else 200 if id in feeds else 404)
            self.send_header("ETag", tags.get(id, '""'))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


if __name__ == "__main__":
    main()
