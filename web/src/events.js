// Server-sent events read from a fetch reply: needed because EventSource can neither POST nor be refused
// with a problem document.

export async function* readEvents(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let buffer = '';
    try {
        for (;;) {
            const { done, value } = await reader.read();
            if (done) return;
            buffer += value;
            for (
                let end;
                (end = /\r?\n\r?\n/.exec(buffer));
                buffer = buffer.slice(end.index + end[0].length)
            ) {
                const event = parseEvent(buffer.slice(0, end.index));
                if (event) yield event;
            }
        }
    } finally {
        reader.cancel().catch(() => {});
    }
}

function parseEvent(block) {
    let name = 'message';
    const data = [];
    for (const line of block.split(/\r?\n/)) {
        if (line.startsWith('event:')) name = line.slice(6).trim();
        else if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
    }
    return data.length ? { name, data: JSON.parse(data.join('\n')) } : null;
}
