#!/usr/bin/env node
// Stands in for the paid language model services, on 127.0.0.1: it refuses what they refuse and answers
// about what it was sent. stand_in_sdk.t proves it with the vendors' own clients.
//
// The first line of stdout is "PORT n"; it ends when stdin closes or on SIGTERM. Base addresses:
//
//   http://127.0.0.1:n/SCENARIO                   ANTHROPIC_BASE_URL                key sk-ant-stand-in
//   http://127.0.0.1:n/SCENARIO/anthropic         ANTHROPIC_BEDROCK_MANTLE_BASE_URL key bedrock-key-stand-in
//   http://127.0.0.1:n/SCENARIO/v1                ANTHROPIC_VERTEX_BASE_URL         token ya29.stand-in
//   http://127.0.0.1:n/SCENARIO/v1                OPENAI_BASE_URL                   key sk-stand-in
//
// SCENARIO is a name of scenarios.mjs with options: plain,chunk=1,delay=5 (pieces of one byte, 5 ms apart);
// flavour=llamacpp or ollama (chat completions only; no key needed); times=N and after=S (refusals);
// size=MiB (huge-event). Any other option, such as tag=x, only makes counters of its own.
//
// GET /_log[?segment=plain,chunk=1][&data=1]: what was asked. GET /_reset: forgets log, counters, cache.
import { createServer } from 'node:http';
import { checkChat } from './chat_rules.mjs';
import { CHAT_END, chatChunks, chatJson, chunkText } from './chat_reply.mjs';
import { checkHeaders } from './header_rules.mjs';
import { tokensOf } from './image_rules.mjs';
import { checkMessages } from './messages_rules.mjs';
import { eventText, messageEvents, messageJson, newId } from './messages_reply.mjs';
import { modelReply } from './models_reply.mjs';
import { modelRules } from './models.mjs';
import { PromptCache, textTokens } from './prompt_cache.mjs';
import { readChat, readMessages } from './reading.mjs';
import { Refusal, refusalReply } from './refusal.mjs';
import { RequestLog } from './request_log.mjs';
import { routeOf } from './routes.mjs';
import { scenarioOf } from './scenarios.mjs';
import { isObject } from './shape.mjs';
import { cutOff, sendPieces } from './transport.mjs';

const MEBI = 1024 * 1024;
const LARGEST = { anthropic: 32 * MEBI, bedrock: 20 * MEBI, vertex: 30 * MEBI, openai: 50 * MEBI };

const log = new RequestLog();
const cache = new PromptCache();
const counters = new Map(); // segment -> requests that its scenario has answered
const paused = new Set(); // JSON of turns that ended with pause_turn

// ---- requests ----

// Reads everything, so that the client can finish; keeps no more than `largest`. null: it was more.
async function readBody(request, largest) {
    const chunks = [];
    let size = 0;
    for await (const chunk of request) {
        size += chunk.length;
        if (size <= largest) chunks.push(chunk);
    }
    return size <= largest ? Buffer.concat(chunks) : null;
}

function parse(bytes) {
    try {
        return JSON.parse(bytes.toString('utf8'));
    } catch {
        throw new Refusal(400, 'The request body is not valid JSON');
    }
}

// The same for the same blocks, whatever the order of their keys.
const comparable = (value) =>
    JSON.stringify(value, (key, item) =>
        isObject(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))) : item,
    );

// -> {view, counted, streams, model}; throws a Refusal
function understandMessages(body, route, scenario, entry) {
    const wasPaused = (blocks) => paused.has(comparable(blocks));
    const context = { paused: wasPaused, imageLimit: scenario.imageLimit };
    const { rules, images } = checkMessages(body, route, context);
    const limit = scenario.imageLimit ?? rules.image;
    images.forEach((image) => Object.assign(image, { tokens: tokensOf(image, limit) }));
    entry.images = RequestLog.describeImages(images);
    const counted = countTokens(body, body.model ?? route.model, rules, images);
    if (route.platform === 'vertex' && route.api === 'messages' && Boolean(body.stream) !== route.streams) {
        throw new Refusal(400, 'stream: does not go with the method in the address');
    }
    return { view: readMessages(body), counted, streams: body.stream === true, model: body.model ?? route.model };
}

function countTokens(body, model, rules, images) {
    const tokens = new Map(images.map((image) => [image.block, image.tokens]));
    const ofBlock = (block) => {
        if (tokens.has(block)) return tokens.get(block);
        if (block.type === 'tool_result' && Array.isArray(block.content)) {
            return block.content.reduce((sum, inner) => sum + ofBlock(inner), 8);
        }
        return textTokens(block.text ?? JSON.stringify(block));
    };
    const counted = cache.count(model, body, rules.cacheMinimum, ofBlock);
    const total = counted.input + counted.read + counted.write;
    if (total > rules.context) {
        throw new Refusal(400, `prompt is too long: ${total} tokens > ${rules.context} maximum`);
    }
    return counted;
}

function understandChat(body, route, scenario, entry) {
    const images = checkChat(body, route);
    entry.images = RequestLog.describeImages(images);
    const tokens = images.reduce((sum, { width, height }) => sum + tokensOf({ width, height }, modelRules('claude-sonnet-5').image), 0);
    const texts = JSON.stringify(body, (key, value) => (key === 'url' ? '' : value));
    const counted = { input: textTokens(texts) + tokens, read: 0, write: 0 };
    return { view: readChat(body), counted, streams: body.stream === true, model: body.model };
}

// ---- replies ----

function sendJson(response, { status, headers, body }) {
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
    response.end(body);
}

function streamTexts(answer, counted, route, body) {
    if (route.api !== 'chat') return messageEvents(answer, counted).map(eventText);
    const usage = body.stream_options?.include_usage === true;
    return [...chatChunks(answer, counted, route.flavour, usage).map(chunkText), CHAT_END];
}

// What max_tokens leaves of it.
function shortened(answer, maxTokens) {
    const text = answer.blocks.findLast(({ type }) => type === 'text');
    const size = answer.blocks.reduce((sum, block) => sum + textTokens(JSON.stringify(block)), 0);
    if (!text || size <= maxTokens || answer.stop !== 'end_turn') return answer;
    const blocks = [{ ...text, text: text.text.slice(0, maxTokens * 2) }];
    return { ...answer, blocks: maxTokens > 0 ? blocks : [], stop: 'max_tokens' };
}

function rememberPause(json) {
    if (json.stop_reason === 'pause_turn') paused.add(comparable(json.content));
}

async function sendAnswer(response, body, route, scenario, understood, requestId) {
    const { view, counted, streams, model } = understood;
    const answer = { ...shortened(scenario.answer(view), view.maxTokens), model };
    if (!streams || scenario.ignoreStream) {
        const json = route.api === 'chat' ? chatJson(answer, counted, route.flavour) : messageJson(answer, counted);
        rememberPause(json);
        response.writeHead(200, { 'content-type': 'application/json' });
        return sendPieces(response, [JSON.stringify(json)], 'end', route.options);
    }
    const texts = streamTexts(answer, counted, route, body);
    if (answer.stop === 'pause_turn') rememberPauseOfStream(texts);
    const wire = scenario.fault?.(texts, route, requestId) ?? { pieces: texts, finish: 'end' };
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
    return sendPieces(response, wire.pieces, wire.finish, route.options);
}

// The turn as a client puts it together.
function rememberPauseOfStream(texts) {
    const blocks = [];
    for (const text of texts) {
        const event = JSON.parse(/^data: (.*)$/m.exec(text)[1]);
        if (event.type === 'content_block_start') blocks.push({ ...event.content_block });
        if (event.type !== 'content_block_delta') continue;
        const block = blocks[event.index];
        for (const key of ['text', 'thinking', 'signature']) {
            if (event.delta[key] !== undefined) block[key] += event.delta[key];
        }
    }
    paused.add(comparable(blocks));
}

function countUp(segment) {
    const count = (counters.get(segment) ?? 0) + 1;
    counters.set(segment, count);
    return count;
}

async function answer(request, response, route, entry, requestId) {
    const scenario = scenarioOf(route);
    if (!scenario) throw new Refusal(404, `the stand-in has no scenario "${route.scenario}"`);
    checkHeaders(request.method, request.headers, route);
    if (route.api === 'models') return sendJson(response, modelReply(route));
    const bytes = await readBody(request, LARGEST[route.platform]);
    if (!bytes) throw new Refusal(413, 'Request exceeds the maximum size', { html: true });
    const body = parse(bytes);
    entry.body = body;
    entry.bytes = bytes.length;
    const understand = route.api === 'chat' ? understandChat : understandMessages;
    const understood = understand(body, route, scenario, entry);
    const count = countUp(route.segment);
    entry.attempt = count;
    if (scenario.before === 'hang') return undefined;
    if (scenario.before === 'cut') return cutOff(response);
    if (scenario.refusal && count <= (scenario.times ?? Infinity)) throw scenario.refusal(route);
    if (route.api === 'count_tokens') {
        const { input, read, write } = understood.counted;
        const json = JSON.stringify({ input_tokens: input + read + write });
        return sendJson(response, { status: 200, headers: { 'content-type': 'application/json' }, body: json });
    }
    return sendAnswer(response, body, route, scenario, understood, requestId);
}

async function handle(request, response) {
    const url = new URL(request.url, 'http://stand-in');
    if (url.pathname === '/_log') {
        const segment = url.searchParams.get('segment');
        const body = log.json({ segment, data: url.searchParams.has('data') });
        return sendJson(response, { status: 200, headers: { 'content-type': 'application/json' }, body });
    }
    if (url.pathname === '/_reset') {
        [log, cache, counters, paused].forEach((kept) => kept.clear());
        return sendJson(response, { status: 200, headers: {}, body: '' });
    }
    const route = routeOf(request.url, request.method, request.headers);
    const entry = log.add(request, route);
    response.on('close', () => Object.assign(entry, { status: response.statusCode }));
    const requestId = newId('req');
    response.setHeader(route?.platform === 'openai' ? 'x-request-id' : 'request-id', requestId);
    try {
        if (!route) throw new Refusal(404, 'Not found');
        return await answer(request, response, route, entry, requestId);
    } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        entry.refused = error.message;
        request.resume();
        return sendJson(response, refusalReply(error, route ?? { platform: 'anthropic' }, requestId));
    }
}

const server = createServer((request, response) => {
    handle(request, response).catch((error) => {
        if (response.destroyed || error.code === 'ECONNRESET') return;
        console.error(error);
        response.destroy();
    });
});
server.requestTimeout = 0;
server.listen(0, '127.0.0.1', () => console.log(`PORT ${server.address().port}`));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
process.stdin.on('error', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
