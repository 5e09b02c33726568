// SPDX-License-Identifier: MIT
// How the turns of a conversation must fit together: every tool call is answered in the next turn,
// and thinking comes back unchanged.
import { modelRules } from './models.mjs';
import { refuse } from './shape.mjs';
import { sign, thinkingMark, thinkingMarkOf } from './signatures.mjs';

const THINKING = new Set(['thinking', 'redacted_thinking']);

const blocksOf = (message) =>
    typeof message.content === 'string'
        ? [{ type: 'text', text: message.content }]
        : message.content;

// Consecutive messages of one role are one turn (MessageCreateParamsBase.messages). System messages
// stand between turns. -> [{role, path, blocks: [{block, path}]}]
export function turnsOf(messages) {
    const turns = [];
    messages.forEach((message, index) => {
        if (message.role === 'system') return;
        const blocks = blocksOf(message).map((block, at) => ({
            block,
            path: `messages.${index}.content.${at}`,
        }));
        const last = turns.at(-1);
        if (last?.role === message.role) last.blocks.push(...blocks);
        else turns.push({ role: message.role, path: `messages.${index}`, blocks });
    });
    return turns;
}

const ofType = (turn, type) => (turn?.blocks ?? []).filter(({ block }) => block.type === type);

function checkResults(turn, previous) {
    const calls = ofType(previous, 'tool_use').map(({ block }) => block.id);
    const seen = new Set();
    for (const { block, path } of ofType(turn, 'tool_result')) {
        const id = block.tool_use_id;
        if (!calls.includes(id)) {
            refuse(
                path,
                `unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each ` +
                    `\`tool_result\` block must have a corresponding \`tool_use\` block in the ` +
                    `previous message.`,
            );
        }
        if (seen.has(id)) {
            refuse(
                path,
                `each tool_use must have a single result. Found multiple \`tool_result\` ` +
                    `blocks with id: ${id}`,
            );
        }
        seen.add(id);
    }
}

// Results stand before everything else in the turn that follows the calls.
function checkAnswered(turn, next) {
    const calls = ofType(turn, 'tool_use').map(({ block }) => block.id);
    if (calls.length === 0) return;
    const first = (next?.blocks ?? []).slice(0, calls.length).map(({ block }) => block.tool_use_id);
    const missing = calls.filter((id) => !first.includes(id));
    if (missing.length > 0) {
        refuse(
            turn.path,
            `\`tool_use\` ids were found without \`tool_result\` blocks immediately after: ` +
                `${missing.join(', ')}. Each \`tool_use\` block must have a corresponding ` +
                `\`tool_result\` block in the next message.`,
        );
    }
}

function checkUnique(turns) {
    const seen = new Set();
    for (const { block, path } of turns.flatMap((turn) => ofType(turn, 'tool_use'))) {
        if (seen.has(block.id)) refuse(path, '`tool_use` ids must be unique');
        seen.add(block.id);
    }
}

function checkSignatures(turns, model) {
    for (const { block, path } of turns.flatMap((turn) => ofType(turn, 'thinking'))) {
        if (block.signature !== sign(model, block.thinking)) {
            refuse(path, 'Invalid `signature` in `thinking` block');
        }
    }
}

// Turns of the tool round that is still going on: those after the last question of the user.
function currentRound(turns) {
    const asked = turns.findLastIndex(
        (turn) => turn.role === 'user' && ofType(turn, 'tool_result').length === 0,
    );
    return turns.slice(asked + 1);
}

// The first tool call of an answer that began with thinking must come back with that thinking.
function checkReplayed(turns) {
    for (const turn of currentRound(turns).filter(({ role }) => role === 'assistant')) {
        const calls = ofType(turn, 'tool_use');
        const mark = calls.length > 0 ? thinkingMarkOf(calls[0].block.id) : null;
        if (!mark) continue;
        const thinking = turn.blocks.filter(({ block }) => THINKING.has(block.type));
        if (thinking.length === 0) {
            refuse(
                `${turn.blocks[0].path}.type`,
                'Expected `thinking` or `redacted_thinking`, but found `' +
                    turn.blocks[0].block.type +
                    '`. When `thinking` is enabled, a final `assistant` message must start ' +
                    'with a thinking block (preceding the lastmost set of `tool_use` and ' +
                    '`tool_result` blocks).',
            );
        }
        if (
            thinkingMark(thinking.map(({ block }) => block)) !== mark ||
            !THINKING.has(turn.blocks[0].block.type)
        ) {
            refuse(
                thinking[0].path,
                '`thinking` or `redacted_thinking` blocks in the latest assistant message ' +
                    'cannot be modified. These blocks must remain as they were in the original ' +
                    'response.',
            );
        }
    }
}

// context: {model, thinking: whether the request has it on, paused: (blocks) => bool}
export function checkTurns(messages, context) {
    const turns = turnsOf(messages);
    if (turns[0]?.role !== 'user') refuse('messages', 'first message must use the "user" role');
    turns.forEach((turn, index) => {
        checkResults(turn, turns[index - 1]);
        checkAnswered(turn, turns[index + 1]);
    });
    checkUnique(turns);
    checkSignatures(turns, modelRules(context.model).name);
    if (context.thinking) checkReplayed(turns);
    const last = turns.at(-1);
    const blocks = last.blocks.map(({ block }) => block);
    if (last.role === 'assistant' && !context.prefill && !context.paused(blocks)) {
        refuse(
            'messages',
            'This model does not support assistant message prefill. The conversation must ' +
                'end with a user message.',
        );
    }
}
