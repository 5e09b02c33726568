// SPDX-License-Identifier: MIT
// Thinking blocks are signed, tool calls remember which thinking they followed. Both are checked
// when a conversation comes back. The secret is fixed: a conversation outlives one run of the
// stand-in.
import { createHmac } from 'node:crypto';

const digest = (text) => createHmac('sha256', 'the stand-in signs with this').update(text).digest();

// A signature belongs to the thinking and to the model that thought it.
export const sign = (model, thinking) => digest(`${model}\n${thinking}`).toString('base64');

// What was thought, redacted blocks included: 12 hexadecimal digits.
export const thinkingMark = (blocks) =>
    digest(blocks.map(({ signature, data }) => signature ?? data).join('\n'))
        .toString('hex')
        .slice(0, 12);

// toolu_01T + mark of the thinking before it, toolu_01N when there was none; then a part that is
// the same for the same call at the same place of the same conversation only.
export function toolUseId(thinking, place) {
    const after = thinking.length > 0 ? `T${thinkingMark(thinking)}` : 'N000000000000';
    return `toolu_01${after}${digest(place).toString('hex').slice(0, 10)}`;
}

// null: not ours, or nothing was thought before the call.
export function thinkingMarkOf(toolUseId) {
    const match = /^toolu_01T([0-9a-f]{12})[0-9a-f]{10}$/.exec(toolUseId);
    return match ? match[1] : null;
}
