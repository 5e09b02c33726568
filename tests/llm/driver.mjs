// SPDX-License-Identifier: MIT
// Our own client, run as a program: tests/llm/llm_send.c of the build that is tested.
//
//   const got = await send(standIn.url('plain,chunk=1'), messagesBody())
//   got.rc, got.text, got.reply.content ...      as llm_send.c prints them
//   got.status, got.stderr                       of the program
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KEYS } from './header_rules.mjs';

const BUILD = process.env.KEEPSAKE_BUILD ?? 'build/release';
const PROGRAM = join(BUILD, 'tests/llm/llm_send');
const folder = mkdtempSync(join(tmpdir(), 'keepsake-llm-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

// What the environment holds for each provider; nothing of our own environment but PATH.
const ENVIRONMENTS = {
    anthropic: (url) => ({ ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: KEYS.anthropic[0] }),
    bedrock: (url) => ({
        ANTHROPIC_BEDROCK_MANTLE_BASE_URL: `${url}/anthropic`,
        AWS_BEARER_TOKEN_BEDROCK: KEYS.bedrock[0],
    }),
    vertex: (url) => ({
        ANTHROPIC_VERTEX_BASE_URL: `${url}/v1`,
        ANTHROPIC_VERTEX_PROJECT_ID: 'photos',
        CLOUD_ML_REGION: 'global',
        GOOGLE_OAUTH_ACCESS_TOKEN: KEYS.vertex[0],
    }),
    openai: (url) => ({ OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: KEYS.openai[0] }),
};
export const PLATFORMS = Object.keys(ENVIRONMENTS);
export const environmentOf = (platform, url) => ENVIRONMENTS[platform](url);

let files = 0;

function run(args, env, started) {
    const child = spawn(PROGRAM, args, {
        env: { PATH: process.env.PATH, KEEPSAKE_DATA: join(BUILD, 'share/keepsake'), ...env },
    });
    started(child);
    const texts = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) {
        child[name].setEncoding('utf8').on('data', (data) => {
            texts[name] += data;
        });
    }
    return new Promise((resolve, reject) => {
        child.on('error', reject);
        child.on('close', (status, signal) => resolve({ status: signal ?? status, ...texts }));
    });
}

// platform, args: of llm_send; env: more variables; started: is called with the process
export async function send(url, body, { platform = 'anthropic', args = [], env = {}, started = () => {} } = {}) {
    const file = join(folder, `${(files += 1)}.json`);
    writeFileSync(file, JSON.stringify(body));
    const all = { ...environmentOf(platform, url), ...env };
    const { status, stdout, stderr } = await run(['--provider', platform, ...args, file], all, started);
    rmSync(file);
    try {
        return { status, stderr, ...JSON.parse(stdout) };
    } catch {
        throw new Error(`llm_send ended with ${status}: ${stdout}${stderr}`);
    }
}
