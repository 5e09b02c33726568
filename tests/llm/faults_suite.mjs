// SPDX-License-Identifier: MIT
// The faults, one by one; run by faults.t.
import { diag, doneTesting, is, like, ok } from '../tap.mjs';
import { until } from '../wait.mjs';
import { send } from './driver.mjs';
import { checkOddServers } from './odd_servers.mjs';
import { QUESTION, TOOLS, messagesBody, text, user } from './requests.mjs';
import { start } from './start.mjs';

const standIn = await start();
const body = { ...messagesBody({ messages: [user(text(QUESTION))] }), tools: TOOLS };
const ACCENTS = 'Très joli: 很好, 🐕!';
const BEGIN = `You asked "${QUESTION}"`;
const WHOLE = `${BEGIN}. Images seen: 0.\n\n${ACCENTS}`;
const NOT_AGAIN = /during the reply; the request is not repeated, because this reply may be billed/;

// rc, says: of the error; requests: that reached the server; text: a beginning of what arrived; stop.
const FAULTS = {
    400: { rc: 'invalid', says: /does not accept the request \(HTTP 400/ },
    401: { rc: 'denied', says: /does not accept the key: check ANTHROPIC_API_KEY/ },
    402: { rc: 'limit', says: /cannot bill the account.*HTTP 402/ },
    403: { rc: 'denied', says: /the key may not use "claude-sonnet-5-5"/ },
    404: { rc: 'not_found', says: /no model "claude-sonnet-5-5"/ },
    408: { rc: 'network', says: /HTTP 408/, requests: 3 },
    409: { rc: 'network', says: /HTTP 409/, requests: 3 },
    413: { rc: 'limit', says: /too large for 127\.0\.0\.1: send fewer photos/ },
    '413-html': { rc: 'limit', says: /send fewer photos \(HTTP 413[^<]*$/ },
    '429-retry-after': { rc: 'ok', requests: 2, waits: [1], text: WHOLE },
    '429-retry-after,after=7200': { rc: 'network', says: /try again in 2 h 0 min/ },
    '429-retry-after-ms': { rc: 'ok', requests: 2, waits: [0.2], text: WHOLE },
    'retry-after-date': { rc: 'ok', requests: 2, text: WHOLE },
    '429-no-retry-after': { rc: 'network', says: /takes no more requests.*in a few min/, requests: 3 },
    '429-spend-limit': { rc: 'limit', says: /monthly spend limit/ },
    500: { rc: 'network', says: /failed: try again.*HTTP 500/, requests: 3 },
    529: { rc: 'network', says: /overloaded: try again.*HTTP 529/, requests: 3 },
    '503-then-ok': { rc: 'ok', requests: 2, text: WHOLE },
    'should-retry-false': { rc: 'network', says: /overloaded/ },
    'should-retry-true': { rc: 'ok', requests: 2, text: WHOLE },
    'context-exceeded-400': { rc: 'limit', says: /too long for claude-sonnet-5-5: send fewer/ },
    redirect: { rc: 'network', says: /redirects to another server, to which the key is not sent/ },
    refusal: { rc: 'ok', text: 'I cannot ', stop: 'refusal' },
    'max-tokens': { rc: 'ok', text: BEGIN, stop: 'length' },
    'context-exceeded': { rc: 'ok', text: BEGIN, stop: 'context' },
    'unknown-stop': { rc: 'ok', text: BEGIN, stop: 'other' },
    'pause-turn': { rc: 'ok', text: 'One moment. ', stop: 'pause' },
    'unknown-events': { rc: 'ok', text: WHOLE },
    'other-forms': { rc: 'ok', text: WHOLE },
    'error-after-200': { rc: 'network', says: /overloaded: .*after HTTP 200/, text: BEGIN, stop: 'cut' },
    'error-before-content': { rc: 'network', says: /overloaded: .*after HTTP 200/, stop: 'cut' },
    'cut-after-headers': { rc: 'network', says: NOT_AGAIN, stop: 'cut' },
    'cut-mid-stream': { rc: 'network', says: NOT_AGAIN, text: BEGIN, stop: 'cut' },
    'cut-mid-line': { rc: 'network', says: NOT_AGAIN, text: BEGIN, stop: 'cut' },
    'cut-mid-utf8': { rc: 'network', says: NOT_AGAIN, text: BEGIN, stop: 'cut' },
    'ends-early': { rc: 'network', says: NOT_AGAIN, text: BEGIN, stop: 'cut' },
    'silence-mid': { rc: 'network', says: /silent for .* \(increase --llm-timeout\), during the reply/, text: BEGIN, stop: 'cut', limit: '--silence' },
    'silence-after-headers': { rc: 'network', says: /silent for .* \(increase --llm-timeout\), during the reply/, stop: 'cut', limit: '--silence' },
    'silence-before': { rc: 'network', says: /has been silent for .* \(increase --llm-timeout\)$/, requests: 3, limit: '--silence' },
    'cut-before-headers': { rc: 'network', says: /connection to 127\.0\.0\.1 was lost/, requests: 3 },
    garbage: { rc: 'corrupt', says: /unexpected reply from/ },
    nothing: { rc: 'corrupt', says: /unexpected reply from/ },
    'not-sse-json': { rc: 'ok', text: WHOLE },
    'huge-event': { rc: 'limit', counted: 1, says: /invalid reply from .*: longer than the limit of 8388608 bytes/ },
    'huge-event,size=7': { rc: 'ok', text: 'xxxxx' },
};

// The error body of these is not a stream, so that pieces of one byte change nothing in our reading.
const SLOW = new Set(['huge-event', 'huge-event,size=7']);

// A time limit of a second; longer where this machine is so busy that more than the limit passed
// before what the stand-in sends at once had come, which `arrived` tells.
async function sendWithin(limit, segment, arrived) {
    for (const seconds of [1, 8, 64]) {
        const name = `${segment},seconds=${seconds}`;
        const got = await send(standIn.url(name), body, { args: [limit, String(seconds)] });
        if (arrived(got) || seconds === 64) return { got, log: await standIn.log(name) };
    }
}

async function checkFault(scenario, chunk) {
    const want = { requests: 1, says: /^$/, text: '', stop: 'end', ...FAULTS[scenario] };
    const segment = scenario + chunk;
    const { got, log } = want.limit
        ? await sendWithin(want.limit, segment, (reply) => reply.text.startsWith(want.text) && want.says.test(reply.error))
        : { got: await send(standIn.url(segment), body), log: await standIn.log(segment) };
    const good = [
        ok(got.stderr === '' && [0, 1].includes(got.status), `${segment}: the program ends well`),
        is(got.rc, want.rc, `${segment}: ${want.rc}`),
        like(got.error, want.says, `${segment}: says why`),
        is([log.length, got.attempts.length], [want.requests, want.requests], `${segment}: requests`),
        is(got.text.slice(0, want.text.length), want.text, `${segment}: what arrived`),
    ];
    if (want.counted) ok(got.reply.usage.input > 0, `${segment}: what it may cost is told`);
    if (want.waits) is(got.retries.map((retry) => retry.wait_s), want.waits, `${segment}: waits`);
    if (want.rc === 'ok' || want.stop === 'cut') is(got.reply.stop, want.stop, `${segment}: the end`);
    else is(got.reply.content, null, `${segment}: no content`);
    ok(!got.error.includes('sk-ant-stand-in'), `${segment}: no key in the sentence`);
    if (good.includes(false)) diag(JSON.stringify({ ...got, reply: got.reply }).slice(0, 1000));
}

// What servers on this machine cannot do, in their own words.
async function checkLocal(flavour) {
    const ask = (scenario, request) =>
        send(standIn.url(`${scenario},flavour=${flavour}`), request, { platform: 'openai', args: ['--model', 'qwen2.5vl:7b'] });
    const tools = await ask('no-tools', body);
    is([tools.rc, tools.text, tools.attempts.length], ['ok', WHOLE, 2], `${flavour}: tools are left out where they cannot be used`);
    const long = await ask('context-exceeded-400', body);
    like(long.error, /too long for .*: send fewer photos/, `${flavour}: a context that is too short`);
    if (flavour !== 'llamacpp') return;
    const blind = await ask('no-images', messagesBody());
    like(blind.error, /cannot see pictures: choose one that can/, `${flavour}: a model without eyes`);
    is(blind.attempts.length, 1, `${flavour}: ... is asked once`);
}

// Ctrl-C, of something that would go on for many minutes: what arrived is kept.
async function checkCancel(scenario, text, ...args) {
    const asked = async () => (await standIn.log(scenario)).length > 0;
    const interrupt = (child) => until(asked).then(() => child.kill('SIGINT'));
    const got = await send(standIn.url(scenario), body, { args, started: args.length ? () => {} : interrupt });
    is(got.rc, 'cancelled', `${scenario}: interrupted`);
    is((await standIn.log(scenario)).length, 1, `${scenario}: and not asked again`);
    is(got.text.slice(0, text.length), text, `${scenario}: what arrived is kept`);
    const content = (got.reply.content ?? []).map((block) => block.text).join('');
    is(content, got.text, `${scenario}: also in the reply`);
}

async function checkLimits() {
    const slow = await sendWithin('--total', 'plain,hold=1', (reply) => reply.text.startsWith('You '));
    like(slow.got.error, /has not finished its reply for \d+ s, during the reply/, 'a reply that never ends is left after its time');
    // An address of TEST-NET-1 (RFC 5737) leads nowhere.
    const nowhere = await send('https://192.0.2.1', body, { args: ['--connect', '0.3'] });
    is(nowhere.rc, 'network', 'an address that leads nowhere');
    like(nowhere.error, /cannot reach 192\.0\.2\.1/, '... is told');
    is(nowhere.attempts.length, 3, '... after three short attempts');
    const closed = await send('http://127.0.0.1:9', body);
    like(closed.error, /cannot reach 127\.0\.0\.1.*\(is the server running\?\)/, 'a closed port');
    const http = await send('http://192.0.2.1', body);
    is(http.rc, 'invalid', 'http:// to another machine');
}

async function checkOversized() {
    const asked = messagesBody();
    const small = await send(standIn.url('oversized-image'), asked);
    is(small.rc, 'invalid', 'oversized-image: refused');
    ok(small.oversized_px > 100 && small.oversized_px <= 512, `... up to ${small.oversized_px} px is taken`);
    is((await standIn.log('oversized-image')).length, 1, '... asked once');
    const wrong = await send(standIn.url('plain,tag=key'), body, { env: { ANTHROPIC_API_KEY: 'sk-ant-wrong' } });
    is(wrong.rc, 'denied', 'a wrong key');
    ok(!JSON.stringify(wrong).includes('sk-ant-wrong'), '... is not repeated');
    const none = await send(standIn.url('plain,tag=none'), body, { env: { ANTHROPIC_API_KEY: '' } });
    is(none.rc, 'no_key', 'no key');
    is([(await standIn.log('plain,tag=none')).length, none.attempts.length], [0, 0], '... nothing is sent');
}

// Most of a check is waiting, so that several run at a time.
const checks = Object.keys(FAULTS).flatMap((scenario) =>
    (SLOW.has(scenario) ? [''] : ['', ',chunk=1']).map((chunk) => [scenario, chunk]),
);
const worker = async () => {
    for (let next = checks.shift(); next; next = checks.shift()) await checkFault(...next);
};
await Promise.all([worker(), worker(), worker(), worker(), worker(), worker()]);
await checkCancel('silence-mid,tag=cancel', 'You ', '--cancel-on-text');
await checkCancel('silence-before,tag=cancel', '');
await checkCancel('plain,chunk=1,hold=1', 'You ', '--cancel-on-text');
await checkCancel('429-retry-after,after=60,tag=cancel', '', '--cancel-on-retry');
await checkLimits();
await checkOversized();
await checkOddServers();
await checkLocal('llamacpp');
await checkLocal('ollama');
await standIn.stop();
doneTesting();
