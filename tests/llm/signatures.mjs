// Thinking blocks are signed, tool calls remember which thinking they followed. Both are checked
// when a conversation comes back. The secret is fixed: a conversation outlives one run of the
// stand-in.
import { createHmac } from 'node:crypto';

const digest = (text) => createHmac('sha256', 'the stand-in signs with this').update(text).digest();

// A signature belongs to the thinking and to the model that thought it.
export const sign = (model, thinking) => digest(`${model}\n${thinking}`).toString('base64');

// toolu_01T + digest of the thinking block before it, toolu_01N when there was none; then a part
// that is the same for the same call at the same place of the same conversation only.
export function toolUseId(thinkingBlock, place) {
    const after = thinkingBlock
        ? `T${digest(thinkingBlock.signature).toString('hex').slice(0, 12)}`
        : 'N000000000000';
    return `toolu_01${after}${digest(place).toString('hex').slice(0, 10)}`;
}

// null: not ours, or nothing was thought before the call.
export function thinkingMarkOf(toolUseId) {
    const match = /^toolu_01T([0-9a-f]{12})[0-9a-f]{10}$/.exec(toolUseId);
    return match ? match[1] : null;
}

export const thinkingMark = (block) => digest(block.signature).toString('hex').slice(0, 12);
