// SPDX-License-Identifier: MIT
// Questions over HTTP: prepared, trimmed, sent to the stand-in, streamed, stopped; and the ledger.
import { doneTesting, is, like, ok, diag } from '../tap.mjs';
import { until } from '../wait.mjs';
import { start as startStandIn } from '../llm/start.mjs';
import { Contract } from './contract.mjs';
import { serve, unreachable } from './lib.mjs';

const standIn = await startStandIn();
const env = (scenario) => ({ ANTHROPIC_BASE_URL: standIn.url(scenario), ANTHROPIC_API_KEY: 'sk-ant-stand-in' });
const schemas = { outbox: 'Outbox', text: 'AskText', tool: 'AskTool', tool_done: 'AskToolDone', note: 'AskNote', answer: 'Answer', problem: 'Problem' };

async function open(scenario, home, args) {
    const server = await serve({ photos: 40, home, args, env: env(scenario) });
    const contract = new Contract((await server.get('/api/v1/openapi.json')).json);
    server.ask = async (method, path, status, body) => {
        const reply = await server.call(method, path, { body });
        contract.check(method, path, reply);
        if (!is(reply.status, status, `${method} ${path.slice(0, 60)} answers ${status}`)) diag(reply.body);
        return reply.json;
    };
    server.prepare = (question, more) => server.ask('POST', '/api/v1/ask/prepare', 201, { question, ...more });
    server.send = async (path, body, each) => {
        const stream = server.stream('POST', path, { body }, each);
        const events = await stream.ended;
        is([events.status, events.type], [200, 'text/event-stream'], 'a stream of events');
        for (const { name, data } of events) contract.checkEvent(schemas[name], data, `event '${name}' as described`);
        return events;
    };
    return server;
}
const names = (events) => [...new Set(events.map((e) => e.name))];
const textOf = (events) => events.filter((e) => e.name === 'text').map((e) => e.data.text).join('');
const last = (events) => events.at(-1);

// ---- prepare, trim, send ----
const server = await open('plain');
const setup = await server.ask('GET', '/api/v1/ask', 200);
is([setup.available, setup.why_not, setup.provider, setup.local], [true, null, 'anthropic', false], 'somebody answers');
const prepared = await server.prepare('What is the dog doing?', { k: 4 });
const { outbox } = prepared;
is(outbox.photos.length, 4, 'four photos would be sent');
is(outbox.photos.map((p) => p.number), [1, 2, 3, 4], 'numbered');
ok(outbox.bytes > 0 && outbox.tokens > 0 && outbox.price_usd > 0, 'bytes, tokens and price are said');
is((await standIn.log('plain')).length, 0, 'nothing was sent');
is((await server.ask('GET', '/api/v1/ledger', 200)).entries, [], 'and the ledger is empty');
const kept = outbox.photos.slice(0, 2).map((p) => p.photo.id);
const events = await server.send(`/api/v1/ask/${prepared.conversation}/send`, { photos: kept });
is(names(events).filter((n) => ['outbox', 'text', 'answer'].includes(n)), ['outbox', 'text', 'answer'], 'outbox, text, answer');
is(events[0].data.photos.map((p) => p.photo.id), kept, 'only the photos that were kept are sent');
const answer = last(events).data;
is(last(events).name, 'answer', 'the answer comes last');
ok(answer.text.length > 0 && textOf(events).length > 0, 'with text');
ok(answer.usage.input_tokens + answer.usage.cache_write_tokens > 0 && answer.cost_usd > 0, 'usage and cost');
ok(answer.citations.every((c) => c.photo === null || kept.includes(c.photo)), 'citations are of what was sent');
const { entries } = await server.ask('GET', '/api/v1/ledger', 200);
ok(entries.some((e) => e.event === 'sent') && entries[0].event === 'answered', 'the ledger has both, the newest first');
is(entries.find((e) => e.event === 'sent').photos.map((p) => p.id).sort(), [...kept].sort(), 'and which photos');

// ---- a conversation goes on ----
await server.ask('POST', `/api/v1/ask/${prepared.conversation}/send`, 409, {});
const second = await server.prepare('And its colour?', { conversation: prepared.conversation });
is(second.conversation, prepared.conversation, 'a second question in the same conversation');
is(last(await server.send(`/api/v1/ask/${second.conversation}/send`, {})).name, 'answer', 'is answered');
const third = await server.prepare('And now?', { conversation: prepared.conversation });
await server.ask('POST', `/api/v1/ask/${third.conversation}/send`, 404, { photos: [999999] });
await server.ask('DELETE', `/api/v1/ask/${prepared.conversation}`, 204);
await server.ask('DELETE', `/api/v1/ask/${prepared.conversation}`, 404);
await server.ask('POST', '/api/v1/ask/prepare', 404, { question: 'x', conversation: prepared.conversation });

// ---- in one step ----
const atOnce = await server.send('/api/v1/ask', { question: 'What is the dog doing?', k: 3, photos: [kept[0]] });
is(atOnce[0].data.photos.map((p) => p.photo.id), [kept[0]], 'in one step, only the photo that may go');
is(last(atOnce).name, 'answer', 'and an answer');

// ---- never-send rules hold here, too ----
await server.ask('POST', '/api/v1/never-send', 201, { kind: 'folder', value: server.folder });
const nothing = await server.prepare('What is the dog doing?');
is(nothing.outbox.photos, [], 'a rule keeps all photos here');
ok(nothing.outbox.withheld > 0 && nothing.outbox.withheld_why.includes(server.folder), 'and the outbox says so');
const asked = (await standIn.log('plain')).length;
const silent = await server.send(`/api/v1/ask/${nothing.conversation}/send`, {});
is(last(silent).name, 'answer', 'then the answer is that there is nothing to show');
is((await standIn.log('plain')).length, asked, 'and nothing was sent');
const { home } = server;
await server.call('DELETE', `/api/v1/never-send?kind=folder&value=${encodeURIComponent(server.folder)}`);
is(await server.stop(), 0, 'the server ends well');
is(server.errors, '', 'without a complaint');

// ---- the model's tools ----
const tools = await open('tools', home);
const withTools = await tools.prepare('What is the dog doing?', { k: 1 });
const calls = await tools.send(`/api/v1/ask/${withTools.conversation}/send`, {});
ok(calls.some((e) => e.name === 'tool') && calls.some((e) => e.name === 'tool_done'), 'tool calls are shown as they happen');
is(last(calls).name, 'answer', 'before the answer');
await tools.stop();

// ---- one letter at a time, and stopping ----
const slow = await open('plain,chunk=1,hold=1', home);
const long = await slow.prepare('What is the dog doing?', { k: 1 });
const path = `/api/v1/ask/${long.conversation}`;
let stopped = false;
const cut = await slow.send(`${path}/send`, {}, (event) => {
    if (event.name !== 'text' || stopped) return;
    stopped = true;
    slow.call('DELETE', path);
});
is([last(cut).name, last(cut).data.code], ['problem', 'cancelled'], 'an answer can be stopped');
ok(cut.some((e) => e.name === 'answer' && e.data.text.length > 0), 'and what had come is kept');
await slow.prepare('And now?', { conversation: long.conversation });
const left = slow.stream('POST', `${path}/send`, { body: {} });
await until(() => left.events.some((e) => e.name === 'text'));
left.stop();
const more = { question: 'Once more?', conversation: long.conversation };
const free = async () => (await slow.post('/api/v1/ask/prepare', more)).status === 201;
ok(await until(free), 'who hangs up stops the answer');
is(await slow.stop(), 0, 'the server ends well');

// ---- stopping the server finishes what is in hand ----
const busy = await open('plain,chunk=8,hold=2', home);
const final = await busy.prepare('What is the dog doing?', { k: 1 });
let ended;
const finished = await busy.send(`/api/v1/ask/${final.conversation}/send`, {}, (event) => {
    if (event.name !== 'text' || ended) return;
    ended = busy.stop();
    until(() => unreachable(busy)).then(() => standIn.letGo('plain,chunk=8,hold=2'));
});
is(last(finished).name, 'answer', 'an answer that streams is finished before the server ends');
is(await ended, 0, 'which it does well');

// ---- faults are sentences ----
const refused = await open('401', home);
const question = await refused.prepare('What is the dog doing?', { k: 1 });
const faulty = await refused.send(`/api/v1/ask/${question.conversation}/send`, {});
is(last(faulty).name, 'problem', 'a refusal of the service is a problem');
ok(last(faulty).data.detail.length > 20 && !last(faulty).data.detail.includes('sk-ant'), 'with a sentence and no key');
await refused.stop();

// ---- a budget ----
const poor = await open('plain', home, ['--ask-budget', '0.0001']);
const sentBefore = (await standIn.log('plain')).length;
const costly = await poor.prepare('What is the dog doing?');
for (const [path, body] of [[`/api/v1/ask/${costly.conversation}/send`, {}], ['/api/v1/ask', { question: 'What is the dog doing?' }]]) {
    const reply = await poor.ask('POST', path, 402, body);
    is(reply.code, 'budget', 'the budget is not enough');
    like(reply.detail, /^nothing was sent: .* It is renewed at 2[0-9-]+ 00:00; increase it with --ask-budget$/, 'with when it begins anew');
}
const trimmed = await poor.ask('POST', `/api/v1/ask/${costly.conversation}/send`, 402, { photos: [costly.outbox.photos[0].photo.id] });
like(trimmed.detail, /^nothing was sent: today's budget of \$0\.0001 is used up/, 'what was spent before counts, for one photo, too');
is((await standIn.log('plain')).length, sentBefore, 'nothing was sent');
is(await poor.stop(), 0, 'the server ends well');

standIn.stop();
doneTesting();
