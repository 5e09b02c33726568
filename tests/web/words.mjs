// SPDX-License-Identifier: MIT
// tests/web/words.t
import { readFileSync, readdirSync } from 'node:fs';
import { doneTesting, is, ok } from '../tap.mjs';
import { OWN_WAY } from '../../web/src/fact_rows.js';

const languages = readdirSync('web/lang').map((name) => name.replace('.json', ''));
const words = Object.fromEntries(
    languages.map((name) => [name, JSON.parse(readFileSync(`web/lang/${name}.json`))]),
);
const bare = (key) => key.replace(/\.(zero|one|two|few|many|other)$/, '');
const keysOf = (language) => [...new Set(Object.keys(words[language]).map(bare))].sort();
const keys = new Set(keysOf('en'));

ok(languages.length >= 2, `languages: ${languages.join(', ')}`);
for (const language of languages.filter((name) => name !== 'en')) {
    is(keysOf(language), keysOf('en'), `${language}: the keys of en`);
    const places = (table, key) =>
        [...(table[key] ?? table[`${key}.other`]).matchAll(/\{\w+\}/g)].map(String).sort();
    const different = [...keys].filter(
        (key) => `${places(words[language], key)}` !== `${places(words.en, key)}`,
    );
    is(different, [], `${language}: every text has the same {places}`);
    for (const category of new Intl.PluralRules(language).resolvedOptions().pluralCategories) {
        const counted = [...keys].filter(
            (key) =>
                `${key}.other` in words[language] && !(`${key}.${category}` in words[language]),
        );
        is(counted, [], `${language}: counted texts have the form "${category}"`);
    }
}
const empty = languages.flatMap((name) =>
    Object.entries(words[name])
        .filter(([, text]) => !text.trim())
        .map(([key]) => `${name} ${key}`),
);
is(empty, [], 'no text is empty');

// What the sources name: whole keys in quotes, and the beginnings that templates complete.
const sources = [...readdirSync('web/src').map((name) => `web/src/${name}`), 'web/index.html']
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
const topics = [...new Set([...keys].map((key) => key.split('.')[0]))].join('|');
const whole = [...sources.matchAll(new RegExp(`['"]((?:${topics})\\.[a-z_0-9.]+)['"]`, 'g'))]
    .map((match) => match[1])
    .filter((name) => !name.endsWith('.js'));
const begun = [...sources.matchAll(new RegExp(`\`((?:${topics})\\.[a-z_0-9.]*)\\$\\{`, 'g'))].map(
    (match) => match[1],
);

is(
    [...new Set(whole)].filter((key) => !keys.has(key)),
    [],
    'every key that the page names is there',
);
is(
    begun.filter((start) => ![...keys].some((key) => key.startsWith(start))),
    [],
    'every key that it composes begins like one',
);
is(
    [...keys].filter(
        (key) => !whole.includes(key) && !begun.some((start) => key.startsWith(start)),
    ),
    [],
    'every key is used',
);

const facts = [...readFileSync('src/base/facts.def', 'utf8').matchAll(/^(?:TEXT|TIME|LIST|WHOLE|REAL)\((\w+)\b(?!.*\.hidden = true)/gm)].map(
    (match) => match[1],
);
is(
    facts.filter((name) => !OWN_WAY.includes(name) && !keys.has(`fact_row.${name}`)),
    [],
    'every fact of a photo has a name',
);
ok(OWN_WAY.every((name) => facts.includes(name)), `facts: ${facts.join(', ')}`);
const keywords = [...readFileSync('src/query/keywords.c', 'utf8').matchAll(/\{\.word = "(\w+)"/g)].map((match) => match[1]);
is(
    keywords.filter((word) => !keys.has(`criterion.${word}`)),
    [],
    `every one of the ${keywords.length} criteria is described`,
);
doneTesting();
