// tests/web/parts.t
import { readFileSync } from 'node:fs';
import { doneTesting, is, ok } from '../tap.mjs';
import { readEvents } from '../../web/src/events.js';
import { Geometry, HIGHEST } from '../../web/src/geometry.js';
import { guessHeight, layOut, rowHeight } from '../../web/src/layout.js';
import { paragraphs } from '../../web/src/markdown.js';
import { days, gather, sectionOf } from '../../web/src/month_sections.js';
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

// ---- text ----

is(
    paragraphs('One\nline.\n\n- a\n- b\n\n## Head\n1. c'),
    [
        { list: false, lines: ['One', 'line.'] },
        { list: true, lines: ['a', 'b'] },
        { list: false, lines: ['Head'] },
        { list: true, lines: ['c'] },
    ],
    'paragraphs and lists',
);
ok(
    !/innerHTML|insertAdjacentHTML|document\.write|\bstyle=/.test(
        readFileSync('web/src/answer.js') + readFileSync('web/src/dom.js'),
    ),
    'answers never become markup',
);
doneTesting();
