// SPDX-License-Identifier: MIT
// Proves the stand-in with the vendors' own clients; run by stand_in_sdk.t.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { doneTesting, is } from '../tap.mjs';
import { TOOLS, chatBody, messagesBody } from './requests.mjs';
import { checkChatSdk } from './sdk_chat.mjs';
import { checkErrors } from './sdk_errors.mjs';
import { checkPlatforms } from './sdk_platforms.mjs';
import { checkRules } from './sdk_rules.mjs';
import { checkStreams } from './sdk_streams.mjs';
import { start } from './start.mjs';

const standIn = await start();

// sdk_parse.mjs, for other tests to compare with, prints what the client reads.
function checkParser() {
    const run = (segment, platform, body) => {
        const script = fileURLToPath(new URL('sdk_parse.mjs', import.meta.url));
        const words = [script, standIn.url(segment), '-', platform];
        const { stdout } = spawnSync(process.execPath, words, { input: JSON.stringify(body) });
        return JSON.parse(stdout);
    };
    const read = run('tools', 'anthropic', messagesBody({ tools: TOOLS, stream: true }));
    is(read.toolCalls[0].input.query, 'brown dog', 'sdk_parse: a tool call');
    is(run('box', 'openai', chatBody()).stop_reason, 'stop', 'sdk_parse: chat completions');
    const { error } = run('401,tag=parse', 'bedrock', messagesBody());
    is([error.class, error.status], ['AuthenticationError', 401], 'sdk_parse: an error');
}

checkParser();
await checkStreams(standIn);
await checkErrors(standIn);
await checkRules(standIn);
await checkPlatforms(standIn);
await checkChatSdk(standIn);
is(await standIn.stop(), 0, 'the stand-in ends when its stdin closes');

const other = await start();
other.kill('SIGTERM');
is(await other.exited, 0, 'and on SIGTERM');
doneTesting();
