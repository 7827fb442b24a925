#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A consumer of the change feed (docs/api.md, "The change feed"). Copy it, and put your work into handle().

    consumer.py --url http://127.0.0.1:7410 --key-file viewer.key --store feed.db
    consumer.py --url https://orders.example --ca ca.pem --key-file viewer.key --store feed.db

Needs nothing but Python. Keeps each event once in an SQLite file, in the same transaction as its place in the log: it may be killed at any moment, and the
daemon, too, and goes on where it was. Ends on SIGTERM or SIGINT; with code 65 when its place is not in the daemon's log.
"""
import argparse
import http.client
import json
import random
import signal
import sqlite3
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

LONGEST_PAUSE = 30.0  # seconds between two tries
GRACE = 15.0  # seconds that an answer may come later than it was asked to wait
BEYOND_LOG = 65  # exit code

SCHEMA = """
CREATE TABLE IF NOT EXISTS event (
    partition INTEGER NOT NULL, sequence INTEGER NOT NULL, order_id TEXT NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (partition, sequence));
CREATE TABLE IF NOT EXISTS place (partition INTEGER PRIMARY KEY, after INTEGER NOT NULL, epoch INTEGER NOT NULL);
"""


class Stopped(BaseException):
    """SIGTERM or SIGINT came."""


class BeyondLog(Exception):
    """The daemon's log is not the one that our place is in."""


class NotNow(Exception):
    """It may succeed later. `pause`: in so many seconds, if the daemon said so."""

    def __init__(self, message, pause=None):
        super().__init__(message)
        self.pause = pause


def handle(database, partition, event):
    """Takes one event in. What it writes to `database` is committed together with the place in the log, or not at all, so no event counts twice. What goes
    elsewhere may be done again after a crash: hand `partition-sequence` over as the key that makes it happen once."""
    database.execute(
        "INSERT INTO event VALUES (?, ?, ?, ?, ?)",
        (partition, event["sequence"], event["order_id"], event["type"], json.dumps(event, sort_keys=True)),
    )


class Consumer:
    def __init__(self, options):
        self.options = options
        with open(options.key_file, encoding="utf-8") as file:
            self.key = file.read().strip()
        # Whoever the system trusts, or --ca alone. The server's name is always verified.
        self.tls = ssl.create_default_context(cafile=options.ca)
        # Without isolation_level nothing begins a transaction but we.
        self.database = sqlite3.connect(options.store, isolation_level=None, timeout=30)
        self.database.execute("PRAGMA journal_mode = WAL")
        self.database.execute("PRAGMA synchronous = FULL")
        self.database.executescript(SCHEMA)
        found = self.database.execute("SELECT after, epoch FROM place WHERE partition = ?", (options.partition,)).fetchone()
        self.after, self.epoch = found or (0, None)

    def ask(self):
        """The next page; waits for it. Raises NotNow, BeyondLog."""
        options = self.options
        query = {"partition": options.partition, "after": self.after, "limit": options.limit, "wait_ms": options.wait_ms}
        if self.epoch is not None:
            query["epoch"] = self.epoch
        if options.type:
            query["type"] = options.type
        request = urllib.request.Request(
            f"{options.url.rstrip('/')}/v1/events?{urllib.parse.urlencode(query)}", headers={"Authorization": "Bearer " + self.key}
        )
        try:
            with urllib.request.urlopen(request, timeout=options.wait_ms / 1000 + GRACE, context=self.tls) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            self.refused(error)
        except (OSError, http.client.HTTPException, ValueError) as error:  # no daemon, or one that went in the middle of its answer
            raise NotNow(f"the daemon does not answer: {error}") from error

    @staticmethod
    def refused(error):
        try:
            problem = json.load(error)
        except (OSError, http.client.HTTPException, ValueError):
            problem = {}
        detail = problem.get("detail", f"status {error.code}")
        if error.code == 410:
            raise BeyondLog(detail) from error
        if problem.get("retryable", error.code >= 500):
            pause = error.headers.get("Retry-After", "")
            raise NotNow(detail, float(pause) if pause.isdigit() else None) from error
        sys.exit(f"consumer.py: {detail}")  # the key, or what was asked for: no repeating mends that

    def keep(self, page):
        """Takes a page in and moves on, both or neither."""
        if "first" not in page:
            return  # nothing happened
        if page["first"] != self.after + 1:
            raise RuntimeError(f"the page begins at {page['first']} and not behind {self.after}")
        place = (page["partition"], page["next_after"], page["epoch"])
        self.database.execute("BEGIN IMMEDIATE")
        try:
            for event in page["items"]:
                handle(self.database, page["partition"], event)
            self.database.execute("INSERT OR REPLACE INTO place VALUES (?, ?, ?)", place)
            self.database.execute("COMMIT")
        except BaseException:
            if self.database.in_transaction:
                self.database.execute("ROLLBACK")
            raise
        self.after, self.epoch = page["next_after"], page["epoch"]
        if self.options.verbose:
            print(f"{len(page['items'])} events, at {self.after} of {page['head']}", flush=True)

    def run(self):
        failures = 0
        while True:
            try:
                self.keep(self.ask())
                failures = 0
            except NotNow as error:
                print("consumer.py:", error, file=sys.stderr, flush=True)
                # Longer from one failure to the next, and not all consumers at once.
                longest = min(LONGEST_PAUSE, 0.25 * 2 ** min(failures, 10))
                time.sleep(max(error.pause or 0, random.uniform(longest / 2, longest)))
                failures += 1


def stop(*_):
    raise Stopped


def main():
    parser = argparse.ArgumentParser(description="An example consumer of the change feed.")
    parser.add_argument("--url", required=True, help="of the daemon, such as http://127.0.0.1:7410 or https://orders.example")
    parser.add_argument("--ca", help="file in PEM of whom to trust for https://; the system's unless given")
    parser.add_argument("--key-file", required=True, help="file with an API key; a viewer's is enough")
    parser.add_argument("--store", required=True, help="SQLite file for the events and the place in the log")
    parser.add_argument("--partition", type=int, default=0)
    parser.add_argument("--type", help="types of events to keep, with commas between them; all unless given")
    parser.add_argument("--limit", type=int, default=500, help="events in one transaction")
    parser.add_argument("--wait-ms", type=int, default=20_000, help="how long to wait for something to happen")
    parser.add_argument("--verbose", action="store_true", help="say how far it is, after each page")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        Consumer(options).run()
    except Stopped:
        return 0
    except BeyondLog as error:
        print("consumer.py:", error, file=sys.stderr, flush=True)
        print("consumer.py: nothing was changed here. Begin again with another --store once it is known what was lost.", file=sys.stderr)
        return BEYOND_LOG


if __name__ == "__main__":
    sys.exit(main())
