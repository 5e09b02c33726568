// SPDX-License-Identifier: MIT
// Markdown of an answer as a tree without markup: marked's lexer reads it, and the permitted nodes are listed
// here. HTML stays the text it is, pictures are not loaded, and [1] is a citation, not a link's definition.
//
//   parse('**A dog** [1].') -> [{ name: 'p', children: [{ name: 'strong', children: ['A dog'] }, ' [1].'] }]
import { Lexer, Tokenizer } from 'marked';

class Reader extends Tokenizer {
    /** @returns {any} */
    def() {} // "[1]: the dog" is a line of the answer
    /** @returns {any} */
    html() {}
    /** @returns {any} */
    tag() {}
    /** @returns {any} */
    reflink() {} // "[1][2]" are two citations
}

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", '#39': "'", nbsp: '\u00a0' };
const plain = (text) => text.replace(/&(#39|\w+);/g, (whole, name) => ENTITIES[name] ?? whole);

// Only addresses that lead to a page or a mailbox.
const isAddress = (href) => /^(https?:\/\/|mailto:)/i.test(href);

const element = (name, children, attributes = {}) => ({ name, children, attributes });
const nodes = (tokens = []) => tokens.flatMap(node);

function node(token) {
    switch (token.type) {
        case 'space':
        case 'checkbox':
            return [];
        case 'paragraph':
            return element('p', nodes(token.tokens));
        case 'heading':
            return element(`h${Math.min(6, token.depth + 2)}`, nodes(token.tokens));
        case 'list':
            return list(token);
        case 'blockquote':
            return element('blockquote', nodes(token.tokens));
        case 'code':
            return element('pre', [element('code', [token.text])]);
        case 'hr':
            return element('hr', []);
        case 'table':
            return table(token);
        case 'strong':
        case 'em':
        case 'del':
            return element(token.type, nodes(token.tokens));
        case 'codespan':
            return element('code', [token.text]);
        case 'br':
            return element('br', []);
        case 'link':
            return link(token);
        case 'image':
            return token.raw;
        case 'text':
            return token.tokens ? nodes(token.tokens) : plain(token.text);
        case 'escape':
            return token.text;
        default:
            return token.raw;
    }
}

function list({ ordered, start, items }) {
    const children = items.map(({ tokens, task, checked }) =>
        element('li', [...(task ? [checked ? '☑ ' : '☐ '] : []), ...nodes(tokens)]),
    );
    return ordered
        ? element('ol', children, start > 1 ? { start: String(start) } : {})
        : element('ul', children);
}

function table({ header, rows }) {
    const row = (cells, name) => element('tr', cells.map(({ tokens }) => element(name, nodes(tokens))));
    return element('table', [
        element('thead', [row(header, 'th')]),
        element('tbody', rows.map((cells) => row(cells, 'td'))),
    ]);
}

// "[1](...)" cites: a model cannot know an address of a photo.
function link({ raw, href, tokens, text }) {
    if (/^\d[\d, –-]*\??$/.test(text)) return [`[${text}]`];
    if (!isAddress(href)) return raw;
    return element('a', nodes(tokens), { href, target: '_blank', rel: 'noreferrer noopener' });
}

export function parse(text) {
    const lexer = new Lexer({ gfm: true, tokenizer: new Reader() });
    return nodes(lexer.lex(text));
}
