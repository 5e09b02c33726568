// SPDX-License-Identifier: MIT
// tests/web/subpath.t
import { createServer } from 'node:net';
import { haveNginx, startNginx } from '../nginx.mjs';
import { doneTesting, is, like, ok } from '../tap.mjs';
import { closeBrowser, openPage, waitForPhotos } from './browser.mjs';
import { copyPhotos, indexPhotos, makeHome, photoFolder, serve } from './gallery.mjs';

if (!haveNginx()) {
    console.log('1..0 # SKIP nginx is not installed: tools/deps check');
    process.exit();
}
const home = makeHome();
const gallery = indexPhotos(home, copyPhotos(home, photoFolder(), 12));
const server = await serve(home, gallery);
const port = await new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
        const { port: free } = probe.address();
        probe.close(() => done(free));
    });
});
// As people paste it: nothing tells the server of the path.
const nginx = await startNginx(home, [
    {
        port,
        location: '/photos/',
        lines: [`proxy_pass ${server.url};`, 'proxy_set_header Host $http_host;'],
    },
]);
const url = `http://127.0.0.1:${port}/photos/`;
const token = server.printed.split('token=')[1];

const page = await openPage(url, { cookies: [] });
await page.goto(`${url}?q=dog`);
await page.waitForSelector('.login');
ok(true, 'the page is there, and asks who one is');
like(await page.textContent('.login'), /printed an address that signs you in/, 'and how one signs in');
await page.fill('#password', token);
await page.keyboard.press('Enter');
await waitForPhotos(page);
is(page.url(), `${url}?q=dog`, 'signed in, at the same address');
await page.click('.results .tile-link');
await page.waitForSelector('.pswp__img:not(.pswp__img--placeholder)');
like(page.url(), new RegExp(`^${url}\\?q=dog&photo=\\d+$`), 'a photo, below the path');
await page.reload();
await page.waitForSelector('.pswp__img:not(.pswp__img--placeholder)');
ok(true, 'which can be opened again');
await page.goto(url);
await waitForPhotos(page);
await page.click('#open-settings');
await page.waitForSelector('.settings .facts');
is(page.url(), `${url}?view=settings`, 'the settings are shown');
await page.click('#home');
await waitForPhotos(page);
is(page.url(), url, 'and back to all photos');
is(page.complaints, [], 'no error, no breach of the policy, nothing outside the path');
await page.context().close();

// ---- the address that is printed ----
const visitor = await openPage(server.url, { cookies: [] });
const seen = [];
visitor.on('request', (request) => seen.push(request));
await visitor.goto(server.printed);
await waitForPhotos(visitor);
is(visitor.url(), server.url, 'the address signs in, and leads to one without the token');
is(await visitor.evaluate(() => history.length + document.referrer.length), 1 + 1, 'no step of the history has it');
ok(
    seen.slice(1).every((request) => !request.url().includes(token) && !request.headers().referer),
    'and no later request',
);
await visitor.goto(`${server.url}?view=settings`);
await visitor.click('text=Sign out');
await visitor.waitForSelector('.login');
is(visitor.complaints, [], 'no error');

await closeBrowser();
await nginx.stop();
await server.stop();
doneTesting();
