// SPDX-License-Identifier: MIT
// GET /v1/models[/ID] of both protocols.
import { modelNames, modelRules } from './models.mjs';
import { Refusal } from './refusal.mjs';

const yes = (supported) => ({ supported });

function anthropicModel(id) {
    const rules = modelRules(id);
    if (!rules) throw new Refusal(404, `model: ${id}`);
    const types = ['adaptive', 'between_tools', 'disabled', 'enabled'];
    return {
        type: 'model',
        id,
        display_name: id,
        created_at: '2026-09-28T00:00:00Z',
        deprecated_at: null,
        retires_at: null,
        lifecycle: 'active',
        line: null,
        max_input_tokens: rules.context,
        max_tokens: rules.output,
        capabilities: {
            image_input: yes(true),
            thinking: {
                supported: true,
                types: Object.fromEntries(
                    types.map((type) => [type, yes(rules.thinking.includes(type))]),
                ),
            },
        },
    };
}

const LOCAL = {
    openai: 'gpt-5.1-mini',
    llamacpp: 'qwen2.5-vl-7b-instruct-q4_k_m.gguf',
    ollama: 'qwen2.5vl:7b',
};
const OWNERS = { openai: 'system', llamacpp: 'llamacpp', ollama: 'library' };

const chatModel = (id, flavour) => ({
    id,
    object: 'model',
    created: 1764000000,
    owned_by: OWNERS[flavour],
});

// Vision models that the chat flavours know; a request for another one is refused by openai and
// ollama.
export const chatModels = Object.values(LOCAL);

export function modelReply(route) {
    if (route.platform === 'anthropic') {
        if (route.model) return anthropicModel(route.model);
        const data = modelNames.map(anthropicModel);
        return { data, has_more: false, first_id: data[0].id, last_id: data.at(-1).id };
    }
    const model = chatModel(route.model ?? LOCAL[route.flavour], route.flavour);
    return route.model ? model : { object: 'list', data: [model] };
}
