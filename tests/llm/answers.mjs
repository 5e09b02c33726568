// SPDX-License-Identifier: MIT
// What the model says. Every answer tells what arrived (the question, the pictures and their sizes,
// the captions, the results of tools), so that a test of the whole way proves something.
//
// An answer is {blocks, stop, stopDetails?}; blocks: {type: 'text', text} | {type: 'thinking',
// thinking} | {type: 'tool_use', name, input} | {type: 'future_block', note}.
import { fillInput, middle, queryOf } from './tool_inputs.mjs';

const say = (text) => ({ type: 'text', text });
const think = (thinking) => ({ type: 'thinking', thinking });
const use = (name, input) => ({ type: 'tool_use', name, input });

export const ACCENTS = 'Très joli: 很好, 🐕!';

function sentence({ number, width, height, caption }) {
    return `Image ${number} is ${width}x${height} px, caption "${caption}".`;
}

const cite = (images) => images.map(({ number }) => `[${number}]`).join(' and ');

function report(view) {
    const parts = [`You asked "${view.question}".`, `Images seen: ${view.images.length}.`];
    parts.push(...view.images.map(sentence));
    if (view.rounds > 0) {
        const results = view.results.map(
            ({ text, images }) => `"${text}" with ${images.length} images`,
        );
        parts.push(`Tool rounds: ${view.rounds}; results: ${results.join('; ')}.`);
    }
    return parts.join(' ');
}

const closing = (images) => (images.length > 0 ? `It is shown in ${cite(images)}. ` : '') + ACCENTS;

export function plain(view) {
    return {
        blocks: [say(report(view) + '\n\n'), say(closing(view.images.slice(0, 2)))],
        stop: 'end_turn',
    };
}

export function citesUnsent(view) {
    return { blocks: [say(`${report(view)} It is shown in [9] and [1].`)], stop: 'end_turn' };
}

export function box(view) {
    const texts = view.images.slice(0, 2).map((image) => {
        const { left, top, right, bottom } = middle(image);
        return `It is at [${image.number}: ${left},${top},${right},${bottom}].`;
    });
    return { blocks: [say(`${report(view)} ${texts.join(' ')}`)], stop: 'end_turn' };
}

export function thoughtful(view) {
    const answer = plain(view);
    return {
        ...answer,
        blocks: [think(`The question is: ${view.question} ${ACCENTS}`), ...answer.blocks],
    };
}

function final(view) {
    const found = view.results.flatMap(({ images }) => images);
    return {
        blocks: [
            say(`${report(view)} ${closing((found.length > 0 ? found : view.images).slice(-2))}`),
        ],
        stop: 'end_turn',
    };
}

// calls: [{name, input}] among the tools that were offered; without any the model answers.
function callOr(view, calls, thinking) {
    const offered = calls.filter(({ name }) => Object.hasOwn(view.tools, name));
    if (offered.length === 0) return final(view);
    const blocks = [
        think(thinking),
        say('Let me look. '),
        ...offered.map(({ name, input }) => use(name, input)),
    ];
    return { blocks, stop: 'tool_use' };
}

function search(view, query) {
    const schema = view.tools.search_photos ?? {};
    return { name: 'search_photos', input: fillInput(schema, { query, image: view.images[0] }) };
}

function look(view, image) {
    const schema = view.tools.view_photo ?? {};
    return {
        name: 'view_photo',
        input: fillInput(schema, { query: queryOf(view.question), image }),
    };
}

export function tools(view) {
    if (view.rounds > 0) return final(view);
    const query = queryOf(view.question);
    return callOr(view, [search(view, query)], `I search for ${query}. ${ACCENTS}`);
}

export function toolsView(view) {
    if (view.rounds > 0) return final(view);
    return callOr(view, [look(view, view.images[0])], 'A closer look is needed.');
}

export function toolsParallel(view) {
    if (view.rounds > 0) return final(view);
    const query = queryOf(view.question);
    const calls = [
        search(view, query),
        search(view, `${query} outdoors`),
        look(view, view.images[0]),
    ];
    return callOr(view, calls, 'Three things at once.');
}

export function toolsForever(view) {
    const query = `${queryOf(view.question)} ${view.rounds + 1}`;
    return callOr(view, [search(view, query)], `Once more: ${view.rounds + 1}.`);
}

// A model that does not show its thinking: a signature without words, and a block of nothing but
// data.
export function toolsHidden(view) {
    const answer = tools(view);
    if (answer.stop !== 'tool_use') return answer;
    const hidden = [{ type: 'redacted_thinking', data: 'EmwKAhgBEgy3va3pzix' }, think('')];
    return { ...answer, blocks: [...hidden, ...answer.blocks.slice(1)] };
}

// Calls that a program must answer with an error: a tool that was not offered, and input against
// the schema.
export function toolsBad(view) {
    if (view.rounds > 0) return final(view);
    const blocks = [
        think('I misremember the tools.'),
        use('delete_photo', { photo: 1 }),
        use('search_photos', { query: 7, count: 'many' }),
        use('view_photo', { number: 4096 }),
    ];
    return { blocks, stop: 'tool_use' };
}

export function pauseTurn(view) {
    if (view.resumed) return final(view);
    return { blocks: [think('This takes long.'), say('One moment. ')], stop: 'pause_turn' };
}

export function unknown(view) {
    return {
        blocks: [
            { type: 'future_block', note: 'a kind of block that is not known yet' },
            ...plain(view).blocks,
        ],
        stop: 'end_turn',
    };
}

export function refusal() {
    const stopDetails = {
        type: 'refusal',
        category: null,
        explanation: 'This request was declined.',
    };
    return { blocks: [say('I cannot ')], stop: 'refusal', stopDetails };
}

export function stopped(stop) {
    return (view) => ({ blocks: [say(report(view).slice(0, 60))], stop });
}

export const nothing = () => ({ blocks: [], stop: 'end_turn' });
