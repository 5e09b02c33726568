#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A program as many write it: it keeps photos and their vectors in a table of PostgreSQL, and knows nothing of keepsake
but `keepsake embed`, which makes the vectors.

    article.py ADDRESS create DIMENSIONS            makes the table
    article.py ADDRESS insert PHOTO...              stores photos: one, many at once, by COPY
    article.py ADDRESS index                        makes an ivfflat index
    article.py ADDRESS nearest TEXT                 prints the paths of the five photos nearest to a text
    article.py ADDRESS move OLD NEW                 changes a path
    article.py ADDRESS delete PHOTO                 deletes a photo
"""
import io
import os
import subprocess
import sys

import psycopg2
from psycopg2.extras import execute_values


def embed(*arguments):
    done = subprocess.run([os.environ["KEEPSAKE"], "-q", "embed", "--sql", *arguments], stdout=subprocess.PIPE, check=True)
    return done.stdout.decode().split()


def create(cursor, dimensions):
    cursor.execute(f"CREATE TABLE image_gallery (id SERIAL PRIMARY KEY, path TEXT, embedding VECTOR({int(dimensions)}))")


def insert(cursor, *photos):
    rows = list(zip(photos, embed(*photos)))
    cursor.execute("INSERT INTO image_gallery (path, embedding) VALUES (%s, %s) RETURNING id", rows[0])
    print(cursor.fetchone()[0])
    execute_values(cursor, "INSERT INTO image_gallery (path, embedding) VALUES %s", rows[1:3])
    lines = "".join(f"{path}\t{vector}\n" for path, vector in rows[3:])
    cursor.copy_expert("COPY image_gallery (path, embedding) FROM STDIN", io.StringIO(lines))


def index(cursor):
    cursor.execute("CREATE INDEX ON image_gallery USING ivfflat (embedding vector_cosine_ops) WITH (lists = 1)")


def nearest(cursor, text):
    cursor.execute("SELECT path FROM image_gallery ORDER BY embedding <=> %s LIMIT 5", embed("--text", text))
    print("\n".join(path for path, in cursor))


def move(cursor, old, new):
    cursor.execute("UPDATE image_gallery SET path = %s WHERE path = %s", (new, old))
    print(cursor.rowcount)


def delete(cursor, path):
    cursor.execute("DELETE FROM image_gallery WHERE path = %s", (path,))
    print(cursor.rowcount)


with psycopg2.connect(sys.argv[1]) as connection, connection.cursor() as cursor:
    {f.__name__: f for f in (create, insert, index, nearest, move, delete)}[sys.argv[2]](cursor, *sys.argv[3:])
