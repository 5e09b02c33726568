// SPDX-License-Identifier: MIT
// tests/web/viewer.t
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { doneTesting, is, like, ok } from '../tap.mjs';
import { until } from '../wait.mjs';
import { closeBrowser, openPage, overflow, waitForPhotos } from './browser.mjs';
import { copyPhotos, date, indexPhotos, makeHome, photoFolder, serve, sql } from './gallery.mjs';

const home = makeHome();
const folder = copyPhotos(home, photoFolder(), 60);
const gallery = indexPhotos(home, folder);
date(gallery);
sql(
    gallery,
    `UPDATE photo SET exposure = 0.004, iso = 400, aperture = 2.8, rating = 4, keywords = 'sea' || char(10) || 'summer holiday', town = 'Porto', country = 'Portugal'
        WHERE latitude IS NOT NULL;`,
);
const server = await serve(home, gallery);
const order = sql(gallery, 'SELECT id FROM photo ORDER BY taken IS NULL, taken DESC, id DESC')
    .split('\n')
    .map(Number);
const labels = () =>
    sql(gallery, 'SELECT name FROM label ORDER BY name').split('\n').filter(Boolean);
const labelsByApi = async (photo) =>
    (await (await server.fetch(`api/v1/labels?photo=${photo}`)).json()).labels;

const picture = '.pswp__item[aria-hidden=false] .pswp__img:not(.pswp__img--placeholder)';
const opened = (page) => page.waitForSelector(picture);
const widthOf = (page) => page.$eval(picture, (image) => image.getBoundingClientRect().width);

// ---- on a phone: swipe, pinch is PhotoSwipe's own; facts as a sheet ----

{
    const page = await openPage(server.url, { size: 'phone', language: 'zh', scheme: 'dark' });
    await page.goto(server.url);
    await waitForPhotos(page);
    await page.tap(`.tile[data-photo="${order[1]}"]`);
    await opened(page);
    await page.look('viewer');
    const swipe = async (from, to) => {
        const client = await page.context().newCDPSession(page);
        await client.send('Input.dispatchTouchEvent', {
            type: 'touchStart',
            touchPoints: [{ x: from, y: 400 }],
        });
        for (let i = 1; i <= 6; i++) {
            await client.send('Input.dispatchTouchEvent', {
                type: 'touchMove',
                touchPoints: [{ x: from + ((to - from) * i) / 6, y: 400 }],
            });
            await page.waitForTimeout(16);
        }
        await client.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    };
    await swipe(300, 60);
    await page.waitForURL(`**/?photo=${order[2]}`);
    ok(true, 'phone: a swipe to the left goes to the next photo');
    await page.rest();
    await swipe(60, 300);
    await page.waitForURL(`**/?photo=${order[1]}`);
    ok(true, 'phone: and one to the right back');
    await page.rest();
    const bottom = () =>
        page.$eval(picture, (image) => image.getBoundingClientRect().bottom);
    const before = await bottom();
    // Chromium takes a tap soon after a swipe for the end of its fling, as it does a person's: tap again.
    const factsCame = async () => {
        if (await page.isVisible('.facts .fact')) return true;
        await page.tap('.viewer-facts');
        await page.rest();
        return page.isVisible('.facts .fact');
    };
    await until(factsCame);
    const madeRoom = async () => {
        const sheet = await page.locator('.facts-panel').boundingBox();
        const after = await bottom();
        return after <= sheet.y + 1 && after < before;
    };
    ok(await until(madeRoom), 'phone: the facts come up from below, and the photo makes room');
    is(await page.textContent('.labels h2'), '这是谁，是什么？', 'phone: in Chinese');
    ok((await overflow(page)) <= 0, 'phone: nothing is wider than the window');
    await page.look('facts');
    is(page.complaints, [], 'phone: no error, no breach of the policy, no other host');
    await page.context().close();
}

// ---- zoom, facts, download ----

const page = await openPage(server.url);
await page.goto(server.url);
await waitForPhotos(page);
await page.click(`.tile[data-photo="${order[0]}"]`);
await opened(page);
await page.rest();
const fitted = await widthOf(page);
const fittedBox = await page.locator(picture).boundingBox();
ok(
    fittedBox.height > 800 || fittedBox.width > 1430,
    `a photo of ${await page.$eval(picture, (image) => image.naturalWidth)} px fills the window: ${Math.round(fittedBox.width)} x ${Math.round(fittedBox.height)}`,
);
const isLarger = async () => (await widthOf(page)) > fitted * 1.1;
await page.mouse.wheel(0, -400);
ok(await until(isLarger), 'the wheel zooms in');
await page.keyboard.press('-');
await page.keyboard.press('-');
await page.keyboard.press('-');
const isFitted = async () => Math.abs((await widthOf(page)) - fitted) < 3;
ok(await until(isFitted), '- zooms out');
await page.rest();
ok(await isFitted(), 'no further than all of it');
await page.keyboard.press('+');
ok(await until(isLarger), '+ zooms in');

await page.keyboard.press('i');
await page.waitForSelector('.facts .fact');
const facts = await page.textContent('.facts');
like(facts, /30 December 2021/, 'facts: the date');
like(facts, /47\.37690° N, 8\.54170° W/, 'facts: the place');
like(facts, /FUJIFILM X-T5 · XF 35mm/, 'facts: the camera');
const [path, width, height] = sql(
    gallery,
    `SELECT path, width, height FROM photo WHERE id = ${order[0]}`,
).split('|');
ok(
    facts.includes(path.split('/').at(-1)) && facts.includes(`${width} × ${height}`),
    'facts: name and size of the file',
);
const links = await page.$$eval('.facts .link', (all) => all.map((one) => [one.textContent, one.title.replace('Search for ', '')]));
const queryOf = new Map(links);
is(
    ['30 December 2021', 'FUJIFILM X-T5', 'XF 35mm', '1/250 s', 'f/2.8', 'ISO 400', '4', 'sea', 'summer holiday'].map((name) =>
        [...queryOf].find(([written]) => written === name || written.startsWith(`${name} `))?.[1],
    ),
    ['date:2021-12-30', 'camera:X-T5', 'lens:"XF 35mm"', 'exposure:0.004', 'f:2.8', 'iso:400', 'rating:4', 'tag:sea', 'tag:"summer holiday"'],
    'facts: each is a search for the photos that have it',
);
for (const query of queryOf.values()) {
    if (query === 'Show only this folder') continue;
    const { photos } = await (await server.fetch(`api/v1/query/explain?q=${encodeURIComponent(query)}`)).json();
    is(photos, 1, `facts: ${query} finds the photo`);
}
await page.look('facts');
const desk = page.viewportSize();
for (let i = 0; i < 4; i++) await page.keyboard.press('-');
ok(await until(async () => (await widthOf(page)) < fitted + 3), 'zoomed out beside them');
await page.setViewportSize({ width: 844, height: 390 });
const isBeside = async () => {
    const [photo, panel] = await Promise.all([picture, '.facts-panel'].map((one) => page.locator(one).boundingBox()));
    return photo.height > 200 && photo.x + photo.width <= panel.x + 1;
};
ok(await until(isBeside), 'on a phone held across, the facts stand beside the photo');
await page.setViewportSize(desk);
const [save] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('d')]);
const digest = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');
is(digest(await save.path()), digest(path), 'd downloads the file, byte for byte');
is(save.suggestedFilename(), path.split('/').at(-1), 'under its name');

// ---- labels ----

await page.fill('.label-form input', 'Rex');
await page.keyboard.press('Enter');
await page.waitForSelector('.label-list li');
is(
    (await labelsByApi(order[0])).map(({ name, box }) => [name, box]),
    [['Rex', null]],
    'a name for the whole photo',
);

await page.click('.labels .quiet-button');
await page.waitForSelector('.draw-sheet');
const area = await page.locator(picture).boundingBox();
await page.mouse.move(area.x + area.width * 0.2, area.y + area.height * 0.3);
await page.mouse.down();
await page.mouse.move(area.x + area.width * 0.6, area.y + area.height * 0.8, { steps: 5 });
await page.look('drawing');
await page.mouse.up();
await page.waitForFunction(() => document.activeElement.matches('.label-form input'));
await page.keyboard.type('Mia');
await page.keyboard.press('Enter');
await page.waitForSelector('.box-label');
const near = (box, want) => Object.keys(want).every((key) => Math.abs(box[key] - want[key]) < 0.01);
const mia = (await labelsByApi(order[0])).find((label) => label.name === 'Mia');
ok(
    near(mia.box, { x: 0.2, y: 0.3, width: 0.4, height: 0.5 }),
    'a box drawn with the mouse is stored as fractions of the photo',
);
const drawn = await page.locator('.box-label').boundingBox();
ok(
    Math.abs(drawn.x - (area.x + area.width * 0.2)) < 6 &&
        Math.abs(drawn.width - area.width * 0.4) < 8,
    'and shown where it was drawn',
);
is(await page.textContent('.box-label'), 'Mia', 'with its name');
await page.look('labels');

await page.evaluate(() => document.querySelector('.pswp').focus());
await page.keyboard.press('b');
await page.waitForSelector('.draw-sheet');
await page.keyboard.press('ArrowLeft');
await page.keyboard.press('Shift+ArrowRight');
await page.keyboard.press('Enter');
await page.waitForFunction(() => document.activeElement.matches('.label-form input'));
await page.keyboard.type('Ana');
await page.keyboard.press('Enter');
await page.waitForFunction(() => document.querySelectorAll('.box-label').length === 2);
const ana = (await labelsByApi(order[0])).find((label) => label.name === 'Ana');
ok(
    near(ana.box, { x: 0.33, y: 0.35, width: 0.32, height: 0.3 }),
    'a box drawn with the keyboard alone',
);
await page.evaluate(() => document.querySelector('.pswp').focus());
await page.keyboard.press('b');
await page.waitForSelector('.draw-sheet');
await page.keyboard.press('Escape');
ok(await page.isVisible('.pswp'), 'Esc gives up the drawing, not the photo');

await page.click('[aria-label="Rename Mia"]');
await page.keyboard.type('Mia Maria');
await page.keyboard.press('Enter');
await page.waitForSelector('[aria-label="Rename Mia Maria"]');
is(labels(), ['Ana', 'Mia Maria', 'Rex'], 'a label is renamed');
await page.click('[aria-label="Remove Rex"]');
await page.waitForFunction(() => document.querySelectorAll('.label-list li').length === 2);
is(labels(), ['Ana', 'Mia Maria'], 'and removed');
await page.keyboard.press('ArrowRight');
await page.waitForURL(`**/?photo=${order[1]}`);
const hasNoBox = async () => (await page.locator('.box-label').count()) === 0;
ok(await until(hasNoBox), 'the next photo has none of these boxes');
await page.keyboard.press('ArrowLeft');
await page.waitForSelector('.box-label');

await page.click('.label-list .link >> text=Ana');
await page.waitForURL('**/?label=Ana');
// The photos before may still be there for a moment.
await page.waitForFunction(() => document.querySelectorAll('.timeline .tile').length === 1);
is(
    await page.$$eval('.timeline .tile', (all) => all.map((tile) => Number(tile.dataset.photo))),
    [order[0]],
    'a name shows its photos',
);
await page.goto(`${server.url}?q=Ana+on+the+beach`);
await waitForPhotos(page);
is(
    await page.textContent('.results .grid-heading h2'),
    'You labelled',
    'a search with a name puts its photos first',
);
is(Number(await page.getAttribute('.results .tile', 'data-photo')), order[0], 'that photo');

// ---- a file that is gone ----

sql(
    gallery,
    `UPDATE photo SET path = path || '.gone.jpg', hash = zeroblob(32) WHERE id = ${order[3]}`,
);
await page.goto(`${server.url}?photo=${order[3]}`);
await page.waitForSelector('.pswp__error-msg');
like(
    await page.textContent('.pswp__error-msg'),
    /its file is gone/,
    'a photo whose file is gone says so',
);

is(page.complaints, [], 'no error, no breach of the policy, no other host');
await closeBrowser();
await server.stop();
doneTesting();
