// SPDX-License-Identifier: MIT
// The streams: read by @anthropic-ai/sdk they give what the request says they must give.
import { is, like, ok } from '../tap.mjs';
import { anthropicClient } from './clients.mjs';
import { created, streamed } from './parsed.mjs';
import { imageBlock, jpeg } from './pictures.mjs';
import {
    MODEL,
    QUESTION,
    TOOLS,
    assistant,
    messagesBody,
    text,
    user,
    withMessages,
} from './requests.mjs';
import { sign } from './signatures.mjs';

const REPORT =
    `You asked "${QUESTION}". Images seen: 2. ` +
    'Image 1 is 640x480 px, caption "Image 1: taken 2019-05-01". ' +
    'Image 2 is 375x500 px, caption "Image 2: taken 2019-05-02".';
const ACCENTS = 'Très joli: 很好, 🐕!';
const PLAIN = `${REPORT}\n\nIt is shown in [1] and [2]. ${ACCENTS}`;
// Patches of 28 px: ceil(640 / 28) * ceil(480 / 28) + ceil(375 / 28) * ceil(500 / 28)
const IMAGE_TOKENS = 23 * 18 + 14 * 18;

const ANSWERS = [
    { scenario: 'plain', text: PLAIN, stop: 'end_turn' },
    { scenario: 'other-forms', text: PLAIN, stop: 'end_turn' },
    { scenario: 'unknown-events', text: PLAIN, stop: 'end_turn' },
    {
        scenario: 'thinking',
        text: PLAIN,
        stop: 'end_turn',
        thinking: `The question is: ${QUESTION} ${ACCENTS}`,
    },
    { scenario: 'cites-unsent', text: `${REPORT} It is shown in [9] and [1].`, stop: 'end_turn' },
    {
        scenario: 'box',
        text: `${REPORT} It is at [1: 160,120,480,360]. It is at [2: 93,125,280,375].`,
        stop: 'end_turn',
    },
    { scenario: 'refusal', text: 'I cannot ', stop: 'refusal' },
    { scenario: 'max-tokens', text: REPORT.slice(0, 60), stop: 'max_tokens' },
    {
        scenario: 'context-exceeded',
        text: REPORT.slice(0, 60),
        stop: 'model_context_window_exceeded',
    },
    { scenario: 'unknown-stop', text: REPORT.slice(0, 60), stop: 'a_reason_of_the_future' },
];

async function checkAnswers(standIn) {
    for (const { scenario, text: words, stop, thinking = '' } of ANSWERS) {
        for (const chunk of ['', ',chunk=1', ',chunk=7']) {
            const segment = scenario + chunk;
            const got = await streamed(
                anthropicClient(standIn.url(segment)),
                'anthropic',
                messagesBody(),
            );
            is(
                [got.text, got.stop_reason, got.thinking],
                [words, stop, thinking],
                `${segment}: streamed as meant`,
            );
        }
    }
    const whole = await created(anthropicClient(standIn.url('plain')), 'anthropic', messagesBody());
    is([whole.text, whole.stop_reason], [PLAIN, 'end_turn'], 'plain: the same in one piece');
}

async function checkCounting(standIn) {
    const client = anthropicClient(standIn.url('plain,tag=count'));
    const { max_tokens: _, ...body } = messagesBody();
    const more = {
        ...body,
        messages: [user(imageBlock(jpeg(280, 280)), ...body.messages[0].content)],
    };
    const first = await client.messages.countTokens(body);
    const second = await client.messages.countTokens(more);
    is(
        second.input_tokens - first.input_tokens,
        100,
        'count_tokens: 280 x 280 px are 10 x 10 tokens',
    );
    const usage = (await streamed(client, 'anthropic', messagesBody())).usage;
    is(usage.input_tokens, first.input_tokens, 'usage: what count_tokens said');
    ok(
        usage.input_tokens - IMAGE_TOKENS > 0 && usage.input_tokens - IMAGE_TOKENS < 60,
        'usage: images and a little text',
    );
    const models = await client.models.list();
    ok(
        models.data.some(({ id }) => id === MODEL),
        'models: the list has the default',
    );
}

const result = (id, ...content) => ({ type: 'tool_result', tool_use_id: id, content });

async function checkTools(standIn) {
    const client = anthropicClient(standIn.url('tools,tag=loop'));
    const first = messagesBody({ tools: TOOLS });
    const asked = await client.messages.stream(first).finalMessage();
    const call = asked.content.at(-1);
    is(
        asked.content.map(({ type }) => type),
        ['thinking', 'text', 'tool_use'],
        'tools: thinking, text, a call',
    );
    is(
        [call.name, call.input],
        ['search_photos', { query: 'brown dog', count: 2 }],
        "tools: the question's words",
    );
    is(
        asked.content[0].signature,
        sign(MODEL, asked.content[0].thinking),
        'tools: the thinking is signed',
    );
    const found = [text('Image 3: found'), imageBlock(jpeg(300, 200))];
    const second = {
        ...first,
        messages: [...first.messages, assistant(...asked.content), user(result(call.id, ...found))],
    };
    const answer = await streamed(client, 'anthropic', second);
    like(
        answer.text,
        /Images seen: 3\..*Image 3 is 300x200 px, caption "Image 3: found"/,
        'tools: sees the result',
    );
    like(answer.text, /Tool rounds: 1;.*It is shown in \[3\]/, 'tools: and cites it');
}

async function checkOtherTools(standIn) {
    const body = messagesBody({ tools: TOOLS });
    const ask = (scenario, chosen = body) =>
        streamed(anthropicClient(standIn.url(scenario)), 'anthropic', chosen);
    const parallel = await ask('tools-parallel');
    is(
        parallel.toolCalls.map(({ name }) => name),
        ['search_photos', 'search_photos', 'view_photo'],
        'three calls at once',
    );
    is(new Set(parallel.toolCalls.map(({ id }) => id)).size, 3, 'with three ids');
    const view = await ask('tools-view');
    is(
        view.toolCalls[0].input,
        { number: 1, crop: [160, 120, 480, 360] },
        'tools-view: a crop of the first image',
    );
    const bad = await ask('tools-bad');
    is(bad.toolCalls[0].name, 'delete_photo', 'tools-bad: a tool that was not offered');
    is(
        (await ask('tools-other-forms,chunk=1')).toolCalls[0].input.query,
        'brown dog',
        'calls in other forms of events',
    );
    const none = await ask('tools-forever', { ...body, tool_choice: { type: 'none' } });
    is([none.stop_reason, none.toolCalls], ['end_turn', []], 'tool_choice none: no calls');
}

async function checkForever(standIn) {
    const client = anthropicClient(standIn.url('tools-forever'));
    const messages = [...messagesBody().messages];
    const queries = [];
    for (let round = 0; round < 4; round += 1) {
        const reply = await client.messages
            .stream(messagesBody({ tools: TOOLS, messages }))
            .finalMessage();
        const call = reply.content.at(-1);
        queries.push(call.input.query);
        messages.push(assistant(...reply.content), user(result(call.id, text('nothing'))));
    }
    is(
        queries,
        [1, 2, 3, 4].map((n) => `brown dog ${n}`),
        'tools-forever: never ends by itself',
    );
}

async function checkPause(standIn) {
    const client = anthropicClient(standIn.url('pause-turn'));
    const question = user(text(QUESTION));
    const first = await client.messages.stream(withMessages(question)).finalMessage();
    is(first.stop_reason, 'pause_turn', 'pause-turn: stops with that reason');
    const second = await streamed(
        client,
        'anthropic',
        withMessages(question, assistant(...first.content)),
    );
    is(second.stop_reason, 'end_turn', 'and goes on when the turn comes back as it is');
    const changed = withMessages(question, assistant(...first.content, text('and so on')));
    const refused = await streamed(client, 'anthropic', changed).catch((error) => error);
    is(refused.status, 400, 'not when it was changed');
}

async function checkCache(standIn) {
    const client = anthropicClient(standIn.url('plain,tag=cache'));
    const long = { ...text('All about dogs. '.repeat(600)), cache_control: { type: 'ephemeral' } };
    const usages = [];
    const ask = async (system, ...messages) => {
        const body = { ...withMessages(...messages), system: [system], max_tokens: 8000 };
        usages.push((await streamed(client, 'anthropic', body)).usage);
    };
    await ask(long, user(text('One?')));
    await ask(long, user(text('Two?')));
    await ask({ ...long, text: `X${long.text}` }, user(text('Two?')));
    await ask({ ...text('short'), cache_control: { type: 'ephemeral' } }, user(text('Two?')));
    const figures = usages.map((usage) => [
        usage.cache_creation_input_tokens,
        usage.cache_read_input_tokens,
    ]);
    const size = Math.ceil(long.text.length / 4);
    is(
        figures,
        [
            [size, 0],
            [0, size],
            [size + 1, 0],
            [0, 0],
        ],
        'cache: written, read, missed when changed, too short',
    );
    ok(usages[1].input_tokens < 10, 'cache: only the rest counts as input');
}

export async function checkStreams(standIn) {
    await checkAnswers(standIn);
    await checkCounting(standIn);
    await checkTools(standIn);
    await checkOtherTools(standIn);
    await checkForever(standIn);
    await checkPause(standIn);
    await checkCache(standIn);
}
