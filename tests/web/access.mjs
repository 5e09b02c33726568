// SPDX-License-Identifier: MIT
// tests/web/access.t: axe-core over every view, in both languages, schemes and widths.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { start } from '../llm/start.mjs';
import { doneTesting, is, ok } from '../tap.mjs';
import { closeBrowser, openPage, overflow, waitForPhotos } from './browser.mjs';
import {
    addBroken,
    copyPhotos,
    date,
    indexPhotos,
    makeHome,
    photoFolder,
    serve,
} from './gallery.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const home = makeHome();
const folder = copyPhotos(home, photoFolder(), 120);
addBroken(folder);
const gallery = indexPhotos(home, folder);
date(gallery);
const standIn = await start();
const server = await serve(home, gallery, {
    env: { ANTHROPIC_BASE_URL: standIn.url('tools'), ANTHROPIC_API_KEY: 'sk-ant-stand-in' },
    folders: [folder],
});

async function examine(page, name) {
    await page.rest();
    // The policy forbids scripts in the page: axe comes by the debugger, as a developer's tools do.
    await page.evaluate(`if (!window.axe) { ${axe} }`);
    const { violations } = await page.evaluate(() =>
        window.axe.run(document, { resultTypes: ['violations'] }),
    );
    const bad = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    const lines = bad.flatMap(({ id, nodes }) =>
        nodes.slice(0, 3).map((node) => `${id}: ${node.target} ${node.failureSummary}`),
    );
    is(lines, [], `${name}: nothing serious`);
    ok((await overflow(page)) <= 0, `${name}: no wider than the window`);
    const unnamed = await page.$$eval('button, a[href], input, select, textarea', (all) =>
        all
            .filter(
                (one) =>
                    one.checkVisibility() &&
                    !(
                        one.getAttribute('aria-label') ||
                        one.textContent.trim() ||
                        one.labels?.length
                    ),
            )
            .map((one) => one.outerHTML),
    );
    is(unnamed, [], `${name}: everything one can use has a name`);
}

for (const [size, language, scheme] of [
    ['desk', 'en', 'light'],
    ['desk', 'zh', 'dark'],
    ['phone', 'en', 'dark'],
    ['phone', 'zh', 'light'],
]) {
    const at = (name) => `${size}, ${language}, ${scheme}: ${name}`;
    const page = await openPage(server.url, { size, language, scheme });
    await page.goto(server.url);
    await waitForPhotos(page);
    await examine(page, at('photos'));

    await page.click('#open-filters');
    await examine(page, at('filters'));
    await page.goto(`${server.url}?q=${encodeURIComponent('dog is:landscape')}&from=2021`);
    await waitForPhotos(page);
    await page.waitForSelector('#chips .chip-query');
    await page.click('.about summary');
    await page.click('#chips .chip-query .chip-edit');
    await page.waitForSelector('#suggestions [role=option]');
    await page.keyboard.press('ArrowDown');
    await page.waitForSelector('#suggestions [aria-selected=true]');
    await examine(page, at('results'));
    await page.keyboard.press('Escape');

    await page.click('.results .tile-link');
    await page.waitForSelector('.pswp__img:not(.pswp__img--placeholder)');
    await page.click('.viewer-facts');
    await page.fill('.label-form input', 'Rex');
    await page.press('.label-form input', 'Enter');
    await page.waitForSelector('.label-list li');
    await examine(page, at('viewer'));
    await page.goto(server.url);
    await waitForPhotos(page);

    await page.click('#open-ask');
    await examine(page, at('ask'));
    await page.fill('#ask-text', 'What is the dog doing?');
    await page.press('#ask-text', 'Enter');
    await page.waitForSelector('.outbox');
    await examine(page, at('outbox'));
    await page.click('.outbox .primary');
    await page.waitForSelector('.answer-foot:not(:empty)');
    await examine(page, at('answer'));

    await page.goto(`${server.url}?view=places`);
    await page.waitForSelector('.cluster');
    await examine(page, at('places'));
    await page.evaluate(() => fetch('api/v1/albums', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ name: `All ${Math.random()}`, query: 'is:landscape' }) }));
    await page.goto(`${server.url}?view=albums`);
    await page.waitForSelector('.card img');
    await examine(page, at('albums'));
    await page.goto(`${server.url}?view=settings`);
    await page.waitForSelector('.settings table');
    await page.waitForSelector('.failures li');
    await examine(page, at('settings'));
    await page.look('settings');
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press('?');
    await page.waitForSelector('dialog[open]');
    await examine(page, at('keys'));
    await page.look('keys');
    is(page.complaints, [], at('no error, no breach of the policy, no other host'));
    await page.context().close();
}

await closeBrowser();
await server.stop();
await standIn.stop();
doneTesting();
