// SPDX-License-Identifier: MIT
// The faults: each arrives as the SDK's own class for it, after as many attempts as the SDK's
// policy makes.
import { is, like, ok } from '../tap.mjs';
import { anthropicClient, bedrockClient, chatClient, vertexClient } from './clients.mjs';
import { streamed } from './parsed.mjs';
import { CHAT_TOOLS, chatBody, messagesBody } from './requests.mjs';

// name: what the SDK throws; null: it gets an answer in the end. attempts: requests that arrive.
const FAULTS = [
    { scenario: '400', name: 'BadRequestError', attempts: 1 },
    { scenario: '401', name: 'AuthenticationError', attempts: 1 },
    { scenario: '402', name: 'LinkedOrganizationBillingUnavailableError', attempts: 1 },
    { scenario: '403', name: 'PermissionDeniedError', attempts: 1 },
    { scenario: '404', name: 'NotFoundError', attempts: 1 },
    { scenario: '408', name: 'RequestTimeoutError', attempts: 3 },
    { scenario: '409', name: 'ConflictError', attempts: 3 },
    { scenario: '413', name: 'ContentTooLargeError', attempts: 1 },
    { scenario: '413-html', name: 'ContentTooLargeError', attempts: 1 },
    { scenario: '429-no-retry-after', name: 'RateLimitError', attempts: 3 },
    { scenario: '429-spend-limit', name: 'EnforcedSpendLimitReachedError', attempts: 3 },
    { scenario: '429-retry-after', name: null, attempts: 2, wait: [950, 2500] },
    { scenario: '429-retry-after-ms', name: null, attempts: 2, wait: [190, 1500] },
    { scenario: 'retry-after-date', name: null, attempts: 2, wait: [950, 4000] },
    { scenario: '500', name: 'InternalServerError', attempts: 3 },
    { scenario: '529', name: 'OverloadedError', attempts: 3 },
    { scenario: '503-then-ok', name: null, attempts: 2 },
    { scenario: 'should-retry-false', name: 'OverloadedError', attempts: 1 },
    { scenario: 'should-retry-true', name: null, attempts: 2 },
    { scenario: 'context-exceeded-400', name: 'BadRequestError', attempts: 1 },
    { scenario: 'cut-before-headers', name: 'APIConnectionError', attempts: 3 },
    { scenario: 'cut-after-headers', name: 'AnthropicError', attempts: 1 },
    { scenario: 'cut-mid-stream', name: 'AnthropicError', attempts: 1 },
    { scenario: 'cut-mid-line', name: 'AnthropicError', attempts: 1 },
    { scenario: 'cut-mid-utf8', name: 'AnthropicError', attempts: 1 },
    { scenario: 'ends-early', name: 'AnthropicError', attempts: 1 },
    { scenario: 'error-after-200', name: 'APIError', attempts: 1, type: 'overloaded_error' },
    { scenario: 'error-before-content', name: 'APIError', attempts: 1, type: 'overloaded_error' },
    { scenario: 'garbage', name: 'AnthropicError', attempts: 1 },
    { scenario: 'nothing', name: 'AnthropicError', attempts: 1 },
    { scenario: 'not-sse-json', name: 'AnthropicError', attempts: 1 },
    { scenario: 'silence-before', name: 'APIConnectionTimeoutError', attempts: 1, timeout: 300 },
];

const attempt = (client, platform, body) =>
    streamed(client, platform, body).then(
        () => null,
        (error) => error,
    );

async function outcome(standIn, { scenario, timeout }) {
    const options = timeout ? { timeout, maxRetries: 0 } : {};
    const error = await attempt(
        anthropicClient(standIn.url(scenario), options),
        'anthropic',
        messagesBody(),
    );
    return { error, log: await standIn.log(scenario) };
}

async function checkFaults(standIn) {
    const outcomes = await Promise.all(FAULTS.map((fault) => outcome(standIn, fault)));
    FAULTS.forEach(({ scenario, name, attempts, type, wait }, index) => {
        const { error, log } = outcomes[index];
        is(error?.constructor.name ?? null, name, `${scenario}: ${name ?? 'answered in the end'}`);
        is(log.length, attempts, `${scenario}: requests`);
        if (type) is(error.type, type, `${scenario}: ${type}`);
        if (wait) {
            const waited = log[1].at - log[0].at;
            ok(waited >= wait[0] && waited <= wait[1], `${scenario}: waits as told (${waited} ms)`);
        }
    });
    const { error } = outcomes[FAULTS.findIndex(({ scenario }) => scenario === '401')];
    ok(/^req_/.test(error.requestID), 'an error has the id of its request');
}

// What arrived before the stream went wrong is the beginning of the good answer.
async function checkPartial(standIn) {
    for (const scenario of ['cut-mid-stream', 'cut-mid-utf8', 'error-after-200', 'ends-early']) {
        const stream = anthropicClient(standIn.url(scenario)).messages.stream(messagesBody());
        let text = '';
        stream.on('text', (piece) => (text += piece));
        await stream.done().catch(() => {});
        ok(
            text.length > 20 && 'You asked "What is the brown dog'.startsWith(text.slice(0, 30)),
            `${scenario}: some text came first`,
        );
    }
    const stream = anthropicClient(standIn.url('silence-mid')).messages.stream(messagesBody());
    const text = await new Promise((resolve) =>
        stream.on('text', (_, all) => all.length > 20 && resolve(all)),
    );
    stream.on('abort', () => {});
    stream.abort();
    ok(text.startsWith('You asked'), 'silence-mid: some text came first, then nothing');
    const huge = await streamed(
        anthropicClient(standIn.url('huge-event,size=1')),
        'anthropic',
        messagesBody(),
    );
    ok(huge.text.includes('x'.repeat(1024 * 1024)), 'huge-event: one event of a MiB');
}

// The same classes from the other services.
async function checkOtherPlatforms(standIn) {
    const makers = { bedrock: bedrockClient, vertex: vertexClient };
    for (const [platform, client] of Object.entries(makers)) {
        const limited = await attempt(
            client(standIn.url('429-no-retry-after'), { maxRetries: 0 }),
            platform,
            messagesBody(),
        );
        is(limited.constructor.name, 'RateLimitError', `${platform}: 429`);
        const cut = await attempt(client(standIn.url('error-after-200')), platform, messagesBody());
        is(cut.type, 'overloaded_error', `${platform}: an error after 200`);
    }
    await checkChatErrors(standIn);
}

const CHAT_FAULTS = [
    ['429-no-retry-after', 'RateLimitError'],
    ['429-spend-limit', 'RateLimitError'],
    ['500', 'InternalServerError'],
    ['401', 'AuthenticationError'],
    ['404', 'NotFoundError'],
    ['context-exceeded-400', 'BadRequestError'],
    ['error-after-200', 'APIError'],
    ['cut-mid-stream', 'OpenAIError'],
    ['503-then-ok,times=0', null],
];

// What a server says of what it cannot do, and that it answers when it is not asked to.
const UNABLE = [
    ['openai', 'context-exceeded-400', 400, /maximum context length/],
    ['llamacpp', 'context-exceeded-400', 400, /exceeds the available context size/],
    ['llamacpp', '503-then-ok', 503, /Loading model/],
    ['llamacpp', 'no-images', 500, /image input is not supported/],
    ['llamacpp', 'no-tools', 500, /requires --jinja/],
    ['ollama', 'no-tools', 400, /does not support tools/],
];

async function checkChatErrors(standIn) {
    const once = { maxRetries: 0 };
    const ask = (flavour, scenario, body) =>
        attempt(chatClient(standIn.url(`${scenario},flavour=${flavour}`), once), 'openai', body);
    for (const flavour of ['openai', 'llamacpp', 'ollama']) {
        for (const [scenario, name] of CHAT_FAULTS) {
            const error = await ask(flavour, scenario, chatBody());
            is(error?.constructor.name ?? null, name, `${flavour}: ${scenario} is ${name}`);
        }
    }
    for (const [flavour, scenario, status, words] of UNABLE) {
        const error = await ask(flavour, scenario, chatBody({ tools: CHAT_TOOLS }));
        is(error?.status, status, `${flavour}: ${scenario}: ${status}`);
        like(error?.message ?? '', words, `${flavour}: ${scenario}: its words`);
    }
    const plain = chatBody({ messages: [{ role: 'user', content: 'a' }] });
    is(await ask('ollama', 'no-tools', plain), null, 'ollama: no-tools answers without tools');
    is(await ask('llamacpp', 'no-images', plain), null, 'llamacpp: no-images without images');
}

export async function checkErrors(standIn) {
    await checkFaults(standIn);
    await checkPartial(standIn);
    await checkOtherPlatforms(standIn);
}
