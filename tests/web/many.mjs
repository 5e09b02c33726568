// SPDX-License-Identifier: MIT
// tests/web/many.t
import { diag, doneTesting, is, ok } from '../tap.mjs';
import { closeBrowser, openPage, waitForPhotos } from './browser.mjs';
import { copyPhotos, grow, indexPhotos, makeHome, photoFolder, serve, sql } from './gallery.mjs';

const COUNT = 100000;
const home = makeHome();
const gallery = indexPhotos(home, copyPhotos(home, photoFolder()));
grow(gallery, COUNT);
const order = 'taken IS NULL, taken DESC, id DESC';
const [first, last] = ['', `OFFSET ${COUNT - 1}`].map((offset) =>
    Number(sql(gallery, `SELECT id FROM photo ORDER BY ${order} LIMIT 1 ${offset}`)),
);
const server = await serve(home, gallery);
await server.fetch('api/v1/search?q=warm'); // the index is in memory

// Bytes that JavaScript holds after a collection, and elements in the document.
async function weigh(page) {
    const client = await page.context().newCDPSession(page);
    await client.send('HeapProfiler.collectGarbage');
    const { usedSize } = await client.send('Runtime.getHeapUsage');
    return {
        heap: usedSize,
        elements: await page.evaluate(() => document.querySelectorAll('*').length),
    };
}
const shown = (page, id) => page.waitForSelector(`.tile[data-photo="${id}"] img.here`);
const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

for (const [size, language, scheme] of [
    ['desk', 'en', 'light'],
    ['phone', 'zh', 'dark'],
]) {
    const at = `${size}, ${language}`;
    const page = await openPage(server.url, { size, language, scheme });
    const asked = [];
    page.on('request', (request) => asked.push(request.url()));
    const begun = Date.now();
    await page.goto(server.url);
    await waitForPhotos(page);
    const painted = Date.now() - begun;
    diag(`${at}: first photos after ${painted} ms`);
    const lists = asked.filter((url) => /\/photos\?/.test(url)).length;
    ok(lists <= 6, `${at}: they took ${lists} lists of at most 120 photos`);
    await shown(page, first);
    const fresh = await weigh(page);

    // To the far end at once, as dragging the scrubber does.
    let jump = Date.now();
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await shown(page, last);
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    diag(`${at}: the last of ${COUNT} photos after ${Date.now() - jump} ms`);
    ok(true, `${at}: the far end is reached`);
    await page.look('many-end');

    // Through all of it in steps, each place given a moment to be asked for.
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    const steps = process.env.KEEPSAKE_TEST_LONG ? 120 : 60;
    let most = 0;
    for (let i = steps; i >= 0; i--) {
        await page.evaluate((y) => scrollTo(0, y), (height * i) / steps);
        await page.waitForTimeout(110);
        most = Math.max(most, await page.evaluate(() => document.querySelectorAll('*').length));
    }
    await shown(page, first);
    ok(true, `${at}: and back`);
    const after = await weigh(page);
    diag(
        `${at}: heap ${megabytes(fresh.heap)} MB, after all of it ${megabytes(after.heap)} MB; at most ${most} elements`,
    );
    ok(after.heap - fresh.heap < 24e6, `${at}: memory stays bounded`);
    ok(most < 2500, `${at}: and so does the document`);

    const longest = await page.evaluate(async () => {
        let worst = 0;
        let before = performance.now();
        for (let i = 0; i < 60; i++) {
            scrollBy(0, 300);
            await new Promise(requestAnimationFrame);
            const now = performance.now();
            worst = Math.max(worst, now - before);
            before = now;
        }
        return worst;
    });
    diag(`${at}: longest frame while scrolling ${Math.round(longest)} ms`);

    jump = Date.now();
    await page.fill('#search-text', 'two dogs');
    await page.waitForSelector('.results .tile img.here');
    diag(`${at}: a search of ${COUNT} photos shown ${Date.now() - jump} ms after the last key`);
    is(page.complaints, [], `${at}: no error, no breach of the policy, no other host`);
    await page.context().close();
}

// ---- as many, all in one section ----

await server.stop();
sql(gallery, 'UPDATE photo SET taken = NULL');
const undated = await serve(home, gallery);
const page = await openPage(undated.url);
await page.goto(undated.url);
await waitForPhotos(page);
const begun = Date.now();
await page.focus('.scrubber');
await page.keyboard.press('End');
await shown(page, Number(sql(gallery, 'SELECT min(id) FROM photo')));
ok(true, `without dates: the far end after ${Date.now() - begun} ms`);
is(page.complaints, [], 'without dates: no error, no breach of the policy, no other host');

await closeBrowser();
await undated.stop();
doneTesting();
