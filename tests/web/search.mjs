// SPDX-License-Identifier: MIT
// tests/web/search.t
import { copyFileSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { doneTesting, is, like, ok } from '../tap.mjs';
import { until } from '../wait.mjs';
import { closeBrowser, openPage, overflow, waitForPhotos } from './browser.mjs';
import { copyPhotos, date, indexPhotos, makeHome, photoFolder, serve, sql } from './gallery.mjs';

const home = makeHome();
const folder = copyPhotos(home, photoFolder());
const [copied] = readdirSync(folder).sort();
copyFileSync(join(folder, copied), join(folder, 'zz-copy.jpg'));
const gallery = indexPhotos(home, folder);
date(gallery);
// 60 photos of Lisbon and 40 of Sydney, some 300 m apart.
sql(
    gallery,
    `UPDATE photo SET latitude = 38.71 + (id % 7) * 0.002, longitude = -9.14, town = 'Lisbon', region = 'Lisbon', country = 'Portugal', country_code = 'PT'
        WHERE id IN (SELECT id FROM photo ORDER BY id LIMIT 60);
    UPDATE photo SET latitude = -33.86 + (id % 7) * 0.002, longitude = 151.2, town = 'Sydney', region = 'New South Wales', country = 'Australia', country_code = 'AU'
        WHERE id IN (SELECT id FROM photo ORDER BY id LIMIT 40 OFFSET 60);
    UPDATE photo SET latitude = NULL, longitude = NULL WHERE town IS NULL;`,
);
const server = await serve(home, gallery);
const api = (path) => server.fetch(`api/v1/${path}`).then((reply) => reply.json());

const isGood = ({ strength }) => strength === 'strong' || strength === 'fair';
const found = (page) =>
    page.$$eval('.results .tile', (all) => all.map((tile) => Number(tile.dataset.photo)));
const isShown = (page, id) =>
    page.waitForFunction(
        (first) => document.querySelector('.results .tile')?.dataset.photo === String(first),
        id,
    );
const address = (page) => decodeURIComponent(page.url().slice(server.url.length - 1));

// ---- while one types ----

for (const [size, language, scheme] of [
    ['desk', 'en', 'light'],
    ['phone', 'zh', 'dark'],
]) {
    const at = `${size}, ${language}`;
    const page = await openPage(server.url, { size, language, scheme });
    await page.goto(server.url);
    await waitForPhotos(page);
    const asked = [];
    page.on(
        'request',
        (request) =>
            request.url().includes('/search?') &&
            asked.push(new URL(request.url()).searchParams.get('q')),
    );
    await page.$eval('#search-text', (field) => {
        for (const letter of 'a dog in the snow') {
            field.value += letter;
            field.dispatchEvent(new InputEvent('input', { bubbles: true }));
        }
    });
    const { results } = await api('search?q=a%20dog%20in%20the%20snow&limit=60&order=strength');
    const good = results.filter(
        (photo) => photo.strength === 'strong' || photo.strength === 'fair',
    );
    const matching = [...good, ...results.filter((photo) => photo.strength === 'weak')];
    await isShown(page, matching[0].id);
    is(asked, ['a dog in the snow'], `${at}: one request for what is typed at once`);
    is(address(page), '/?q=a+dog+in+the+snow', `${at}: the address has the words`);
    const shown = await found(page);
    is(
        shown,
        matching.slice(0, shown.length).map((photo) => photo.id),
        `${at}: what the API finds, in its order`,
    );
    const marks = await page.$$eval('.results .tile .strength', (all) =>
        all.map((mark) => mark.className.split('strength-')[1]),
    );
    is(
        marks,
        matching.slice(0, shown.length).map((photo) => photo.strength),
        `${at}: each with its strength`,
    );
    like(
        await page.getAttribute('.results .tile .strength', 'title'),
        new RegExp(matching[0].score.toFixed(3)),
        `${at}: and its score`,
    );
    const titles = { en: ['Matches', 'Possible matches'], zh: ['匹配', '可能匹配'] };
    is(
        await page.$$eval('.results .grid-heading h2', (all) => all.map((one) => one.textContent)),
        titles[language],
        `${at}: matches, then weak ones`,
    );
    ok((await overflow(page)) <= 0, `${at}: nothing is wider than the window`);
    await page.look('search');
    await page.fill('#search-text', '');
    await page.waitForSelector('.timeline:not([hidden])');
    is(address(page), '/', `${at}: an empty field shows all photos again`);
    is(page.complaints, [], `${at}: no error, no breach of the policy, no other host`);
    await page.context().close();
}

const page = await openPage(server.url);
await page.goto(server.url);
await waitForPhotos(page);

// The first request is held back until the second has been answered: its late reply must change nothing.
let release;
const held = new Promise((go) => (release = go));
let aborted = 0;
page.on(
    'requestfailed',
    (request) => (aborted += request.failure().errorText === 'net::ERR_ABORTED' ? 1 : 0),
);
await page.route('**/search?*q=boat*', async (route) => {
    await held;
    await route.continue().catch(() => {});
});
await Promise.all([
    page.waitForRequest(/search\?.*q=boat/),
    page.fill('#search-text', 'boat'),
]);
await page.fill('#search-text', 'a child in a red coat');
const second = (await api('search?q=a%20child%20in%20a%20red%20coat')).results.filter(isGood);
await isShown(page, second[0].id);
release();
await until(() => aborted >= 1);
is((await found(page))[0], second[0].id, 'an older request does not overwrite a newer one');
ok(aborted >= 1, 'it was given up');
await page.unroute('**/search?*q=boat*');

await page.keyboard.press('ArrowDown');
await page.waitForFunction(() => document.activeElement.classList.contains('tile-link'));
ok(true, 'down goes from the field to the first result');
await page.keyboard.press('Enter');
await page.waitForSelector('.pswp');
await page.goBack();
await page.waitForSelector('.pswp', { state: 'detached' });
is(address(page), '/?q=a+child+in+a+red+coat', 'Back closes the photo');
await page.goBack();
await page.waitForSelector('.timeline:not([hidden])');
is(await page.inputValue('#search-text'), '', 'Back again: all photos, and an empty field');
await page.goForward();
await isShown(page, second[0].id);
is(
    await page.inputValue('#search-text'),
    'a child in a red coat',
    'Forward: the search and its words',
);

await page.evaluate(() => document.activeElement.blur());
await page.keyboard.press('/');
ok(await page.evaluate(() => document.activeElement.id === 'search-text'), '/ goes to the field');
await page.keyboard.press('Escape');
await page.waitForSelector('.timeline:not([hidden])');
ok(true, 'Esc in it ends the search');

let comes;
const coming = new Promise((done) => (comes = done));
await page.route('**/session', async (route) => {
    await coming;
    await route.continue();
});
await page.goto(server.url);
await page.fill('#search-text', 'a child in a red coat');
comes();
await isShown(page, second[0].id);
ok(true, 'what was typed before the page had come whole is searched for');
await page.unroute('**/session');

// ---- nothing matches ----

let nothing = null;
const few = 'from=2021-12-25'; // every text has a weak match somewhere among 300 photos
for (const words of ['an x-ray of a lung', 'the periodic table', 'quarterly tax return form']) {
    const { results } = await api(`search?q=${encodeURIComponent(words)}&${few}`);
    if (results.every((photo) => photo.strength === 'none')) nothing ??= words;
}
ok(
    nothing,
    'there are words that nothing matches',
    'every text had a match: the strengths tell nothing',
);
if (nothing) {
    await page.goto(`${server.url}?${few}`);
    await page.fill('#search-text', nothing);
    await page.waitForSelector('.results .message:not([hidden])');
    is(
        await page.textContent('.results .message-title'),
        'No photos match',
        'they are said to match nothing',
    );
    is((await found(page)).length, 0, 'and no photo pretends to');
    await page.look('nothing');
    await page.click('.results .message button');
    await page.waitForSelector('.results .tile');
    ok(
        (await page.textContent('.results .grid-heading')).includes('no closer than random'),
        'the nearest are shown when asked for, and named so',
    );
}

await page.goto(`${server.url}?q=${encodeURIComponent('雪地里的狗')}`);
await page.waitForSelector('.results .message:not([hidden])');
like(
    await page.textContent('.results .message'),
    /understands English only/,
    'words of a script that the model does not read: it is said that it does not',
);

// ---- more like this ----

await page.goto(`${server.url}?q=dog`);
await waitForPhotos(page);
const [example] = await found(page);
await page.hover(`.results .tile[data-photo="${example}"]`);
await page.click(`.results .tile[data-photo="${example}"] .tile-like`);
await page.waitForURL(`**/?like=${example}`);
const alike = (await api(`photos/${example}/similar`)).results.filter(isGood);
await isShown(page, alike[0].id);
ok(!(await found(page)).includes(example), 'more like this: without the photo itself');
is(
    await page.textContent('.results-head h1'),
    'More like this photo',
    'the page says what it shows',
);
await page.look('like');

// ---- criteria: completed, shown, edited, removed, explained ----

for (const [size, language, scheme] of [
    ['desk', 'zh', 'dark'],
    ['phone', 'en', 'light'],
]) {
    const at = `${size}, ${language}`;
    const tab = await openPage(server.url, { size, language, scheme });
    const text = () => tab.inputValue('#search-text');
    const options = () => tab.$$eval('#suggestions [role=option] .suggestion-text', (all) => all.map((one) => one.textContent));
    const offers = (wanted) => until(async () => JSON.stringify(await options()) === JSON.stringify(wanted));
    const parts = () => tab.$$eval('#chips .chip-query .chip-edit', (all) => all.map((one) => one.textContent));
    const isExpanded = () => tab.getAttribute('#search-text', 'aria-expanded');
    await tab.goto(server.url);
    await waitForPhotos(tab);
    await tab.focus('#search-text');
    await tab.keyboard.type('dog or');
    ok(await until(async () => (await text()) === 'dog or'), `${at}: words are typed`);
    is(await options(), [], `${at}: nothing is offered where nothing fits`);
    for (let i = 0; i < 2; i++) await tab.keyboard.press('Backspace');
    await tab.keyboard.type('is:lan');
    ok(await offers(['landscape']), `${at}: the values of a criterion are offered`);
    is(await isExpanded(), 'true', `${at}: a screen reader is told that the list is open`);
    await tab.keyboard.press('ArrowDown');
    await tab.waitForSelector('#suggestions [aria-selected=true]');
    is(await tab.getAttribute('#search-text', 'aria-activedescendant'), 'suggestion-0', `${at}: and what the arrow keys chose`);
    await tab.keyboard.press('Enter');
    ok(await until(async () => (await text()) === 'dog is:landscape '), `${at}: Enter takes it`);
    await tab.keyboard.type('-wee');
    ok(await offers(['weekday:']), `${at}: names of criteria are offered, also to exclude`);
    await tab.look('complete');
    await tab.click('#suggestions [role=option]');
    ok(await offers(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']), `${at}: a click on a name goes on to its values`);
    await tab.keyboard.press('Escape');
    is([await isExpanded(), await text()], ['false', 'dog is:landscape -weekday:'], `${at}: Esc closes the list and leaves the text`);
    await tab.keyboard.type('sunday sort:-date');
    await tab.keyboard.press('Enter');
    ok(await until(async () => String(await parts()) === 'is:landscape,-weekday:sunday,sort:-date'), `${at}: the criteria of a query are chips`);
    const { tree, photos: left } = await api(`query/explain?q=${encodeURIComponent(await text())}`);
    ok(left > 0 && tree.parts[1].photos > left, `${at}: photos are excluded`);
    await tab.click('.about summary');
    const about = await tab.textContent('.about-body');
    ok(
        [tree.parts[1].photos, tree.parts[2].photos, left].every((count) => about.includes(`${count}`)) && about.includes('is:landscape'),
        `${at}: the line about the search says what it lets through`,
    );
    await tab.look('about');
    await tab.click('#chips .chip-query >> nth=1 >> .chip-remove');
    ok(await until(async () => (await text()) === 'dog is:landscape sort:-date'), `${at}: a chip is removed from the text`);
    await tab.click('#chips .chip-query >> nth=0 >> .chip-edit');
    ok(await until(async () => (await options()).includes('portrait')), `${at}: a chip is edited in the text, with other values offered`);
    await tab.keyboard.type('por');
    await tab.keyboard.press('ArrowDown');
    await tab.waitForSelector('#suggestions [aria-selected=true]');
    await tab.keyboard.press('Tab');
    ok(await until(async () => String(await parts()) === 'is:portrait,sort:-date'), `${at}: the edited text is the query`);
    await tab.goto(`${server.url}?q=${encodeURIComponent('雪 (is:portrait OR is:square) "a b"')}`);
    ok(await until(async () => String(await parts()) === 'is:portrait OR is:square,"a b"'), `${at}: a group is one chip`);
    await tab.click('#chips .chip-query >> nth=0 >> .chip-edit');
    is(
        await tab.$eval('#search-text', ({ value, selectionStart, selectionEnd }) => value.slice(selectionStart, selectionEnd)),
        '(is:portrait OR is:square)',
        `${at}: its place in the text is right behind other scripts`,
    );
    ok((await overflow(tab)) <= 0, `${at}: chips are no wider than the window`);

    // What was searched for stays in this browser until it is forgotten.
    await tab.fill('#search-text', '');
    ok(await until(async () => (await options()).includes('dog is:landscape -weekday:sunday sort:-date')), `${at}: earlier searches are offered`);
    await tab.look('earlier');
    await tab.click('.suggestion:has-text("weekday") .suggestion-forget');
    ok(await until(async () => !(await options()).includes('dog is:landscape -weekday:sunday sort:-date')), `${at}: one can be forgotten`);
    await tab.fill('#search-text', 'grass');
    await tab.keyboard.press('Enter');
    await tab.fill('#search-text', '');
    ok(await until(async () => (await options())[0] === 'grass'), `${at}: the last one is the first`);
    await tab.click('#suggestions-forget');
    ok(await until(async () => (await options()).length === 0), `${at}: and all can be`);
    is(await tab.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('searches'))), [], `${at}: nothing of them is left`);
    await tab.goto(`${server.url}?q=${encodeURIComponent(`name:${copied},zz-copy.jpg`)}`);
    await waitForPhotos(tab);
    is([(await found(tab)).length, await tab.textContent('.tile-copies')], [1, '+1'], `${at}: the same content is one result, with the number of its copies`);
    like(await tab.getAttribute('.results .tile-link', 'aria-label'), { en: /and 1 copy/, zh: /另有 1 份副本/ }[language], `${at}: and a screen reader says it`);

    // ---- places and albums ----

    await tab.goto(`${server.url}?q=dog`);
    await waitForPhotos(tab);
    await tab.waitForFunction(() => document.querySelector('.about-body')?.textContent.includes('dog'));
    is(await parts(), [], `${at}: words for the picture are no chips`);
    await tab.goto(server.url);
    await waitForPhotos(tab);
    await tab.click('#view-places');
    await tab.waitForSelector('.cluster');
    const counts = () => tab.$$eval('.cluster-count', (all) => all.map((one) => Number(one.textContent)).sort((a, b) => a - b));
    const total = async () => (await counts()).reduce((sum, one) => sum + one, 0);
    ok(await until(async () => (await total()) === 100), `${at}: the map shows every photo with a place`);
    const names = await tab.$$eval('.country h2', (all) => all.map((one) => one.textContent));
    is(names, { en: ['Australia 40', 'Portugal 60'], zh: ['澳大利亚 40', '葡萄牙 60'] }[language], `${at}: countries have their names and numbers`);
    like(await tab.textContent('.credit'), /GeoNames/, `${at}: GeoNames is credited`);
    ok((await tab.$$eval('.map-land', (all) => all[0].getAttribute('d').length)) > 10000, `${at}: the land is drawn`);
    ok((await overflow(tab)) <= 0, `${at}: the view of places is no wider than the window`);
    await tab.look('places');
    const drawn = () => tab.getAttribute('.map-drawing > g', 'transform');
    const [still, page_] = [await drawn(), tab.url()];
    const box = await tab.locator('.map').boundingBox();
    await tab.mouse.move(box.x + 40, box.y + 200);
    await tab.mouse.down();
    await tab.mouse.move(box.x + 90, box.y + 200, { steps: 4 });
    await tab.mouse.up();
    ok((await drawn()) !== still && tab.url() === page_, `${at}: dragging moves the map, and searches for nothing`);
    await tab.focus('.map');
    const before = await drawn();
    await tab.keyboard.press('+');
    const nearer = await drawn();
    await tab.keyboard.press('ArrowRight');
    ok(new Set([before, nearer, await drawn()]).size === 3, `${at}: keys zoom and move it`);
    await tab.goto(`${server.url}?view=places`);
    await tab.waitForSelector('.cluster');
    await tab.click('.cluster:has-text("60")');
    await waitForPhotos(tab);
    like(address(tab), /^\/\?q=near:38\.\d+,-9\.1/, `${at}: a cluster searches for what is near it`);
    is((await api(`query/explain?q=${encodeURIComponent(await text())}`)).photos, 60, `${at}: which is all of its photos, and no others`);
    await tab.goBack();
    await tab.click('.country:has-text("40") h2 .link');
    await waitForPhotos(tab);
    is(await text(), 'country:Australia', `${at}: a town searches for its photos`);
    is((await api(`query/explain?q=${encodeURIComponent(await text())}`)).photos, 40, `${at}: and they are found`);

    const album = `Up ${size}`;
    await tab.click('.results-head .chip:not(.chip-ask)');
    await tab.fill('.name-form input', album);
    await tab.keyboard.press('Enter');
    await tab.waitForSelector('.toast');
    await tab.goto(`${server.url}?view=albums`);
    const own = `li:has(.card-name:text-is("${album}"))`;
    await tab.waitForSelector(`${own} img.card-cover`);
    like(await tab.textContent(`${own} .card-note`), /country:Australia · 40/, `${at}: a search is saved as an album`);
    await tab.look('albums');
    await tab.click(`${own} .card-tools button >> nth=0`);
    await tab.fill('.name-form input', `${album} 2`);
    await tab.keyboard.press('Enter');
    const renamed = `li:has(.card-name:text-is("${album} 2"))`;
    await tab.click(`${renamed} .card`);
    await waitForPhotos(tab);
    is(await text(), `album:"${album} 2"`, `${at}: an album is renamed, and opened`);
    const [first] = await found(tab);
    await tab.click(`.tile[data-photo="${first}"] .tile-link`);
    await tab.waitForSelector('.pswp__img:not(.pswp__img--placeholder)');
    if (!(await tab.isVisible('.facts-panel'))) await tab.click('.viewer-facts');
    await tab.click('.photo-albums > div .button');
    const inAlbum = async (name) => (await api('albums')).albums.find((one) => one.name === name)?.photos;
    ok(await until(async () => (await inAlbum(`${album} 2`)) === 39), `${at}: a photo is left out of it`);
    await tab.fill('.photo-albums input', `By hand ${size}`);
    await tab.keyboard.press('Enter');
    ok(await until(async () => (await inAlbum(`By hand ${size}`)) === 1), `${at}: and put into a new one`);
    await tab.goto(`${server.url}?view=albums`);
    await tab.click(`${renamed} .card-tools button >> nth=1`);
    await tab.click(`${renamed} .card-question .primary`);
    ok(await until(async () => (await inAlbum(`${album} 2`)) === undefined), `${at}: an album is deleted after a question`);
    await tab.waitForSelector(renamed, { state: 'detached' });
    is(tab.complaints, [], `${at}: criteria, places and albums make no error, and ask no other host`);
    await tab.context().close();
}

// ---- a picture: chosen, dropped, pasted ----

const name = sql(gallery, `SELECT path FROM photo WHERE id = ${example}`).split('/').at(-1);
const bytes = readFileSync(join(folder, name)).toString('base64');
const hand = (how) =>
    page.evaluate(
        async ([base64, file, kind]) => {
            const data = new DataTransfer();
            const content = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
            data.items.add(new File([content], file, { type: 'image/jpeg' }));
            if (kind === 'paste')
                return dispatchEvent(
                    new ClipboardEvent('paste', { clipboardData: data, bubbles: true }),
                );
            for (const type of ['dragenter', 'dragover'])
                document.body.dispatchEvent(
                    new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }),
                );
            const veiled = !document.getElementById('drop').hidden;
            document.body.dispatchEvent(
                new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }),
            );
            return veiled && document.getElementById('drop').hidden;
        },
        [bytes, name, how],
    );

const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.click('#choose-picture'),
]);
await chooser.setFiles(join(folder, name));
await isShown(page, example);
ok(true, 'a chosen picture finds itself first');
is(await page.textContent('.results-head h1'), 'Photos like your picture', 'and the page says so');
await page.goto(server.url);
await waitForPhotos(page);
ok(await hand('drop'), 'a picture over the page: a veil says that it can be dropped, and goes');
await isShown(page, example);
ok(true, 'a dropped picture finds itself first');
await page.goBack();
await waitForPhotos(page);
await hand('paste');
await isShown(page, example);
ok(true, 'a pasted picture finds itself first');

// ---- filters ----

await page.goto(server.url);
await waitForPhotos(page);
await page.keyboard.press('f');
await page.fill('#filters [name=from]', '2021-06');
await page.fill('#filters [name=until]', '2021-07');
await page.look('filters');
await page.keyboard.press('Enter');
await page.waitForURL('**/?from=2021-06&until=2021-07');
// The months before may still be there for a moment.
await page.waitForFunction(
    () => document.querySelector('.timeline .grid-heading h2').textContent === 'July 2021',
);
const headings = await page.$$eval('.timeline .grid-heading h2', (all) =>
    all.map((one) => one.textContent),
);
is(headings, ['July 2021', 'June 2021'], 'filters: only these months');
await page.fill('#search-text', 'dog');
await page.waitForSelector('.results .tile, .results .message:not([hidden])');
const within = await found(page);
const dates = within.length
    ? sql(gallery, `SELECT min(taken), max(taken) FROM photo WHERE id IN (${within})`).split('|')
    : ['2021-06', '2021-06'];
ok(dates[0] >= '2021-06' && dates[1] < '2021-08', 'they hold for searches, too');
await page.click('.chips .chip-remove >> nth=0');
await page.waitForURL('**/?q=dog&until=2021-07');
ok(true, 'a chip removes its filter');
await page.click('.chips .chip-edit >> nth=0');
is(await page.evaluate(() => document.activeElement.name), 'until', 'and opens the filters at it');
await page.keyboard.press('Escape');
await page.click('#open-filters');
await page.fill('#filters [name=from]', 'yesterday');
await page.keyboard.press('Enter');
await page.waitForSelector('.toast-error');
ok(
    (await page.textContent('.toast-error')).includes('2019-07-04'),
    'a date that is none is explained',
);

is(page.complaints, [], 'no error, no breach of the policy, no other host');
await closeBrowser();
await server.stop();
doneTesting();
