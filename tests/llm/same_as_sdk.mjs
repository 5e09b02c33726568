// SPDX-License-Identifier: MIT
// Our own client and the vendors' clients read the same replies to the same text, usage, tool calls
// and stop reason, whatever the pieces that the reply comes in. Run by same_as_sdk.t.
//
// Each case is sent twice: by build/MODE/tests/llm/llm_send (llm_send.c), and by the SDK with the
// very body that llm_send made.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { diag, doneTesting, is, like, ok } from '../tap.mjs';
import { clients } from './clients.mjs';
import { KEYS } from './header_rules.mjs';
import { bodyForClient, parsedChat, parsedMessage } from './parsed.mjs';
import { MODEL, QUESTION, TOOLS, assistant, messagesBody, text, user } from './requests.mjs';
import { start } from './start.mjs';

const DRIVER = join(process.env.KEEPSAKE_BUILD ?? 'build/release', 'tests/llm/llm_send');
const run = promisify(execFile);

// ---- cases ----

// prettier-ignore
const SCENARIOS = [
    'plain', 'cites-unsent', 'box', 'thinking', 'tools', 'tools-view', 'tools-parallel',
    'tools-bad', 'tools-hidden', 'tools-other-forms', 'other-forms', 'unknown-events', 'refusal',
    'max-tokens', 'context-exceeded', 'unknown-stop', 'pause-turn', 'huge-event,size=1',
];
// Both must fail, with the same text until then.
const BROKEN = ['cut-mid-stream', 'cut-mid-line', 'cut-mid-utf8', 'ends-early', 'error-after-200'];
const ROUNDS = ['tools-parallel', 'tools-hidden'];
const PIECES = ['', ',chunk=7', ',chunk=1'];
const FEWER = PIECES.slice(0, 2); // where the protocol is that of another place

const PLATFORMS = [
    {
        name: 'anthropic',
        options: ['--provider', 'anthropic', '--model', MODEL],
        environment: (url) => ({ ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: KEYS.anthropic[0] }),
    },
    {
        name: 'bedrock',
        pieces: FEWER,
        options: ['--provider', 'bedrock', '--model', MODEL],
        environment: (url) => ({
            ANTHROPIC_BEDROCK_MANTLE_BASE_URL: `${url}/anthropic`,
            AWS_BEARER_TOKEN_BEDROCK: KEYS.bedrock[0],
        }),
    },
    {
        name: 'vertex',
        pieces: FEWER,
        options: ['--provider', 'vertex', '--model', MODEL],
        environment: (url) => ({
            ANTHROPIC_VERTEX_BASE_URL: `${url}/v1`,
            ANTHROPIC_VERTEX_PROJECT_ID: 'photos',
            CLOUD_ML_REGION: 'global',
            GOOGLE_OAUTH_ACCESS_TOKEN: KEYS.vertex[0],
        }),
    },
    ...['openai', 'llamacpp', 'ollama'].map((flavour) => ({
        name: flavour,
        platform: 'openai',
        suffix: `,flavour=${flavour}`,
        options: ['--provider', 'openai', '--model', 'gpt-5.1-mini'],
        environment: (url) => ({ OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: KEYS.openai[0] }),
    })),
];

const REQUEST = {
    system: `Answer with the photos. ${'They are the evidence. '.repeat(300)}`,
    messages: messagesBody().messages,
    tools: TOOLS,
    max_tokens: 3000,
    cache: true,
};

// ---- our own client ----

const folder = mkdtempSync(join(tmpdir(), 'same-as-sdk-'));
process.on('exit', () => rmSync(folder, { recursive: true }));

// -> stdout; the driver exits with 1 when the reply failed
async function drive(url, { options, environment }, request, ...more) {
    const file = join(folder, 'request.json');
    writeFileSync(file, JSON.stringify(request));
    const env = { PATH: process.env.PATH, HOME: folder, ...environment(url) };
    const limits = { env, maxBuffer: 64 << 20, timeout: 60_000 };
    const done = await run(DRIVER, [...options, ...more, file], limits).catch((error) => error);
    if (done.code > 1 || done.signal) throw new Error(`${DRIVER}: ${done.stderr}`);
    return done.stdout;
}

const textOf = (content, type, key) =>
    (content ?? []).map((block) => (block.type === type ? block[key] : '')).join('');

function ourReading({ rc, text: words, reply }) {
    const { content, usage, stop_name } = reply;
    return {
        failed: rc !== 'ok',
        text: words,
        textOfBlocks: textOf(content, 'text', 'text'),
        thinking: textOf(content, 'thinking', 'thinking'),
        toolCalls: (content ?? [])
            .filter(({ type }) => type === 'tool_use')
            .map(({ id, name, input }) => ({ id, name, input })),
        stop_reason: stop_name,
        usage: {
            input_tokens: usage.input,
            output_tokens: usage.output,
            cache_read_input_tokens: usage.cache_read,
            cache_creation_input_tokens: usage.cache_write,
        },
    };
}

// ---- the vendor's client ----

// place and request -> what our client sends, as the vendor's client wants it
const bodies = new Map();

async function bodyFor(place, request) {
    const key = JSON.stringify([place.name, request]);
    if (!bodies.has(key)) {
        const sent = JSON.parse(await drive('http://127.0.0.1:9', place, request, '--body'));
        bodies.set(key, bodyForClient(place.name, sent));
    }
    return structuredClone(bodies.get(key));
}

function openStream(client, platform, body) {
    if (platform !== 'openai') {
        const stream = client.messages.stream(body);
        return {
            stream,
            event: 'text',
            final: async () => parsedMessage(await stream.finalMessage()),
        };
    }
    const stream = client.chat.completions.stream(body);
    return {
        stream,
        event: 'content',
        final: async () => parsedChat(await stream.finalChatCompletion()),
    };
}

async function theirReading(url, platform, body) {
    const client = clients[platform](url, { maxRetries: 0 });
    const { stream, event, final } = openStream(client, platform, body);
    let streamed = '';
    stream.on(event, (piece) => (streamed += piece));
    stream.on('error', () => {});
    try {
        return { failed: false, ...(await final()), streamed };
    } catch {
        return { failed: true, text: streamed };
    }
}

// ---- comparison ----

async function compare(standIn, place, scenario, request = REQUEST) {
    const platform = place.platform ?? place.name;
    const url = standIn.url(scenario + (place.suffix ?? ''));
    const body = await bodyFor(place, request);
    await standIn.reset(); // both find an empty prompt cache
    const printed = JSON.parse(await drive(url, place, request));
    await standIn.reset();
    return { printed, ours: ourReading(printed), theirs: await theirReading(url, platform, body) };
}

async function checkSame(standIn, place, scenario) {
    const name = `${place.name} ${scenario}`;
    const { ours, theirs, printed } = await compare(standIn, place, scenario);
    if (!is(ours.failed, theirs.failed, `${name}: both read it to its end`)) diag(printed.error);
    if (ours.failed || theirs.failed) return;
    const { textOfBlocks, ...read } = ours;
    const { streamed: _, ...expected } = theirs;
    if (place.platform === 'openai') expected.thinking = ''; // we pass over the thoughts of these
    is(read, { failed: false, ...expected }, `${name}: the same`);
    is(textOfBlocks, read.text, `${name}: as many words in the blocks as in the events`);
    if (scenario.startsWith('huge')) ok(read.text.length > 1 << 20, `${name}: and it is huge`);
}

async function checkBroken(standIn, place, scenario) {
    const { ours, theirs } = await compare(standIn, place, scenario);
    const name = `${place.name} ${scenario}`;
    ok(ours.failed && theirs.failed, `${name}: both say that it failed`);
    is(ours.text, theirs.text, `${name}: the same words came before`);
    ok(ours.text.length > 20, `${name}: some did`);
}

// The turn that we keep is taken back, thinking and all, and the answer to the results is the same.
async function checkRound(standIn, place, scenario) {
    const name = `${place.name} ${scenario}`;
    const first = await compare(standIn, place, scenario);
    const results = first.ours.toolCalls.map(({ id }, index) => ({
        type: 'tool_result',
        tool_use_id: id,
        content: [text(`result ${index}`)],
    }));
    const turn = assistant(...first.printed.reply.content);
    const messages = [...REQUEST.messages, turn, user(...results)];
    const second = await compare(standIn, place, scenario, { ...REQUEST, messages });
    is(second.ours.text, second.theirs.text, `${name}: the answer to the results is the same`);
    const last = results.length - 1;
    like(
        second.ours.text,
        new RegExp(`Tool rounds: 1; results: .*"result ${last}"`),
        'and it is about them',
    );
    messages.push(assistant(...second.printed.reply.content), user(text(QUESTION)));
    const third = await compare(standIn, place, 'plain', { ...REQUEST, messages });
    is(third.ours.text, third.theirs.text, `${name}: and so is that to the next question`);
}

const standIn = await start();
for (const place of PLATFORMS) {
    for (const pieces of place.pieces ?? PIECES) {
        for (const scenario of SCENARIOS) await checkSame(standIn, place, scenario + pieces);
        for (const scenario of BROKEN) await checkBroken(standIn, place, scenario + pieces);
    }
    for (const scenario of ROUNDS) await checkRound(standIn, place, scenario);
}
await standIn.stop();
doneTesting();
