// SPDX-License-Identifier: MIT
// What a model "sees" in a request, in one form for both protocols: the answers are made from it.
//
//   {question, images: [{number, width, height, caption}], results: [{text, images}], rounds,
//    tools: {name: schema}, maxTokens, resumed}
//
// The question is the last text, from "Question: " on where it says so. An image's number is that
// of the label before it ("Image 3: ..."), else its place. images holds those of tool results as
// well, in order. rounds: tool rounds since the question.
import { readImage } from './image_header.mjs';
import { turnsOf } from './turn_rules.mjs';

const questionOf = (texts) => (texts.at(-1) ?? '').replace(/^(.*\n)?Question: /s, '');

class Reader {
    images = [];

    // blocks: [{type: 'text', text} | {type: 'image', width, height}]; -> their text, the captions
    // left out
    read(blocks) {
        const texts = [];
        let caption = null;
        for (const block of blocks) {
            if (block.type === 'image') {
                const number = Number(
                    /^Image (\d+)/.exec(caption ?? '')?.[1] ?? this.images.length + 1,
                );
                const { width, height } = block;
                this.images.push({ number, width, height, caption: caption ?? '' });
                if (caption !== null) texts.pop();
                caption = null;
            } else {
                caption = block.text;
                texts.push(block.text);
            }
        }
        return texts;
    }
}

function imageOf(base64, size) {
    const image = base64 ? readImage(Buffer.from(base64, 'base64')) : null;
    return { type: 'image', width: image?.width ?? size, height: image?.height ?? size };
}

// Blocks of the Messages API as text and images; tool results give their own content.
function simple(content) {
    if (typeof content === 'string') return [{ type: 'text', text: content }];
    return (content ?? []).flatMap((block) => {
        if (block.type === 'text') return [block];
        if (block.type === 'image') return [imageOf(block.source.data, 0)];
        if (block.type === 'search_result') return simple(block.content);
        return [];
    });
}

function readTurns(turns, reader) {
    const view = { question: '', results: [], rounds: 0 };
    for (const { role, blocks } of turns) {
        if (role !== 'user') continue;
        const results = blocks.filter(({ block }) => block.type === 'tool_result');
        if (results.length > 0) view.rounds += 1;
        for (const { block } of results) {
            const from = reader.images.length;
            const text = reader.read(simple(block.content)).join(' ');
            view.results.push({ text, images: reader.images.slice(from) });
        }
        const rest = blocks.filter(({ block }) => block.type !== 'tool_result');
        const texts = reader.read(simple(rest.map(({ block }) => block)));
        if (results.length === 0)
            Object.assign(view, { question: questionOf(texts), results: [], rounds: 0 });
    }
    return view;
}

export function readMessages(body) {
    const turns = turnsOf(body.messages);
    const reader = new Reader();
    const view = readTurns(turns, reader);
    const tools = body.tool_choice?.type === 'none' ? [] : (body.tools ?? []);
    return {
        ...view,
        images: reader.images,
        tools: Object.fromEntries(tools.map((tool) => [tool.name, tool.input_schema])),
        maxTokens: body.max_tokens,
        resumed: turns.at(-1).role === 'assistant',
    };
}

const DATA_URI = /^data:image\/[\w+.-]+;base64,(.*)$/s;

function simpleParts(content) {
    if (typeof content === 'string') return [{ type: 'text', text: content }];
    return (content ?? []).map((part) =>
        part.type === 'image_url' ? imageOf(DATA_URI.exec(part.image_url.url)?.[1], 0) : part,
    );
}

// Images cannot be in a tool message, so a user message of images after tool messages belongs to
// the results: such a message asks nothing new when it follows a tool message directly.
export function readChat(body) {
    const reader = new Reader();
    const view = { question: '', results: [], rounds: 0 };
    let previous = null;
    for (const { role, content } of body.messages) {
        const from = reader.images.length;
        if (role === 'tool') {
            if (previous !== 'tool') view.rounds += 1;
            view.results.push({ text: reader.read(simpleParts(content)).join(' '), images: [] });
        } else if (role === 'user') {
            const texts = reader.read(simpleParts(content));
            if (previous === 'tool') view.results.at(-1).images = reader.images.slice(from);
            else Object.assign(view, { question: questionOf(texts), results: [], rounds: 0 });
        }
        previous = role;
    }
    const tools = body.tool_choice === 'none' ? [] : (body.tools ?? []);
    return {
        ...view,
        images: reader.images,
        tools: Object.fromEntries(
            tools.map((tool) => [tool.function.name, tool.function.parameters ?? {}]),
        ),
        maxTokens: body.max_completion_tokens ?? body.max_tokens ?? Infinity,
        resumed: false,
    };
}
