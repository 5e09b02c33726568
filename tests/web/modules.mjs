// SPDX-License-Identifier: MIT
// tests/web/modules.t
import { readFileSync } from 'node:fs';
import { doneTesting, is, ok } from '../tap.mjs';
import { readEvents } from '../../web/src/events.js';
import { factRows, factsIn } from '../../web/src/fact_rows.js';
import { Geometry, HIGHEST } from '../../web/src/geometry.js';
import { guessHeight, layOut, rowHeight } from '../../web/src/layout.js';
import { parse } from '../../web/src/markdown.js';
import { days, gather, sectionOf } from '../../web/src/month_sections.js';
import { replaced, unitsBefore, wordAt, written } from '../../web/src/query_text.js';
import { bounds, cellOf, cellZoom, clampView, nearOf, placeOf, zoomed } from '../../web/src/map_view.js';
import { worldOf } from '../../web/world.mjs';
import { BLOCK, Source, sourceOf } from '../../web/src/source.js';

// The same numbers in every run.
let seed = 1;
const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
const photos = (count, first = 1) =>
    Array.from({ length: count }, (_, i) => ({
        id: first + i,
        width: 200 + Math.floor(random() * 400),
        height: 200 + Math.floor(random() * 300),
    }));

// ---- facts ----

const number = (print) => ({ type: ['number', 'null'], 'x-fact': { type: 'real', print } });
const described = factsIn({
    components: {
        schemas: {
            Photo: { properties: { id: { type: 'integer' }, taken: number(null) } },
            PhotoFacts: {
                properties: {
                    place: { oneOf: [{ type: 'null' }, { properties: { altitude: number('{} m') } }] },
                    camera: { properties: { lens: number(null), exposure: number('{/} s') } },
                    keywords: { type: 'array', 'x-fact': { type: 'list', print: null } },
                    labels: { type: 'array' },
                },
            },
        },
    },
});
is(
    factRows(described, {
        id: 1,
        taken: '2019-07-04',
        place: { altitude: 0 },
        camera: { lens: 'x', exposure: 0.004 },
        keywords: ['sea', 'sun'],
        labels: [],
    }),
    [['altitude', '0 m', 0], ['exposure', '1/250 s', 0.004], ['keywords', 'sea, sun', ['sea', 'sun']]],
    'facts: those without a line of their own, as the document says',
);
is(factRows(described, { place: null, camera: { exposure: null }, keywords: null }), [], 'facts: what is not known has no row');

// ---- the text of a query ----

const around = (marked) => {
    const caret = marked.indexOf('|');
    const word = wordAt(marked.replace('|', ''), caret);
    return word && [word.keyword, word.prefix, word.valueBegin, word.valueEnd];
};
is(around('a dog la|'), [null, 'la', 6, 8], 'completion: a word');
is(around('a dog |'), null, 'completion: between words there is none');
is(around('-label:"Anna M|'), ['label', 'Anna M', 7, 14], 'completion: blanks inside quotation marks belong to a value');
is(around('label:Ana,"B, C",De| x'), ['label', 'De', 17, 19], 'completion: the value of a list that the caret is in');
is(around('label:A|na,Ben'), ['label', 'A', 6, 9], 'completion: up to the next value');
is(around('label:"a ""b|'), ['label', 'a "b', 6, 12], 'completion: two quotation marks inside a value are one');
is(around('(is:|'), ['is', '', 4, 4], 'completion: behind a parenthesis');
is(around('"in a |'), [null, 'in a ', 0, 6], 'completion: quoted words are no criterion');
is(['Ana', 'Anna Maria', 'a"b', '/a/b-c.d', '-x', '2015..', 'a,b', '里斯本', ''].map(written), ['Ana', '"Anna Maria"', '"a""b"', '/a/b-c.d', '"-x"', '"2015.."', '"a,b"', '里斯本', '""'], 'values are quoted where they must be');
is(replaced('dog la snow', 4, 6, 'label:', { goesOn: true }), { text: 'dog label: snow', caret: 10 }, 'a name is put in, and its value follows');
is(replaced('dog', 0, 3, 'label:Ana'), { text: 'label:Ana ', caret: 10 }, 'a value is put in, and a blank follows');
is(replaced('x y', 0, 1, 'z'), { text: 'z y', caret: 2 }, 'the blank that is there is enough');
is(unitsBefore('👍雪 x', 2), 3, 'places of the server are in characters');

// ---- the map ----

const size = { width: 720, height: 360 };
const view = clampView({ longitude: 190, latitude: 80, zoom: -1 }, size);
is(view, { longitude: -170, latitude: 0, zoom: 0 }, 'the map: the world, and nothing beyond the poles');
is(bounds({ longitude: 0, latitude: 0, zoom: 0 }, size), [-180, -90, 180, 90], 'the map: the window of the world');
is(bounds({ longitude: 179, latitude: 10, zoom: 5 }, size), [173.375, 7.1875, -175.375, 12.8125], 'the map: a window over the 180th meridian');
is(Math.round(placeOf({ longitude: -179, latitude: 0 }, { longitude: 179, latitude: 0, zoom: 3 }, size).x), 360 + 2 * 16, 'the map: the other side of the 180th meridian is beside it');
const before_ = { longitude: 10, latitude: 20, zoom: 2 };
const at_ = { x: 100, y: 50 };
const under = (v) => [v.longitude + (at_.x - 360) / (2 * 2 ** v.zoom), v.latitude - (at_.y - 180) / (2 * 2 ** v.zoom)].map((d) => d.toFixed(6));
is(under(zoomed(before_, size, 1.5, at_)), under(before_), 'the map: what is under the pointer stays there');
ok([0, 3, 7.4].every((zoom) => { const px = (90 / 2 ** cellZoom({ zoom }, size)) * 2 * 2 ** zoom; return px > 45 && px < 110; }), 'the map: a cluster has its room');
is(cellOf({ latitude: -0.5, longitude: -9.14 }, 1.40625), { bbox: '-9.84375,-1.40625,-8.4375,0', zoom: 13 }, 'the map: the cell of a cluster');
const cluster = { latitude: 38.7, longitude: -9.14 };
const far = { latitude: 38.72, longitude: -9.2 }; // 5.7 km from it
is(nearOf(cluster, 5.625, { cell: 0.0439453125, clusters: [cluster, far, { latitude: 38.7, longitude: -20 }] }), 'near:38.70000,-9.14000,13km', 'the map: a cluster is searched for as far as its photos reach');
is(nearOf(cluster, 0.01, { cell: 0.0001, clusters: [cluster] }), 'near:38.70000,-9.14000,50m', 'the map: at least 50 metres');

// The land, as the build draws it. Its area without Antarctica is known: 135 million square kilometres.
const { land, borders } = worldOf('web/node_modules/world-atlas/countries-110m.json');
let [area, least, most] = [0, 0, 0];
for (const ring of land.split('z').filter(Boolean)) {
    const [start, steps] = ring.slice(1).split('l').map((text) => text.match(/-?\d+/g).map(Number));
    let [x, y] = start;
    let sum = 0;
    let south = 0;
    for (let i = 0; i < steps.length; i += 2) {
        const [toX, toY] = [x + steps[i], y + steps[i + 1]];
        // Between a step and the equator, on the sphere.
        sum += ((toX - x) / 10) * (Math.PI / 180) * Math.sin(((y + toY) / 20) * (Math.PI / 180)) * 6371 ** 2;
        [x, y] = [toX, toY];
        [least, most, south] = [Math.min(least, x), Math.max(most, x), Math.max(south, y)];
    }
    if (south < 600) area += Math.abs(sum);
}
ok(Math.abs(area / 135e6 - 1) < 0.05, `the map: ${Math.round(area / 1e6)} million square kilometres of land`);
ok(least >= -1960 && most <= 1960 && borders.length > 5000, 'the map: no land goes around the world');

// ---- rows ----

const rowsOf = (boxes) => {
    const rows = new Map();
    for (const box of boxes) rows.set(box.top, [...(rows.get(box.top) ?? []), box]);
    return [...rows.values()];
};
const right = (row) => row.at(-1).left + row.at(-1).width;
for (const width of [340, 700, 1400]) {
    let ragged = 0;
    let filled = true;
    for (let i = 0; i < 40; i++) {
        const rows = rowsOf(layOut(photos(BLOCK), width, { last: false }).boxes);
        filled &&= rows.slice(0, -1).every((row) => Math.abs(right(row) - width) < 1.5);
        ragged += Math.abs(right(rows.at(-1)) - width) < 1.5 ? 0 : 1;
    }
    ok(filled, `${width} px: rows fill the width`);
    ok(
        ragged <= 4,
        `${width} px: a block inside a section ends with a full row (${40 - ragged} of 40)`,
    );
    const { boxes, height } = layOut(photos(500), width, { last: true });
    ok(
        Math.abs(height / guessHeight(500, width) - 1) < 0.25,
        `${width} px: the height is about what was guessed`,
    );
    ok(
        rowsOf(boxes)
            .slice(0, -1)
            .every((row) => row[0].height < rowHeight(width) * 1.7),
        `${width} px: no row is huge`,
    );
}
const odd = layOut(
    [
        { width: 0, height: 0 },
        { width: null, height: null },
        { width: 90000, height: 1 },
    ],
    800,
    { last: true },
);
ok(
    odd.boxes.every(({ width, height }) => width > 0 && height > 0),
    'photos of unknown or absurd size have a place',
);

// ---- places in the long scroll ----

const load = (count) => async (section, offset, limit) => photos(limit, section.first + offset + 1);
const source = new Source(
    [
        { key: 'a', count: 300 },
        { key: 'b', count: 50 },
    ],
    load(),
);
const geometry = new Geometry(source, 1000);
const before = geometry.height;
await source.load(0, 0);
const below = geometry.sections[1].blocks[0].top;
const moved = geometry.arrived(0, 0, below);
is(
    moved,
    geometry.height - before,
    'a block that arrives above tells by how much all below it moves',
);
is(geometry.arrived(0, 0, 0), 0, 'one that is in view moves nothing');
const seen = [];
geometry.between(0, geometry.height, (s, b) => seen.push(`${s}${b}`));
is(seen, ['00', '01', '02', '10'], 'all blocks are between the ends');
const place = { s: 0, b: 0, i: 10 };
const box = geometry.boxOf(place);
const down = geometry.boxOf(geometry.vertical(place, 1, box.left + box.width / 2));
ok(
    down.top > box.top && down.left < box.left + box.width + 200,
    'below a photo is one of the next row',
);
is(
    geometry.vertical({ s: 0, b: 0, i: 0 }, -1, 10),
    null,
    'above the first row of a block there is none in it',
);
for (const width of [340, 1400]) {
    const million = new Geometry(new Source([{ key: 'a', count: 1000000 }], load()), width);
    ok(
        million.height < HIGHEST * 1.25,
        `a million photos on ${width} px can be scrolled: ${Math.round(million.height / 1e6)} million px`,
    );
}

// ---- blocks ----

let requests = 0;
const slow = new Source(
    [{ key: 'a', count: BLOCK * 100 }],
    async (section, offset, limit, signal) => {
        requests++;
        await new Promise((done) => setTimeout(done, 5));
        signal.throwIfAborted();
        return photos(limit, offset + 1);
    },
    { keep: 10 },
);
await Promise.all([slow.load(0, 3), slow.load(0, 3), slow.get(BLOCK * 3 + 7)]);
is(requests, 1, 'who wants the same block at once shares a request');
is(slow.at(BLOCK * 3 + 7).id, BLOCK * 3 + 8, 'photos by their place in the whole list');
is(slow.find(BLOCK * 3 + 8), BLOCK * 3 + 7, 'and back');
is(slow.at(0), undefined, 'one that is not loaded is not there');
for (let b = 0; b < 40; b++) await slow.load(0, b);
is(slow.loaded.size, 10, 'old blocks are forgotten');
ok(slow.at(BLOCK * 39) && !slow.at(0), 'the longest unused first');
const idle = slow.load(0, 90, { idly: true });
const needed = slow.load(0, 91);
slow.abandon(() => false);
is(
    await idle.catch((error) => error.name),
    'AbortError',
    'what was asked for idly can be given up',
);
is((await needed).length, BLOCK, 'what is needed comes');
is((await slow.load(0, 90)).length, BLOCK, 'and what was given up can be asked for again');
const both = sourceOf([
    { key: 'x', photos: photos(3) },
    { key: 'y', photos: photos(200, 10) },
]);
ok(
    [0, 2, 3, 130, 202].every((index) => both.indexOf(both.locate(index)) === index),
    'places and numbers are inverse',
);
is([both.locate(-1), both.locate(203)], [null, null], 'outside there is nothing');

// ---- months ----

const months = (text) =>
    text.split(' ').map((one) => ({ month: one.split(':')[0], photos: Number(one.split(':')[1]) }));
const titled = (sections) => sections.map(({ key, last, count }) => `${last}..${key} ${count}`);
is(
    titled(gather(months('2020-12:40 2020-11:3 2020-10:2 2020-01:1 2019-12:2 undated:5'))),
    ['2020-12..2020-12 40', '2020-01..2020-11 6', '2019-12..2019-12 2', 'undated..undated 5'].map(
        (one) => one,
    ),
    'small months of a year share a section',
);
is(
    titled(gather(months('2020-03:40 2020-02:60 2020-01:41'))),
    ['2020-03..2020-03 40', '2020-02..2020-02 60', '2020-01..2020-01 41'],
    'others have their own',
);
is(
    sectionOf(gather(months('2020-12:4 2020-03:5 undated:1')), '2020-07'),
    0,
    'a month is found in the section around it',
);
is(sectionOf(gather(months('2020-12:4 undated:1')), 'undated'), 1, 'so are photos without a date');
is(
    days({ key: '2020-12', last: '2020-10' }, {}),
    { from: '2020-10', until: '2020-12' },
    'a section is asked for by its months',
);
is(
    days({ key: '2020-12', last: '2020-10' }, { from: '2020-10-05', until: '2020' }),
    { from: '2020-10-05', until: '2020-12' },
    'or less, where a filter begins in one',
);

// ---- events ----

const wire =
    ': hello\n\nevent: text\ndata: {"text":"很好 🐕"}\n\nevent: tool\r\ndata: {"name":\r\ndata: "x"}\r\n\r\ndata: {}\n\n';
const want = [
    { name: 'text', data: { text: '很好 🐕' } },
    { name: 'tool', data: { name: 'x' } },
    { name: 'message', data: {} },
];
const bytes = new TextEncoder().encode(wire);
let same = true;
for (let cut = 1; cut <= bytes.length; cut++) {
    const got = [];
    for await (const event of readEvents(
        new Response(
            new ReadableStream({
                start(stream) {
                    for (let at = 0; at < bytes.length; at += cut)
                        stream.enqueue(bytes.slice(at, at + cut));
                    stream.close();
                },
            }),
        ),
    ))
        got.push(event);
    same &&= JSON.stringify(got) === JSON.stringify(want);
}
ok(same, 'events are the same in pieces of every size');
const eventsOf = async (text) => {
    const got = [];
    for await (const event of readEvents(new Response(text))) got.push(event);
    return got;
};
is(
    await eventsOf('\ufeffevent: a\rdata: {}\r\rdata: {"cut":\n\ndata: 7\n\ndata\n\nevent: b\ndata: {"x":1}\n\n'),
    [
        { name: 'a', data: {} },
        { name: 'b', data: { x: 1 } },
    ],
    'an event that is none is passed over, and the stream goes on; lines may end in a carriage return',
);

// ---- text ----

// As HTML, for comparison with what CommonMark and GFM say; only here.
const markup = (tree) =>
    tree
        .map((one) =>
            typeof one === 'string'
                ? one
                : `<${[one.name, ...Object.entries(one.attributes).map(([key, value]) => `${key}=${value}`)].join(' ')}>${markup(one.children)}</>`,
        )
        .join('');
const reads = (text, want, name) => is(markup(parse(text)), want, name);
reads('One\ntwo.\n\n- a\n- b\n\n## Head\n3. c\n4. d', '<p>One\ntwo.</><ul><li>a</><li>b</></><h4>Head</><ol start=3><li>c</><li>d</></>', 'paragraphs, lists with their numbers, headings');
reads('- a\n  - b\n    1. c', '<ul><li>a<ul><li>b<ol><li>c</></></></></></>', 'lists in lists');
reads('**a** *b* ~~c~~ `d *e*`', '<p><strong>a</> <em>b</> <del>c</> <code>d *e*</></>', 'emphasis and code');
reads('```js\nx [1]\n```', '<pre><code>x [1]</></>', 'blocks of code');
reads('| a | b |\n|---|---|\n| 1 | 2 |', '<table><thead><tr><th>a</><th>b</></></><tbody><tr><td>1</><td>2</></></></>', 'tables');
reads('see https://example.org/x and [it](https://example.org)', '<p>see <a href=https://example.org/x target=_blank rel=noreferrer noopener>https://example.org/x</> and <a href=https://example.org target=_blank rel=noreferrer noopener>it</></>', 'addresses are links');
reads('[x](javascript:alert(1)) [y](data:text/html,1) ![z](https://example.org/a.png)', '<p>[x](javascript:alert(1)) [y](data:text/html,1) ![z](https://example.org/a.png)</>', 'no script, no data, no picture of another host');
reads('<img src=x onerror=alert(1)> <b>b</b>\n\n<div>\nc\n</div>', '<p><img src=x onerror=alert(1)> <b>b</b></><p><div>\nc</><p></div></>', 'HTML is the text it is');
reads('A dog [1][2], a cat [3](x) [4?].\n\n[1]: the dog\n\n[5]', '<p>A dog [1][2], a cat [3] [4?].</><p>[1]: the dog</><p>[5]</>', 'citations stay');
reads('a &amp; b &lt;c&gt; \\*d\\*', '<p>a & b <c> *d*</>', 'entities and escapes');
reads('| a', '<p>| a</>', 'what is half there is text');
ok(
    !/innerHTML|insertAdjacentHTML|document\.write|\bstyle=/.test(
        ['answer', 'dom', 'markdown', 'patch'].map((name) => readFileSync(`web/src/${name}.js`)).join(''),
    ),
    'answers never become markup',
);
doneTesting();
