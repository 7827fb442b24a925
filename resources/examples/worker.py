#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker over ZeroMQ (docs/workers.md). Copy it, and put your work into do_task().

    worker.py --profile /var/lib/gantry/admin.profile --task payment.authorize

Needs python3-zmq. Ends on SIGTERM or SIGINT: finishes what has begun and gives back the rest.
"""
import argparse
import hashlib
import json
import os
import queue
import signal
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import zmq


class Failure(Exception):
    """What do_task() raises when the task can't be done. `code` is always the same for the same cause."""

    def __init__(self, code, message="", fatal=False, retry_after_ms=None):
        super().__init__(message or code)
        fields = {"code": code, "message": message, "fatal": fatal, "retry_after_ms": retry_after_ms}
        self.fields = {name: value for name, value in fields.items() if value}


def do_task(task, stopped, work_seconds):
    """Does one task and returns its result (a dict) or raises Failure. Runs on a thread of the pool.

    A real worker calls a service here and hands it the idempotency key, so that the same task done twice has one effect. This one makes a reference out of
    the key: the same key gives the same result. `stopped` is set when the task is no longer ours: stop working then."""
    if task["order"].get("total", 0) <= 0:
        raise Failure("nothing_to_pay", "The order's total is not above zero.", fatal=True)
    stopped.wait(work_seconds)
    return {"reference": "ref-" + hashlib.sha256(task["idempotency_key"].encode()).hexdigest()[:16]}


class InHand:
    """A task that has come and is not reported yet."""

    def __init__(self, lease_seconds, future, stopped):
        self.lease_seconds = lease_seconds
        self.future = future
        self.stopped = stopped  # threading.Event: the task is no longer ours
        self.extend_at = time.monotonic() + lease_seconds / 2


class Worker:
    def __init__(self, options):
        self.options = options
        with open(options.profile, encoding="utf-8") as file:
            self.profile = json.load(file)
        self.pool = ThreadPoolExecutor(options.most)
        self.outcomes = queue.SimpleQueue()  # (token, outcome) from the pool
        self.bell, self.ringer = socket.socketpair()  # wakes the loop when something is in it
        self.bell.setblocking(False)
        self.in_hand = {}  # token -> InHand
        self.unanswered = {}  # token -> outcome; sent again in a new session
        self.again = []  # (when, token): results to be sent once more
        self.is_stopping = False
        self.beat = self.silence = 0.0
        self.socket = None

    def stop(self, *_):
        self.is_stopping = True
        self.ringer.send(b"x")

    def connect(self):
        """A new socket for each attempt: what an old one has queued is of an old session."""
        if self.socket:
            self.socket.close(linger=0)
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.curve_serverkey = self.profile["server_key"].encode()
        self.socket.curve_publickey = self.profile["public_key"].encode()
        self.socket.curve_secretkey = self.profile["secret_key"].encode()
        self.socket.connect(self.profile["workers"])
        self.say_hello()

    def say(self, **message):
        self.socket.send_json(message)
        self.said = time.monotonic()

    def say_hello(self):
        self.beat, self.silence = 1.0, 5.0  # until the welcome tells
        self.say(hello={"protocol": 1, "worker": self.options.name, "tasks": self.options.task,
                        "credit": self.options.most * 2})

    def run(self):
        pause = 0.5
        self.connect()
        heard = time.monotonic()
        is_leaving = False
        while True:
            poller = zmq.Poller()
            poller.register(self.socket, zmq.POLLIN)
            poller.register(self.bell, zmq.POLLIN)
            ready = dict(poller.poll(100))
            if self.bell.fileno() in ready:
                self.bell.recv(4096)
            while True:
                try:
                    message = self.socket.recv_json(zmq.NOBLOCK)
                except zmq.Again:
                    break
                heard, pause = time.monotonic(), 0.5
                if is_leaving and "goodbye" in message:
                    return
                self.take(message)
            now = time.monotonic()
            if now - heard > max(self.silence, pause):
                if is_leaving:
                    return
                heard, pause = now, min(2 * pause, 32)
                self.connect()
            self.send_results(now)
            if self.is_stopping and not is_leaving:
                self.pool.shutdown(wait=False, cancel_futures=True)
                is_leaving = self.is_idle()
                if is_leaving:
                    self.say(goodbye={})  # what has not begun goes to others
            if now - self.said >= self.beat:
                self.say(heartbeat={})

    def is_idle(self):
        is_working = any(task.future.running() for task in self.in_hand.values())
        return not is_working and self.outcomes.empty() and not self.unanswered

    def take(self, message):
        if "tasks" in message:
            for task in message["tasks"]:
                self.begin(task)
        elif "answers" in message:
            for answer in message["answers"]:
                self.settle(answer)
        elif "welcome" in message:
            self.beat = message["welcome"]["heartbeat_ms"] / 1000
            self.silence = message["welcome"]["silence_ms"] / 1000
            if self.unanswered:
                self.say(results=[{"token": token, **outcome} for token, outcome in self.unanswered.items()])
        elif "goodbye" in message and message["goodbye"]["reason"] in ("silent", "unknown"):
            self.say_hello()
        elif "problem" in message:
            print("worker.py:", message["problem"]["detail"], file=sys.stderr, flush=True)

    def begin(self, task):
        if self.is_stopping:
            return  # our goodbye gives it back
        stopped = threading.Event()
        future = self.pool.submit(self.work, task, stopped)
        self.in_hand[task["token"]] = InHand(task["lease_ms"] / 1000, future, stopped)

    def work(self, task, stopped):
        try:
            outcome = {"complete": {"result": do_task(task, stopped, self.options.work_ms / 1000)}}
        except Failure as failure:
            outcome = {"fail": failure.fields}
        except Exception as error:  # a defect of ours: the order is not to wait for the lease
            outcome = {"fail": {"code": "worker_defect", "message": repr(error)[:500]}}
        if not stopped.is_set():
            self.outcomes.put((task["token"], outcome))
            self.ringer.send(b"x")

    def settle(self, answer):
        token, problem = answer["token"], answer.get("problem")
        if problem and problem["retryable"]:
            self.again.append((time.monotonic() + 1, token))
        elif problem:  # stale_token above all: another has it, or it is recorded already. Drop it.
            self.unanswered.pop(token, None)
            if token in self.in_hand:
                self.in_hand.pop(token).stopped.set()
        elif "lease_ms" in answer:
            if token in self.in_hand:
                self.in_hand[token].extend_at = time.monotonic() + answer["lease_ms"] / 2000
        else:
            self.unanswered.pop(token, None)

    def send_results(self, now):
        """Everything that is done, in one message; and a longer lease for what takes its time."""
        results = []
        while not self.outcomes.empty():
            token, outcome = self.outcomes.get()
            if self.in_hand.pop(token, None):
                self.unanswered[token] = outcome
                results.append({"token": token, **outcome})
        for when, token in [item for item in self.again if item[0] <= now]:
            self.again.remove((when, token))
            if token in self.unanswered:
                results.append({"token": token, **self.unanswered[token]})
        for token, task in self.in_hand.items():
            if task.extend_at <= now:
                task.extend_at = now + task.lease_seconds / 4  # should the answer be lost
                results.append({"token": token, "extend": {}})
        if results:
            self.say(results=results)


def main():
    parser = argparse.ArgumentParser(description="An example worker over ZeroMQ.")
    parser.add_argument("--profile", required=True, help="profile file with addresses and keys")
    parser.add_argument("--task", required=True, action="append", help="a task to do; may be given several times")
    parser.add_argument("--name", default=f"worker.py-{socket.gethostname()}-{os.getpid()}")
    parser.add_argument("--most", type=int, default=4, help="tasks at once")
    parser.add_argument("--work-ms", type=int, default=0, help="how long the work takes")
    worker = Worker(parser.parse_args())
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, worker.stop)
    worker.run()


if __name__ == "__main__":
    main()
