#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// A worker over HTTP (docs/workers.md), with nothing but Node 18 or later. Copy it, and put your work into doTask().
//
//     worker.mjs --url http://127.0.0.1:7410 --key-file /var/lib/gantry/admin.key --task payment.authorize
//
// Over https:// with a certificate of your own, name whom to trust in the environment: NODE_EXTRA_CA_CERTS=ca.pem.
// Ends on SIGTERM or SIGINT: claims no more and finishes what it has.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
    options: {
        url: { type: "string" },
        "key-file": { type: "string" },
        task: { type: "string", multiple: true },
        name: { type: "string", default: `worker.mjs-${hostname()}-${process.pid}` },
        most: { type: "string", default: "8" }, // tasks at once
        "work-ms": { type: "string", default: "0" }, // how long the work takes
    },
});
if (!options.url || !options["key-file"] || !options.task) {
    console.error("worker.mjs --url URL --key-file FILE --task NAME [--task NAME …] [--most N]");
    process.exit(64);
}
const key = readFileSync(options["key-file"], "utf8").trim();
const stop = new AbortController();
for (const name of ["SIGTERM", "SIGINT"]) process.once(name, () => stop.abort());

/** What doTask() throws when the task can't be done. `code` is always the same for the same cause. */
class Failure extends Error {
    constructor(code, message, { fatal = false, retryAfterMs } = {}) {
        super(message);
        this.body = { code, message, fatal, ...(retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs }) };
    }
}

/**
 * Does one task and gives its result, or throws a Failure. A real worker calls a service here and hands it the idempotency key, so that the same task done
 * twice has one effect. This one makes a reference out of the key: the same key gives the same result. `signal` says that the task is no longer ours.
 */
async function doTask(task, signal) {
    if (!(task.order.total > 0))
        throw new Failure("nothing_to_pay", "The order's total is not above zero.", { fatal: true });
    await sleep(Number(options["work-ms"]), undefined, { signal });
    return { reference: "ref-" + createHash("sha256").update(task.idempotency_key).digest("hex").slice(0, 16) };
}

/** One request. Gives the body of a success, else throws the problem as it is; no answer at all is a problem worth another try. */
async function post(path, body, signal) {
    try {
        const response = await fetch(options.url + path, {
            method: "POST",
            headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
            body: JSON.stringify(body),
            signal,
        });
        const text = await response.text();
        const answer = text ? JSON.parse(text) : {};
        if (response.ok) return answer;
        throw { code: answer.code, detail: answer.detail, retryable: answer.retryable };
    } catch (error) {
        if (error.code === undefined || error instanceof Error)
            throw { code: "no_answer", detail: error.cause?.message ?? error.message, retryable: true };
        throw error;
    }
}

/** Tells what came of a task, again and again while it is worth it. The token decides whether it counts. */
async function report(task, verb, body) {
    for (let pause = 500; ; pause = Math.min(2 * pause, 32000)) {
        try {
            return await post(`/v1/tasks/${task.token}/${verb}`, body);
        } catch (problem) {
            if (!problem.retryable) return problem; // stale_token above all: another has it, or it is recorded already
            await sleep(pause);
        }
    }
}

/** Asks for a longer lease at half of it for as long as the work goes on; says when the task is lost. */
async function keepLease(task, lost, signal) {
    try {
        for (let lease = task.lease_ms; ; ) {
            await sleep(lease / 2, undefined, { signal });
            const answer = await post(`/v1/tasks/${task.token}/extend`, {}, signal).catch((problem) => problem);
            if (answer.code && !answer.retryable) return lost.abort();
            lease = answer.lease_ms ?? lease / 2;
        }
    } catch {
        // The work has ended.
    }
}

async function handle(task) {
    const lost = new AbortController();
    const ended = new AbortController();
    keepLease(task, lost, ended.signal);
    try {
        const result = await doTask(task, lost.signal);
        await report(task, "complete", { result });
    } catch (error) {
        if (lost.signal.aborted) return; // not ours any more: nothing to say
        const body = error instanceof Failure ? error.body : { code: "worker_defect", message: String(error).slice(0, 500) };
        await report(task, "fail", body);
    } finally {
        ended.abort();
    }
}

const inHand = new Set();
const most = Number(options.most);
for (let pause = 500; !stop.signal.aborted; ) {
    try {
        // Never cut off, also when stopping: tasks on their way to a worker that has gone stay away for a whole lease. Hence the short wait.
        const { items } = await post("/v1/tasks/claim",
            { worker: options.name, tasks: options.task, max: most - inHand.size, wait_ms: 2000 });
        pause = 500;
        for (const task of items) {
            const work = handle(task).finally(() => inHand.delete(work));
            inHand.add(work);
        }
        if (inHand.size >= most) await Promise.race(inHand);
    } catch (problem) {
        if (stop.signal.aborted) break;
        console.error(`worker.mjs: ${problem.detail ?? problem}`);
        if (problem.retryable === false) process.exit(1);
        await sleep(pause, undefined, { signal: stop.signal }).catch(() => {});
        pause = Math.min(2 * pause, 32000);
    }
}
await Promise.all(inHand);
