// SPDX-License-Identifier: MIT
// An answer as servers of OpenAI's chat completions send it. flavour: openai, llamacpp
// (llama-server: a null content first, reasoning_content, timings) or ollama (whole tool calls,
// reasoning, a role in every chunk).
import { createHash, randomBytes } from 'node:crypto';
import { pieces } from './messages_reply.mjs';
import { textTokens } from './prompt_cache.mjs';

const STOPS = {
    end_turn: 'stop',
    tool_use: 'tool_calls',
    max_tokens: 'length',
    model_context_window_exceeded: 'length',
    refusal: 'content_filter',
};
const FINGERPRINTS = { openai: 'fp_44709d6fcb', llamacpp: 'b6900-3ebb009f', ollama: 'fp_ollama' };
const REASONING = { llamacpp: 'reasoning_content', ollama: 'reasoning' };

const ID_SIZES = { openai: 24, llamacpp: 32, ollama: 8 };

// The same for the same place of the same conversation only.
function callId(flavour, place) {
    const text = createHash('sha256').update(place).digest('hex').slice(0, ID_SIZES[flavour]);
    return flavour === 'llamacpp' ? text : `call_${text}`;
}

function partsOf(answer, flavour) {
    const joined = (type, key) =>
        answer.blocks
            .filter((block) => block.type === type)
            .map((block) => block[key])
            .join('');
    const calls = answer.blocks
        .filter((block) => block.type === 'tool_use')
        .map(({ name, input }, index) => ({
            id: callId(flavour, `${answer.turn} ${index}`),
            type: 'function',
            function: { name, arguments: JSON.stringify(input) },
        }));
    return { text: joined('text', 'text'), reasoning: joined('thinking', 'thinking'), calls };
}

function usageOf({ text, reasoning, calls }, counted, flavour) {
    const completion = Math.max(1, textTokens(text + reasoning + JSON.stringify(calls)));
    const prompt = counted.input + counted.read + counted.write;
    const usage = {
        prompt_tokens: prompt,
        completion_tokens: completion,
        total_tokens: prompt + completion,
    };
    if (flavour !== 'openai') return usage;
    return {
        ...usage,
        prompt_tokens_details: { cached_tokens: counted.read, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
    };
}

const headOf = (answer, object, flavour) => ({
    id: `chatcmpl-${randomBytes(12).toString('hex')}`,
    object,
    created: Math.floor(Date.now() / 1000),
    model: answer.model,
    system_fingerprint: FINGERPRINTS[flavour],
});

const timings = (usage) => ({
    timings: {
        prompt_n: usage.prompt_tokens,
        prompt_ms: 12.5,
        predicted_n: usage.completion_tokens,
        predicted_ms: 40.25,
    },
});

export function chatJson(answer, counted, flavour) {
    const parts = partsOf(answer, flavour);
    const usage = usageOf(parts, counted, flavour);
    const message = {
        role: 'assistant',
        content: parts.calls.length > 0 && parts.text === '' ? null : parts.text,
    };
    if (flavour === 'openai') Object.assign(message, { refusal: null, annotations: [] });
    else if (parts.reasoning) message[REASONING[flavour]] = parts.reasoning;
    if (parts.calls.length > 0) message.tool_calls = parts.calls;
    const choice = {
        index: 0,
        message,
        logprobs: null,
        finish_reason: STOPS[answer.stop] ?? 'stop',
    };
    return {
        ...headOf(answer, 'chat.completion', flavour),
        choices: [choice],
        usage,
        ...(flavour === 'llamacpp' ? timings(usage) : {}),
    };
}

// The first delta of a call has its id and name, the later ones pieces of the arguments.
function callDeltas(calls, flavour) {
    if (flavour === 'ollama') {
        return calls.map((call, index) => ({ tool_calls: [{ index, ...call }] }));
    }
    return calls.flatMap((call, index) => [
        { tool_calls: [{ index, ...call, function: { name: call.function.name, arguments: '' } }] },
        ...pieces(call.function.arguments).map((text) => ({
            tool_calls: [{ index, function: { arguments: text } }],
        })),
    ]);
}

function deltasOf(parts, flavour) {
    const thoughts = REASONING[flavour]
        ? pieces(parts.reasoning).map((text) => ({ [REASONING[flavour]]: text }))
        : [];
    const texts = pieces(parts.text).map((content) => ({ content }));
    const deltas = [...thoughts, ...texts, ...callDeltas(parts.calls, flavour)];
    if (flavour === 'ollama')
        return deltas.map((delta) => ({ role: 'assistant', content: '', ...delta }));
    const first =
        flavour === 'llamacpp'
            ? { role: 'assistant', content: null }
            : { role: 'assistant', content: '', refusal: null };
    return [first, ...deltas];
}

// -> chunks; the usage chunk, with no choices, when it was asked for
export function chatChunks(answer, counted, flavour, includeUsage) {
    const head = headOf(answer, 'chat.completion.chunk', flavour);
    const parts = partsOf(answer, flavour);
    const usage = usageOf(parts, counted, flavour);
    const absent = includeUsage && flavour === 'openai' ? { usage: null } : {};
    const chunk = (delta, finish_reason) => ({
        ...head,
        choices: [
            { index: 0, delta, ...(flavour === 'openai' ? { logprobs: null } : {}), finish_reason },
        ],
        ...absent,
    });
    const last = flavour === 'ollama' ? { role: 'assistant', content: '' } : {};
    const chunks = [
        ...deltasOf(parts, flavour).map((delta) => chunk(delta, null)),
        chunk(last, STOPS[answer.stop] ?? 'stop'),
    ];
    if (flavour === 'llamacpp') Object.assign(chunks.at(-1), includeUsage ? {} : timings(usage));
    if (includeUsage) {
        chunks.push({
            ...head,
            choices: [],
            usage,
            ...(flavour === 'llamacpp' ? timings(usage) : {}),
        });
    }
    return chunks;
}

export const chunkText = (chunk) => `data: ${JSON.stringify(chunk)}\n\n`;
export const CHAT_END = 'data: [DONE]\n\n';
