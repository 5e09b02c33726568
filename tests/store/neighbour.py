# SPDX-License-Identifier: MIT
"""The article's program, and others, on the table image_gallery of a gallery.

    python3 neighbour.py DRIVER SCHEMA VECTORS PHOTO...

DRIVER is psycopg2 or psycopg (3). VECTORS is a file with a vector in pgvector's notation on each line,
one for each PHOTO. Prints TAP without a plan; tests/store/neighbour.t counts."""

import importlib
import io
import os
import sys

driver = importlib.import_module(sys.argv[1])
schema = sys.argv[2]
vectors = open(sys.argv[3], encoding="ascii").read().split("\n")
photos = sys.argv[4:]
db = driver.connect(f"options=-csearch_path={schema},public")
db.autocommit = True
at = db.cursor()


def ok(good, name, *said):
    print(f"{'ok' if good else 'not ok'} - {sys.argv[1]}, {schema}: {name}")
    if not good:
        print("#", *said)


def rows(sql, *values):
    at.execute(sql, values)
    return at.fetchall()


def refused(sql, *values):
    """The error that the statement gives."""
    try:
        at.execute(sql, values)
    except driver.Error as error:
        return str(error)
    return "no error"


def scaled(vector, factor):
    numbers = [float(number) * factor for number in vector[1:-1].split(",")]
    return "[" + ",".join(map(repr, numbers)) + "]"


# The article: a row for each picture, an index, the nearest five.
for photo, vector in zip(photos[:2], vectors):
    at.execute("INSERT INTO image_gallery (path, embedding) VALUES (%s, %s)", (photo, vector))
ok(
    rows("SELECT path, convert_from(path_key, 'UTF8'), size, mtime_ns, position, hash FROM image_gallery ORDER BY id")
    == [(photo, photo, 0, 0, 0, None) for photo in photos[:2]],
    "INSERT of path and embedding: key, sizes and times have values",
    rows("SELECT * FROM image_gallery"),
)
at.execute("CREATE INDEX article ON image_gallery USING ivfflat (embedding vector_cosine_ops) WITH (lists = 1)")
nearest = "SELECT path FROM image_gallery ORDER BY embedding <=> %s::vector LIMIT 5"
ok(rows(nearest, vectors[1])[0][0] == photos[1], "the nearest five", rows(nearest, vectors[1]))
at.execute("DROP INDEX article")

# Several rows, conflicts, COPY.
at.execute("DELETE FROM image_gallery")
many = "INSERT INTO image_gallery (path, embedding) VALUES " + ", ".join(["(%s, %s)"] * 3)
at.execute(many + " RETURNING id", [value for pair in zip(photos[:3], vectors) for value in pair])
ids = [row[0] for row in at.fetchall()]
ok(len(ids) == 3 and ids == sorted(set(ids)), "several rows in one INSERT", ids)
at.execute(many + " ON CONFLICT DO NOTHING", [value for pair in zip(photos[:3], vectors) for value in pair])
ok(at.rowcount == 0, "ON CONFLICT DO NOTHING knows the path", at.rowcount)
at.execute(
    "INSERT INTO image_gallery (path, embedding) VALUES (%s, %s) ON CONFLICT (path_key, position)"
    " DO UPDATE SET embedding = excluded.embedding RETURNING id",
    (photos[0], scaled(vectors[3], 7)),
)
ok(at.fetchall() == [(ids[0],)], "ON CONFLICT DO UPDATE keeps the row")
ok(
    rows("SELECT abs(vector_norm(embedding) - 1) < 0.000001, (embedding <=> %s::vector) < 0.000001"
         " FROM image_gallery WHERE id = %s", vectors[3], ids[0]) == [(True, True)],
    "... and a vector of another length is brought to length 1",
)
lines = f"{photos[3]}\t{scaled(vectors[3], 0.5)}\n"
if sys.argv[1] == "psycopg2":
    at.copy_expert("COPY image_gallery (path, embedding) FROM STDIN", io.StringIO(lines))
else:
    with at.copy("COPY image_gallery (path, embedding) FROM STDIN") as copy:
        copy.write(lines)
ok(
    rows("SELECT count(*) FROM image_gallery WHERE path_key = convert_to(%s, 'UTF8') AND"
         " abs(vector_norm(embedding) - 1) < 0.000001", photos[3]) == [(1,)],
    "COPY",
)

# UPDATE of a path and of an embedding.
at.execute("UPDATE image_gallery SET size = 5, mtime_ns = 6, hash = decode(repeat('ab', 32), 'hex') WHERE id = %s",
           (ids[1],))
at.execute("UPDATE image_gallery SET path = %s WHERE id = %s", ("/gone//./new.jpg", ids[1]))
ok(
    rows("SELECT path, convert_from(path_key, 'UTF8'), size, mtime_ns, encode(hash, 'hex') FROM image_gallery"
         " WHERE id = %s", ids[1]) == [("/gone/new.jpg", "/gone/new.jpg", 0, 0, "ab" * 32)],
    "UPDATE of a path: the key follows, and the file counts as unread",
)
at.execute("UPDATE image_gallery SET embedding = %s WHERE id = %s", (scaled(vectors[2], 3), ids[1]))
ok(
    rows("SELECT (embedding <#> %s::vector) + 1 < 0.000001 FROM image_gallery WHERE id = %s", vectors[2], ids[1])
    == [(True,)],
    "UPDATE of an embedding",
)

# What is refused, with a sentence.
for sql, values, sentence in (
    ("INSERT INTO image_gallery (path) VALUES (%s)", ["/a/../b.jpg"], "the path /a/../b.jpg is not the plain path"),
    ("INSERT INTO image_gallery (path) VALUES (%s)", ["/a/"], "the path /a/ is not the plain path of a file"),
    ("INSERT INTO image_gallery (path) VALUES (%s)", ["/" + "x" * 2600], "is too long: 2601 bytes"),
    ("INSERT INTO image_gallery (path) VALUES (%s)", [""], "a photo needs a path"),
    ("INSERT INTO image_gallery (embedding) VALUES (%s)", [vectors[0]], "a photo needs a path"),
    ("INSERT INTO image_gallery (path, embedding) VALUES ('/z.jpg', %s)", [scaled(vectors[0], 0)],
     "the vector of /z.jpg is zero"),
):
    said = refused(sql, *values)
    ok(sentence in said, "refused: " + sentence, said)

# Deleted rows are recorded; signals of their content go; each transaction counts as a change.
at.execute("INSERT INTO keepsake_signal VALUES (decode(repeat('ab', 32), 'hex'), 0, 'test', '', 1, 'x')")
before = rows("SELECT change + (SELECT count(*) FROM keepsake_change) FROM keepsake_gallery")[0][0]
at.execute("DELETE FROM image_gallery WHERE id = %s", (ids[1],))
ok(rows("SELECT count(*) FROM keepsake_signal") == [(0,)], "DELETE: the signals of the content go with it")
ok(
    rows("SELECT path, dropped FROM keepsake_failure WHERE starts_with(path, '/gone/')") == [("/gone/new.jpg", True)],
    "... and it is recorded as deleted by its owner",
)
ok(
    rows("SELECT change + (SELECT count(*) FROM keepsake_change) FROM keepsake_gallery")[0][0] == before + 1,
    "... and counted as a change",
)
at.execute("INSERT INTO image_gallery (path) VALUES ('/gone/new.jpg')")
ok(rows("SELECT count(*) FROM keepsake_failure WHERE path = '/gone/new.jpg'") == [(0,)], "inserted again: no record")
at.execute("DELETE FROM image_gallery")
at.execute("DELETE FROM keepsake_failure")

# What the caller goes on with: the four photos, by the article's statement.
relative = os.environ.get("NEIGHBOUR_RELATIVE", "")
for photo, vector in zip(photos, vectors):
    path = os.path.relpath(photo, relative) if relative else photo
    at.execute("INSERT INTO image_gallery (path, embedding) VALUES (%s, %s)", (path, vector))
if relative:
    ok(rows("SELECT path FROM image_gallery ORDER BY id") == [(photo,) for photo in photos],
       "relative paths are below the adopted folder", rows("SELECT path FROM image_gallery"))
else:
    said = refused("INSERT INTO image_gallery (path) VALUES ('images/1.jpg')")
    ok("the path images/1.jpg is relative" in said and "begins with /" in said, "refused: a relative path", said)
