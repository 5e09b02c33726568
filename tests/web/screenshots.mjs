// SPDX-License-Identifier: MIT
// tools/screenshots: node screenshots.mjs GALLERY FOLDER
import { statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { closeBrowser, openPage, waitForPhotos } from './browser.mjs';
import { makeHome, serve } from './gallery.mjs';

const [gallery, folder] = process.argv.slice(2);
const KEY = 'sk-ant-not-a-key'; // so that the outbox offers to send; it is never sent
const server = await serve(makeHome(), resolve(gallery), { env: { ANTHROPIC_API_KEY: KEY } });

async function take(page, name) {
    await page.evaluate(() => document.activeElement.blur());
    await page.waitForTimeout(1500); // pictures are there, what had moved rests
    const client = await page.context().newCDPSession(page);
    const { data } = await client.send('Page.captureScreenshot', { format: 'webp', quality: 78 });
    const file = join(folder, `page-${name}.webp`);
    writeFileSync(file, Buffer.from(data, 'base64'));
    console.log(`${file}: ${Math.round(statSync(file).size / 1000)} kB`);
}

const light = await openPage(server.url, { scheme: 'light' });
await light.setViewportSize({ width: 1280, height: 800 });
await light.goto(`${server.url}?q=boats+on+a+lake`);
await waitForPhotos(light);
await take(light, 'search');

const dark = await openPage(server.url, { scheme: 'dark' });
await dark.setViewportSize({ width: 1280, height: 800 });
await dark.goto(server.url);
await waitForPhotos(dark);
await dark.keyboard.press('a');
await dark.fill('#ask-text', 'What is on the lake?');
await dark.keyboard.press('Enter');
await dark.waitForSelector('.outbox');
await take(dark, 'ask');

await closeBrowser();
await server.stop();
