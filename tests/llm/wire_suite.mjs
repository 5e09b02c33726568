// SPDX-License-Identifier: MIT
// What we send and when we send it again, beside the SDKs; run by wire.t. What we read is in
// same_as_sdk.mjs.
import Anthropic from '@anthropic-ai/sdk';
import { AnthropicBedrockMantle } from '@anthropic-ai/bedrock-sdk';
import OpenAI from 'openai';
import { createServer } from 'node:http';
import { diag, doneTesting, is, ok } from '../tap.mjs';
import { vertexClient } from './clients.mjs';
import { environmentOf, send } from './driver.mjs';
import { QUESTION, TOOLS, assistant, messagesBody, pictured, text, user } from './requests.mjs';
import { start } from './start.mjs';

const standIn = await start();
const DEFAULTS = { bedrock: 'anthropic.claude-sonnet-5-5' };
const MODEL = 'claude-sonnet-5-5';
const CHAT_MODEL = 'gpt-5.1-mini';

// The request in the SDK's own words; the client adds and moves what its platform wants.
const asked = (platform, more) => {
    const { model: _, ...body } = messagesBody(more);
    return { model: DEFAULTS[platform] ?? MODEL, ...body };
};

// ---- what goes out ----

// A client that finds everything in the environment, as ours does; Google's token it cannot.
function clientFromEnvironment(platform, url) {
    Object.assign(process.env, environmentOf(platform, url));
    const options = { logLevel: 'off' };
    if (platform === 'anthropic') return new Anthropic(options);
    if (platform === 'bedrock') return new AnthropicBedrockMantle(options);
    return vertexClient(url);
}

const HEADERS = ['authorization', 'x-api-key', 'anthropic-version', 'content-type', 'x-photo', 'accept'];
const outgoing = ({ method, path, headers, body }, segment) => ({
    method,
    path: path.replace(segment, ''),
    headers: HEADERS.map((name) => [name, headers[name] ?? null]),
    body,
});

async function checkOutgoing(platform, name, more, custom = '') {
    const [theirs, ours] = ['sdk', 'own'].map((tag) => `plain,tag=${tag}-${name}`);
    const env = custom ? { ANTHROPIC_CUSTOM_HEADERS: custom } : {};
    process.env.ANTHROPIC_CUSTOM_HEADERS = custom;
    const client = clientFromEnvironment(platform, standIn.url(theirs));
    const body = asked(platform, more);
    await client.messages.stream(body).finalMessage();
    const got = await send(standIn.url(ours), body, { platform, env });
    is(got.error, '', `${platform}, ${name}: accepted`);
    const [want] = await standIn.log(theirs, '&data=1');
    const [sent] = await standIn.log(ours, '&data=1');
    is(outgoing(sent, ours), outgoing(want, theirs), `${platform}, ${name}: as the SDK sends it`);
}

const chatTools = TOOLS.map(({ name, description, input_schema }) => ({
    type: 'function', function: { name, description, parameters: input_schema },
}));

// The same question in the words of chat completions, by hand.
function chatRequest() {
    const parts = pictured().map((block) => block.type === 'text' ? block : {
        type: 'image_url',
        image_url: { url: `data:${block.source.media_type};base64,${block.source.data}` },
    });
    return {
        model: CHAT_MODEL, max_tokens: 2000, stream: true, stream_options: { include_usage: true },
        tools: chatTools, messages: [{ role: 'user', content: [...parts, text(QUESTION)] }],
    };
}

async function checkChatBody() {
    const body = asked('openai', { tools: TOOLS });
    await send(standIn.url('plain,tag=own'), body, { platform: 'openai', args: ['--model', CHAT_MODEL] });
    const client = new OpenAI({ baseURL: standIn.url('plain,tag=sdk/v1'), apiKey: 'sk-stand-in', logLevel: 'off' });
    await client.chat.completions.stream(chatRequest()).finalChatCompletion();
    const [sent] = await standIn.log('plain,tag=own', '&data=1');
    const [want] = await standIn.log('plain,tag=sdk', '&data=1');
    is(outgoing(sent, 'plain,tag=own'), outgoing(want, 'plain,tag=sdk'), 'openai: as the SDK sends it');
}

// ---- conversations ----

async function checkPause() {
    const url = standIn.url('pause-turn,tag=own');
    const messages = [user(text(QUESTION))];
    const first = await send(url, messagesBody({ messages }));
    const second = await send(url, messagesBody({ messages: [...messages, assistant(...first.reply.content)] }));
    is([first.reply.stop, second.reply.stop], ['pause', 'end'], 'a paused turn goes on when it is sent back');
}

async function checkCache(platform) {
    const segment = `plain,tag=cache-${platform}`;
    const long = text(`All about dogs on ${platform}. `.repeat(600));
    const body = { ...asked(platform, { messages: [user(long)] }), cache: true };
    const first = await send(standIn.url(segment), body, { platform });
    const answer = [...body.messages, assistant(...first.reply.content), user(text('And cats?'))];
    const second = await send(standIn.url(segment), { ...body, messages: answer }, { platform });
    const [written, read] = [first.reply.usage.cache_write, second.reply.usage.cache_read];
    ok(written > 2000 && read === written, `${platform}: the second turn reads what the first cached (${read} tokens)`);
    ok(second.reply.usage.input < 50, `${platform}: and pays little else as input`);
}

// ---- what is asked again ----

const date = (seconds) => new Date(Date.now() + seconds * 1000).toUTCString();
const REPLIES = [
    [429, {}], [429, { 'retry-after': '2' }], [429, { 'retry-after': '1.5' }], [429, { 'retry-after': '0' }],
    [429, { 'retry-after': '-3' }], [429, { 'retry-after': 'soon' }], [429, { 'retry-after': '3 apples' }],
    [429, { 'retry-after': date(40) }], [429, { 'retry-after': date(-40) }],
    [429, { 'retry-after': '7', 'retry-after-ms': '250' }], [429, { 'retry-after': '7', 'retry-after-ms': '0' }],
    [429, { 'retry-after': '7', 'retry-after-ms': '-5' }], [429, { 'retry-after': '7', 'retry-after-ms': 'x' }],
    [429, { 'retry-after-ms': '1e3' }], [429, { 'retry-after': '0x10' }], [429, { 'retry-after': 'Infinity' }],
    [500, {}], [502, {}], [503, { 'retry-after': '1' }], [529, {}], [408, {}], [409, {}],
    [400, {}], [401, {}], [402, {}], [403, {}], [404, {}], [413, {}], [422, {}],
    [400, { 'x-should-retry': 'true' }], [529, { 'x-should-retry': 'false' }], [429, { 'x-should-retry': 'no' }],
];
const BODY = JSON.stringify({ type: 'error', error: { type: 'api_error', message: 'no' } });

// Milliseconds that the SDK waits before it asks again; null: it does not.
async function sdkWait([status, headers], random) {
    const waits = [];
    const timer = globalThis.setTimeout;
    const chance = Math.random;
    const fetch = async () => new Response(BODY, { status, headers: { ...headers, 'content-type': 'application/json' } });
    const client = new Anthropic({ apiKey: 'k', fetch, maxRetries: 2, logLevel: 'off' });
    Math.random = () => random;
    globalThis.setTimeout = (call, ms, ...rest) => {
        if (ms < 500_000) waits.push(ms); // not the time limit of the request itself
        return timer(call, ms < 500_000 ? 0 : ms, ...rest);
    };
    await client.messages.create(messagesBody()).catch(() => null);
    globalThis.setTimeout = timer;
    Math.random = chance;
    return waits.length > 0 ? waits[0] : null;
}

async function checkWaits() {
    let reply = REPLIES[0];
    const server = createServer((request, response) => {
        request.resume().on('end', () => {
            response.writeHead(reply[0], { ...reply[1], 'content-type': 'application/json' }).end(BODY);
        });
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${server.address().port}`;
    for (reply of REPLIES) {
        const [most, least] = [await sdkWait(reply, 0), await sdkWait(reply, 1)];
        const got = await send(url, messagesBody({ messages: [user(text('?'))] }), { args: ['--cancel-on-retry'] });
        const wait = got.retries.length > 0 ? got.retries[0].wait_s * 1000 : null;
        // Dates have whole seconds, and time passes between the two clients.
        const slack = /GMT/.test(reply[1]['retry-after'] ?? '') && most > 8000 ? 3000 : 1;
        const good = most === null ? wait === null : wait !== null && wait >= least - slack && wait <= most + slack;
        if (!ok(good, `${reply[0]} ${JSON.stringify(reply[1])}: ${most === null ? 'not again' : `again after ${least} to ${most} ms`}`)) {
            diag(`we: ${wait}`);
        }
    }
    server.close();
}

for (const platform of ['anthropic', 'bedrock', 'vertex']) {
    await checkOutgoing(platform, 'plain', {});
    await checkOutgoing(platform, 'tools', { tools: TOOLS, system: 'You know dogs.' });
    await checkOutgoing(platform, 'headers', {}, 'X-Photo: yes \nnonsense\nAccept:application/x');
    await checkCache(platform);
}
await checkChatBody();
await checkPause();
await checkWaits();
await standIn.stop();
doneTesting();
