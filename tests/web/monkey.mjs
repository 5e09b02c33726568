// SPDX-License-Identifier: MIT
// tests/web/monkey.t: Back, Forward, Esc, clicks, keys, typing, two tabs, no connection, restarts, with motion on.
// After every few of them the page is left alone, and must come to rest in the state that its address names.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { start } from '../llm/start.mjs';
import { diag, doneTesting, is, ok } from '../tap.mjs';
import { until } from '../wait.mjs';
import { closeBrowser, openPage, watchPage, waitForPhotos } from './browser.mjs';
import { copyPhotos, date, indexPhotos, makeHome, photoFolder, serve } from './gallery.mjs';
import { violations } from './monkey_rules.mjs';

const SECONDS = Number(process.env.KEEPSAKE_MONKEY_S || (process.env.KEEPSAKE_TEST_LONG ? 600 : 60));
const SEED = Number(process.env.KEEPSAKE_MONKEY_SEED || Date.now() % 1e6);
const PASSWORD = 'correct-horse-battery-staple';

let state = (SEED * 2654435761) % 2147483647 || 1;
const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
const below = (n) => Math.floor(random() * n);
const one = (list) => list[below(list.length)];

const home = makeHome();
const gallery = indexPhotos(home, copyPhotos(home, photoFolder(), 150));
date(gallery);
const token = join(home, 'token');
writeFileSync(token, `${PASSWORD}\n`, { mode: 0o600 });
const standIn = await start();
const options = {
    args: ['--token-file', token],
    env: { ANTHROPIC_BASE_URL: standIn.url('plain,tag=monkey'), ANTHROPIC_API_KEY: 'sk-ant-stand-in' },
};
let server = await serve(home, gallery, options);
const { url, port } = server;

const first = await openPage(url, { reducedMotion: 'no-preference' });
const second = watchPage(await first.context().newPage(), url);
const tabs = [first, second];
let page = first;

async function signIn(tab) {
    await tab.fill('#password', PASSWORD);
    await tab.keyboard.press('Enter');
}
await first.goto(url);
await signIn(first);
await waitForPhotos(first);
await second.goto(url);
await waitForPhotos(second);

// ---- what a monkey does ----

const WORDS = ['dog', 'grass', 'a boat', 'snow', 'people outside', 'xyzzy', '雪地里的狗', ' ', 'dog is:landscape -date:2020 sort:date',
    '(is:portrait OR is:square) grass', 'is:', 'lable:x "'];
const KEYS = ['Escape', 'Escape', 'Enter', 'ArrowRight', 'ArrowLeft', 'ArrowDown', 'ArrowUp', 'Tab', 'Home', 'End', 'PageDown',
    'm', 'i', 'b', 'a', 'f', 'g', ',', '/', '?', '[', ']', '+', '-', 't', 'z'];
const HARMFUL = '#choose-picture, .viewer-bar a, .panel button, .panel select, .panel a, .card-question .primary, .name-form .primary, .photo-albums button, .login *, a.skip, .label-list button, .label-form button, .answer-text a';

const click = (selector) => () =>
    page.evaluate(
        ([what, not, share]) => {
            const open = document.querySelector('dialog[open]');
            const able = [...document.querySelectorAll(what)].filter(
                (element) =>
                    element.checkVisibility({ visibilityProperty: true }) &&
                    !element.closest('[inert]') &&
                    !element.disabled &&
                    !element.matches(not) &&
                    (!open || open.contains(element)),
            );
            able[Math.floor(share * able.length)]?.click();
        },
        [selector, HARMFUL, random()],
    );
const ACTIONS = [
    [14, 'Back', () => page.evaluate(() => history.back())],
    [7, 'Forward', () => page.evaluate(() => history.forward())],
    [3, 'Back twice', () => page.evaluate((ms) => (history.back(), setTimeout(() => history.back(), ms)), below(400))],
    [14, 'photo', click('.tile-link')],
    [10, 'button', click('button, a')],
    [4, 'chip', click('#chips button, .about summary')],
    [4, 'view', click('.views a, .card, .cluster, .map-buttons button')],
    [4, 'suggestion', async () => { await page.focus('#search-text', { timeout: 500 }).catch(() => {}); await click('.suggestion, .suggestion-forget')(); }],
    [4, 'like', click('.tile-like')],
    [24, 'key', async () => page.keyboard.press(one(KEYS))],
    [8, 'words', async () => page.fill('#search-text', one(WORDS), { timeout: 2000 }).catch(() => {})],
    [4, 'letters', async () => page.keyboard.type(one(['do', 'x', 'gr', 'is', ':', ' la'])) ],
    [3, 'question', async () => page.evaluate((text) => {
        const field = document.getElementById('ask-text');
        if (!field?.checkVisibility() || field.closest('[inert]')) return; // also where the page is not there yet
        field.value = text;
        document.getElementById('ask-form').requestSubmit();
    }, one(['What is the dog doing?', 'xyzzy?']))],
    [6, 'scroll', async () => page.mouse.wheel(0, one([-3000, -400, 400, 3000]))],
    [2, 'size', async () => page.setViewportSize(one([{ width: 1440, height: 900 }, { width: 844, height: 390 }, { width: 360, height: 740 }]))],
    [3, 'other tab', async () => { page = one(tabs); await page.bringToFront(); }],
    [2, 'connection', async () => page.context().setOffline((offline = !offline))],
    [1, 'reload', async () => page.reload({ waitUntil: 'commit' })],
    [0.4, 'restart', restart],
];
const weight = ACTIONS.reduce((sum, [share]) => sum + share, 0);
let offline = false;

async function restart() {
    await server.stop();
    server = await serve(home, gallery, { ...options, port });
}

function choose() {
    let at = random() * weight;
    return ACTIONS.find(([share]) => (at -= share) < 0) ?? ACTIONS[0];
}

// ---- at rest ----

const patient = { timeout: 120000 };

// Comes back where the history began before the page, loads the page where the browser shows its own because there was no
// connection, and signs in where it has to; then nothing may be wrong.
async function isRight(tab) {
    if (tab.url().startsWith('chrome-error:')) await tab.reload().catch(() => {});
    else if (!tab.url().startsWith(url)) await tab.goForward().catch(() => {});
    if (await tab.isVisible('.login').catch(() => false)) await signIn(tab).catch(() => {});
    const found = await tab.evaluate(violations).catch((error) => [error.message]);
    if (found.length) [tab.wrong, tab.wrongSince] = [found, Date.now()];
    return found.length === 0;
}

const done = [];
let rests = 0;
const end = Date.now() + SECONDS * 1000;
let good = true;
diag(`seed ${SEED}, ${SECONDS} s`);
while (good && Date.now() < end) {
    for (let i = 0; i < 14; i++) {
        const [, name, act] = choose();
        done.push(name);
        await act().catch((error) => {
            if (!/Execution context|Target|navigat|Timeout/.test(error.message)) throw error;
        });
        if (below(3) === 0) await page.waitForTimeout(below(250));
    }
    if (offline) await page.context().setOffline((offline = false));
    for (const tab of tabs) {
        await tab.bringToFront();
        await tab.waitForLoadState('load', patient);
        good = good && (await until(() => isRight(tab), 'the state that the address names'));
        if (good) continue;
        diag(`wrong at ${tab.url()}: ${tab.wrong.join('; ')}`);
        diag(`after: ${done.slice(-30).join(', ')}`);
        await tab.screenshot({ path: join(process.env.BUILD ?? 'build', 'monkey.png') }).catch(() => {});
        break;
    }
    await page.bringToFront();
    rests++;
}
ok(good, `${done.length} steps, ${rests} rests: each time in the state that the address names (seed ${SEED})`);
const said = tabs.flatMap((tab) => tab.complaints).filter((text) => !/net::ERR_|status of 50\d/.test(text));
is(said, [], 'no error, no breach of the policy, no other host');
await closeBrowser();
await server.stop();
await standIn.stop();
doneTesting();
