// SPDX-License-Identifier: MIT
// Bundles the page and writes it as C:  node web/build.mjs OUT
// OUT/assets.c holds the table of src/server/assets.h; the bytes lie beside it and are taken in
// by .incbin. Names of bundled files hold a hash of their content, so that browsers may keep them.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { worldOf } from './world.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2];
const types = {
    '.html': 'text/html; charset=utf-8',
    '.js': 'text/javascript; charset=utf-8',
    '.css': 'text/css; charset=utf-8',
    '.svg': 'image/svg+xml',
    '.png': 'image/png',
    '.json': 'application/json',
    '.webmanifest': 'application/manifest+json',
};
const typeOf = (name) => types[name.slice(name.lastIndexOf('.'))];
const hash = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

rmSync(join(out, 'files'), { recursive: true, force: true });
mkdirSync(join(out, 'files'), { recursive: true });

const bundle = await build({
    entryPoints: [join(here, 'src/main.js'), join(here, 'css/main.css')],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    entryNames: '[name]-[hash]',
    outdir: '/',
    charset: 'utf8',
    legalComments: 'eof', // the licences of what is bundled stay in it
    logLevel: 'warning',
    write: false,
});
const assets = bundle.outputFiles.map((file) => ({
    path: `/${basename(file.path)}`,
    bytes: Buffer.from(file.contents),
    immutable: true,
}));

function asset(name, bytes = readFileSync(join(here, name))) {
    const dot = name.lastIndexOf('.');
    const path = `/${basename(name.slice(0, dot))}-${hash(bytes).slice(0, 8)}${name.slice(dot)}`;
    assets.push({ path, bytes, immutable: true });
    return path;
}
// Addresses in the page are relative: it may be below a path of its host (https://example.org/photos/).
const relative = (path) => path.slice(1);
const bundled = (ending) => relative(assets.find((a) => a.path.endsWith(ending)).path);

const icons = ['icon.svg', ...readdirSync(join(here, 'icons')).sort().map((name) => `icons/${name}`)];
const iconPaths = Object.fromEntries(icons.map((name) => [name, relative(asset(name))]));
const withIcons = (text) => icons.reduce((all, name) => all.replaceAll(`"${name}"`, `"${iconPaths[name]}"`), text);
const manifest = withIcons(readFileSync(join(here, 'manifest.webmanifest'), 'utf8'));

// The map of the world is read only where photos are shown on it; without the package the sea is empty.
const atlas = join(here, 'node_modules/world-atlas/countries-110m.json');
const world = existsSync(atlas) ? worldOf(atlas) : { land: '', borders: '' };

const page = withIcons(readFileSync(join(here, 'index.html'), 'utf8'))
    .replace('src/main.js', bundled('.js'))
    .replace('css/main.css', bundled('.css'))
    .replace('world.json', relative(asset('world.json', Buffer.from(JSON.stringify(world)))))
    .replace('manifest.webmanifest', relative(asset('manifest.webmanifest', Buffer.from(manifest))));
assets.push({ path: '/', bytes: Buffer.from(page), immutable: false, type: types['.html'] });

// ---- as C ----

const blocks = [];

function embed(name, bytes) {
    const path = join(out, 'files', `${name}.bin`);
    writeFileSync(path, bytes);
    blocks.push(`__asm__(".section .rodata\\n.global ${name}\\n.hidden ${name}\\n${name}:\\n.incbin \\"${path}\\"\\n.previous");
extern const uint8_t ${name}[];`);
    return `${name}, ${bytes.length}`;
}

const rows = assets.map(({ path, bytes, immutable, type = typeOf(path) }, index) => {
    const zipped = gzipSync(bytes, { level: 9 });
    const plain = embed(`web_asset_${index}`, bytes);
    const gzip =
        zipped.length < bytes.length * 0.9 ? embed(`web_asset_${index}_gzip`, zipped) : 'NULL, 0';
    return `    {${JSON.stringify(path)}, "${type}", ${plain}, ${gzip}, "${hash(bytes)}", ${Number(immutable)}},`;
});

writeFileSync(
    join(out, 'assets.c'),
    `/* Made by web/build.mjs. */
#include <stddef.h>

#include "server/assets.h"

${blocks.join('\n')}

const struct asset web_assets[] = {
${rows.join('\n')}
    {.path = NULL},
};
`,
);
