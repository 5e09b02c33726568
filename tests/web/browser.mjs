// SPDX-License-Identifier: MIT
// Chromium for the page's tests, with what every one of them watches: nothing that the page does may be an
// error, break the content security policy, or ask another host.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { cookiesOf } from './gallery.mjs';

export const SIZES = { desk: { width: 1440, height: 900 }, phone: { width: 360, height: 740 } };
export const LOCALES = { en: 'en-GB', zh: 'zh-CN' };
const screenshots = join(process.env.BUILD ?? 'build', 'screenshots');

let browser;

export async function openBrowser() {
    browser ??= await chromium.launch({
        executablePath: '/usr/bin/chromium',
        args: [
            '--headless',
            '--no-sandbox',
            '--disable-gpu',
            '--disable-quic',
            '--no-first-run',
            '--disable-background-networking',
            '--disable-component-update',
            '--disable-sync',
            '--enable-precise-memory-info',
            '--js-flags=--expose-gc',
        ],
    });
    return browser;
}

export const closeBrowser = () => browser?.close();

// In the page: resolves when nothing has moved for ten frames.
const atRest = () =>
    new Promise((done) => {
        let last = '';
        let frames = 0;
        const look = () => {
            const boxes = [...document.querySelectorAll('img, .pswp, .facts-panel, .box-cited, main *')].map((one) => {
                const { x, y, width, height } = one.getBoundingClientRect();
                return [x, y, width, height, getComputedStyle(one).opacity];
            });
            const now = JSON.stringify(boxes);
            frames = now === last ? frames + 1 : 0;
            last = now;
            if (frames >= 10) done();
            else requestAnimationFrame(look);
        };
        look();
    });

// Notes in page.complaints what it does that it must not.
export function watchPage(page, url) {
    page.setDefaultTimeout(1e3 * (process.env.KEEPSAKE_TEST_PATIENCE_S || 120)); // a machine may be busy
    page.complaints = [];
    page.on('pageerror', (error) => page.complaints.push(`error: ${error.message}`));
    page.on('console', (message) => {
        const expected =
            /Failed to load resource: the server responded with a status of 4\d\d/.test(
                message.text(),
            );
        if (message.type() === 'error' && !expected)
            page.complaints.push(`console: ${message.text()}`);
    });
    page.on('request', (request) => {
        if (!request.url().startsWith(url) && !/^(blob|data):/.test(request.url()))
            page.complaints.push(`asks ${request.url()}`);
    });
    return page;
}

// options: {size: 'desk'|'phone', language, scheme, reducedMotion, cookies}. page.complaints is filled as it goes.
export async function openPage(
    url,
    { size = 'desk', language = 'en', scheme = 'light', reducedMotion = 'reduce', cookies = cookiesOf(url) } = {},
) {
    const context = await (
        await openBrowser()
    ).newContext({
        viewport: SIZES[size],
        locale: LOCALES[language],
        colorScheme: scheme,
        reducedMotion,
        hasTouch: size === 'phone',
        isMobile: size === 'phone',
        acceptDownloads: true,
    });
    await context.addCookies(cookies);
    const page = watchPage(await context.newPage(), url);
    page.rest = () => page.evaluate(atRest);
    page.look = async (name) => {
        mkdirSync(screenshots, { recursive: true });
        await page.rest();
        await page.screenshot({
            path: join(screenshots, `${name}-${language}-${SIZES[size].width}-${scheme}.png`),
        });
    };
    return page;
}

export const overflow = (page) =>
    page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );

export const waitForPhotos = (page) => page.waitForSelector('.view:not([hidden]) .tile img.here');
