// SPDX-License-Identifier: MIT
// What the search field offers for the word at the caret: searches made before, names of criteria, and their
// values with how many photos have each.
import { listCriteria, listValues } from './api.js';
import { t } from './i18n.js';
import { wordAt, written } from './query_text.js';
import { searches } from './searches.js';

const MOST = 8;
const NAMED = ['label', 'place', 'album']; // criteria whose values are also offered without their name
const FEW = 3; // of those

/**
 * @typedef {object} Suggestion
 * @property {'search' | 'criterion' | 'value'} kind
 * @property {string} text what is shown
 * @property {string} [note] what it means
 * @property {number | null} [photos]
 * @property {string} [insert] for text[begin..end]; without it, `text` is a whole query
 * @property {number} [begin]
 * @property {number} [end]
 */

let known = null; // the criteria, once they are here
let asking = null;

// The criteria are asked for once; without them there are none to offer.
export function criteria() {
    asking ??= listCriteria().then(
        (reply) => (known = reply.criteria),
        () => {
            asking = null;
            return [];
        },
    );
    return asking;
}

// "in a folder of this name"
export const describeCriterion = ({ word, about }) => {
    const key = `criterion.${word}`;
    const said = t(key);
    return said === key ? about : said;
};

// Whether the caret is in a criterion, which is rarely finished after a letter.
export const isCriterion = (text, caret) =>
    Boolean(known?.some(({ word }) => word === wordAt(text, caret)?.keyword));

const starts = (text, prefix) => text.toLowerCase().startsWith(prefix.toLowerCase());

/** @returns {Suggestion[]} */
function earlier(text) {
    const typed = text.trim();
    const found = searches().filter((one) => one !== typed && starts(one, typed));
    return found.slice(0, typed ? FEW : MOST).map((one) => ({ kind: 'search', text: one }));
}

/** @returns {Suggestion[]} */
function names({ begin, end, prefix }, minus) {
    if (!prefix) return [];
    return known
        .filter(({ word }) => starts(word, prefix))
        .map((one) => ({
            kind: 'criterion',
            text: `${one.word}:`,
            note: describeCriterion(one),
            insert: `${minus}${one.word}:`,
            begin,
            end,
        }));
}

/** @returns {Promise<Suggestion[]>} */
async function values(word, { begin, end, prefix, minus = '', named = false }, count, signal) {
    const own = known.find((one) => one.word === word);
    if (!own) return [];
    const found = own.values.length
        ? own.values.filter((value) => starts(value, prefix)).map((value) => ({ value, photos: null }))
        : (await listValues(word, prefix, count, signal)).values;
    const asWritten = own.values.length ? (value) => value : written;
    return found.map(({ value, photos }) => ({
        kind: 'value',
        text: named ? `${word}:${value}` : value,
        photos,
        insert: named ? `${minus}${word}:${asWritten(value)}` : asWritten(value),
        begin,
        end,
    }));
}

/**
 * @param {string} text of the field
 * @param {number} caret
 * @param {AbortSignal} signal
 * @returns {Promise<Suggestion[]>}
 */
export async function suggestionsFor(text, caret, signal) {
    if (!text.trim()) return earlier(text);
    await criteria();
    if (!known) return earlier(text);
    const word = wordAt(text, caret);
    if (word?.keyword) {
        const { valueBegin, valueEnd, prefix } = word;
        return values(word.keyword, { begin: valueBegin, end: valueEnd, prefix }, MOST, signal);
    }
    if (!word || word.isQuoted) return earlier(text);
    const minus = text[word.begin] === '-' ? '-' : '';
    const whole = { ...word, minus, named: true };
    const lists = await Promise.all(
        word.prefix.length < 2
            ? []
            : NAMED.map((name) => values(name, whole, FEW, signal).catch(() => [])),
    );
    return [...names(word, minus), ...lists.flat(), ...earlier(text)].slice(0, MOST + FEW);
}
