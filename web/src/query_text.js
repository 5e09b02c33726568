// SPDX-License-Identifier: MIT
// The text of a query around the caret, for completion only: which word is being typed, and how a value is
// written. What a query means is said by the server (GET query/explain).

const BLANK = /\s/;

// Where the words of a text begin and end; blanks inside quotation marks belong to a word.
function* wordsOf(text) {
    let begin = -1;
    let quoted = false;
    for (let at = 0; at <= text.length; at++) {
        const isEnd = at === text.length || (!quoted && (BLANK.test(text[at]) || (begin < 0 && text[at] === '(')));
        if (isEnd && begin >= 0) yield { begin, end: at, isOpen: quoted };
        if (isEnd) begin = -1;
        else if (begin < 0) begin = at;
        if (text[at] === '"') quoted = !quoted;
    }
}

/**
 * The word that the caret is in or directly behind; null between words. `keyword` is what is before its
 * colon (null: none), `prefix` what is typed up to the caret of the value that the caret is in.
 * @param {string} text
 * @param {number} caret
 */
export function wordAt(text, caret) {
    for (const { begin, end } of wordsOf(text)) {
        if (caret < begin || caret > end) continue;
        const typed = text.slice(begin, caret);
        const [, minus, keyword] = /^(-?)(?:(\p{L}+):)?/u.exec(typed);
        const from = begin + minus.length + (keyword ? keyword.length + 1 : 0);
        const list = text.slice(from, caret);
        const comma = keyword ? lastComma(list) + 1 : 0;
        const valueBegin = from + comma;
        const prefix = list.slice(comma).replace(/^"/, '').replaceAll('""', '"');
        const rest = firstComma(text.slice(valueBegin, end), caret - valueBegin);
        const valueEnd = keyword && rest >= 0 ? valueBegin + rest : end;
        return { begin, end, valueBegin, valueEnd, keyword: keyword?.toLowerCase() ?? null, prefix, isQuoted: /^"/.test(list) };
    }
    return null;
}

// Commas outside of quotation marks.
function commas(list) {
    let quoted = false;
    return list.split('').flatMap((letter, at) => {
        if (letter === '"') quoted = !quoted;
        return letter === ',' && !quoted ? [at] : [];
    });
}
const lastComma = (list) => commas(list).at(-1) ?? -1;
const firstComma = (list, from) => commas(list).find((at) => at >= from) ?? -1;

// A value as it is written after a colon.
export const written = (value) =>
    /^[\p{L}\p{N}_/~][\p{L}\p{N}\p{M}_./-]*$/u.test(value) && !value.includes('..') && !value.endsWith('.')
        ? value
        : `"${value.replaceAll('"', '""')}"`;

export const criterion = (keyword, value) => `${keyword}:${written(value)}`;

// Replaces text[begin..end] by `part`, set off by one blank from what follows: {text, caret}.
export function replaced(text, begin, end, part, { goesOn = false } = {}) {
    const rest = text.slice(end);
    const gap = goesOn || BLANK.test(rest[0] ?? 'x') ? '' : ' ';
    const caret = begin + part.length + (goesOn ? 0 : 1);
    return { text: text.slice(0, begin) + part + gap + rest, caret };
}

// The server counts characters, JavaScript counts in UTF-16.
export const unitsBefore = (text, characters) => [...text].slice(0, characters).join('').length;
