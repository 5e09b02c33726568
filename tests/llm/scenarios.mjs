// The scenarios by name: an answer, a fault of the wire under an answer, or a refusal.
//
//   {answer}                     how a good request is answered (answers.mjs); default: plain
//   {fault}                      what happens to the stream of that answer (faults.mjs)
//   {before}                     'cut' or 'hang' before any header
//   {refusal, times}             an error for the first `times` requests (default: all), then the
//                                answer; the option times=N of the address overrides it
//   {imageLimit}                 takes smaller images only
//   {ignoreStream}               one JSON object although a stream was asked for
import * as answers from './answers.mjs';
import { FAULTS } from './faults.mjs';
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

const ANSWERS = {
    plain: { answer: answers.plain },
    'cites-unsent': { answer: answers.citesUnsent },
    box: { answer: answers.box },
    thinking: { answer: answers.thoughtful },
    tools: { answer: answers.tools },
    'tools-view': { answer: answers.toolsView },
    'tools-parallel': { answer: answers.toolsParallel },
    'tools-forever': { answer: answers.toolsForever },
    'tools-bad': { answer: answers.toolsBad },
    refusal: { answer: answers.refusal },
    'max-tokens': { answer: answers.stopped('max_tokens') },
    'context-exceeded': { answer: answers.stopped('model_context_window_exceeded') },
    'unknown-stop': { answer: answers.stopped('a_reason_of_the_future') },
    'pause-turn': { answer: answers.pauseTurn },
    'unknown-events': { answer: answers.unknown, fault: FAULTS['unknown-events'] },
    'tools-other-forms': { answer: answers.tools, fault: FAULTS['other-forms'] },
};

const REFUSALS = {
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
    '429-spend-limit': {
        refusal: refusal(
            429,
            'You have reached your specified API usage limits',
            code('enforced_spend_limit_reached'),
        ),
    },
    500: { refusal: refusal(500, 'Internal server error') },
    529: { refusal: refusal(529, 'Overloaded') },
    '503-then-ok': { refusal: refusal(503, 'Service temporarily unavailable'), times: 1 },
    'should-retry-false': {
        refusal: refusal(529, 'Overloaded', { headers: { 'x-should-retry': 'false' } }),
    },
    'should-retry-true': {
        refusal: refusal(400, 'Try again', { headers: { 'x-should-retry': 'true' } }),
        times: 1,
    },
    'context-exceeded-400': {
        refusal: refusal(400, 'prompt is too long: 1000123 tokens > 1000000 maximum'),
    },
    redirect: {
        refusal: refusal(302, 'moved', {
            type: 'api_error',
            headers: { location: 'http://127.0.0.1:9/v1/messages' },
        }),
    },
};

const SCENARIOS = {
    ...ANSWERS,
    ...REFUSALS,
    ...Object.fromEntries(
        Object.entries(FAULTS)
            .filter(([name]) => !Object.hasOwn(ANSWERS, name))
            .map(([name, fault]) => [name, { fault }]),
    ),
    'cut-before-headers': { before: 'cut' },
    'silence-before': { before: 'hang' },
    'not-sse-json': { ignoreStream: true },
    // The side is smaller than what the model's page says, as if the service had changed.
    'oversized-image': { imageLimit: { edge: 512, tokens: 400 } },
};

export const scenarioNames = Object.keys(SCENARIOS);

export function scenarioOf(route) {
    if (!Object.hasOwn(SCENARIOS, route.scenario)) return null;
    const scenario = { answer: answers.plain, ...SCENARIOS[route.scenario] };
    const times = route.options.times;
    return times === undefined ? scenario : { ...scenario, times: Number(times) };
}
