// Proves the stand-in with the vendors' own clients; run by stand_in_sdk.t.
import { doneTesting, is } from '../tap.mjs';
import { checkChatSdk } from './sdk_chat.mjs';
import { checkErrors } from './sdk_errors.mjs';
import { checkPlatforms } from './sdk_platforms.mjs';
import { checkRules } from './sdk_rules.mjs';
import { checkStreams } from './sdk_streams.mjs';
import { start } from './start.mjs';

const standIn = await start();
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
