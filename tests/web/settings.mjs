// SPDX-License-Identifier: MIT
// tests/web/settings.t
import { copyFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { doneTesting, is, like, ok } from '../tap.mjs';
import { closeBrowser, openPage, waitForPhotos } from './browser.mjs';
import {
    addBroken,
    copyPhotos,
    indexPhotos,
    makeHome,
    photoFolder,
    serve,
    sql,
} from './gallery.mjs';

const home = makeHome();
const all = photoFolder();
const folder = copyPhotos(home, all, 20);
addBroken(folder);
const gallery = indexPhotos(home, folder);
const server = await serve(home, gallery, { folders: [folder] });
const page = await openPage(server.url, { reducedMotion: 'no-preference' });

// ---- an index run while one looks ----

await page.goto(`${server.url}?view=settings`);
await page.waitForSelector('.failures li');
like(
    await page.textContent('.failures li'),
    /broken\.jpg.+\w+ .+/s,
    'a file that could not be read, and why',
);
like(await page.textContent('.settings .facts'), /Photos20/, 'what is in the gallery');
for (const name of readdirSync(all).sort().slice(20))
    copyFileSync(join(all, name), join(folder, name));
await page.click('text=Look for new photos');
await page.waitForSelector('#index-pill:not([hidden])');
ok(true, 'an index run is started, and its progress shown');
await page.look('indexing');
await page.waitForSelector('.toast', { timeout: 120000 });
like(await page.textContent('.toast'), /Indexed: 280 new photos/, 'its end is told');
like(await page.textContent('.settings'), /280 added/, 'and what it did');
await page.waitForSelector('#index-pill', { state: 'hidden' });
await page.click('#home');
await waitForPhotos(page);
is(await page.textContent('.grid-heading .quiet'), '300', 'the new photos are there');

// ---- language, theme ----

await page.click('#open-settings');
await page.selectOption('#theme', 'dark');
const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
const dark = await ground();
await page.selectOption('#theme', 'light');
const light = await ground();
ok(dark !== light, "dark and light are the owner's choice");
await page.evaluate(() => document.activeElement.blur());
await page.keyboard.press('t');
is(await ground(), dark, 't changes it');
await page.reload();
await page.waitForSelector('#theme');
is(await ground(), dark, 'it stays');
await Promise.all([page.waitForEvent('load'), page.selectOption('#language', 'zh')]);
await page.waitForSelector('.settings h1');
is(await page.textContent('.settings h1'), '设置', 'Chinese by choice');
is(page.url(), `${server.url}?view=settings`, 'in the same place');
await Promise.all([page.waitForEvent('load'), page.selectOption('#language', 'en')]);
await page.waitForSelector('.settings h1');
is(await page.textContent('.settings h1'), 'Settings', 'and English again');

// ---- keys that hold everywhere ----

await page.keyboard.press('g');
await page.waitForSelector('.timeline:not([hidden])');
ok(true, 'g: all photos');
await page.keyboard.press('a');
ok(
    await page.evaluate(() => document.activeElement.id === 'ask-text'),
    'a: ask, with the focus in its field',
);
await page.keyboard.press('Escape');
ok(await page.isHidden('#ask'), 'Esc closes it');
ok(
    await page.evaluate(() => document.activeElement.id === 'open-ask'),
    'and the focus is where it was opened',
);
await page.keyboard.press('?');
ok(await page.isVisible('#help'), '?: the keys');
await page.keyboard.press('Escape');
ok(await page.isHidden('#help'), 'Esc closes them');
await page.keyboard.press(',');
await page.waitForSelector('.settings:not([hidden])');
ok(true, ',: settings');
await page.goto(server.url);
await waitForPhotos(page);
await page.keyboard.press('Tab');
is(
    await page.evaluate(() => document.activeElement.className),
    'skip',
    'Tab: first of all a way to the photos',
);
const outlined = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
is(outlined, 'solid', 'the focus is seen');
is(page.complaints, [], 'no error, no breach of the policy, no other host');
await page.context().close();

// ---- who asks the system for less motion gets none ----

const calm = await openPage(server.url, { reducedMotion: 'reduce' });
await calm.goto(server.url);
await waitForPhotos(calm);
const moving = await calm.evaluate(
    () =>
        [...document.querySelectorAll('*')].filter(
            (one) => parseFloat(getComputedStyle(one).transitionDuration) > 0,
        ).length,
);
is(moving, 0, 'prefers-reduced-motion: nothing moves');
await calm.context().close();
await server.stop();

// ---- a password ----

const token = join(home, 'token');
writeFileSync(token, 'correct-horse-battery-staple\n', { mode: 0o600 });
const closed = await serve(home, gallery, { args: ['--token-file', token] });
const guest = await openPage(closed.url);
await guest.goto(`${closed.url}?q=dog`);
await guest.waitForSelector('.login');
ok(!(await guest.isVisible('.bar')), 'a password is asked for before anything is shown');
is(await guest.locator('.tile').count(), 0, 'no photo');
await guest.look('login');
await guest.fill('#password', 'wrong');
await guest.keyboard.press('Enter');
await guest.waitForSelector('.login .problem:not([hidden])');
ok(
    (await guest.textContent('.login .problem')).length > 10,
    'a wrong one is refused with a sentence',
);
await guest.fill('#password', 'correct-horse-battery-staple');
await guest.keyboard.press('Enter');
await waitForPhotos(guest);
is(await guest.inputValue('#search-text'), 'dog', 'the right one leads to where one wanted');
await guest.click('#open-ask');
await guest.fill('#ask-text', 'Where was this?');
await guest.context().clearCookies();
await guest.fill('#search-text', 'a cat');
await guest.waitForSelector('.login-dialog[open]');
await guest.fill('#password', 'correct-horse-battery-staple');
await guest.keyboard.press('Enter');
await guest.waitForSelector('.results .tile, .results .message-title');
is(
    [await guest.inputValue('#search-text'), await guest.inputValue('#ask-text')],
    ['a cat', 'Where was this?'],
    'a session that ends is begun again over the page: nothing that was typed is lost',
);
await guest.goto(`${closed.url}?view=settings`);
await guest.click('text=Sign out');
await guest.waitForSelector('.login');
ok(true, 'and one can sign out');
is(guest.complaints, [], 'no error, no breach of the policy, no other host');

is(sql(gallery, 'SELECT count(*) FROM photo'), '300', 'the gallery is as it was');
await closeBrowser();
await closed.stop();
doneTesting();
