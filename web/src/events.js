// SPDX-License-Identifier: MIT
// Server-sent events read from a fetch reply: needed because EventSource can neither POST nor be refused
// with a problem document. What is no event of ours (data that is not a JSON object) is passed over: the
// stream goes on, and an answer's end has all of its text once more.
import { EventSourceParserStream } from 'eventsource-parser/stream';

export async function* readEvents(response) {
    const reader = response.body
        .pipeThrough(new TextDecoderStream())
        .pipeThrough(new EventSourceParserStream())
        .getReader();
    try {
        for (;;) {
            const { done, value } = await reader.read();
            if (done) return;
            const data = parse(value.data);
            if (data) yield { name: value.event ?? 'message', data };
        }
    } finally {
        reader.cancel().catch(() => {});
    }
}

function parse(text) {
    try {
        const data = JSON.parse(text);
        return typeof data === 'object' ? data : null;
    } catch {
        return null;
    }
}
