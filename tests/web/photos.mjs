// SPDX-License-Identifier: MIT
// tests/web/photos.t
import { doneTesting, is, like, ok } from '../tap.mjs';
import { until } from '../wait.mjs';
import { closeBrowser, openPage, overflow, waitForPhotos } from './browser.mjs';
import { copyPhotos, date, indexPhotos, makeHome, photoFolder, serve, sql } from './gallery.mjs';

const home = makeHome();
const folder = copyPhotos(home, photoFolder());
const gallery = indexPhotos(home, folder);
date(gallery);
const server = await serve(home, gallery);
const query = (text) => sql(gallery, text).split('\n');

const months = query(
    "SELECT substr(taken, 1, 7) || ' ' || count(*) FROM photo WHERE taken NOT NULL GROUP BY substr(taken, 1, 7) ORDER BY min(taken) DESC",
).map((line) => line.split(' '));
const order = query('SELECT id FROM photo ORDER BY taken IS NULL, taken DESC, id DESC').map(Number);

const tiles = (page) =>
    page.$$eval('.timeline .tile', (all) =>
        all
            .map((tile) => ({
                id: Number(tile.dataset.photo),
                box: tile.getBoundingClientRect().toJSON(),
            }))
            .sort((a, b) => a.box.top - b.box.top || a.box.left - b.box.left),
    );
const rowsOf = (shown) => {
    const rows = new Map();
    for (const tile of shown)
        rows.set(Math.round(tile.box.top), [...(rows.get(Math.round(tile.box.top)) ?? []), tile]);
    return [...rows.values()];
};
const focused = (page) =>
    page.evaluate(() => Number(document.activeElement.closest('.tile')?.dataset.photo ?? 0));
const address = (page) => page.url().slice(server.url.length - 1);

// ---- the grid, at both widths and in both languages ----

for (const [size, language, scheme] of [
    ['desk', 'en', 'light'],
    ['desk', 'zh', 'dark'],
    ['phone', 'en', 'dark'],
    ['phone', 'zh', 'light'],
]) {
    const at = `${size}, ${language}`;
    const page = await openPage(server.url, { size, language, scheme });
    await page.goto(server.url);
    await waitForPhotos(page);
    const shown = await tiles(page);
    is(
        shown.map((tile) => tile.id),
        order.slice(0, shown.length),
        `${at}: newest first, in order`,
    );
    ok(shown.length < 160, `${at}: only what is near the window is there (${shown.length} tiles)`);

    const rows = rowsOf(shown);
    const width = await page.$eval('.timeline .grid', (grid) => grid.clientWidth);
    const full = rows.filter((row) => row.at(-1).box.right - row[0].box.left > width - 2);
    ok(full.length >= 2, `${at}: rows are as wide as the page (${full.length} of ${rows.length})`);
    ok(
        rows.every((row) => row.at(-1).box.right - row[0].box.left < width + 2),
        `${at}: none is wider`,
    );
    const sizes = new Map(
        query('SELECT id, width, height FROM photo').map((line) => {
            const [id, w, h] = line.split('|').map(Number);
            return [id, w / h];
        }),
    );
    ok(
        shown.every(({ id, box }) => Math.abs(box.width / box.height / sizes.get(id) - 1) < 0.06),
        `${at}: photos keep their shape`,
    );

    const heading = await page.textContent('.grid-heading h2');
    const named = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en', {
        year: 'numeric',
        month: 'long',
    });
    is(heading, named.format(new Date(`${months[0][0]}-15`)), `${at}: the newest month is named`);
    is(await page.textContent('.grid-heading .quiet'), months[0][1], `${at}: with its count`);
    ok((await overflow(page)) <= 0, `${at}: nothing is wider than the window`);
    is(
        await page.getAttribute('html', 'lang'),
        language === 'zh' ? 'zh-CN' : 'en',
        `${at}: the page says its language`,
    );
    await page.look('photos');

    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await page.waitForFunction(
        (last) => document.querySelector(`.tile[data-photo="${last}"] img.here`),
        order.at(-1),
    );
    ok(true, `${at}: the last photo is reached`);
    is(
        await page.$$eval('.grid-heading h2', (all) => all.at(-1).textContent),
        language === 'zh' ? '无日期' : 'No date',
        `${at}: photos without a date come last`,
    );
    is(page.complaints, [], `${at}: no error, no breach of the policy, no other host`);
    await page.context().close();
}

// ---- keys and the address ----

const page = await openPage(server.url);
await page.goto(server.url);
await page.waitForSelector(`.tile[data-photo="${order[0]}"] img.here`);
await page.focus('.timeline .tile-link[tabindex="0"]');
is(await focused(page), order[0], 'the grid is one stop for Tab: its first photo');
{
    // The first list is held back until photos of another are there.
    let release;
    const held = new Promise((go) => (release = go));
    let lists = 0;
    await page.route('**/photos?*', async (route) => {
        if (++lists === 1) await held;
        await route.continue();
    });
    await page.reload();
    await waitForPhotos(page);
    ok((await tiles(page)).every(({ id }) => id !== order[0]), 'when the first photos come late');
    release();
    await page.waitForSelector(`.tile[data-photo="${order[0]}"] img.here`);
    await page.focus('.timeline .tile-link[tabindex="0"]');
    is(await focused(page), order[0], '... they are the first stop all the same');
    await page.unroute('**/photos?*');
}
{
    // A busy server refuses a picture more than once.
    const picture = (url) => url.pathname.includes(`/photos/${order[0]}/`);
    let refused = 0;
    await page.route(picture, async (route) => {
        if (refused === 3) return route.continue();
        refused += 1;
        return route.fulfill({ status: 503, body: '' });
    });
    await page.reload();
    await page.waitForSelector(`.tile[data-photo="${order[0]}"] img.here`, { timeout: 120000 });
    is(refused, 3, 'a picture that was refused three times is shown in the end');
    await page.unroute(picture);
    page.complaints.splice(0);
    await page.focus('.timeline .tile-link[tabindex="0"]');
}
await page.keyboard.press('ArrowRight');
is(await focused(page), order[1], 'right: the next photo');
await page.keyboard.press('ArrowLeft');
const first = (await tiles(page))[0];
await page.keyboard.press('ArrowDown');
const below =
    (await tiles(page)).find((tile) => tile.id === 0) ??
    (await tiles(page)).find(({ id }) => id === order[0]);
const now = await focused(page);
const here = (await tiles(page)).find(({ id }) => id === now);
ok(
    here.box.top > below.box.top && here.box.left <= first.box.right,
    'down: a photo of the row below, under this one',
);
await page.keyboard.press('ArrowUp');
is(await focused(page), order[0], 'up: back to it');
await page.keyboard.press('End');
await page.waitForFunction(
    (id) => document.activeElement.closest('.tile')?.dataset.photo === String(id),
    order.at(-1),
);
ok(true, 'End: the last photo of the gallery');
for (let i = 0; i < 12; i++) await page.keyboard.press('ArrowUp');
ok(order.indexOf(await focused(page)) < order.length - 20, 'up from there, row by row');
await page.keyboard.press('Home');
await page.waitForFunction(
    (id) => document.activeElement.closest('.tile')?.dataset.photo === String(id),
    order[0],
);

await page.keyboard.press('Enter');
await page.waitForSelector('.pswp__img:not(.pswp__img--placeholder)');
await page.waitForURL(`**/?photo=${order[0]}`);
ok(true, 'Enter opens the photo, and the address says so');
await page.keyboard.press('ArrowRight');
await page.waitForURL(`**/?photo=${order[1]}`);
for (let i = 0; i < 30; i++) {
    await page.keyboard.press('ArrowRight');
    await page.waitForURL(`**/?photo=${order[i + 2]}`);
}
await page.waitForURL(`**/?photo=${order[31]}`);
ok(true, 'arrows walk through the gallery');
await page.keyboard.press('Escape');
await page.waitForFunction(
    (id) => document.activeElement.closest('.tile')?.dataset.photo === String(id),
    order[31],
);
ok(!address(page).includes('photo='), 'Esc closes it, the photo that was open has the focus');
await page.goBack();
is(
    await page.url(),
    'about:blank',
    'and however many were looked at, Back leaves the gallery in one step',
);

// ---- a photo by its address, the scrubber ----

await page.goto(`${server.url}?photo=${order[40]}`);
await page.waitForSelector('.pswp__img:not(.pswp__img--placeholder)');
await page.keyboard.press('ArrowRight');
await page.waitForURL(`**photo=${order[41]}`);
ok(true, 'a photo opened by its address is among its neighbours');
await page.keyboard.press('Escape');
await page.waitForSelector('.pswp', { state: 'detached' });

await page.goto(server.url);
await waitForPhotos(page);
const slider = page.locator('.scrubber');
await slider.focus();
const spoken = () => slider.getAttribute('aria-valuetext');
await page.evaluate(() => scrollTo(0, 0)); // the place of the visit before is kept
ok(await until(async () => /^December 2021/.test(await spoken())), 'scrubber: says the first month');
const start = await spoken();
await page.keyboard.press('ArrowDown');
await page.waitForFunction(
    (before) => document.querySelector('.scrubber').getAttribute('aria-valuetext') !== before,
    start,
);
like(
    await spoken(),
    /^November 2021, \d+ photos$/,
    'scrubber: down goes to the month before, and says it',
);
await page.waitForURL('**/?month=2021-11');
ok(true, 'the address has the month');
await page.keyboard.press('PageDown');
await page.waitForFunction(() =>
    /2020/.test(document.querySelector('.scrubber').getAttribute('aria-valuetext')),
);
ok(true, 'PageDown: a year back');
await page.keyboard.press('End');
await page.waitForFunction(() =>
    /^No date/.test(document.querySelector('.scrubber').getAttribute('aria-valuetext')),
);
ok(true, 'End: photos without a date');
const rail = await slider.boundingBox();
await page.mouse.move(rail.x + 10, rail.y + rail.height - 5);
await page.mouse.down();
await page.mouse.move(rail.x + 10, rail.y + rail.height / 2, { steps: 4 });
await page.look('scrubber');
await page.mouse.up();
ok(
    /2021/.test(await spoken()),
    'dragging to the middle goes to the middle of the gallery',
    await spoken(),
);
await page.goto(`${server.url}?month=2021-08`);
await page.waitForFunction(() =>
    /^August 2021/.test(document.querySelector('.scrubber').getAttribute('aria-valuetext') ?? ''),
);
ok(true, 'an address with a month opens there');

is(page.complaints, [], 'no error, no breach of the policy, no other host');
await closeBrowser();
await server.stop();
is(server.complaints(), '', 'the server had nothing to say');
doneTesting();
