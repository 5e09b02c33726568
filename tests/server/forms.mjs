// SPDX-License-Identifier: MIT
// `keepsake --json`, the API and MCP over one gallery: each thing is the same object in all of them, with the same
// keys and the same values. What only one of them has is named here, key by key.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { doneTesting, is, like, ok } from '../tap.mjs';
import { until } from '../wait.mjs';
import { start as startStandIn } from '../llm/start.mjs';
import { Contract } from './contract.mjs';
import { copyPhotos, makeHome, run, serve } from './lib.mjs';

const QUESTION = 'What is the dog doing?';
const standIn = await startStandIn();
const env = (scenario) => ({ ANTHROPIC_BASE_URL: standIn.url(scenario), ANTHROPIC_API_KEY: 'sk-ant-stand-in' });

const without = (object, ...keys) => Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
const lines = (text) => text.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));

// ---- a gallery that has something of everything ----
const home = makeHome();
const folder = copyPhotos(home, 6);
const gallery = join(home, 'gallery.db');
writeFileSync(join(folder, 'broken.jpg'), 'no picture');
const keepsake = (args, more) => run(home, ['-q', '--gallery', gallery, ...args], more);
const json = (...args) => lines(keepsake(['--json', ...args]).stdout);
is(keepsake(['index', folder]).status, 3, 'indexed, but for one file');
execFileSync('sqlite3', [gallery, "update photo set taken = '2019-07-04T18:30:00+02:00', latitude = -33.856784, longitude = 151.215297, make = 'NIKON CORPORATION', model = 'NIKON D90', lens = '35 mm' where id in (select id from photo order by id limit 2)"]);

const server = await serve({ home, gallery, folders: true, photos: 0, folder, env: env('cites-unsent') });
const contract = new Contract((await server.get('/api/v1/openapi.json')).json);
async function api(method, path, body) {
    const reply = await server.call(method, path, { body });
    contract.check(method, path, reply);
    return reply.json;
}
const get = (path) => api('GET', path);

// ---- labels, rules, failures ----
const [first] = json('search', '-k', '1', 'a dog');
const made = json('label', first.path, '10%,20%,30%,40%', 'Räuber')[0];
is(await api('POST', '/api/v1/labels', { photo: first.id, name: 'Räuber', box: made.box }), made, 'a label, as it is made');
json('label', String(first.id), 'Mia');
is((await get('/api/v1/labels')).labels, json('labels'), 'labels');
is((await get('/api/v1/failures')).failures, json('status', '--failures'), 'files that failed');

const added = json('never-send', '--label', 'Nobody')[0];
is(await api('POST', '/api/v1/never-send', { kind: 'label', value: 'Nobody' }), without(added, 'added', 'label'), 'a rule, as it is made');
json('never-send', join(folder, 'nowhere'));
const { rules } = await get('/api/v1/never-send');
is(rules, json('never-send').map((rule) => without(rule, rule.kind)), 'never-send rules');
const query = new URLSearchParams(rules.find((rule) => rule.kind === 'folder'));
is((await server.call('DELETE', `/api/v1/never-send?${query}`)).status, 204, 'a rule as it is listed is one that can be removed');

// ---- photos ----
const args = ['search', '-k', '6', 'a Räuber of a dog'];
const found = json(...args);
is((await get('/api/v1/search?q=a+R%C3%A4uber+of+a+dog&count=6')).results, found, 'photos that were found');
ok(found.some((photo) => photo.taken) && found.some((photo) => photo.names), 'with a date and a name');

function mcp(option, ...calls) {
    const input = calls.map(([name, given], id) => JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: given } })).join('\n');
    const replies = lines(keepsake(['mcp', option], { input }).stdout);
    return replies.map((reply) => reply.result.structuredContent);
}
const [told, ...facts] = mcp('--exact-place', ['search_photos', { query: args.at(-1), count: 6 }], ...found.map(({ id }) => ['photo_facts', { id }]));
is(told.photos.map((photo) => without(photo, 'place', 'camera', 'latitude', 'longitude')), found, 'MCP finds the same');
for (const [i, { id }] of found.entries()) {
    const known = await get(`/api/v1/photos/${id}`);
    const { place, camera } = known;
    is({ place: told.photos[i].place, camera: told.photos[i].camera }, { place, camera }, `MCP tells place and camera of photo ${id} with it`);
    const labels = facts[i].labels.map((label) => without(label, 'box_corners'));
    is({ ...without(facts[i], 'latitude', 'longitude', 'lens'), labels }, known, 'and all that the API knows of it');
}
ok(facts.some(({ place, camera }) => place && camera.lens) && facts.some((one) => one.labels.length === 2), 'a place, a lens and labels among them');

const words = 'a dog';
is(await api('POST', '/api/v1/embed', { text: words }), without(json('embed', '--text', words)[0], 'input'), 'the vector of a text');

// What is not told is null there, and nothing else is.
const dated = found.find((photo) => photo.taken);
const known = await get(`/api/v1/photos/${dated.id}`);
const [kept] = mcp('--no-facts', ['photo_facts', { id: dated.id }]);
const noCamera = Object.fromEntries(Object.keys(known.camera).map((key) => [key, null]));
is(kept, { ...known, taken: null, modified: null, place: null, camera: noCamera, labels: [] }, 'MCP with --no-facts');

// ---- the gallery ----
const [status] = json('status');
is(without(await get('/api/v1/status'), 'indexing'), status, 'status');
ok(status.failed === 1 && status.rules === 1 && status.labels === 2 && status.thumbnails > 0, 'with something to count');
const [summary] = mcp('--exact-place', ['gallery_status', {}]);
is(without(summary, 'names', 'bytes'), Object.fromEntries(Object.keys(summary).filter((key) => key !== 'names' && key !== 'bytes').map((key) => [key, status[key]])), 'MCP: what anybody may know of it');

const report = json('index', folder)[0];
await api('POST', '/api/v1/index');
let state;
await until(async () => !(state = await get('/api/v1/index')).running);
is(without(state.report, 'seconds'), without(report, 'seconds'), 'the report of an index run');
ok(report.failed_before === 1 && report.unchanged === 6, 'with something to count');

// ---- questions ----
const [dry] = lines(keepsake(['--json', 'ask', '--dry-run', QUESTION], env('cites-unsent')).stdout);
const prepared = await api('POST', '/api/v1/ask/prepare', { question: QUESTION });
is(prepared.outbox, dry.outbox, 'the outbox');
ok(dry.outbox.photos.length > 0 && dry.outbox.price_usd > 0 && dry.outbox.labels > 0, 'with photos, labels and a price');

async function answers(at, conversation, scenario) {
    await standIn.reset(); // its prompt cache: the same question then costs the same
    const side = lines(keepsake(['--json', 'ask', '--yes', QUESTION], env(scenario)).stdout)[0];
    await standIn.reset();
    const stream = at.stream('POST', `/api/v1/ask/${conversation}/send`, { body: {} });
    const sent = (await stream.ended).find((event) => event.name === 'answer').data;
    contract.checkEvent('Answer', sent, `${scenario}: the answer is as described`);
    is(without(sent, 'conversation'), side, `${scenario}: the same answer`);
    return sent;
}
const answer = await answers(server, prepared.conversation, 'cites-unsent');
ok(answer.citations.length > 0 && answer.rejected.length > 0 && answer.cost_usd > 0, 'with citations, and a number that was never sent');
ok(answer.citations.every((citation) => citation.photo > 0 && citation.path), 'which is none of the citations');
is([answer.stop, answer.cost, dry.outbox.price, dry.outbox.price_max, answer.citations[0].id],
    [answer.stop_reason, answer.cost_usd, dry.outbox.price_usd, dry.outbox.price_max_usd, answer.citations[0].photo], 'the old names mean the same');
is(await server.stop(), 0, 'the server ends well');

// An answer that is not whole says so, to whoever asks.
const declining = await serve({ home, gallery, photos: 0, folder, env: env('refusal') });
const declined = await declining.post('/api/v1/ask/prepare', { question: QUESTION });
const refusal = await answers(declining, declined.json.conversation, 'refusal');
is([refusal.stop_reason, refusal.remark], ['refusal', 'The model declined to answer.'], 'why it is not whole');

// ---- the ledger ----
const entries = json('ledger');
const reply = await declining.get('/api/v1/ledger?count=1000');
contract.check('GET', '/api/v1/ledger', reply);
is(reply.json.entries.reverse(), entries, 'the ledger');
ok(entries.some((one) => one.event === 'answered' && one.usage.output_tokens === one.output_tokens && one.cost_usd > 0), 'with what answers cost');
like(JSON.stringify(entries.find((one) => one.event === 'sent' && one.purpose === 'ask').photos[0]), /^\{"id":\d+,"path":.*"width":\d+,"height":\d+,"bytes":\d+\}$/, 'and which photos were sent');
await declining.stop();
await standIn.stop();
doneTesting();
