#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks whether a worker keeps its duties (docs/workers.md). Plays the daemon on free ports of this machine, starts the worker, hands it scripted tasks, and says for
each duty whether it was kept. Nothing of Gantry need run.

    check_worker.py --task payment.authorize -- ./worker.py --profile {profile} --task payment.authorize
    check_worker.py --task payment.authorize -- ./worker.mjs --url {url} --key-file {key_file} --task payment.authorize

Choose --lease-ms shorter than your work takes to see whether it extends its lease. Give an order that your worker can do with --order FILE.
Needs python3-zmq. Exit code: 0 all kept, 1 something was not, 69 the worker did not come.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import zmq

HEARTBEAT_MS, SILENCE_MS = 500, 2500
ORDER = {
    "channel": "check", "external_id": "check-1", "currency": "EUR", "total": 1990,
    "lines": [{"sku": "A-1", "name": "Cup", "quantity": 1, "unit_price": 1990}], "customer": {"name": "Ann Example"},
    "id": "ord_00000000000000000000000000", "state": "running", "step": "check", "version": 2,
}


def problem(code, status, retryable):
    return {"type": "/problems/" + code, "title": code, "status": status, "code": code, "retryable": retryable,
            "detail": "Said by check_worker.py."}


class Desk:
    """What the doors and the checks share: tasks to hand out, and what the worker said, under one lock."""

    def __init__(self, task, lease_ms):
        self.task, self.lease_ms = task, lease_ms
        self.changed = threading.Condition()
        self.waiting = []  # tasks that nobody has got yet
        self.said = []  # (when, token, verb, body)
        self.verdicts = {}  # token -> problems to answer with, one after the other; then it is taken
        self.heard = []  # times of all that came over ZeroMQ
        self.came = None  # how the worker came: "ZeroMQ" or "HTTP"
        self.faults = []
        self.is_gone = False  # said goodbye
        self.count = 0

    def offer(self, key, order, attempt=1, verdicts=()):
        with self.changed:
            self.count += 1
            token = f"check-{self.count:04d}-{os.urandom(12).hex()}"
            until = datetime.now(timezone.utc) + timedelta(milliseconds=self.lease_ms)
            self.verdicts[token] = list(verdicts)
            self.waiting.append({
                "token": token, "task": self.task, "order_id": ORDER["id"], "step": "check", "attempt": attempt, "idempotency_key": key,
                "lease_until": until.isoformat(timespec="milliseconds").replace("+00:00", "Z"), "lease_ms": self.lease_ms,
                "order": order})
            self.changed.notify_all()
        return token

    def take(self, most, wait):
        with self.changed:
            self.changed.wait_for(lambda: self.waiting, wait)
            tasks, self.waiting = self.waiting[:most], self.waiting[most:]
            return tasks

    def report(self, token, verb, body):
        with self.changed:
            self.said.append((time.monotonic(), token, verb, body))
            self.changed.notify_all()
            if token not in self.verdicts:
                return problem("stale_token", 409, False)
            if verb == "extend":
                return None
            return self.verdicts[token].pop(0) if self.verdicts[token] else None

    def outcomes(self, token):
        return [(verb, body) for _, said, verb, body in self.said if said == token and verb != "extend"]

    def outcome(self, token, number=0):
        """What the worker said of a task, within the lease as it extended it; None if that ran out."""
        until = time.monotonic() + self.lease_ms / 1000 + 0.5
        with self.changed:
            while len(self.outcomes(token)) <= number:
                extended = [when for when, said, verb, _ in self.said if said == token and verb == "extend"]
                left = max([until] + [when + self.lease_ms / 1000 for when in extended]) - time.monotonic()
                if left <= 0:
                    return None
                self.changed.wait(left)
            return self.outcomes(token)[number]

    def fault(self, text):
        with self.changed:
            self.faults.append(text)


def serve_zmq(desk, socket):
    peer, credit, beaten = None, 0, 0.0
    while True:
        if socket.poll(20):
            peer, frame = socket.recv_multipart()[:2]
            desk.heard.append(time.monotonic())
            message = json.loads(frame)
            kind = next(iter(message))
            if kind == "hello":
                hello = message["hello"]
                desk.came = "ZeroMQ"
                credit = hello.get("credit", 1)
                if hello.get("protocol") != 1 or not hello.get("worker") or desk.task not in hello.get("tasks", []):
                    desk.fault("hello must hold protocol 1, a worker's name, and the task")
                send(socket, peer, welcome={"protocol": 1, "server": "check_worker.py", "principal": "check", "credit": credit,
                                            "heartbeat_ms": HEARTBEAT_MS, "silence_ms": SILENCE_MS})
            elif kind == "results":
                answers = []
                for item in message["results"]:
                    verb = next(name for name in item if name != "token")
                    refused = desk.report(item["token"], verb, item[verb])
                    lease = {"lease_until": "2100-01-01T00:00:00.000Z", "lease_ms": desk.lease_ms} if verb == "extend" else {}
                    answers.append({"token": item["token"], **({"problem": refused} if refused else {"ok": True, **lease})})
                send(socket, peer, answers=answers)
            elif kind == "goodbye":
                desk.is_gone = True
                send(socket, peer, goodbye={"reason": "goodbye"})
                peer = None
            elif kind != "heartbeat":
                desk.fault(f"a message of an unknown kind: {kind}")
        if peer and desk.came == "ZeroMQ":
            tasks = desk.take(credit, 0)
            if tasks:
                send(socket, peer, tasks=tasks)
            if time.monotonic() - beaten > HEARTBEAT_MS / 1000:
                beaten = time.monotonic()
                send(socket, peer, heartbeat={"at": "2026-01-01T00:00:00.000Z"})


def send(socket, peer, **message):
    socket.send_multipart([peer, json.dumps(message).encode()])


def http_door(desk):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
            parts = self.path.strip("/").split("/")
            if parts == ["v1", "tasks", "claim"]:
                desk.came = "HTTP"
                if not body.get("worker") or desk.task not in body.get("tasks", []):
                    desk.fault("a claim must hold a worker's name and the task")
                return self.answer(200, {"items": desk.take(body.get("max", 1), min(body.get("wait_ms", 0), 1000) / 1000)})
            refused = desk.report(parts[2], parts[3], body)
            if refused:
                return self.answer(refused["status"], refused)
            lease = {"lease_until": "2100-01-01T00:00:00.000Z", "lease_ms": desk.lease_ms}
            return self.answer(200, lease if parts[3] == "extend" else {"order_id": ORDER["id"], "state": "running", "version": 3})

        def answer(self, status, body):
            content = json.dumps(body).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except ConnectionError:
                self.close_connection = True  # the worker has ended

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def zmq_door(desk):
    server_public, server_secret = zmq.curve_keypair()
    public, secret = zmq.curve_keypair()
    socket = zmq.Context.instance().socket(zmq.ROUTER)
    socket.curve_server, socket.curve_secretkey = True, server_secret
    port = socket.bind_to_random_port("tcp://127.0.0.1")
    threading.Thread(target=serve_zmq, args=(desk, socket), daemon=True).start()
    address = f"tcp://127.0.0.1:{port}"
    return {"name": "check", "commands": address, "events": address, "workers": address, "server_key": server_public.decode(),
            "public_key": public.decode(), "secret_key": secret.decode(), "principal": "check", "role": "admin"}


def checks(desk, order):
    """One duty after the other: its name, whether it was kept, and what was seen."""
    first = desk.offer("check/1", order)
    result = desk.outcome(first)
    extended = sum(1 for _, token, verb, _ in desk.said if token == first and verb == "extend")
    yield "answers before the lease ends", result is not None, f"{result[0] if result else 'nothing'}; extended {extended} times"
    again = desk.outcome(desk.offer("check/1", order, attempt=2))
    yield "the same key gives the same result", result is not None and again == result, f"{result} and {again}"
    poison = desk.outcome(desk.offer("check/poison", {"id": ORDER["id"]}))
    failed = poison is not None and poison[0] == "fail" and bool(poison[1].get("code"))
    yield "fails what it can't do, with a code", failed, str(poison)
    yield "goes on after that", desk.outcome(desk.offer("check/2", order)) is not None, "the next task"
    busy = desk.offer("check/3", order, verdicts=[problem("busy", 503, True)])
    one = desk.outcome(busy)
    until = time.monotonic() + 10
    with desk.changed:
        desk.changed.wait_for(lambda: len(desk.outcomes(busy)) > 1, max(0, until - time.monotonic()))
        said = desk.outcomes(busy)
    yield "sends again what was not recorded", len(said) > 1 and said[1] == one, f"{len(said)} times"
    stale = desk.offer("check/4", order, verdicts=[problem("stale_token", 409, False)] * 100)
    desk.outcome(stale)
    before = len(desk.heard)
    time.sleep(max(3.0, 1.2 * SILENCE_MS / 1000))
    with desk.changed:
        said = desk.outcomes(stale)
    yield "drops the task on stale_token", len(said) == 1, f"spoke of it {len(said)} times"
    if desk.came == "ZeroMQ":
        times = desk.heard[max(before - 1, 0):] + [time.monotonic()]
        gap = max(b - a for a, b in zip(times, times[1:]))
        yield "heartbeats", gap < SILENCE_MS / 1000, f"silent for {gap:.1f} s at most"


def finish(desk, worker):
    worker.terminate()
    try:
        code = worker.wait(20)
    except subprocess.TimeoutExpired:
        worker.kill()
        code = None
    is_told = desk.came == "HTTP" or desk.is_gone
    return code == 0 and is_told, f"exit code {code}" + ("" if is_told else ", no goodbye")


def main():
    parser = argparse.ArgumentParser(description="Checks whether a worker keeps its duties.")
    parser.add_argument("--task", required=True, help="a task that the worker does")
    parser.add_argument("--lease-ms", type=int, default=3000)
    parser.add_argument("--order", help="file with an order (JSON) that the worker can do")
    parser.add_argument("command", nargs="+", help="starts the worker; {profile}, {url} and {key_file} are filled in")
    options = parser.parse_args()
    order = ORDER
    if options.order:
        with open(options.order, encoding="utf-8") as file:
            order = json.load(file)
    desk = Desk(options.task, options.lease_ms)
    with tempfile.TemporaryDirectory() as folder:
        places = {"{profile}": folder + "/worker.profile", "{key_file}": folder + "/worker.key", "{url}": http_door(desk)}
        for path, text in ((places["{profile}"], json.dumps(zmq_door(desk))), (places["{key_file}"], "check-key\n")):
            with open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
                file.write(text)
        command = []
        for word in options.command:
            for place, value in places.items():
                word = word.replace(place, value)
            command.append(word)
        worker = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        try:
            until = time.monotonic() + 10
            while not desk.came and worker.poll() is None and time.monotonic() < until:
                time.sleep(0.02)
            if not desk.came:
                print("The worker neither said hello nor claimed within 10 s.", file=sys.stderr)
                return 69
            print(f"The worker came over {desk.came}.")
            broken = 0
            for name, is_kept, seen in checks(desk, order):
                broken += not is_kept
                print(f"{'kept  ' if is_kept else 'BROKEN'}  {name}  ({seen})", flush=True)
            is_kept, seen = finish(desk, worker)
            print(f"{'kept  ' if is_kept else 'BROKEN'}  ends in order on SIGTERM  ({seen})")
            for fault in sorted(set(desk.faults)):
                print(f"BROKEN  speaks the protocol  ({fault})")
            return 1 if broken or not is_kept or desk.faults else 0
        finally:
            if worker.poll() is None:
                worker.kill()


if __name__ == "__main__":
    sys.exit(main())
