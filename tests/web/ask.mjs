// SPDX-License-Identifier: MIT
// tests/web/ask.t: over the stand-in for the language model service (tests/llm).
import { start } from '../llm/start.mjs';
import { doneTesting, is, like, ok } from '../tap.mjs';
import { until } from '../wait.mjs';
import { closeBrowser, openPage, overflow, waitForPhotos } from './browser.mjs';
import { cookiesOf, copyPhotos, indexPhotos, makeHome, photoFolder, serve, sql } from './gallery.mjs';

const QUESTION = 'What is the dog doing?';
const home = makeHome();
const gallery = indexPhotos(home, copyPhotos(home, photoFolder()));
const standIn = await start();

async function withScenario(scenario, options, run) {
    const env = scenario
        ? { ANTHROPIC_BASE_URL: standIn.url(scenario), ANTHROPIC_API_KEY: 'sk-ant-stand-in' }
        : {};
    const server = await serve(home, gallery, { env });
    const page = await openPage(server.url, options);
    page.server = server;
    await page.goto(server.url);
    await waitForPhotos(page);
    await run(page);
    is(
        page.complaints,
        [],
        `${scenario ?? 'no key'}: no error, no breach of the policy, no other host`,
    );
    await page.context().close();
    await server.stop();
}

async function prepare(page, question = QUESTION) {
    if (new URL(page.url()).searchParams.has('ask')) await page.waitForSelector('#ask-text'); // it opens by itself
    else if (!(await page.isVisible('#ask-text'))) await page.click('#open-ask');
    await page.fill('#ask-text', question);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.outbox, .turn .answer-text, .turn .problem');
}
const answered = (page) => page.waitForSelector('.turn:last-child .answer-foot:not(:empty)');
const requests = async (scenario) =>
    (await standIn.log(scenario)).length ?? (await standIn.log(scenario)).requests.length;
const text = (page) => page.textContent('.turn:last-child .answer-text');

// ---- the outbox, sending, streaming ----

for (const [size, language, scheme] of [
    ['desk', 'en', 'light'],
    ['phone', 'zh', 'dark'],
]) {
    const at = `${size}, ${language}`;
    const scenario = `plain,chunk=25,hold=6,tag=${size}`;
    await withScenario(scenario, { size, language, scheme }, async (page) => {
        await prepare(page);
        await page.waitForSelector('.outbox');
        const photos = await page.locator('.outbox-photos li').count();
        is(photos, 5, `${at}: five photos are about to go`);
        const figures = await page.textContent('.outbox-figures');
        like(figures, /127\.0\.0\.1/, `${at}: the outbox says to whom`);
        like(figures, /\d+ (kB|MB).*~[\d,]+/, `${at}: how many bytes and tokens`);
        like(
            figures,
            language === 'en' ? /Sent with them.*Nothing: only the pictures/ : /一并发送.*无：只发送图片/,
            `${at}: what goes beside them as text`,
        );
        like(
            await page.textContent('.outbox .check'),
            language === 'en'
                ? /up to 10 more photos by itself \([\d.]+ MB at most\)/
                : /最多 10 张照片（总共不超过 [\d.]+ MB）/,
            `${at}: and what the model may add`,
        );
        ok((await overflow(page)) <= 0, `${at}: nothing is wider than the window`);
        await page.look('outbox');
        is(await requests(scenario), 0, `${at}: nothing has been sent yet`);

        const tokens = async () =>
            Number(
                (await page.textContent('.outbox-figures div:nth-child(3) dd')).replace(/\D/g, ''),
            );
        const before = await tokens();
        const dropped = await page.getAttribute('.outbox-photos li:nth-child(2) img', 'src');
        await page.click('.outbox-photos li:nth-child(2) button');
        ok((await tokens()) < before, `${at}: without one of them it is less`);
        is(await page.locator('.outbox-photos li').count(), 4, `${at}: four are left`);

        await page.click('.outbox .primary');
        await page.waitForFunction(() =>
            /You asked/.test(document.querySelector('.answer-text')?.textContent ?? ''),
        );
        ok(
            !/It is shown in/.test(await text(page)),
            `${at}: the answer streams: its beginning is there before its end`,
        );
        await standIn.letGo(scenario);
        await answered(page);
        const said = await text(page);
        like(said, /You asked "What is the dog doing\?"/, `${at}: the question was in the request`);
        like(said, /Images seen: 4\./, `${at}: the model saw the four photos and no other`);
        is(
            await page.$$eval('.answer-text .cite', (all) => all.map((one) => one.textContent)),
            ['1', '2'],
            `${at}: citations are links`,
        );
        is(await page.locator('.evidence li').count(), 2, `${at}: the photos it cites stand below`);
        const evidence = await page.$$eval('.evidence img', (all) => all.map((one) => one.src));
        ok(
            !evidence.some((src) => src.endsWith(dropped)),
            `${at}: never the one that was taken out`,
        );
        await page.look('answer');

        await page.click('.answer-text .cite >> nth=0');
        await page.waitForSelector('.pswp__img:not(.pswp__img--placeholder)');
        const opened = new URL(page.url()).searchParams.get('photo');
        is(
            opened,
            await page.getAttribute('.evidence li', 'data-photo'),
            `${at}: a citation opens its photo`,
        );
        await page.keyboard.press('Escape');
        await page.waitForSelector('.pswp', { state: 'detached' });
        ok(await page.isVisible('.answer-text'), `${at}: Esc leads back to the answer`);
    });
}

await withScenario('plain', {}, async (page) => {
    await prepare(page);
    const [first] = await page.$$eval('.outbox-photos img', (all) =>
        all.map((one) => new URL(one.src).pathname.split('/')[4]),
    );
    await page.click('.outbox .primary');
    await answered(page);
    await page.fill('#search-text', 'dog');
    await page.waitForSelector('.results .tile');
    const tile = `.results .tile[data-photo="${first}"]`;
    if (await page.locator(tile).count())
        is(
            await page.getAttribute(tile, 'data-cited'),
            '1',
            'a cited photo is marked among the results',
        );
    await page.hover('.answer-text .cite >> nth=0');
    ok(
        await page.$eval(`.evidence [data-photo="${first}"]`, (one) =>
            one.classList.contains('pointed'),
        ),
        'pointing at a citation points at its photo',
    );

    await prepare(page, 'And what colour is it?');
    await page.click('.outbox .primary');
    await page.waitForFunction(() => document.querySelectorAll('.turn').length === 2);
    await answered(page);
    like(
        await text(page),
        /You asked "And what colour is it\?"/,
        'a second question goes on with the conversation',
    );
    await page.click('#ask-new');
    is(await page.locator('.turn').count(), 0, 'a new conversation begins empty');
    const ledger = sql(gallery, "SELECT count(*) FROM ledger WHERE event = 'answered'");
    ok(Number(ledger) >= 4, `the ledger has every request (${ledger} answered)`);
    await page.click('#open-settings');
    await page.waitForSelector('.settings table tbody tr');
    ok((await page.locator('.settings table tbody tr').count()) >= 4, 'the settings page shows it');
});

// ---- about one photo ----

await withScenario('plain,tag=about', {}, async (page) => {
    await page.click('.timeline .tile-link >> nth=3');
    await page.waitForSelector('.pswp__img:not(.pswp__img--placeholder)');
    await page.rest();
    const id = new URL(page.url()).searchParams.get('photo');
    await page.keyboard.press('a');
    await page.waitForFunction(() => document.activeElement.id === 'ask-text');
    const [photo, panel] = await Promise.all(
        ['.pswp__item[aria-hidden=false] .pswp__img:not(.pswp__img--placeholder)', '#ask'].map((one) => page.locator(one).boundingBox()),
    );
    ok(photo.x + photo.width <= panel.x + 1, 'a in the viewer: the panel opens beside the photo');
    like(await page.textContent('#ask-filters'), /^About /, 'and says what a question is about');
    await page.fill('#ask-text', 'Who wrote this?');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.outbox-photos li');
    is(
        await page.$$eval('.outbox-photos img', (all) => all.map((one) => new URL(one.src).pathname.split('/')[4])),
        [id],
        'that photo alone is about to go, whatever the words are',
    );
    await page.click('.outbox .primary');
    await answered(page);
    like(await text(page), /Images seen: 1\./, 'and is what the model saw');
    await page.look('about');
    const isInert = () => page.evaluate(() => document.getElementById('ask').inert);
    const wide = page.viewportSize();
    await page.setViewportSize({ width: 600, height: 800 });
    ok(await until(isInert), 'the panel is out of reach where a narrow window has the photo over it');
    await page.setViewportSize(wide);
    ok(await until(async () => !(await isInert())), 'and within reach again beside the photo');
});

// ---- what is there already stays while the rest comes ----

await withScenario('plain,chunk=25,hold=6,tag=stays', {}, async (page) => {
    await prepare(page, 'Is [1] a **good** `dog`?');
    await page.click('.outbox .primary');
    await page.waitForSelector('.answer-text code');
    await page.focus('.answer-text .cite');
    await page.evaluate(() => getSelection().selectAllChildren(document.querySelector('.answer-text strong')));
    await standIn.letGo('plain,chunk=25,hold=6,tag=stays');
    await answered(page);
    like(await text(page), /You asked "Is 1 a good dog\?".*It is shown in/s, 'Markdown is set, also while it streams');
    is(
        await page.evaluate(() => [document.activeElement.className, String(getSelection())]),
        ['cite', 'good'],
        'the focus and a selection stay while an answer streams',
    );
});

// ---- a server that was restarted; filters ----

{
    const env = { ANTHROPIC_BASE_URL: standIn.url('plain,tag=again'), ANTHROPIC_API_KEY: 'sk-ant-stand-in' };
    let server = await serve(home, gallery, { env });
    const page = await openPage(server.url);
    await page.goto(server.url);
    await waitForPhotos(page);
    const turns = () => page.locator('.turn').count();
    const restart = async () => {
        await page.context().setOffline(true); // its sessions end: nobody asks before there is another
        await server.stop();
        server = await serve(home, gallery, { env, port: server.port });
        await page.context().addCookies(cookiesOf(server.url));
        await page.context().setOffline(false);
    };
    await prepare(page);
    await page.click('.outbox .primary');
    await answered(page);
    await restart();
    await page.fill('#ask-text', 'Is the dog in the grass?');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.outbox');
    like(await page.textContent('.turn:last-child .begun'), /earlier conversation has ended/, 'a lost conversation is followed by a new one, which is told');
    await restart();
    await page.click('.outbox .primary');
    await page.waitForFunction(() => document.querySelectorAll('.turn:last-child .begun').length === 2);
    await page.waitForSelector('.outbox');
    ok(true, 'one that is lost before it is sent, too: the photos are shown again');
    await page.click('.outbox .primary');
    await answered(page);
    like(await text(page), /You asked "Is the dog in the grass\?"/, 'with the same question');
    is(await turns(), 2, 'as one turn');
    await page.click('.turn:first-child .answer-text .cite');
    await page.waitForSelector('.pswp');
    ok(true, 'citations of the earlier one still open their photos');
    await page.keyboard.press('Escape');
    await page.waitForSelector('.pswp', { state: 'detached' });

    await page.goto(`${server.url}?ask=1&label=Nobody`);
    await page.waitForSelector('#ask-filters .chip');
    like(await page.textContent('#ask-filters'), /Within:\s*labelled Nobody/, 'the panel says what a question is limited to');
    await prepare(page);
    like(await text(page), /within these filters/, 'and that nothing there matches');
    await page.goto(`${server.url}?ask=1&folder=${home}/photos`);
    await prepare(page);
    like(await page.textContent('.outbox-figures'), /Within.*in .*photos/, 'the outbox names the filters');
    await page.click('#ask-filters .chip');
    await prepare(page);
    await page.waitForSelector('.turn:last-child .begun');
    ok(!/Within/.test(await page.textContent('.outbox-figures')), 'without them a new conversation begins');
    is(page.complaints.filter((one) => !/net::ERR_/.test(one)), [], 'no error, no breach of the policy, no other host');
    await page.context().close();
    await server.stop();
}

// ---- what the model points at, and what it was not shown ----

await withScenario('box', {}, async (page) => {
    await prepare(page);
    await page.click('.outbox .primary');
    await answered(page);
    await page.click('.answer-text .cite >> nth=0');
    await page.waitForSelector('.box-cited');
    await page.rest();
    const [box, photo] = await Promise.all([
        page.locator('.box-cited').boundingBox(),
        page
            .locator('.pswp__item[aria-hidden=false] .pswp__img:not(.pswp__img--placeholder)')
            .boundingBox(),
    ]);
    const share = {
        x: (box.x - photo.x) / photo.width,
        y: (box.y - photo.y) / photo.height,
        w: box.width / photo.width,
        h: box.height / photo.height,
    };
    ok(
        Object.values({
            x: share.x - 0.25,
            y: share.y - 0.25,
            w: share.w - 0.5,
            h: share.h - 0.5,
        }).every((off) => Math.abs(off) < 0.02),
        'the cited place, the middle half of the picture, is drawn on the photo',
    );
    await page.look('cited');
});

await withScenario('cites-unsent', {}, async (page) => {
    await prepare(page);
    await page.click('.outbox .primary');
    await answered(page);
    is(
        await page.textContent('.cite-unknown'),
        '9?',
        'a photo that was not sent is no link, and marked',
    );
});

// ---- tools ----

await withScenario('tools', {}, async (page) => {
    await prepare(page);
    await page.click('.outbox .primary');
    await page.waitForSelector('.step');
    like(await page.textContent('.step'), /Searching for/, 'a tool call is shown');
    await answered(page);
    ok((await page.locator('.step-photos img').count()) > 0, 'with the photos it added');
    await page.look('tools');
    await page.click('#ask-new');
    await prepare(page);
    await page.uncheck('.outbox .check input');
    await page.click('.outbox .primary');
    await answered(page);
    is(
        await page.locator('.step-photos img').count(),
        0,
        'no further photo goes when the owner says so',
    );
});

// ---- stops and faults ----

await withScenario('plain,chunk=16,hold=3', {}, async (page) => {
    await prepare(page);
    await page.click('.outbox .primary');
    await page.waitForFunction(
        () => (document.querySelector('.answer-text')?.textContent ?? '').length > 20,
    );
    await page.click('#ask-send');
    await page.waitForSelector('.turn .problem');
    like(await page.textContent('.turn .problem'), /Stopped/, 'an answer can be stopped');
    ok((await text(page)).length > 10, 'what had arrived stays');
    await prepare(page, 'And what colour is it?');
    await page.click('.outbox .primary');
    await page.waitForFunction(
        () => (document.querySelectorAll('.answer-text')[1]?.textContent ?? '').length > 20,
    );
    ok(true, 'and the conversation can go on');
});

for (const [scenario, language, words] of [
    ['refusal', 'zh', /模型拒绝回答/],
    ['unknown-stop', 'en', /stopped for an unknown reason/],
])
    await withScenario(scenario, { language }, async (page) => {
        await prepare(page);
        await page.click('.outbox .primary');
        await page.waitForSelector('.turn .problem');
        like(await page.textContent('.turn .problem'), words, `${scenario}: an answer that is not whole says why`);
        ok((await text(page)).length > 5, 'below what there is of it');
    });

await withScenario('401', {}, async (page) => {
    await prepare(page);
    await page.click('.outbox .primary');
    await page.waitForSelector('.turn .problem');
    like(await page.textContent('.turn .problem'), /key/i, 'a refused key is a sentence');
    ok(await page.isVisible('.timeline'), 'and nobody is signed out by it');
});

await withScenario(null, {}, async (page) => {
    await page.click('#open-ask');
    await page.waitForSelector('.ask-ways li');
    is(await page.locator('.ask-ways code').count(), 3, 'without a key: three ways to set one up, before one asks');
    await prepare(page);
    await page.waitForSelector('.outbox');
    is(
        await page.locator('.outbox-photos li').count(),
        5,
        'without a key: the photos that would have been sent',
    );
    like(
        await page.textContent('.outbox-unavailable'),
        /ANTHROPIC_API_KEY/,
        'and how to set one up',
    );
    is(await page.locator('.outbox .primary').count(), 0, 'nothing can be sent');
    await page.click('.outbox > .button');
    is(await page.inputValue('#ask-text'), QUESTION, 'and the question can be taken back');
    await page.look('no-key');
});

// ---- never send ----

await withScenario('plain', {}, async (page) => {
    await page.goto(`${page.server.url}?view=settings`);
    await page.fill('.row-form input', `${home}/photos`);
    await page.click('.row-form button');
    await page.waitForSelector('.rules li .icon');
    await page.waitForSelector('.toast');
    like(await page.textContent('.toast'), /The rule covers \d+ photos\./, 'how many it covers is told');
    like(await page.textContent('.rules'), /Everything in .*photos/, 'a rule keeps a folder here');
    await page.look('rules');
    await page.goto(page.server.url);
    await prepare(page);
    await page.waitForSelector('.outbox-withheld');
    is(await page.locator('.outbox-photos li').count(), 0, 'then nothing of it is about to go');
    await page.goto(`${page.server.url}?view=settings`);
    await page.click('.rules button');
    await page.waitForFunction(() => !document.querySelector('.rules .icon'));
    is(sql(gallery, 'SELECT count(*) FROM rule'), '0', 'the rule can be removed');
});

await closeBrowser();
await standIn.stop();
doneTesting();
