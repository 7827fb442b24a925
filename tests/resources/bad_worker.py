# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker that keeps no duty but to answer: another result each time, no heartbeats, no goodbye, results sent twice and never again when they should be."""
import json
import os
import sys

import zmq

with open(sys.argv[1], encoding="utf-8") as file:
    profile = json.load(file)
link = zmq.Context.instance().socket(zmq.DEALER)
link.curve_serverkey = profile["server_key"].encode()
link.curve_publickey, link.curve_secretkey = profile["public_key"].encode(), profile["secret_key"].encode()
link.connect(profile["workers"])
link.send_json({"hello": {"protocol": 1, "worker": "bad", "tasks": [sys.argv[2]], "credit": 1}})
while True:
    message = link.recv_json()
    for task in message.get("tasks", []):
        link.send_json({"results": [{"token": task["token"], "complete": {"result": {"reference": os.urandom(8).hex()}}}]})
    for answer in message.get("answers", []):
        if answer.get("problem", {}).get("code") == "stale_token":
            link.send_json({"results": [{"token": answer["token"], "complete": {}}]})
