// SPDX-License-Identifier: MIT
// One request to one of the services: refused by its rules, or answered by its scenario.
import { CHAT_END, chatChunks, chatJson, chunkText } from './chat_reply.mjs';
import { checkHeaders } from './header_rules.mjs';
import { hold } from './holds.mjs';
import { eventText, messageEvents, messageJson, newId } from './messages_reply.mjs';
import { modelReply } from './models_reply.mjs';
import { Pauses } from './pauses.mjs';
import { PromptCache, textTokens } from './prompt_cache.mjs';
import { Refusal, refusalReply } from './refusal.mjs';
import { scenarioOf } from './scenarios.mjs';
import { cutOff, sendPieces } from './transport.mjs';
import { understandChat, understandMessages } from './understanding.mjs';

const MEBI = 1024 * 1024;
const LARGEST = { anthropic: 32 * MEBI, bedrock: 20 * MEBI, vertex: 30 * MEBI, openai: 50 * MEBI };
const JSON_TYPE = { 'content-type': 'application/json' };
const EVENTS_TYPE = {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
};

const cache = new PromptCache();
const pauses = new Pauses();
const counters = new Map(); // segment -> requests that its scenario has answered

export function forget() {
    [cache, pauses, counters].forEach((kept) => kept.clear());
}

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

function countUp(segment) {
    const count = (counters.get(segment) ?? 0) + 1;
    counters.set(segment, count);
    return count;
}

// ---- replies ----

export function sendJson(response, { status = 200, headers = JSON_TYPE, body }) {
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
    response.end(body);
}

// What max_tokens leaves of it.
function shortened(answer, maxTokens) {
    const text = answer.blocks.findLast(({ type }) => type === 'text');
    const size = answer.blocks.reduce((sum, block) => sum + textTokens(JSON.stringify(block)), 0);
    if (!text || size <= maxTokens || answer.stop !== 'end_turn') return answer;
    const blocks = [{ ...text, text: text.text.slice(0, maxTokens * 2) }];
    return { ...answer, blocks: maxTokens > 0 ? blocks : [], stop: 'max_tokens' };
}

function wholeReply(answer, counted, route) {
    if (route.api === 'chat') return chatJson(answer, counted, route.flavour);
    const message = messageJson(answer, counted);
    if (answer.stop === 'pause_turn') pauses.remember(message.content);
    return message;
}

// A text for each event.
function streamedReply(answer, counted, route, body) {
    if (route.api === 'chat') {
        const usage = body.stream_options?.include_usage === true;
        return [...chatChunks(answer, counted, route.flavour, usage).map(chunkText), CHAT_END];
    }
    const events = messageEvents(answer, counted);
    if (answer.stop === 'pause_turn') pauses.rememberStream(events);
    return events.map(eventText);
}

function sendAnswer(response, body, route, scenario, understood, requestId, entry) {
    const { view, counted, streams, model } = understood;
    const turn = body.messages.length;
    const answer = { ...shortened(scenario.answer(view), view.maxTokens), model, turn };
    if (!streams || scenario.ignoreStream) {
        const reply = JSON.stringify(wholeReply(answer, counted, route));
        response.writeHead(200, JSON_TYPE);
        return sendPieces(response, [reply], 'end', route, entry);
    }
    const texts = streamedReply(answer, counted, route, body);
    const wire = scenario.fault?.(texts, route, requestId) ?? { pieces: texts, finish: 'end' };
    response.writeHead(200, EVENTS_TYPE);
    return sendPieces(response, wire.pieces, wire.finish, route, entry);
}

async function answer(request, response, route, entry, requestId) {
    const scenario = scenarioOf(route);
    if (!scenario) throw new Refusal(404, `the stand-in has no scenario "${route.scenario}"`);
    checkHeaders(request.method, request.headers, route);
    if (route.api === 'models')
        return sendJson(response, { body: JSON.stringify(modelReply(route)) });
    const bytes = await readBody(request, LARGEST[route.platform]);
    if (!bytes) throw new Refusal(413, 'Request exceeds the maximum size', { html: true });
    const body = parse(bytes);
    Object.assign(entry, { body, bytes: bytes.length });
    const understand = route.api === 'chat' ? understandChat : understandMessages;
    const understood = understand(body, route, scenario, entry, { cache, pauses });
    const count = countUp(route.segment);
    entry.attempt = count;
    if (scenario.before === 'hang') return undefined;
    if (scenario.before === 'cut') return cutOff(response);
    if (scenario.refusal && count <= (scenario.times ?? Infinity)) throw scenario.refusal(route);
    const unable = scenario.unable?.(understood.view, route);
    if (unable) throw unable;
    if (route.api === 'count_tokens') {
        const { input, read, write } = understood.counted;
        return sendJson(response, { body: JSON.stringify({ input_tokens: input + read + write }) });
    }
    return sendAnswer(response, body, route, scenario, understood, requestId, entry);
}

// route: of routes.mjs, or null; entry: of the log
export async function serve(request, response, route, entry) {
    const requestId = newId('req');
    response.setHeader(route?.platform === 'openai' ? 'x-request-id' : 'request-id', requestId);
    response.on('close', () => Object.assign(entry, { status: response.statusCode }));
    try {
        if (!route) throw new Refusal(404, 'Not found');
        await answer(request, response, route, entry, requestId);
    } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        entry.refused = error.message;
        request.resume();
        if (route?.options.hold !== undefined) await hold(response, route.segment, entry);
        sendJson(response, refusalReply(error, route ?? { platform: 'anthropic' }, requestId));
    }
}
