#!/usr/bin/env node
// SPDX-License-Identifier: MIT
// Stands in for the paid language model services, on 127.0.0.1: it refuses what they refuse and
// answers about what it was sent. stand_in_sdk.t proves it with the vendors' own clients.
//
// The first line of stdout is "PORT n"; it ends when stdin closes or on SIGTERM. From bash:
//
//   coproc stand_in { exec node tests/llm/stand_in.mjs; }
//   read -r _ port <&"${stand_in[0]}"
//
// from node: start.mjs. Base addresses:
//
//   ANTHROPIC_BASE_URL=http://127.0.0.1:n/SCENARIO                           sk-ant-stand-in
//   ANTHROPIC_BEDROCK_MANTLE_BASE_URL=http://127.0.0.1:n/SCENARIO/anthropic  bedrock-key-stand-in
//   ANTHROPIC_VERTEX_BASE_URL=http://127.0.0.1:n/SCENARIO/v1                 ya29.stand-in
//   OPENAI_BASE_URL=http://127.0.0.1:n/SCENARIO/v1                           sk-stand-in
//
// with the keys on the right, the only good ones.
//
// SCENARIO is a name of scenarios.mjs with options: plain,chunk=1 (pieces of one byte); hold=N
// (waits in the middle until it is let go: holds.mjs); flavour=llamacpp or ollama (chat completions only; no key needed); times=N and after=S
// (refusals); size=MiB (huge-event). Any other option, such as tag=x, only makes counters of its
// own.
//
// GET /_log[?segment=plain,chunk=1][&data=1]: what was asked. GET /_go?segment=plain,hold=1: a reply
// that is held goes on. GET /_reset: forgets log, counters, cache.
import { createServer } from 'node:http';
import { letGo } from './holds.mjs';
import { RequestLog } from './request_log.mjs';
import { routeOf } from './routes.mjs';
import { forget, sendJson, serve } from './service.mjs';

const log = new RequestLog();

async function handle(request, response) {
    const { pathname, searchParams } = new URL(request.url, 'http://stand-in');
    if (pathname === '/_log') {
        const segment = searchParams.get('segment');
        return sendJson(response, { body: log.json({ segment, data: searchParams.has('data') }) });
    }
    if (pathname === '/_go') {
        letGo(searchParams.get('segment'));
        return sendJson(response, { body: '{}' });
    }
    if (pathname === '/_reset') {
        log.clear();
        forget();
        return sendJson(response, { body: '{}' });
    }
    const route = routeOf(request.url, request.method, request.headers);
    return serve(request, response, route, log.add(request, route));
}

const server = createServer((request, response) => {
    handle(request, response).catch((error) => {
        if (response.destroyed || error.code === 'ECONNRESET') return;
        console.error(error);
        response.destroy();
    });
});
server.requestTimeout = 0; // silence lasts as long as the client wants
server.listen(0, '127.0.0.1', () => console.log(`PORT ${server.address().port}`));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
process.stdin.on('error', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
