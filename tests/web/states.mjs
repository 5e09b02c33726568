// SPDX-License-Identifier: MIT
// tests/web/states.t
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { doneTesting, is, like, ok } from '../tap.mjs';
import { until } from '../wait.mjs';
import { closeBrowser, openPage, waitForPhotos } from './browser.mjs';
import { copyPhotos, date, indexInto, indexPhotos, makeHome, photoFolder, serve, sql } from './gallery.mjs';

const home = makeHome();
const folder = copyPhotos(home, photoFolder(), 150);
const gallery = indexPhotos(home, folder);
date(gallery);
const server = await serve(home, gallery);
const api = (path) => server.fetch(`api/v1/${path}`).then((reply) => reply.json());
const moving = { reducedMotion: 'no-preference' };
const address = (page) => decodeURIComponent(page.url().slice(server.url.length - 1));
const isOpen = (page) => page.evaluate(() => document.querySelector('.pswp') !== null);
const isInert = (page) => page.evaluate(() => document.getElementById('main').inert);
const isAt = (page, text) => page.waitForFunction((want) => location.search === want, text);
const field = (page) => page.inputValue('#search-text');
const shown = (page) => page.$$eval('.results .tile', (all) => all.map((one) => Number(one.dataset.photo)));

let page = await openPage(server.url, moving);
await page.goto(server.url);
await waitForPhotos(page);

// ---- the viewer follows the address also while it moves ----

const stop = () => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => done())));
await page.click('.timeline .tile-link');
await page.goBack();
ok(await until(async () => !(await isOpen(page))), 'Back while a photo opens: it closes');
ok(!(await isInert(page)), 'and the photos below can be used');
is(address(page), '/', 'at the address before');
await page.click('.timeline .tile-link');
await stop();
await page.keyboard.press('Escape');
ok(await until(async () => !(await isOpen(page))), 'Esc while a photo opens closes it');
await isAt(page, '');
await page.click('.timeline .tile-link');
await page.waitForSelector('.pswp__img:not(.pswp__img--placeholder)');
await page.keyboard.press('m');
await page.waitForSelector('.results .tile');
await page.evaluate(() => {
    history.back();
    addEventListener('popstate', () => setTimeout(() => history.back(), 60), { once: true });
});
await isAt(page, '');
ok(
    await until(async () => !(await isOpen(page)) && (await page.isVisible('.timeline'))),
    'Back twice from what is like a photo: all photos, and none open',
);
await page.evaluate(async () => {
    document.querySelector('.timeline .tile-link').click();
    history.back();
    await new Promise((done) => addEventListener('popstate', done, { once: true }));
});
await page.goForward();
await page.waitForSelector('.pswp');
const photo = new URLSearchParams(new URL(page.url()).search).get('photo');
ok(await until(async () => (await isOpen(page)) && photo), 'Forward opens it again');
await page.keyboard.press('Escape');
ok(await until(async () => !(await isOpen(page))), 'and Esc closes it');
await page.click('.timeline .tile-link', { modifiers: ['Shift'] });
await page.waitForSelector('.pswp');
is(page.context().pages().length, 1, 'a click with Shift opens no window');
await page.goBack();
await until(async () => !(await isOpen(page)));

// ---- what one typed, in the history ----

await page.goto(server.url);
await waitForPhotos(page);
await page.fill('#search-text', 'dog');
await isAt(page, '?q=dog');
await page.waitForSelector('.results .tile');
await page.goBack();
await isAt(page, '');
is(await field(page), '', 'Back from a search: an empty field');
await page.goForward();
await isAt(page, '?q=dog');
is(await field(page), 'dog', 'Forward: its words, though the field has the focus');
await page.focus('#search-text');
await page.keyboard.press('Enter');
await page.fill('#search-text', 'cat');
await isAt(page, '?q=cat');
await page.goBack();
await isAt(page, '?q=dog');
is(await field(page), 'dog', 'a search that one entered stays in the history');
await page.fill('#search-text', 'b');
await isAt(page, '?q=b');
await page.fill('#search-text', 'boat');
await isAt(page, '?q=boat');
await page.goBack();
await isAt(page, '?q=dog');
ok(true, 'what is typed in one go is one step');

// ---- order, marks, counts and further pages ----

const isGood = ({ strength }) => strength === 'strong' || strength === 'fair';
const far = await api('search?q=grass&order=strength&limit=150');
const rank = ['strong', 'fair', 'weak', 'none'];
const ranks = far.results.map(({ strength }) => rank.indexOf(strength));
is(ranks, [...ranks].sort(), 'the API orders by strength');
const byScore = (await api('search?q=grass&limit=150')).results;
const expected = rank.flatMap((one) => byScore.filter(({ strength }) => strength === one));
is(far.results.map(({ id }) => id), expected.map(({ id }) => id), 'and by score within each');
const pages = [];
for (let cursor = '0'; cursor; ) {
    const part = await api(`search?q=grass&order=strength&limit=40&cursor=${cursor}`);
    pages.push(...part.results.map(({ id }) => id));
    cursor = part.next_cursor;
}
is(pages, far.results.map(({ id }) => id), 'its pages are one order');

// A photo that is like many others: its matches take several pages.
let example;
let matching = [];
for (const { id } of byScore.slice(0, 12)) {
    const { results } = await api(`photos/${id}/similar?order=strength&limit=150`);
    const near = results.filter(({ strength }) => strength !== 'none');
    if (near.length > matching.length) [example, matching] = [id, near];
}
await page.goto(`${server.url}?like=${example}`);
await page.waitForSelector('.results .tile');
await page.mouse.move(700, 500);
const all = new Set();
const seen = async () => {
    for (const id of await shown(page)) all.add(id);
    await page.mouse.wheel(0, 700);
    return all.size === matching.length;
};
ok(matching.length > 60 && (await until(seen)), `all ${matching.length} matches come as one scrolls`);
await page.evaluate(() => scrollTo(0, 0));
const good = matching.filter(isGood).length;
const counts = () => page.$$eval('.results .grid-heading .quiet', (every) => every.map((one) => one.textContent));
ok(
    await until(async () => (await counts())[0] === String(good || matching.length)),
    'the count of a group is that of all its photos',
);

// ---- places ----

const desk = page.viewportSize();
await page.setViewportSize({ width: 700, height: 420 });
await page.goto(`${server.url}?q=grass`);
await page.waitForSelector('.results .tile');
const scrolled = () => page.evaluate(() => scrollY);
await page.evaluate(() => scrollTo(0, 250));
const place = await scrolled();
const inView = await page.evaluate(() =>
    [...document.querySelectorAll('.results .tile')].find((tile) => {
        const { top, bottom } = tile.getBoundingClientRect();
        return top > 80 && bottom < innerHeight; // a click on it scrolls nothing
    }).dataset.photo,
);
let searches = 0;
page.on('request', (request) => (searches += /\/search\?/.test(request.url())));
await page.click(`.results .tile[data-photo="${inView}"] .tile-link`);
await page.waitForSelector('.pswp__img:not(.pswp__img--placeholder)');
await page.keyboard.press('m');
await isAt(page, `?like=${inView}`);
await page.waitForSelector('.results-head h1');
await page.goBack();
await page.waitForSelector('.pswp');
await page.goBack();
await isAt(page, '?q=grass');
ok(await until(async () => !(await isOpen(page)) && Math.abs((await scrolled()) - place) < 4), 'Back, Back: where one was');
await page.click('#open-settings');
await page.waitForSelector('.settings:not([hidden])');
await page.goBack();
await page.waitForSelector('.results:not([hidden]) .tile');
ok(await until(async () => Math.abs((await scrolled()) - place) < 4), 'Back from the settings, too');
is(searches, 0, 'without searching again');
await page.reload();
ok(await until(async () => Math.abs((await scrolled()) - place) < 4), 'and a reload keeps the place');

// ---- a picture, and a reload ----

await page.setViewportSize(desk);

const drop = () =>
    page.evaluate(async (base64) => {
        const data = new DataTransfer();
        const content = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        data.items.add(new File([content], 'a.jpg', { type: 'image/jpeg' }));
        document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    }, readFileSync(sql(gallery, 'SELECT path FROM photo LIMIT 1')).toString('base64'));
await page.goto(server.url);
await waitForPhotos(page);
await drop();
await page.waitForSelector('.results .tile');
const first = address(page);
await page.reload();
await page.waitForSelector('.toast');
like(await page.textContent('.toast'), /dropped the picture/, 'a picture that is gone is told');
await isAt(page, '');
await waitForPhotos(page);
await drop();
await page.waitForSelector('.results .tile');
ok(address(page) !== first, 'and the next one is searched for');
await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
const everyOne = async () => {
    await page.mouse.wheel(0, 3000);
    return (await page.isHidden('.results .more')) && (await shown(page)).length > 0;
};
ok(await until(everyOne), 'further pages come for a picture, too');

// ---- the language of queries ----

await page.goto(`${server.url}?q=${encodeURIComponent('dog lable:Ana')}`);
await page.waitForSelector('.results .query-fault mark');
is(await page.textContent('.query-fault mark'), 'lable:', 'the part of a query that cannot be read is marked');
await page.click('.results .message .chip');
await isAt(page, `?q=${encodeURIComponent('dog label:Ana').replace('%20', '+')}`);
ok(await until(async () => /no photo has the label Ana/i.test(await page.textContent('.results .message'))), 'the corrected query is searched for, and a label that no photo has is named');
await page.goto(`${server.url}?q=${encodeURIComponent('is:landscape')}`);
await page.waitForSelector('.results .tile');
is(await page.locator('.results .strength').count(), 0, 'photos that meet criteria alone have no strength of match');
await page.goto(`${server.url}?q=${encodeURIComponent('iso:>99999')}`);
ok(await until(async () => (await page.textContent('.results .message')) === 'No photos match'), 'a query whose criteria no photo meets says that none match');
await page.goto(`${server.url}?q=${encodeURIComponent('grass 2015')}`);
await page.click('.results-head >> text=date:2015');
ok(await until(async () => (await field(page)) === 'grass date:2015'), 'a year is offered as a criterion, by a click');

// ---- filters that are none ----

await page.goto(`${server.url}?from=2020&until=2019`);
await page.waitForSelector('.timeline .message:not([hidden]) p');
ok((await page.textContent('.timeline .message')).length > 20, 'filters that cannot be are explained in the page');
await page.click('.timeline .message button');
await waitForPhotos(page);
is(address(page), '/', 'and can be cleared there');
await page.goto(`${server.url}?q=dog&from=2019-13`);
await page.waitForSelector('.results .message:not([hidden]) p');
await page.click('.results .message button');
await isAt(page, '?q=dog');
await page.waitForSelector('.results .tile');
ok(true, 'among results, too');
await page.goto(`${server.url}?label=Nobody`);
await page.click('.timeline .message button');
await waitForPhotos(page);
ok(true, 'filters that nothing passes likewise');

// ---- files dragged out ----

const dragged = await page.evaluate(() => {
    const link = document.querySelector('.timeline .tile-link');
    const dataTransfer = new DataTransfer();
    link.dispatchEvent(new DragEvent('dragstart', { dataTransfer, bubbles: true }));
    return dataTransfer.getData('DownloadURL');
});
like(dragged, /^application\/octet-stream:[^:]+\.jpg:http:.*original\?download=1$/, 'a tile is dragged out as its file');
const small = await server.fetch(`api/v1/photos/${sql(gallery, 'SELECT min(id) FROM photo')}/thumbnail`);
const path = sql(gallery, 'SELECT path FROM photo ORDER BY id LIMIT 1');
like(small.headers.get('Content-Disposition'), new RegExp(`inline; filename="${path.split('/').at(-1)}"`), 'a thumbnail has the name of its photo');

// ---- the server goes and comes ----

await page.goto(`${server.url}?q=dog`);
await page.waitForSelector('.results .tile');
await page.context().setOffline(true);
await page.fill('#search-text', 'a boat');
await page.waitForSelector('.results .message:not([hidden]) button');
ok(await page.isVisible('#away'), 'without a connection: a line says so');
await page.context().setOffline(false);
await page.waitForSelector('.results .tile');
ok(await until(async () => !(await page.isVisible('#away'))), 'and when it is back, the search is made');
await page.goto(server.url);
await waitForPhotos(page);
let refuse = true;
await page.route('**/photos?*', (route) => (refuse ? route.abort() : route.continue()));
await page.reload();
await page.waitForSelector('.grid-waiting');
await page.waitForSelector('#away:not([hidden])');
refuse = false;
await waitForPhotos(page);
ok(true, 'photos that did not come are asked for again');
await page.unroute('**/photos?*');
{
    // The photo of an address is none of those that are shown, so that it is read by itself.
    const id = sql(gallery, 'SELECT max(id) FROM photo');
    const alone = (url) => url.pathname.endsWith(`/photos/${id}`);
    let refused = 0;
    await page.route(alone, (route) => (refused++ === 0 ? route.fulfill({ status: 503, body: '' }) : route.continue()));
    await page.goto(`${server.url}?view=settings&photo=${id}`);
    await page.waitForSelector('.pswp img');
    ok(refused >= 2, 'a photo of the address that was refused is opened when the server answers again');
    await page.unroute(alone);
    page.complaints.splice(0);
    await page.goto(server.url);
    await waitForPhotos(page);
}

// ---- seven tabs ----

const tabs = [page];
let streams = 0; // that are asked for from now on
page.context().on('request', (request) => (streams += /index\/events/.test(request.url())));
for (let i = 0; i < 6; i++) {
    const tab = await page.context().newPage();
    tab.setDefaultTimeout(120000);
    await tab.goto(server.url);
    tabs.push(tab);
}
for (const tab of tabs) await waitForPhotos(tab);
ok(true, 'seven tabs show photos');
await page.fill('#search-text', 'dog');
await page.waitForSelector('.results .tile');
ok(true, 'and one can search in the first');
is(streams, 0, 'with the one stream that there is');
await tabs.shift().close();
ok(await until(() => streams === 1), 'when its tab goes, one other tab has it');

// ---- another program adds a photo ----

const [last] = tabs.slice(-1);
await last.bringToFront();
// A filter that is taken away by a search: the months come while the photos by date are hidden.
const walk = (tab, query) => tab.evaluate((q) => history.pushState(null, '', q) ?? dispatchEvent(new PopStateEvent('popstate')), query);
const month = sql(gallery, 'SELECT substr(taken, 1, 7) FROM photo WHERE taken NOT NULL ORDER BY taken LIMIT 1');
await last.goto(`${server.url}?from=${month}&until=${month}`);
await waitForPhotos(last);
await walk(last, '?q=dog');
await last.waitForSelector('.results .tile');
const before = Number(sql(gallery, 'SELECT count(*) FROM photo'));
indexInto(home, gallery, copyPhotos(home, photoFolder(), 151, 'more', 150));
is(sql(gallery, 'SELECT count(*) FROM photo'), String(before + 1), 'a photo is indexed by another program');
await last.waitForSelector('.toast');
like(await last.textContent('.toast'), /1 new photo/, 'the page says so');
await walk(last, '?');
await waitForPhotos(last);
ok(!(await last.isVisible('.timeline .message')), 'and all months are shown after the search');
is(page.complaints.filter((one) => !/ERR_INTERNET_DISCONNECTED|ERR_FAILED/.test(one)), [], 'no error, no breach of the policy, no other host');
await page.context().close();

// ---- the server comes back while another view is shown ----

page = await openPage(server.url);
await page.route('**/api/v1/photos/months*', (route) => route.abort());
await page.goto(server.url);
await page.waitForSelector('.timeline .message:not([hidden])');
for (const key of ['[', ']']) await page.keyboard.press(key);
await page.click('#open-settings');
await page.waitForSelector('.settings h1');
await page.unroute('**/api/v1/photos/months*');
await page.waitForSelector('#away', { state: 'hidden' });
await page.goBack();
await waitForPhotos(page);
ok(!(await page.isVisible('.timeline .message')), 'the photos are loaded when one returns to them, though the server answered again elsewhere');
is(page.complaints.filter((one) => !/ERR_FAILED/.test(one)), [], 'keys that step to a month do nothing where there is none');
await page.context().close();

// ---- a first start ----

mkdirSync(join(home, 'new'));
const empty = join(home, 'empty.db');
const fresh = await serve(home, empty, { folders: [join(home, 'more')] });
for (let i = 0; i < 3; i++) {
    page = await openPage(fresh.url);
    await page.goto(fresh.url);
    await page.waitForSelector('.timeline .message .primary');
    if (i < 2) await page.context().close();
}
ok(true, 'an empty gallery of a server with folders: a button that indexes them, in every load');
await page.goto(`${fresh.url}?q=dog`);
await page.waitForSelector('.results .message:not([hidden])');
like(await page.textContent('.results .message'), /No photos yet/, 'a search says that there are none yet');
await page.click('.results .message .primary');
await page.waitForSelector('.results .tile, .results .message button');
ok(await until(async () => Number(sql(empty, 'SELECT count(*) FROM photo')) === 1), 'it indexes them');
is(page.complaints, [], 'no error');

await closeBrowser();
await server.stop();
await fresh.stop();
doneTesting();
