// SPDX-License-Identifier: MIT
// What can go wrong on the wire, as changes of a good stream. Each fault takes the good stream as a
// list of texts (one an event) and gives {pieces, finish}; finish: 'end' (the reply ends in order),
// 'cut' (the connection closes without the end of the reply), 'hang' (nothing more comes).
import { createHash } from 'node:crypto';

const isContent = (text) => /"type":"text_delta"|"content":"[^"]/.test(text);
const firstContent = (events) => events.findIndex(isContent);

function overloaded(route, requestId) {
    const error = { type: 'overloaded_error', message: 'Overloaded' };
    if (route.platform !== 'openai') {
        const data = JSON.stringify({ type: 'error', error, request_id: requestId });
        return `event: error\ndata: ${data}\n\n`;
    }
    return `data: ${JSON.stringify({ error: { ...error, code: 503 } })}\n\n`;
}

// In the middle of the content; never before the third piece of it.
const middleOf = (events) => Math.max(firstContent(events) + 3, Math.floor(events.length / 2));

function cutMidUtf8(events) {
    const at = events.findIndex(
        (text, index) => index > firstContent(events) && /[^\x00-\x7f]/.test(text),
    );
    if (at < 0) return { pieces: events.slice(0, middleOf(events)), finish: 'cut' };
    const bytes = Buffer.from(events[at]);
    const inside = bytes.findIndex((byte) => byte >= 0x80) + 1;
    return { pieces: [...events.slice(0, at), bytes.subarray(0, inside)], finish: 'cut' };
}

function garbage() {
    const block = (n) => createHash('sha512').update(`garbage ${n}`).digest();
    return { pieces: Array.from({ length: 64 }, (_, n) => block(n)), finish: 'end' };
}

// One line of `size` MiB of text, within a content delta that is otherwise right.
function hugeEvent(events, { options }) {
    const at = firstContent(events);
    const text = 'x'.repeat(Number(options.size ?? 8) * 1024 * 1024);
    const huge = events[at].replace(
        /"(text|content)":"(?:[^"\\]|\\.)*"\}/,
        (_, key) => `"${key}":"${text}"}`,
    );
    return { pieces: [...events.slice(0, at), huge, ...events.slice(at + 1)], finish: 'end' };
}

// Forms that the specification of server-sent events allows: a byte order mark, comments, other
// line ends, no space after the colon, data over several lines, fields that nobody knows.
function otherForms(events) {
    const pieces = events.map((text, index) => {
        const lines = text.trimEnd().split('\n');
        if (index % 4 === 0) return [': a comment', 'id: 7', ...lines, '', ''].join('\r\n');
        if (index % 4 === 1)
            return [...lines.map((line) => line.replace(': ', ':')), '', ''].join('\n');
        if (index % 4 === 2) return ['retry: 10000', ...lines, '', ''].join('\r');
        const split = lines.flatMap((line) =>
            line.replace(/^data: \{/, 'data: {\ndata: ').split('\n'),
        );
        return ['unknown: field', ...split, '', '', ''].join('\n');
    });
    return { pieces: ['\ufeff', ...pieces], finish: 'end' };
}

const UNKNOWN = {
    messages: [
        'event: future_event\ndata: {"type":"future_event","value":[1,{"a":null}]}\n\n',
        'event: ping\ndata: {"type": "ping"}\n\n',
        ': keep-alive\n\n',
    ],
    chat: [
        ': keep-alive\n\n',
        'data: ' +
            '{"id":"","object":"chat.completion.chunk","created":0,"model":"","choices":[],' +
            '"future":{"a":[]}}\n\n',
    ],
};

function unknownEvents(events, { api }) {
    const extra = UNKNOWN[api];
    return {
        pieces: events.flatMap((text, index) => [text, extra[index % extra.length]]).slice(0, -1),
        finish: 'end',
    };
}

const upTo = (index, finish) => (events) => ({ pieces: events.slice(0, index(events)), finish });
const withError = (index) => (events, route, requestId) => ({
    pieces: [...events.slice(0, index(events)), overloaded(route, requestId)],
    finish: 'end',
});

export const FAULTS = {
    'error-after-200': withError(middleOf),
    'error-before-content': withError(() => 1),
    'cut-after-headers': () => ({ pieces: [], finish: 'cut' }),
    'cut-mid-stream': upTo(middleOf, 'cut'),
    'cut-mid-line': (events) => {
        const at = middleOf(events);
        return { pieces: [...events.slice(0, at), events[at].slice(0, -9)], finish: 'cut' };
    },
    'cut-mid-utf8': cutMidUtf8,
    'ends-early': upTo(middleOf, 'end'),
    'silence-mid': upTo(middleOf, 'hang'),
    'silence-after-headers': () => ({ pieces: [], finish: 'hang' }),
    garbage,
    'huge-event': hugeEvent,
    'other-forms': otherForms,
    'unknown-events': unknownEvents,
    nothing: () => ({ pieces: [], finish: 'end' }),
};
