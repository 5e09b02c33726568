// SPDX-License-Identifier: MIT
// The article's statements from node, with pg and with drizzle-orm, on the table image_gallery of a gallery:
//   node neighbour.mjs SOCKET_FOLDER SCHEMA VECTORS PHOTO...
// as neighbour.py, which says what VECTORS is. Prints TAP without numbers.
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { cosineDistance, eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { bigserial, pgSchema, text, vector } from 'drizzle-orm/pg-core';

const [host, schema, file, ...photos] = process.argv.slice(2);
const vectors = readFileSync(file, 'ascii').split('\n').map((line) => line && JSON.parse(line));
const client = new pg.Client({ host, user: 'keepsake', database: 'gallery' });
await client.connect();
await client.query(`SET search_path = ${schema}, public`);

function is(got, want, name) {
    const good = JSON.stringify(got) === JSON.stringify(want);
    console.log(`${good ? 'ok' : 'not ok'} - node, ${schema}: ${name}`);
    if (!good) console.log(`# got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
}

const insert = 'INSERT INTO image_gallery (path, embedding) VALUES ($1, $2)';
await client.query(insert, [photos[0], JSON.stringify(vectors[0].map((x) => 3 * x))]);
is((await client.query(`SELECT convert_from(path_key, 'UTF8') AS key, abs(vector_norm(embedding) - 1) < 0.000001 AS unit
    FROM image_gallery`)).rows,
    [{ key: photos[0], unit: true }], 'pg: INSERT, and the vector gets length 1');
is((await client.query(insert + ' ON CONFLICT DO NOTHING', [photos[0], JSON.stringify(vectors[0])])).rowCount, 0,
    'pg: ON CONFLICT');
is((await client.query(insert, ['a/../b', null]).catch((error) => [error.code, error.hint])),
    ['23514', 'give the whole path of the file, which begins with /'], 'pg: a refusal has code and hint');

const table = pgSchema(schema).table('image_gallery', {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    path: text('path').notNull(),
    embedding: vector('embedding', { dimensions: vectors[0].length }),
});
const db = drizzle(client);
await db.insert(table).values(photos.slice(1).map((path, i) => ({ path, embedding: vectors[i + 1] })));
const nearest = await db.select({ path: table.path }).from(table)
    .orderBy(cosineDistance(table.embedding, vectors[2])).limit(1);
is(nearest, [{ path: photos[2] }], 'drizzle: insert of several rows, and the nearest');
await db.update(table).set({ embedding: vectors[0] }).where(eq(table.path, photos[2]));
await db.delete(table).where(eq(table.path, photos[3]));
is((await client.query('SELECT path FROM keepsake_failure WHERE dropped')).rows, [{ path: photos[3] }],
    'drizzle: update and delete, which is recorded');
await client.end();
