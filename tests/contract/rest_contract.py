#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds a running gantryd to docs/openapi.yaml, as it serves it itself.

Sends every request that the document shows and every request that earns a documented problem, and looks each answer over: its status,
type, headers and body against the schema. What is documented and was not seen is a failure, as is what was seen and is not documented.
Ends the daemon. Run by tst_rest_contract, which makes the keys:

Each request that writes is sent as a dry run first: it must be answered as the real one is, and leave the store as it was.

    rest_contract.py --port 7410 --pid 4711 --store gantry.db --key admin=gk_… --key viewer=gk_…
"""
import argparse
import base64
import copy
import csv
import gzip
import hashlib
import hmac
import http.client
import io
import json
import os
import signal
import socket
import sqlite3
import sys
import time
import traceback
import urllib.parse

import jsonschema

PATIENCE = 30  # seconds for what must come
GENERAL_HEADERS = {  # of any answer, and where they are documented
    "gantry-revision": "Revision",
    "ratelimit": "RateLimit",
    "ratelimit-policy": "RateLimitPolicy",
    "deprecation": "Deprecation",
    "sunset": "Sunset",
    "link": "Link",
    "vary": "Vary",
    "content-encoding": "ContentEncoding",
}
NOT_OF_DRY_RUNS = {"etag", "location", "idempotency-replayed"}
TRANSPORT_HEADERS = {"date", "transfer-encoding", "connection", "content-length", "content-type"}
NOT_PROVOKED = {
    # Problems that any request may meet, and that no request alone can cause; the tests named have them.
    "idempotency_in_progress": "holds for less than a request takes (tst_bulk_runner)",
    "rate_limited": "needs 2,000 requests at once (tst_slow_clients)",
    "storage_full": "needs a full disk (the store's own tests)",
    "corrupt": "needs a damaged file (the store's own tests)",
    "internal": "a defect (tst_http_server)",
}
# What a parameter is not sent without.
COMPANIONS = {("listPauses", "limit"): {"state": "ended"}}
MISSING = {  # what stands at a path's placeholder when nothing is there
    "id": {"/v1/orders": "ord_00000000000000000000000000", "/v1/bulk-actions": "blk_0", "/v1/verifications": "ver_0",
           "/v1/principals": 999999, "/v1/sessions": 999999},
    "name": {"/v1/principals": "no-such", "/v1/workflows": "no-such", "/v1/pauses": "label", "/v1/roles": "no-such"},
    "source": {"/v1/intake/sources": "no-such"},
    "number": {"/v1/intake/deliveries": "999999"},
    "version": {"/v1/workflows": "9"},
    "scope": {"/v1/pauses": "order"},
    "sku": {"/v1/stock": "NO-SUCH"},
}
INVALID_VALUES = {  # what makes a good body unacceptable
    "submitOrder": {"priority": 77},
    "submitOrders": {"orders": []},
    "takeAction": {"action": "forget"},
    "claimTasks": {"tasks": []},
    "completeTask": {"result": {"text": "x" * 5000}},
    "failTask": {"code": "Not A Code"},
    "createBulkAction": {"rate": 0},
    "steerBulkAction": {"action": "forget"},
    "putStock": {"on_hand": -1},
    "moveStock": {"reason": ""},
    "putWarehouse": {"rank": -1},
    "storeWorkflow": {"source": "name = 1"},
    "activateWorkflow": {"channels": [1]},
    "deactivateWorkflows": {"channels": [1]},
    "migrateOrders": {"orders": []},
    "addIntakeSource": {"kind": "etsy"},
    "rotateIntakeSecret": {"keep_old_s": -1},
    "pause": {"reason": ""},
    "correctMoney": {"refunded": 10**15},
    "resume": {"reason": ""},
    "addPrincipal": {"role": "boss"},
    "changePrincipal": {"role": "boss"},
    "addKey": {"kind": "rsa"},
    "revokeKey": {"reason": ""},
    "resetPassword": {"reason": ""},
    "logIn": {"name": "x" * 1001},
    "changePassword": {"new": "password1234"},
    "endSession": {"reason": ""},
    "putRole": {"rights": {"fly": {}}},
    "deleteRole": {"reason": ""},
}


SHOP_SECRET = "another-secret-of-the-shop"
STANDARD_SECRET = "whsec_" + base64.b64encode(b"a secret of a partner's own").decode()


def digest(secret, text):
    return base64.b64encode(hmac.new(secret, text, hashlib.sha256).digest()).decode()


def sign_shopify(body):
    return {"X-Shopify-Topic": "orders/create", "X-Shopify-Hmac-Sha256": digest(SHOP_SECRET.encode(), body)}


def sign_woocommerce(body):
    return {"X-WC-Webhook-Topic": "order.created", "X-WC-Webhook-Signature": digest(SHOP_SECRET.encode(), body)}


def sign_standard(body):
    key, now = base64.b64decode(STANDARD_SECRET[6:]), str(int(time.time()))
    signature = "v1," + digest(key, b"msg_1." + now.encode() + b"." + body)
    return {"webhook-id": "msg_1", "webhook-timestamp": now, "webhook-signature": signature}


# Operations whose requests are signed and carry no key.
SIGNED = {
    "takeShopifyWebhook": sign_shopify,
    "takeWooCommerceWebhook": sign_woocommerce,
    "takeStandardWebhook": sign_standard,
}


class Mismatch(Exception):
    """The daemon and the document do not agree."""


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.bytes = response.read()

    @property
    def json(self):
        return json.loads(self.bytes)

    @property
    def code(self):
        """Of a problem; none for anything else."""
        is_problem = self.headers.get("content-type") == "application/problem+json"
        return self.json["code"] if is_problem and self.bytes else None


class Operation:
    """One method on one path, with its references resolved."""

    def __init__(self, document, path, method, pointer):
        self.path, self.method, self.pointer = path, method.upper(), pointer
        spec, item = document.at(pointer), document.at(pointer.rpartition("/")[0])
        self.id = spec["operationId"]
        self.is_public = spec.get("security") == []
        self.parameters = [document.resolve(each)[0] for each in item.get("parameters", []) + spec.get("parameters", [])]
        self.responses = {status: document.resolve(each, f"{pointer}/responses/{status}") for status, each in spec["responses"].items()}
        self.takes_dry_run = any(each["name"] == "dry_run" for each in self.parameters)
        self.body = spec.get("requestBody", {}).get("content", {}).get("application/json")

    def named(self, place):
        return [each for each in self.parameters if each["in"] == place]

    def problems(self, document):
        """Every (status, code) of its own that it documents."""
        return {
            (status, code)
            for status, (response, _) in self.responses.items()
            if status != "default"
            for code in document.codes(response)
        }


class Document:
    def __init__(self, text):
        self.root = json.loads(text)
        self.resolver = jsonschema.RefResolver("", self.root)
        self.operations = {}
        for path, item in self.root["paths"].items():
            for method in item:
                if method != "parameters":
                    pointer = "#/paths/" + path.replace("~", "~0").replace("/", "~1") + "/" + method
                    operation = Operation(self, path, method, pointer)
                    self.operations[operation.id] = operation

    def operation(self, operation_id):
        if operation_id not in self.operations:
            raise Mismatch(f"no operation {operation_id} is documented")
        return self.operations[operation_id]

    def at(self, pointer):
        return self.resolver.resolve(pointer)[1]

    def resolve(self, value, pointer=""):
        """What a reference stands for, and where that is."""
        if "$ref" in value:
            return self.at(value["$ref"]), value["$ref"]
        return value, pointer

    def codes(self, response):
        examples = response.get("content", {}).get("application/problem+json", {}).get("examples", {})
        return {self.resolve(each)[0]["value"]["code"] for each in examples.values()}

    def validate(self, value, pointer, what):
        validator = jsonschema.Draft202012Validator({"$ref": pointer}, resolver=self.resolver)
        errors = sorted(validator.iter_errors(value), key=lambda each: each.validator == "unevaluatedProperties")
        # What is wrong with a member is told before that it was not taken for known.
        error = jsonschema.exceptions.best_match(errors[:1])
        if error:
            raise Mismatch(f"{what}: /{'/'.join(map(str, error.absolute_path))}: {error.message[:400]}")

    def check(self, answer, response, pointer, what):
        """Whether an answer is as the response says: headers, type, body."""
        documented = response.get("headers", {})
        for name, header in documented.items():
            header, at = self.resolve(header, f"{pointer}/headers/{name}")
            if name.lower() in answer.headers:
                self.validate(answer.headers[name.lower()], f"{at}/schema", f"{what}, {name}")
            elif header.get("required") and not ("gantry-dry-run" in answer.headers and name.lower() in NOT_OF_DRY_RUNS):
                raise Mismatch(f"{what}: the header {name} is missing")
        for name in answer.headers.keys() & GENERAL_HEADERS.keys():
            self.validate(answer.headers[name], f"#/components/headers/{GENERAL_HEADERS[name]}/schema", f"{what}, {name}")
        for name in answer.headers.keys() - {name.lower() for name in documented} - TRANSPORT_HEADERS - GENERAL_HEADERS.keys():
            raise Mismatch(f"{what}: the header {name} is not documented")
        content = response.get("content")
        if not content:
            if answer.bytes:
                raise Mismatch(f"{what}: has a body, and should not")
            return
        kind = answer.headers.get("content-type")
        if kind not in content:
            raise Mismatch(f"{what}: is {kind}, not {' or '.join(content)}")
        if kind == "application/x-ndjson":  # documented as the array of its lines
            value = [json.loads(line) for line in answer.bytes.splitlines()]
        else:
            value = answer.json if "json" in kind else answer.bytes.decode()
        place = urllib.parse.quote(kind.replace("/", "~1"), safe="~;=+-.")
        self.validate(value, f"{pointer}/content/{place}/schema", what)


class Contract:
    """Sends requests, checks the answers, and keeps in mind what has been seen."""

    def __init__(self, port, keys, store):
        self.port, self.keys = port, keys
        self.store = sqlite3.connect(f"file:{urllib.parse.quote(store)}?mode=ro", uri=True, isolation_level=None)
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.document = Document(self.send("GET", "/v1/openapi.json", role=None).bytes)
        self.faults = []
        self.statuses, self.problems, self.requests, self.parameters, self.general = set(), set(), set(), set(), set()
        self.good = {}  # by operation, the last request with a body, if it takes one, that succeeded

    def send(self, method, target, headers=None, body=None, role="admin"):
        headers = dict(headers or {})
        if role:
            headers["Authorization"] = "Bearer " + self.keys[role]
        try:
            self.connection.request(method, target, body, headers)
            return Answer(self.connection.getresponse())
        finally:
            if self.connection.sock is None or "Content-Length" in headers:
                self.connection.close()  # the latter: a body was announced and not sent

    def fault(self, text):
        self.faults.append(text)

    def target(self, operation, path, query):
        target = operation.path
        for parameter in operation.named("path"):
            value = path.get(parameter["name"], parameter["example"])
            target = target.replace("{" + parameter["name"] + "}", urllib.parse.quote(str(value), safe=""))
        return target + ("?" + query if isinstance(query, str) else "?" + urllib.parse.urlencode(query) if query else "")

    def call(self, operation_id, expect=None, *, path=None, query=None, headers=None, body=None, role="admin"):
        """Sends one request. `query`: a mapping, or as it goes over the wire; `body`: JSON, or bytes."""
        operation = self.document.operation(operation_id)
        path, headers = path or {}, dict(headers or {})
        raw = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        if raw is not None:
            headers.setdefault("Content-Type", "application/json")
        if operation_id in SIGNED:
            signed = SIGNED[operation_id](raw or b"")
            headers = {name: value for name, value in headers.items() if name not in signed} | (signed if role != "nobody" else {})
        if expect is not None and operation.takes_dry_run and not isinstance(query, str) and "dry_run" not in (query or {}):
            self.rehearse(operation, self.target(operation, path, {**(query or {}), "dry_run": "true"}), headers, raw, role, expect)
        target = self.target(operation, path, query)
        answer = self.send(operation.method, target, headers, raw, None if operation.is_public else role)
        what = f"{operation_id} ({operation.method} {target[:100]}) answered {answer.status} {answer.code or ''}".rstrip()
        try:
            self.note(operation, answer, what)
            if expect is not None and expect not in (answer.status, answer.code):
                raise Mismatch(f"{what}, not {expect}: {answer.bytes[:300].decode(errors='replace')}")
        except Mismatch as mismatch:
            self.fault(str(mismatch))
        self.parameters |= {(operation_id, name) for name in (query if isinstance(query, dict) else {}).keys() | headers.keys()}
        if answer.status < 300 and (body is not None or operation.body is None):
            self.good[operation_id] = {"path": path, "query": query or {}, "headers": headers, "body": body}
        return answer

    def rehearse(self, operation, target, headers, raw, role, expect):
        """Sends a request that writes as a dry run: it must change nothing, and be answered as the real one will be."""
        what = f"{operation.id} ({operation.method} {target[:100]})"
        for _ in range(20):  # until nothing else has changed the store meanwhile
            before = self.digest()
            answer = self.send(operation.method, target, headers, raw, None if operation.is_public else role)
            if self.digest() == before:
                break
        else:
            self.fault(f"{what}: changes the store")
        try:
            self.note(operation, answer, f"{what} answered {answer.status} {answer.code or ''}".rstrip())
        except Mismatch as mismatch:
            self.fault(str(mismatch))
        succeeds = expect in (200, 201, 202)
        told = answer.headers.get("gantry-dry-run") == "true"
        if told:
            self.parameters.add((operation.id, "dry_run"))
        if succeeds and not (answer.status == 200 and told):
            self.fault(f"{what}: is {answer.status} {answer.code}, and is to succeed with {expect}: {answer.bytes[:300].decode(errors='replace')}")
        # A bulk action's key counts when it is made, not when it is looked at beforehand.
        elif not succeeds and operation.id != "createBulkAction" and expect not in (answer.status, answer.code):
            self.fault(f"{what}: is {answer.status} {answer.code}, and is to fail as {expect}")

    def digest(self):
        """Of all that is stored, but when keys were last used and what the search index has come to."""
        digest = hashlib.sha256()
        self.store.execute("BEGIN")
        tables = [name for name, in self.store.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        for table in sorted(tables):
            if not table.startswith(("search", "sqlite")):
                columns = [row[1] for row in self.store.execute(f"PRAGMA table_info({table})") if row[1] != "last_used_at"]
                for row in self.store.execute(f"SELECT {', '.join(columns)} FROM {table}"):
                    digest.update(repr((table, row)).encode())
        self.store.execute("COMMIT")
        return digest.digest()

    def note(self, operation, answer, what):
        """Checks an answer, and keeps it in mind."""
        status = str(answer.status)
        response, pointer = operation.responses.get(status, operation.responses["default"])
        if answer.code and status in operation.responses and (status, answer.code) not in operation.problems(self.document):
            raise Mismatch(f"{what}: that problem is not documented there: {answer.json['detail']}")
        if status not in operation.responses and answer.code not in self.document.codes(response):
            raise Mismatch(f"{what}: that status is not documented: {answer.bytes[:300].decode(errors='replace')}")
        self.statuses.add((operation.id, status))
        self.problems.add((operation.id, status, answer.code))
        self.document.check(answer, response, pointer, what)

    def example(self, operation_id, name, expect, change=None, **more):
        """Sends a request that the document shows, with `change` for what only this run can know."""
        operation = self.document.operation(operation_id)
        if name not in (operation.body or {}).get("examples", {}):
            raise Mismatch(f"{operation_id}: no request {name} is documented")
        body = copy.deepcopy(operation.body["examples"][name]["value"])
        pointer = operation.pointer + "/requestBody/content/application~1json/schema"
        try:
            self.document.validate(body, pointer, f"{operation_id}, request {name}")
        except Mismatch as mismatch:
            self.fault(str(mismatch))
        if change:
            body.update(change)
        self.requests.add((operation_id, name))
        return self.call(operation_id, expect, body=body, **more)

    def until(self, operation_id, holds, **more):
        """Asks until the answer is as wanted, which it must be in time."""
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = self.call(operation_id, 200, **more).json
            if holds(answer):
                return answer
            if time.monotonic() > deadline:
                raise Mismatch(f"{operation_id} did not come to what was waited for: {json.dumps(answer)[:500]}")
            time.sleep(0.02)  # between two questions


class Story:
    """A day of a shop: every operation at work, by the document's own examples."""

    def __init__(self, contract):
        self.c = contract
        self.tokens = {}  # by order, of tasks that nobody has reported on

    def tell(self):
        self.define_workflow()
        self.take_orders_in()
        self.decide_by_hand()
        self.correct_books()
        self.work()
        self.explain()
        self.pause()
        self.take_webhooks()
        self.act_on_many()
        self.move()
        self.count_stock()
        self.verify()
        self.let_in()
        self.log_in()
        self.give_roles()
        self.look_around()

    def order(self, order_id, holds=lambda order: True):
        return self.c.until("getOrder", holds, path={"id": order_id})

    def at_step(self, order_id, step, state):
        return self.order(order_id, lambda order: (order["step"], order["state"]) == (step, state))

    def act(self, name, order_id, change=None, expect=200, **more):
        return self.c.example("takeAction", name, expect, change, path={"id": order_id}, **more).json

    def submit(self, external_id, **more):
        """Another order, as the document's least one."""
        body = {**self.c.document.operations["submitOrder"].body["examples"]["least"]["value"], "external_id": external_id, **more}
        return self.c.call("submitOrder", 201, body=body).json["id"]

    def to_label(self, external_id):
        """An order that is approved, and waits for its label."""
        order = self.submit(external_id)
        self.at_step(order, "review", "waiting")
        self.act("approve", order)
        return order

    def define_workflow(self):
        c = self.c
        c.example("storeWorkflow", "first", 201)
        c.example("storeWorkflow", "first", 200)
        c.example("storeWorkflow", "dry_run", 200)
        c.example("storeWorkflow", "second", 201)
        source = c.document.operations["storeWorkflow"].body["examples"]["first"]["value"]["source"]
        c.call("storeWorkflow", "action_not_allowed", body={"source": source + "# other contents\n"})
        c.example("activateWorkflow", "all", 200)
        c.example("deactivateWorkflows", "web", 200)
        c.example("activateWorkflow", "web", 200)
        c.call("listWorkflows", 200)
        for name in ("standard", "fraud-review", "made-to-order"):
            c.call("getWorkflow", 200, path={"name": name, "version": 1})

    def take_orders_in(self):
        c = self.c
        key = {"Idempotency-Key": '"shop-1001"'}
        first = c.example("submitOrder", "least", 201, headers=key)
        again = c.example("submitOrder", "least", 200, headers=key)
        if first.json["id"] != again.json["id"] or again.headers.get("idempotency-replayed") != "true":
            c.fault("submitOrder: a repeat made another order, or does not say that it is one")
        self.first = first.json["id"]
        self.second = c.example("submitOrder", "full", 201).json["id"]
        least = c.document.operations["submitOrder"].body["examples"]["least"]["value"]
        refused = {
            "order_exists": {"total": 3750, "lines": [{"sku": "MUG-1", "quantity": 3, "unit_price": 1250}]},
            "unknown_currency": {"currency": "XYZ"},
            "total_mismatch": {"total": 1},
            "too_many_lines": {"lines": least["lines"] * 1001},
            "amount_overflow": {"total": 2**63},
        }
        for code, change in refused.items():
            c.call("submitOrder", code, body={**least, **change})
        c.call("submitOrder", "idempotency_key_reused", body={**least, "external_id": "other"}, headers=key)
        results = c.example("submitOrders", "two", 200, headers={"Idempotency-Key": '"batch-1"'}).json["results"]
        if [each["status"] for each in results] != [201, 422]:
            c.fault(f"submitOrders: the example's two were not taken and refused: {results}")
        self.third = results[0]["order"]["id"]
        # In a dry run, too, the second of two alike is a repeat of the first; and then neither is there.
        twice = {**least, "external_id": "nowhere"}
        told = c.call("submitOrders", 200, query={"dry_run": "true"}, body={"orders": [twice, twice, {**twice, "priority": 1}]}).json["results"]
        if [each["status"] for each in told] != [201, 200, 409] or told[0]["order"]["id"] != told[1]["order"]["id"]:
            c.fault(f"submitOrders: a dry run does not see the orders before it: {told}")
        if c.call("listOrders", 200, query={"external_id": "nowhere"}).json["items"]:
            c.fault("submitOrders: a dry run took an order in")

    def decide_by_hand(self):
        c = self.c
        order = self.at_step(self.first, "review", "waiting")
        etag = f'"{order["version"]}"'
        c.call("getOrder", 304, path={"id": self.first}, headers={"If-None-Match": etag})
        c.call("listActions", 200, path={"id": self.first})
        key = {"Idempotency-Key": '"hold-1"', "If-Match": etag}
        held = self.act("hold", self.first, headers=key)
        self.act("hold", self.first, headers={"Idempotency-Key": '"hold-1"'})
        self.act("hold", self.first, {"reason": "Another"}, "idempotency_key_reused", headers=key)
        self.act("cancel", self.first, expect="version_mismatch", headers={"If-Match": '"1"'})
        self.act("retry", self.first, expect="action_not_allowed")
        c.call("explainOrder", 200, path={"id": self.first})
        self.act("release", self.first, {"hold_id": held["holds"][0]["id"]})
        self.act("approve", self.first)
        self.at_step(self.second, "review", "waiting")
        self.act("reject", self.second)
        c.call("explainOrder", 200, path={"id": self.second})
        self.act("retry", self.second)
        self.act("approve", self.second)

    def correct_books(self):
        c, path = self.c, {"id": self.second}
        key = {"Idempotency-Key": '"freight-1"'}
        before = self.order(self.second)
        corrected = c.example("correctMoney", "freight", 200, path=path, headers={**key, "If-Match": f'"{before["version"]}"'}).json
        again = c.example("correctMoney", "freight", 200, path=path, headers=key).json
        if corrected["money"]["captured"] != before["money"]["captured"] + 500 or again["version"] != corrected["version"]:
            c.fault(f"correctMoney: the entry was not made once: {corrected} {again}")
        c.example("correctMoney", "freight", "idempotency_key_reused", {"reason": "Another"}, path=path, headers=key)
        c.example("correctMoney", "freight", "version_mismatch", path=path, headers={"If-Match": '"1"'})
        c.call("correctMoney", 200, path=path, body={"refunded": 100, "reason": "Broken on the way"})

    def verify(self):
        c = self.c
        started = c.example("startVerification", "everything", 202).json["id"]
        deadline = time.monotonic() + PATIENCE
        # Until one meets another that runs.
        while (answer := c.call("startVerification")).status == 202 and time.monotonic() < deadline:
            started = answer.json["id"]
        done = c.until("getVerification", lambda verification: verification["state"] != "running", path={"id": started})
        if done["state"] != "done" or done["findings_total"] or done["orders"] < 5:
            c.fault(f"getVerification: the store should be found sound: {done}")

    def claim(self, order):
        """The token of the order's task. Tasks of others that come on the way are kept for them."""
        while order not in self.tokens:
            tasks = self.c.example("claimTasks", "labels", 200).json["items"]
            if not tasks:
                raise Mismatch(f"the order {order} has a task that is due, and it did not come")
            self.tokens.update({task["order_id"]: task["token"] for task in tasks})
        return self.tokens.pop(order)

    def work(self):
        c = self.c
        c.call("explainOrder", 200, path={"id": self.first})
        first = {"token": self.claim(self.first)}
        c.call("explainOrder", 200, path={"id": self.first})
        c.example("extendTask", "still", 200, path=first)
        c.call("extendTask", 200, path=first)
        c.example("completeTask", "label", 200, path=first)
        for report in ("completeTask", "extendTask"):
            c.call(report, "stale_token", path=first, body={})
        second = {"token": self.claim(self.second)}
        c.example("failTask", "refused", 200, path=second)
        c.call("failTask", "stale_token", path=second, body={"code": "late"})
        self.act("override", self.second)
        self.act("complete", self.first, role="warehouse")
        c.call("explainOrder", 200, path={"id": self.first})
        self.act("retry", self.first, expect="action_not_allowed")
        self.at_step(self.third, "review", "waiting")
        self.act("approve", self.third)
        c.example("failTask", "later", 200, path={"token": self.claim(self.third)})
        c.call("explainOrder", 200, path={"id": self.third})
        self.failed = self.to_label("2001")
        c.example("failTask", "refused", 200, path={"token": self.claim(self.failed)})
        # Without a body a task is done, too.
        done = self.to_label("2002")
        c.call("completeTask", 200, path={"token": self.claim(done)})
        self.charge()
        # Canceled at its label: that is undone first.
        canceled = self.to_label("2003")
        late = {"token": self.claim(canceled)}
        self.act("cancel", canceled)
        c.call("completeTask", "stale_token", path=late)
        c.call("completeTask", 200, path={"token": self.claim(canceled)})
        self.at_step(canceled, "label", "canceled")

    def charge(self):
        """What a worker says of money is booked, when a step is done as when it is undone."""
        c = self.c
        order = self.to_label("2004")
        task = {"token": self.claim(order)}
        c.call("completeTask", "invalid_value", path=task, body={"result": {"money": {"captured": -1}}})
        c.example("completeTask", "charged", 200, path=task)
        self.act("cancel", order)
        c.example("completeTask", "refunded", 200, path={"token": self.claim(order)})
        books = self.at_step(order, "label", "canceled")["money"]
        events = c.call("listOrderEvents", 200, path={"id": order}).json["items"]
        booked = [(event["type"], event["data"]["money"]) for event in events if "money" in event["data"]]
        expected = [("step_completed", {"authorized": 2500, "captured": 2500}), ("step_compensated", {"refunded": 2500})]
        if booked != expected or books != {"authorized": 2500, "captured": 2500, "refunded": 2500}:
            c.fault(f"completeTask: money was not booked as it was said: {booked} {books}")

    def explain(self):
        c = self.c
        incidents = c.call("listIncidents", 200).json["items"]
        causes = c.call("listIncidents", 200, query={"group_by": "cause", "limit": 10}).json["items"]
        if not incidents or not causes:
            c.fault("listIncidents: there is an incident, and it is not told")
        c.call("listIncidents", "invalid_value", query={"group_by": "weather"})

    def pause(self):
        c = self.c
        waiting = self.to_label("3001")
        c.example("pause", "printer", 201)
        c.example("pause", "printer", 200)
        c.until("listPauses", lambda pauses: pauses["items"][0]["waiting"] > 0)
        c.call("explainOrder", 200, path={"id": waiting})
        c.call("listPauses", "invalid_value", query={"limit": 10})
        c.example("resume", "printer", 200)
        c.until("listPauses", lambda pauses: not pauses["items"])
        c.call("resume", "not_found", body={"reason": "Again"})
        if not c.call("listPauses", 200, query={"state": "ended"}).json["items"]:
            c.fault("listPauses: a pause has ended, and it is not told")
        c.call("completeTask", 200, path={"token": self.claim(waiting)})

    def take_webhooks(self):
        c = self.c
        shop = {"path": {"source": "webshop"}}
        c.example("addIntakeSource", "shop", 201)
        c.example("addIntakeSource", "shop", "action_not_allowed")
        c.example("rotateIntakeSecret", "leaked", 200, **shop)
        c.call("addIntakeSource", 201, body={"name": "woo", "kind": "woocommerce", "secret": SHOP_SECRET})
        c.call("addIntakeSource", 201, body={"name": "partner", "kind": "standard", "secret": STANDARD_SECRET})
        c.call("listIntakeSources", 200)
        outcomes = {
            "takeShopifyWebhook": ("webshop", "created"),
            "takeWooCommerceWebhook": ("woo", "created"),
            "takeStandardWebhook": ("partner", "created"),
        }
        unmappable = c.example("takeShopifyWebhook", "without_sku", 200, **shop).json
        if unmappable["outcome"] != "unmappable":
            c.fault(f"takeShopifyWebhook: an article was guessed: {unmappable}")
        for operation, (source, name) in outcomes.items():
            for outcome in ("accepted", "known"):
                answer = c.example(operation, name, 200, path={"source": source}).json
                if answer["outcome"] != outcome:
                    c.fault(f"{operation}: is not {outcome}: {answer}")
        page = c.call("listDeliveries", 200, query={"outcome": "unmappable"}).json["items"]
        c.call("getDelivery", 200, path={"number": page[0]["number"]})
        c.call("replayDelivery", 200, path={"number": page[0]["number"]})
        accepted = c.call("listDeliveries", 200, query={"outcome": "accepted"}).json["items"]
        c.call("replayDelivery", "action_not_allowed", path={"number": accepted[0]["number"]})
        c.call("addIntakeSource", 201, body={"name": "old", "kind": "shopify", "secret": SHOP_SECRET})
        c.call("removeIntakeSource", 200, path={"source": "old"})

    def act_on_many(self):
        c = self.c
        c.example("createBulkAction", "dry_run", 200)
        key = {"Idempotency-Key": '"bulk-1"'}
        bulk = {"id": c.example("createBulkAction", "filter", 202, headers=key).json["id"]}
        again = {"Idempotency-Key": '"pause-1"'}
        c.example("steerBulkAction", "pause", 200, path=bulk, headers=again)
        c.until("getBulkAction", lambda record: len(record["log"]) > 1, path=bulk)
        c.example("steerBulkAction", "pause", 200, path=bulk, headers=again)
        c.example("steerBulkAction", "pause", "idempotency_key_reused", {"reason": "Another"}, path=bulk, headers=again)
        c.example("steerBulkAction", "pause", "action_not_allowed", path=bulk)
        c.example("steerBulkAction", "resume", 200, path=bulk)
        failed = {"token": self.claim(self.failed)}
        # No order passes the filter now, and yet a repeat is one.
        c.example("createBulkAction", "filter", 200, headers=key)
        c.example("createBulkAction", "filter", "idempotency_key_reused", {"reason": "Another"}, headers=key)
        c.call("failTask", 200, path=failed, body={"code": "address_refused", "fatal": True})
        c.until("listBulkMembers", lambda page: page["items"][0]["result"] == "failed_again", path=bulk)
        held = c.example("createBulkAction", "ids", 202, {"selection": {"ids": [self.failed, MISSING["id"]["/v1/orders"]]}}).json
        path = {"id": held["id"]}
        c.until("getBulkAction", lambda record: record["state"] == "completed", path=path)
        c.call("listBulkMembers", 200, path=path)
        c.call("listBulkActions", 200)
        c.example("steerBulkAction", "cancel", "action_not_allowed", path=path)
        # One that takes long enough to be canceled.
        slow = c.call(
            "createBulkAction",
            202,
            body={"action": "hold", "reason": "Slowly", "rate": 1, "selection": {"filter": {"channel": "web"}}},
        ).json
        c.example("steerBulkAction", "cancel", 200, path={"id": slow["id"]})
        c.call("getBulkAction", 200, path={"id": slow["id"]})

    def move(self):
        c = self.c
        c.call("planMigration", "missing_field", query={"from": 1})
        question = {"from": 1, "to": 2}
        if all(each["moves"] for each in c.call("planMigration", 200, query=question).json["items"]):
            c.fault("planMigration: orders at a step that is gone should not move")
        plan = c.call("planMigration", 200, query={**question, "map": "pack:wrap"}).json["items"]
        moving = [{"id": each["id"], "version": each["version"]} for each in plan if each["moves"]]
        moved = c.example("migrateOrders", "planned", 200, {"orders": moving}, headers={"Idempotency-Key": '"move-1"'}).json
        if {each["result"] for each in moved["results"]} != {"moved"}:
            c.fault(f"migrateOrders: not all were moved as planned: {moved}")
        c.example("migrateOrders", "planned", 200, {"orders": moving})

    def count_stock(self):
        count = {"Idempotency-Key": '"count-1"'}
        self.c.example("putStock", "counted", 200, headers=count)
        self.c.example("putStock", "counted", 200, headers=count)
        self.c.example("putStock", "counted", "idempotency_key_reused", {"on_hand": 7}, headers=count)
        self.c.example("putWarehouse", "second", 200)
        self.c.example("moveStock", "received", 201, headers={"Idempotency-Key": '"stock-1"'})
        self.c.example("moveStock", "received", 200, headers={"Idempotency-Key": '"stock-1"'})
        self.c.example("moveStock", "received", "idempotency_key_reused", {"change": 7}, headers={"Idempotency-Key": '"stock-1"'})
        self.c.example("moveStock", "adjusted", 201)
        self.c.example("moveStock", "moved", 201)
        self.c.call("getStock", 200)
        self.reserve()
        self.c.call("listWarehouses", 200)
        self.c.call("listStock", 200)

    def let_in(self):
        c = self.c
        key = {"Idempotency-Key": '"principal-1"'}
        c.example("addPrincipal", "service", 201, headers=key)
        c.example("addPrincipal", "service", 200, headers=key)
        c.example("addPrincipal", "service", "idempotency_key_reused", {"role": "viewer"}, headers=key)
        c.example("addPrincipal", "service", "action_not_allowed")
        c.example("addPrincipal", "guest", 201)
        c.example("addKey", "curve", 201, headers={"Idempotency-Key": '"key-0"'})
        c.example("addKey", "curve", 200, headers={"Idempotency-Key": '"key-1"'})
        first, second = ({"Idempotency-Key": f'"key-{number}"'} for number in (2, 3))
        made = c.example("addKey", "api", 201, headers=first).json
        again = c.example("addKey", "api", 200, headers=first).json
        if "secret" not in made or "secret" in again or again["key"]["id"] != made["key"]["id"]:
            c.fault("addKey: a key is not shown, is shown twice, or a repeat has made another")
        c.example("addKey", "api", "idempotency_key_reused", {"reason": "Another"}, headers=first)
        c.example("addKey", "api", 201, headers=second)
        c.example("addKey", "api", "action_not_allowed", headers={"Idempotency-Key": '"key-4"'})
        c.keys["webshop"] = made["secret"]
        c.call("getStats", 200, role="webshop")
        c.example("revokeKey", "rotation", 200, path={"id": made["key"]["id"]})
        c.call("getStats", "unauthenticated", role="webshop")
        c.example("changePrincipal", "role", 200)
        c.example("changePrincipal", "left", 200)
        # The last admin stays.
        c.call("changePrincipal", "action_not_allowed", path={"name": "admin"}, body={"role": "viewer", "reason": "Test"})
        admin = next(each for each in c.call("listPrincipals", 200).json["items"] if each["name"] == "admin")
        keys = {each["kind"]: {"name": "admin", "id": each["id"]} for each in admin["keys"]}
        c.example("revokeKey", "rotation", 200, path=keys["curve"])
        c.example("revokeKey", "rotation", "action_not_allowed", path=keys["api"])
        c.call("listPrincipalLog", 200)

    def log_in(self):
        c = self.c
        c.call("addPrincipal", 201, body={"name": "carol", "kind": "person", "role": "support"})
        once = c.example("resetPassword", "first", 200, path={"name": "carol"}).json["password"]
        c.example("resetPassword", "first", "action_not_allowed", path={"name": "webshop"})
        c.keys["carol"] = c.example("logIn", "carol", 200, {"password": once}).json["token"]
        c.call("listSessions", "forbidden", role="carol")
        c.example("changePassword", "chosen", 200, {"current": once}, role="carol")
        c.call("listOrders", 200, role="carol")
        c.example("logIn", "carol", "unauthenticated", {"password": once})
        other = c.example("logIn", "carol", 200).json["session"]["id"]
        if len(c.call("listSessions", 200).json["items"]) != 2:
            c.fault("listSessions: somebody is logged in twice, and that is not told")
        c.example("endSession", "left", 200, path={"id": other})
        c.call("logOut", 200, role="carol")
        c.call("logOut", "action_not_allowed")
        c.call("listOrders", "unauthenticated", role="carol")
        for expected in 4 * ["unauthenticated"] + ["rate_limited"]:
            c.example("logIn", "carol", expected, {"name": "guess"})
    def give_roles(self):
        c = self.c
        c.example("putRole", "desk", 201)
        c.example("putRole", "desk", 200)
        c.example("putRole", "desk", 200, {"masked": False}, headers={"If-Match": '"1"'})
        c.example("putRole", "desk", "version_mismatch", headers={"If-Match": '"1"'})
        c.example("putRole", "stock", "action_not_allowed", path={"name": "admin"})
        c.example("putRole", "stock", 201, path={"name": "bare"}, change={"rights": {}})
        c.example("putRole", "stock", 201, path={"name": "counter"})
        c.call("listRoles", 200)
        c.call("addPrincipal", 201, body={"name": "nobody-much", "role": "bare"})
        made = c.call("addKey", 201, path={"name": "nobody-much"}, body={"kind": "api"}, headers={"Idempotency-Key": '"key-9"'})
        c.keys["bare"] = made.json["secret"]
        c.example("deleteRole", "unused", "action_not_allowed", path={"name": "bare"})
        c.example("deleteRole", "unused", "version_mismatch", path={"name": "counter"}, headers={"If-Match": '"9"'})
        c.example("deleteRole", "unused", 200, path={"name": "counter"})
        c.call("listRoleVersions", 200, path={"name": "counter"})
        c.call("getRole", 200, path={"name": "support"})
        c.call("getRole", 200)

    def reserve(self):
        """Stock that an order keeps for a time, and gives back."""
        c = self.c
        c.example("storeWorkflow", "reserving", 201)
        path = {"name": "from-stock", "version": 1}
        steps = c.call("getWorkflow", 200, path=path).json["steps"]
        c.call("activateWorkflow", 200, path=path, body={"channels": ["counter"]})
        order = self.submit("5001", channel="counter")
        picked = self.at_step(order, "pick", "waiting")
        if steps[0].get("reserve_for_ms") != 3600000 or "reserved_until" not in picked:
            c.fault(f"getOrder: stock is reserved for a time, and that is not told: {steps[0]} {picked}")
        self.act("cancel", order)
        self.order(order, lambda order: order["state"] == "canceled")
        movements = c.call("listStockMovements", 200).json["items"]
        kinds = [each["kind"] for each in movements if each.get("order_id") == order]
        if kinds != ["released", "reserved"]:
            c.fault(f"listStockMovements: an order's stock came and went, and the ledger says {kinds}")

    def look_around(self):
        c = self.c
        for order in c.call("listOrders", 200).json["items"]:
            c.call("listOrderEvents", 200, path={"id": order["id"]})
        types = {event["type"] for event in c.call("listEvents", 200).json["items"]}
        shown = {
            word
            for branch in c.document.at("#/components/schemas/Event/oneOf")
            for word in [branch["properties"]["type"].get("const")] + branch["properties"]["type"].get("enum", [])
        }
        # Those need more people, more time, or come with the others.
        for missing in shown - types - {None, "approval_given", "retry_due", "retry_not_picked_up", "reservation_expired"}:
            c.fault(f"listEvents: no {missing} was seen; add to the story what makes one")
        self.follow()
        operations = "listServices listEvents getStats getDigest getMetrics getContract getContractSource getLive getReady"
        for operation in operations.split():
            c.call(operation, 200)
        if not c.call("listServices", 200).json["items"]:
            c.fault("listServices: a service is configured, and it is not told")
        self.export()
        pages = c.call("listOrders", 200, query={"limit": 1}).json
        c.call("listOrders", 200, query={"cursor": pages["next_cursor"]})

    def export(self):
        """The whole list is what its pages are."""
        c = self.c
        ids, cursor = [], None
        while True:
            page = c.call("listOrders", 200, query={"limit": 3, **({"cursor": cursor} if cursor else {})}).json
            ids += [order["id"] for order in page["items"]]
            cursor = page["next_cursor"]
            if not cursor:
                break
        lines = c.call("listOrders", 200, query={"format": "ndjson"})
        table = c.call("listOrders", 200, query={"format": "csv", "sort": "created_at"})
        if [json.loads(line)["id"] for line in lines.bytes.splitlines()] != ids:
            c.fault("listOrders: the lines are not the pages")
        if [row["id"] for row in csv.DictReader(io.StringIO(table.bytes.decode(), newline=""))] != ids[::-1]:
            c.fault("listOrders: the table is not the pages")
        for wrong in ({"limit": 5}, {"cursor": "c2.x"}, {"sort": "total"}):
            c.call("listOrders", "invalid_value", query={"format": "ndjson", **wrong})
        c.call("listOrders", "invalid_value", query={"format": "xml"})

    def follow(self):
        """The change feed, to its end, page by page and in both forms."""
        c = self.c
        after, sequences, cloud = 0, [], []
        while True:
            query = {"after": after, "limit": 50}
            page = c.call("listEvents", 200, query=query).json
            batch = c.call("listEvents", 200, query=query, headers={"Accept": "application/cloudevents-batch+json"})
            sequences += [event["sequence"] for event in page["items"]]
            numbers = [int(event["sequence"]) for event in batch.json]
            cloud += numbers[: len(page["items"])]  # more may have happened since
            if batch.headers.get("gantry-next-after") != str(numbers[-1] if numbers else after):
                c.fault("listEvents: CloudEvents come without their place in the log")
            after = page["next_after"]
            if not page["items"]:
                break
        if sequences != list(range(1, page["head"] + 1)) or cloud != sequences:
            c.fault("listEvents: the pages do not make up the log, each event once")
        c.call("listEvents", 200, query={"after": after, "wait_ms": 1})
        c.call("listEvents", "invalid_cursor", query={"after": 2**44 - 1})
        c.call("listEvents", "invalid_cursor", query={"epoch": page["epoch"] + 1})
        c.call("listEvents", "invalid_value", query={"type": "weather"})


class Provoker:
    """Earns a documented problem by a good request with one thing wrong."""

    def __init__(self, contract):
        self.c = contract

    def provoke(self, operation, code):
        """Sends what earns that problem; false if this one can't."""
        how = getattr(self, code, None)
        if not how:
            return False
        good = copy.deepcopy(self.c.good[operation.id])
        how(operation, good)
        return True

    def resend(self, operation, good, code, **change):
        self.c.call(operation.id, code, **{**good, **change})

    def raw(self, operation, good, code, body, **headers):
        self.resend(operation, good, code, body=body, headers={**good["headers"], **headers})

    def unauthenticated(self, operation, good):
        self.c.keys["nobody"] = "gk_unknown"
        self.resend(operation, good, "unauthenticated", role="nobody")

    def forbidden(self, operation, good):
        # What every built-in role may look at is closed to a role without any right.
        self.resend(operation, good, "forbidden", role="bare" if operation.method == "GET" else "viewer")

    def unknown_parameter(self, operation, good):
        self.resend(operation, good, "unknown_parameter", query={**good["query"], "colour": "red"})

    def malformed_request(self, operation, good):
        self.resend(operation, good, "malformed_request", query="a=%zz")

    def invalid_cursor(self, operation, good):
        self.resend(operation, good, "invalid_cursor", query={**good["query"], "cursor": "nonsense"})

    def malformed_json(self, operation, good):
        self.raw(operation, good, "malformed_json", b'{"a":')

    def invalid_utf8(self, operation, good):
        self.raw(operation, good, "invalid_utf8", b'{"a":"\xff"}')

    def unsupported_media_type(self, operation, good):
        self.raw(operation, good, "unsupported_media_type", b"{}", **{"Content-Type": "text/plain"})

    def body_too_large(self, operation, good):
        self.raw(operation, good, "body_too_large", b"", **{"Content-Length": str(16 * 1024 * 1024 + 1)})

    def wrong_type(self, operation, good):
        self.raw(operation, good, "wrong_type", b"[]")

    def unknown_field(self, operation, good):
        self.resend(operation, good, "unknown_field", body={**good["body"], "colour": "red"})

    def missing_field(self, operation, good):
        schema, _ = self.c.document.resolve(operation.body["schema"])
        required = schema.get("required") or self.c.document.resolve(schema["allOf"][0])[0]["required"]
        body = {name: value for name, value in good["body"].items() if name != required[-1]}
        self.resend(operation, good, "missing_field", body=body)

    def duplicate_key(self, operation, good):
        text = json.dumps(good["body"])
        name, value = next(iter(good["body"].items()))
        self.raw(operation, good, "duplicate_key", f"{{{json.dumps(name)}: {json.dumps(value)}, {text[1:]}".encode())

    def invalid_value(self, operation, good):
        if operation.takes_dry_run and operation.id not in INVALID_VALUES:
            self.resend(operation, good, "invalid_value", query={**good["query"], "dry_run": "perhaps"})
        elif operation.body:
            self.resend(operation, good, "invalid_value", body={**good["body"], **INVALID_VALUES[operation.id]})
        else:
            self.resend(operation, good, "invalid_value", query={**good["query"], "limit": 0})

    def not_found(self, operation, good):
        if operation.id == "listEvents":
            return self.resend(operation, good, "not_found", query={"partition": 7})
        at = next(prefix for prefix in MISSING["id"] | MISSING["name"] | MISSING["sku"] | MISSING["source"] | MISSING["number"] if operation.path.startswith(prefix))
        path = {each["name"]: MISSING[each["name"]][at] for each in operation.named("path")}
        # Under a key of its own: one that was used says so, whatever there is at the path.
        headers = {name: '"nobody-1"' if name == "Idempotency-Key" else value for name, value in good["headers"].items()}
        query = {name: value for name, value in good["query"].items() if name != "cursor"}  # that goes with its own path
        return self.resend(operation, good, "not_found", path=path, query=query, headers=headers)


def send_every_parameter(contract):
    """Each parameter that the document shows, with the value that it shows."""
    for operation in contract.document.operations.values():
        for parameter in operation.named("query"):
            good = copy.deepcopy(contract.good[operation.id])
            name = parameter["name"]
            values = [each["value"] for each in parameter.get("examples", {}).values()] or [parameter["example"]]
            needed = {each["name"]: each["example"] for each in operation.named("query") if each.get("required")}
            if name == "dry_run":
                continue  # rehearse() sends it, with what can be done then
            if name == "cursor" and values[0].startswith("c2."):  # it goes with its own query
                page = contract.call(operation.id, 200, **{**good, "query": {**needed, "limit": 1}}).json
                values = [page["next_cursor"]] if page["next_cursor"] else []
            for value in values:
                good["query"] = {**needed, **COMPANIONS.get((operation.id, name), {}), name: value}
                contract.call(operation.id, 200, **good)


def ask_in_gzip(contract):
    """What is long comes as gzip to who asks for it, and is the same."""
    plain = contract.send("GET", "/v1/openapi.yaml", role=None)
    packed = contract.send("GET", "/v1/openapi.yaml", headers={"Accept-Encoding": "br, gzip;q=0.8"}, role=None)
    refused = contract.send("GET", "/v1/openapi.yaml", headers={"Accept-Encoding": "gzip;q=0"}, role=None)
    if packed.headers.get("content-encoding") != "gzip" or gzip.decompress(packed.bytes) != plain.bytes:
        contract.fault("gzip: was asked for, and did not come or is something else")
    if "content-encoding" in plain.headers or "content-encoding" in refused.headers or refused.bytes != plain.bytes:
        contract.fault("gzip: came without being asked for")
    if any(each.headers.get("vary") != "Accept-Encoding" for each in (plain, packed, refused)):
        contract.fault("gzip: the answer hangs on Accept-Encoding, and does not say so")


def bind_cursors(contract):
    """A cursor of another query is refused by name."""
    cursor = contract.call("listOrders", 200, query={"limit": 1, "sort": "-updated_at"}).json["next_cursor"]
    contract.call("listOrders", 200, query={"limit": 2, "sort": "-updated_at", "cursor": cursor})
    for query in ({}, {"sort": "created_at"}, {"sort": "-updated_at", "channel": "web"}):
        refused = contract.call("listOrders", "invalid_cursor", query={**query, "cursor": cursor}).json
        if [each["pointer"] for each in refused.get("errors", [])] != ["cursor"]:
            contract.fault(f"listOrders: a cursor of another query is refused, and not by name: {refused}")


def send_bad_headers(contract):
    """A header that can't be read is refused, and not passed over."""
    for operation in contract.document.operations.values():
        for header in operation.named("header"):
            if header["name"] in ("Idempotency-Key", "If-Match"):
                good = copy.deepcopy(contract.good[operation.id])
                good["headers"][header["name"]] = '"without an end'
                contract.call(operation.id, "malformed_request", **good)


def ask_for_heads(contract):
    """HEAD is GET without the body; OPTIONS tells the methods of a path."""
    paths = {}
    for operation in contract.document.operations.values():
        good = contract.good[operation.id]
        target = contract.target(operation, good["path"], good["query"])
        bare = target.partition("?")[0]
        paths.setdefault(operation.path, (bare, set()))[1].add(operation.method)
        if operation.method != "GET":
            continue
        role = None if operation.is_public else "admin"
        got = contract.send("GET", target, role=role)
        head = contract.send("HEAD", target, role=role)
        same = ("content-length", "content-type", "etag")
        if operation.id == "getMetrics":  # its figures grow between two looks
            same = same[1:]
        if head.status != got.status or head.bytes or any(head.headers.get(each) != got.headers.get(each) for each in same):
            contract.fault(f"HEAD {target} answered {head.status} {head.headers}, and GET {got.status} {got.headers}")
    for path, (target, methods) in paths.items():
        answer = contract.send("OPTIONS", target, role=None)
        allowed = set(answer.headers.get("allow", "").split(", "))
        expected = methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
        # A path of words fits its neighbor's placeholder, too; that one's methods are told with it.
        fitting = {method for each in contract.document.operations.values() for method in [each.method] if fits(each.path, target)}
        expected |= fitting | ({"HEAD"} if "GET" in fitting else set())
        if answer.status != 204 or answer.bytes or allowed != expected:
            contract.fault(f"OPTIONS {path} answered {answer.status} with Allow {sorted(allowed)}, not {sorted(expected)}")


def fits(pattern, path):
    wanted, given = pattern.split("/"), path.split("/")
    return len(wanted) == len(given) and all(a == b or (a.startswith("{") and b) for a, b in zip(wanted, given))


LIVE = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"


class Raw:
    """A connection of its own, for what no proper client sends."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)

    def send(self, text):
        self.socket.sendall(text.encode())
        return self

    def answer(self):
        response = http.client.HTTPResponse(self.socket)
        response.begin()
        return Answer(response)


def let_in(port):
    """A connection that the daemon has taken and answered on. Those that have just closed may still be counted for a moment."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        connection = Raw(port)
        try:
            if connection.send(LIVE).answer().status == 200:
                return connection
        except OSError:
            pass  # it was turned away while it spoke
    raise Mismatch("the daemon lets nobody in any more")


def wait_until_closed(port):
    """Until nobody is let in any more."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            Raw(port).socket.close()
        except ConnectionRefusedError:
            return
        time.sleep(0.01)  # between two tries
    raise Mismatch("the daemon was told to end, and still lets new connections in")


def meet_the_general(contract, pid):
    """The problems that any request may meet. Ends the daemon."""
    port, document = contract.port, contract.document
    response, pointer = document.resolve({"$ref": "#/components/responses/Problem"})

    def expect(name, answer, spot=(response, pointer)):
        value = document.at(f"#/components/examples/{name}")["value"]
        what = f"the general {name}"
        if (answer.status, answer.code) != (value["status"], value["code"]):
            contract.fault(f"{what} was answered {answer.status} {answer.code}")
            return
        try:
            document.check(answer, *spot, what)
        except Mismatch as mismatch:
            contract.fault(str(mismatch))
        contract.general.add(name)

    expect("method_not_allowed", contract.send("DELETE", "/v1/orders"))
    slow = Raw(port).send("GET /livez HTTP/1.1\r\n")
    expect("headers_too_large", Raw(port).send("GET /livez HTTP/1.1\r\nHost: x\r\n" + "A: b\r\n" * 70 + "\r\n").answer())
    expect("expectation", Raw(port).send("GET /livez HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n").answer())
    crowd = []
    while True:  # until there is no more room for this address
        crowd.append(Raw(port))
        try:
            answer = crowd[-1].send(LIVE).answer()
        except OSError:  # it was turned away while it spoke
            continue
        if answer.status != 200:
            break
        if len(crowd) > 1000:
            raise Mismatch("the daemon lets any number of connections in")
    expect("busy", answer)
    for each in crowd:
        each.socket.close()
    expect("request_timeout", slow.answer())
    # A worker and somebody else in the middle of a question when the daemon is told to stop.
    key = contract.keys["admin"]
    asked = let_in(port).send("GET /readyz HTTP/1.1\r\nHost: x\r\n")
    body = json.dumps({"worker": "late", "tasks": ["nothing"], "wait_ms": 30000})
    claim = let_in(port).send(f"POST /v1/tasks/claim HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n")
    os.kill(pid, signal.SIGTERM)
    wait_until_closed(port)
    expect("shutting_down", claim.send(f"Content-Length: {len(body)}\r\n\r\n{body}").answer())
    ready = document.operations["getReady"].responses["503"]
    expect("unavailable", asked.send("\r\n").answer(), ready)
    contract.general.discard("unavailable")
    contract.problems.add(("getReady", "503", "unavailable"))
    contract.statuses.add(("getReady", "503"))
    for name, example in response["content"]["application/problem+json"]["examples"].items():
        if name not in contract.general and name not in NOT_PROVOKED:
            contract.fault(f"{name} is documented, and no request of this test earns it")


def look_for_gaps(contract):
    """What is documented and was not seen."""
    for operation in contract.document.operations.values():
        for status in operation.responses.keys() - {"default"}:
            if (operation.id, status) not in contract.statuses:
                contract.fault(f"{operation.id}: no request was answered {status}")
        for status, code in operation.problems(contract.document):
            if (operation.id, status, code) not in contract.problems:
                contract.fault(f"{operation.id}: no request earned {status} {code}")
        for name in (operation.body or {}).get("examples", {}):
            if (operation.id, name) not in contract.requests:
                contract.fault(f"{operation.id}: the request {name} was not sent")
        for parameter in operation.named("query") + operation.named("header"):
            if (operation.id, parameter["name"]) not in contract.parameters:
                contract.fault(f"{operation.id}: the parameter {parameter['name']} was not sent")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--pid", type=int, required=True, help="of the daemon, which is ended")
    parser.add_argument("--store", required=True, help="the daemon's data file")
    parser.add_argument("--key", action="append", required=True, help="ROLE=KEY, once for each role")
    arguments = parser.parse_args()
    contract = Contract(arguments.port, dict(each.split("=", 1) for each in arguments.key), arguments.store)
    try:
        Story(contract).tell()
        send_every_parameter(contract)
        ask_in_gzip(contract)
        bind_cursors(contract)
        send_bad_headers(contract)
        ask_for_heads(contract)
        provoker = Provoker(contract)
        for operation in contract.document.operations.values():
            for status, code in sorted(operation.problems(contract.document)):
                if (operation.id, status, code) not in contract.problems:
                    provoker.provoke(operation, code)
        contract.connection.close()
        meet_the_general(contract, arguments.pid)
        look_for_gaps(contract)
    except Mismatch as mismatch:
        contract.fault(str(mismatch))
    except Exception:  # an answer that is not as the story needs it: what was found before says why
        contract.fault(traceback.format_exc())
    for fault in contract.faults:
        print(fault)
    count = len(contract.document.operations)
    print(f"{count} operations, {len(contract.problems)} kinds of answers, {len(contract.faults)} faults")
    return 1 if contract.faults else 0


if __name__ == "__main__":
    sys.exit(main())
