// SPDX-License-Identifier: MIT
// The refusals that are scenarios of their own, in the words of each service.
import { Refusal } from './refusal.mjs';

const refusal = (status, message, more) => () => new Refusal(status, message, more);
const code = (error_code) => ({ details: { error_code } });
const RATE = "This request would exceed your organization's rate limit";

const inSeconds = (seconds) => new Date(Date.now() + seconds * 1000).toUTCString();

// Options: after=SECONDS for the header retry-after.
const rateLimited = (header, fallback) => (route) => {
    const value = header(Number(route.options.after ?? fallback));
    return new Refusal(429, RATE, { headers: value });
};

// messages: what the Messages API says; openai, llamacpp, ollama: the flavours of chat completions,
// where one that is missing says what openai says.
const byService = (sayings) => (route) => {
    const name = route.platform === 'openai' ? route.flavour : 'messages';
    return (sayings[name] ?? sayings.openai ?? sayings.messages)();
};

const SPENT = {
    messages: refusal(
        429,
        'You have reached your specified API usage limits',
        code('enforced_spend_limit_reached'),
    ),
    openai: refusal(429, 'You exceeded your current quota, please check your plan and billing.', {
        type: 'insufficient_quota',
        ...code('insufficient_quota'),
    }),
};

const TOO_LONG = {
    messages: refusal(400, 'prompt is too long: 1000123 tokens > 1000000 maximum'),
    openai: refusal(
        400,
        "This model's maximum context length is 128000 tokens. However, your messages resulted " +
            'in 130123 tokens. Please reduce the length of the messages.',
        code('context_length_exceeded'),
    ),
    llamacpp: refusal(400, 'the request exceeds the available context size, try increasing it', {
        type: 'exceed_context_size_error',
        details: { n_prompt_tokens: 5210, n_ctx: 4096 },
    }),
};

const STARTING = {
    messages: refusal(503, 'Service temporarily unavailable'),
    llamacpp: refusal(503, 'Loading model'),
};

// A scenario of these is refused as long as the request asks for it.
const NO_TOOLS = {
    messages: refusal(400, 'tools: this model cannot use tools'),
    llamacpp: refusal(500, 'tools param requires --jinja flag'),
    ollama: refusal(400, 'qwen2.5vl:7b does not support tools', { type: 'api_error' }),
};

const NO_IMAGES = {
    messages: refusal(400, 'messages: this model cannot see images'),
    llamacpp: refusal(
        500,
        'image input is not supported - hint: if this is unexpected, you may need to provide ' +
            'the mmproj',
    ),
};

export const REFUSALS = {
    400: { refusal: refusal(400, 'messages: the stand-in refuses this request') },
    401: { refusal: refusal(401, 'invalid x-api-key') },
    402: {
        refusal: refusal(
            402,
            'Your credit balance is too low to access the API',
            code('linked_organization_billing_unavailable'),
        ),
    },
    403: {
        refusal: refusal(403, 'Your key does not have permission to use the specified resource'),
    },
    404: { refusal: refusal(404, 'model: not found') },
    408: { refusal: refusal(408, 'Request timeout', { type: 'timeout_error' }) },
    409: { refusal: refusal(409, 'Conflict', { type: 'conflict_error' }) },
    413: {
        refusal: refusal(413, 'Request exceeds the maximum size', { type: 'request_too_large' }),
    },
    '413-html': { refusal: refusal(413, 'too large', { html: true }) },
    '429-retry-after': {
        refusal: rateLimited((after) => ({ 'retry-after': String(after) }), 1),
        times: 1,
    },
    '429-retry-after-ms': {
        refusal: rateLimited((after) => ({ 'retry-after-ms': String(after * 1000) }), 0.2),
        times: 1,
    },
    'retry-after-date': {
        refusal: rateLimited((after) => ({ 'retry-after': inSeconds(after) }), 2),
        times: 1,
    },
    '429-no-retry-after': { refusal: refusal(429, RATE) },
    '429-spend-limit': { refusal: byService(SPENT) },
    500: { refusal: refusal(500, 'Internal server error') },
    529: { refusal: refusal(529, 'Overloaded') },
    '503-then-ok': { refusal: byService(STARTING), times: 1 },
    'should-retry-false': {
        refusal: refusal(529, 'Overloaded', { headers: { 'x-should-retry': 'false' } }),
    },
    'should-retry-true': {
        refusal: refusal(400, 'Try again', { headers: { 'x-should-retry': 'true' } }),
        times: 1,
    },
    'context-exceeded-400': { refusal: byService(TOO_LONG) },
    redirect: {
        refusal: refusal(302, 'moved', {
            type: 'api_error',
            headers: { location: 'http://127.0.0.1:9/v1/messages' },
        }),
    },
};

const unless = (asks, sayings) => (view, route) => (asks(view) ? byService(sayings)(route) : null);

export const UNABLE = {
    'no-tools': { unable: unless((view) => Object.keys(view.tools).length > 0, NO_TOOLS) },
    'no-images': { unable: unless((view) => view.images.length > 0, NO_IMAGES) },
};
