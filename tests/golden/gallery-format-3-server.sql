-- A gallery of format 3 on a server as released, in the schema THE_GALLERY: pg_dump of the gallery of format 2 of
-- tests/unit/test_postgres_upgrade.c after that program upgraded it and added a rule and a label; a signal, a folder, a note, a
-- damaged photo and a failure added.
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE SCHEMA THE_GALLERY;
CREATE FUNCTION THE_GALLERY.keepsake_ledger_refuse() RETURNS trigger
    LANGUAGE plpgsql
    AS $$BEGIN RAISE EXCEPTION 'the ledger is append-only'; END$$;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE THE_GALLERY.image_gallery (
    id bigint NOT NULL,
    path text NOT NULL,
    embedding public.vector(32),
    path_key bytea NOT NULL,
    size bigint NOT NULL,
    mtime_ns bigint NOT NULL,
    hash bytea,
    format text,
    width integer,
    height integer,
    taken text,
    latitude double precision,
    longitude double precision,
    make text,
    model text,
    lens text,
    ctime_ns bigint DEFAULT 0 NOT NULL,
    inode bigint DEFAULT 0 NOT NULL,
    "position" integer DEFAULT 0 NOT NULL,
    CONSTRAINT image_gallery_hash_check CHECK ((octet_length(hash) = 32))
);
CREATE SEQUENCE THE_GALLERY.image_gallery_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE THE_GALLERY.image_gallery_id_seq OWNED BY THE_GALLERY.image_gallery.id;
CREATE TABLE THE_GALLERY.keepsake_claim (
    path_key bytea NOT NULL,
    claimer bigint NOT NULL
);
CREATE TABLE THE_GALLERY.keepsake_claimer (
    id bigint NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE TABLE THE_GALLERY.keepsake_damage (
    hash bytea NOT NULL,
    damage text NOT NULL,
    CONSTRAINT keepsake_damage_hash_check CHECK ((octet_length(hash) = 32))
);
CREATE TABLE THE_GALLERY.keepsake_failure (
    path_key bytea NOT NULL,
    path text NOT NULL,
    size bigint NOT NULL,
    mtime_ns bigint NOT NULL,
    hash bytea,
    reason text NOT NULL,
    ctime_ns bigint DEFAULT 0 NOT NULL,
    inode bigint DEFAULT 0 NOT NULL,
    version text DEFAULT ''::text NOT NULL,
    CONSTRAINT keepsake_failure_hash_check CHECK ((octet_length(hash) = 32))
);
CREATE TABLE THE_GALLERY.keepsake_folder (
    path_key bytea NOT NULL,
    path text NOT NULL,
    device text NOT NULL,
    absent_since bigint
);
CREATE TABLE THE_GALLERY.keepsake_gallery (
    one smallint NOT NULL,
    format integer NOT NULL,
    change bigint NOT NULL,
    changed_at bigint NOT NULL,
    model_id text,
    model_fingerprint text,
    model_preprocessing integer,
    model_dim integer,
    index_wanted text NOT NULL,
    index_metric text NOT NULL,
    index_built text NOT NULL,
    index_built_photos bigint NOT NULL,
    index_built_at bigint NOT NULL,
    model_arithmetic text DEFAULT 'unknown'::text NOT NULL,
    CONSTRAINT keepsake_gallery_model_dim_check CHECK ((model_dim > 0)),
    CONSTRAINT keepsake_gallery_one_check CHECK ((one = 1))
);
CREATE TABLE THE_GALLERY.keepsake_label (
    id bigint NOT NULL,
    hash bytea NOT NULL,
    name text NOT NULL,
    folded text NOT NULL,
    x double precision,
    y double precision,
    width double precision,
    height double precision,
    checksum bytea,
    CONSTRAINT keepsake_label_check CHECK ((num_nulls(x, y, width, height) = ANY (ARRAY[0, 4]))),
    CONSTRAINT keepsake_label_hash_check CHECK ((octet_length(hash) = 32))
);
ALTER TABLE THE_GALLERY.keepsake_label ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME THE_GALLERY.keepsake_label_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE THE_GALLERY.keepsake_ledger (
    id bigint NOT NULL,
    at bigint NOT NULL,
    request text NOT NULL,
    event text NOT NULL,
    purpose text NOT NULL,
    provider text NOT NULL,
    host text NOT NULL,
    model text NOT NULL,
    photos text NOT NULL,
    bytes bigint NOT NULL,
    input_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    cache_read_tokens bigint NOT NULL,
    cache_write_tokens bigint NOT NULL,
    cost_usd double precision,
    detail text NOT NULL,
    facts text DEFAULT ''::text NOT NULL,
    checksum bytea,
    CONSTRAINT keepsake_ledger_event_check CHECK ((event = ANY (ARRAY['sent'::text, 'answered'::text, 'failed'::text])))
);
ALTER TABLE THE_GALLERY.keepsake_ledger ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME THE_GALLERY.keepsake_ledger_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE THE_GALLERY.keepsake_note (
    name text NOT NULL,
    text text NOT NULL
);
CREATE TABLE THE_GALLERY.keepsake_other_model (
    fingerprint text NOT NULL,
    preprocessing integer NOT NULL,
    id text NOT NULL,
    dim integer NOT NULL,
    arithmetic text NOT NULL,
    CONSTRAINT keepsake_other_model_dim_check CHECK ((dim > 0))
);
CREATE TABLE THE_GALLERY.keepsake_rule (
    kind text NOT NULL,
    key bytea NOT NULL,
    value text NOT NULL,
    checksum bytea,
    CONSTRAINT keepsake_rule_kind_check CHECK ((kind = ANY (ARRAY['folder'::text, 'label'::text])))
);
CREATE TABLE THE_GALLERY.keepsake_signal (
    hash bytea NOT NULL,
    "position" integer NOT NULL,
    kind text NOT NULL,
    model text NOT NULL,
    version integer NOT NULL,
    payload bytea,
    embedding public.vector,
    CONSTRAINT keepsake_signal_check CHECK ((num_nonnulls(payload, embedding) = 1)),
    CONSTRAINT keepsake_signal_hash_check CHECK ((octet_length(hash) = 32))
);
CREATE TABLE THE_GALLERY.keepsake_writer (
    writer bigint NOT NULL,
    number bigint NOT NULL,
    at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY THE_GALLERY.image_gallery ALTER COLUMN id SET DEFAULT nextval('THE_GALLERY.image_gallery_id_seq'::regclass);
INSERT INTO THE_GALLERY.image_gallery VALUES (1, '/photos/1.jpg', '[0.17677669,0.17677669,0.17677669,0.17677669,0.17677669,0.17677669,0.17677669,0.17677669,0.17677669,0.17677669,0.17677669,0.17677669,0.17677669,0.17677669,0.17677669,0.17677669,0.17677669,0.17677669,0.17677669,0.17677669,0.17677669,0.17677669,0.17677669,0.17677669,0.17677669,0.17677669,0.17677669,0.17677669,0.17677669,0.17677669,0.17677669,0.17677669]', '\x2f70686f746f732f312e6a7067', 7, 8, '\x0000000000000000000000000000000000000000000000000000000000000001', 'jpeg', 640, 480, '2019-01-05T10:00:00', NULL, NULL, NULL, NULL, NULL, 0, 0, 0);
INSERT INTO THE_GALLERY.image_gallery VALUES (2, '/photos/2.jpg', '[0.16903085,0.16903085,0.16903085,0.16903085,0.16903085,0.16903085,0.16903085,0.16903085,0.16903085,0.16903085,0.16903085,0.16903085,0.16903085,0.16903085,0.16903085,0.16903085,0.16903085,0.16903085,0.16903085,0.16903085,0.16903085,0.16903085,0.16903085,0.16903085,0.16903085,0.16903085,0.16903085,0.16903085,0.16903085,0.16903085,0.16903085,0.3380617]', '\x2f70686f746f732f322e6a7067', 7, 8, '\x0000000000000000000000000000000000000000000000000000000000000002', 'jpeg', 640, 480, '2019-02-05T10:00:00', NULL, NULL, NULL, NULL, NULL, 0, 0, 0);
INSERT INTO THE_GALLERY.image_gallery VALUES (3, '/photos/3.jpg', '[0.15811388,0.15811388,0.15811388,0.15811388,0.15811388,0.15811388,0.15811388,0.15811388,0.15811388,0.15811388,0.15811388,0.15811388,0.15811388,0.15811388,0.15811388,0.15811388,0.15811388,0.15811388,0.15811388,0.15811388,0.15811388,0.15811388,0.15811388,0.15811388,0.15811388,0.15811388,0.15811388,0.15811388,0.15811388,0.15811388,0.15811388,0.47434166]', '\x2f70686f746f732f332e6a7067', 7, 8, '\x0000000000000000000000000000000000000000000000000000000000000003', 'jpeg', 640, 480, '2019-03-05T10:00:00', NULL, NULL, NULL, NULL, NULL, 0, 0, 0);
INSERT INTO THE_GALLERY.image_gallery VALUES (4, '/photos/4.jpg', '[0.145865,0.145865,0.145865,0.145865,0.145865,0.145865,0.145865,0.145865,0.145865,0.145865,0.145865,0.145865,0.145865,0.145865,0.145865,0.145865,0.145865,0.145865,0.145865,0.145865,0.145865,0.145865,0.145865,0.145865,0.145865,0.145865,0.145865,0.145865,0.145865,0.145865,0.145865,0.58346]', '\x2f70686f746f732f342e6a7067', 7, 8, '\x0000000000000000000000000000000000000000000000000000000000000004', 'jpeg', 640, 480, '2019-04-05T10:00:00', NULL, NULL, NULL, NULL, NULL, 0, 0, 0);
INSERT INTO THE_GALLERY.image_gallery VALUES (5, '/photos/5.jpg', '[0.13363062,0.13363062,0.13363062,0.13363062,0.13363062,0.13363062,0.13363062,0.13363062,0.13363062,0.13363062,0.13363062,0.13363062,0.13363062,0.13363062,0.13363062,0.13363062,0.13363062,0.13363062,0.13363062,0.13363062,0.13363062,0.13363062,0.13363062,0.13363062,0.13363062,0.13363062,0.13363062,0.13363062,0.13363062,0.13363062,0.13363062,0.6681531]', '\x2f70686f746f732f352e6a7067', 7, 8, '\x0000000000000000000000000000000000000000000000000000000000000005', 'jpeg', 640, 480, '2019-05-05T10:00:00', NULL, NULL, NULL, NULL, NULL, 0, 0, 0);
INSERT INTO THE_GALLERY.image_gallery VALUES (6, '/photos/6.jpg', '[0.12216944,0.12216944,0.12216944,0.12216944,0.12216944,0.12216944,0.12216944,0.12216944,0.12216944,0.12216944,0.12216944,0.12216944,0.12216944,0.12216944,0.12216944,0.12216944,0.12216944,0.12216944,0.12216944,0.12216944,0.12216944,0.12216944,0.12216944,0.12216944,0.12216944,0.12216944,0.12216944,0.12216944,0.12216944,0.12216944,0.12216944,0.73301667]', '\x2f70686f746f732f362e6a7067', 7, 8, '\x0000000000000000000000000000000000000000000000000000000000000006', 'jpeg', 640, 480, '2019-06-05T10:00:00', NULL, NULL, NULL, NULL, NULL, 0, 0, 0);
INSERT INTO THE_GALLERY.image_gallery VALUES (7, '/photos/7.jpg', '[0.1118034,0.1118034,0.1118034,0.1118034,0.1118034,0.1118034,0.1118034,0.1118034,0.1118034,0.1118034,0.1118034,0.1118034,0.1118034,0.1118034,0.1118034,0.1118034,0.1118034,0.1118034,0.1118034,0.1118034,0.1118034,0.1118034,0.1118034,0.1118034,0.1118034,0.1118034,0.1118034,0.1118034,0.1118034,0.1118034,0.1118034,0.78262377]', '\x2f70686f746f732f372e6a7067', 7, 8, '\x0000000000000000000000000000000000000000000000000000000000000007', 'jpeg', 640, 480, '2019-07-05T10:00:00', NULL, NULL, NULL, NULL, NULL, 0, 0, 0);
INSERT INTO THE_GALLERY.image_gallery VALUES (8, '/photos/8.jpg', '[0.10259783,0.10259783,0.10259783,0.10259783,0.10259783,0.10259783,0.10259783,0.10259783,0.10259783,0.10259783,0.10259783,0.10259783,0.10259783,0.10259783,0.10259783,0.10259783,0.10259783,0.10259783,0.10259783,0.10259783,0.10259783,0.10259783,0.10259783,0.10259783,0.10259783,0.10259783,0.10259783,0.10259783,0.10259783,0.10259783,0.10259783,0.82078266]', '\x2f70686f746f732f382e6a7067', 7, 8, '\x0000000000000000000000000000000000000000000000000000000000000008', 'jpeg', 640, 480, '2019-08-05T10:00:00', NULL, NULL, NULL, NULL, NULL, 0, 0, 0);
INSERT INTO THE_GALLERY.image_gallery VALUES (9, '/photos/9.jpg', '[0.09449112,0.09449112,0.09449112,0.09449112,0.09449112,0.09449112,0.09449112,0.09449112,0.09449112,0.09449112,0.09449112,0.09449112,0.09449112,0.09449112,0.09449112,0.09449112,0.09449112,0.09449112,0.09449112,0.09449112,0.09449112,0.09449112,0.09449112,0.09449112,0.09449112,0.09449112,0.09449112,0.09449112,0.09449112,0.09449112,0.09449112,0.85042006]', '\x2f70686f746f732f392e6a7067', 7, 8, '\x0000000000000000000000000000000000000000000000000000000000000009', 'jpeg', 640, 480, '2019-09-05T10:00:00', NULL, NULL, NULL, NULL, NULL, 0, 0, 0);
INSERT INTO THE_GALLERY.image_gallery VALUES (10, '/photos/10.jpg', '[0.0873704,0.0873704,0.0873704,0.0873704,0.0873704,0.0873704,0.0873704,0.0873704,0.0873704,0.0873704,0.0873704,0.0873704,0.0873704,0.0873704,0.0873704,0.0873704,0.0873704,0.0873704,0.0873704,0.0873704,0.0873704,0.0873704,0.0873704,0.0873704,0.0873704,0.0873704,0.0873704,0.0873704,0.0873704,0.0873704,0.0873704,0.8737041]', '\x2f70686f746f732f31302e6a7067', 7, 8, '\x000000000000000000000000000000000000000000000000000000000000000a', 'jpeg', 640, 480, '2019-10-05T10:00:00', NULL, NULL, NULL, NULL, NULL, 0, 0, 0);
INSERT INTO THE_GALLERY.image_gallery VALUES (11, '/photos/11.jpg', '[0.08111071,0.08111071,0.08111071,0.08111071,0.08111071,0.08111071,0.08111071,0.08111071,0.08111071,0.08111071,0.08111071,0.08111071,0.08111071,0.08111071,0.08111071,0.08111071,0.08111071,0.08111071,0.08111071,0.08111071,0.08111071,0.08111071,0.08111071,0.08111071,0.08111071,0.08111071,0.08111071,0.08111071,0.08111071,0.08111071,0.08111071,0.8922178]', '\x2f70686f746f732f31312e6a7067', 7, 8, '\x000000000000000000000000000000000000000000000000000000000000000b', 'jpeg', 640, 480, '2019-11-05T10:00:00', NULL, NULL, NULL, NULL, NULL, 0, 0, 0);
INSERT INTO THE_GALLERY.image_gallery VALUES (12, '/photos/12.jpg', '[0.0755929,0.0755929,0.0755929,0.0755929,0.0755929,0.0755929,0.0755929,0.0755929,0.0755929,0.0755929,0.0755929,0.0755929,0.0755929,0.0755929,0.0755929,0.0755929,0.0755929,0.0755929,0.0755929,0.0755929,0.0755929,0.0755929,0.0755929,0.0755929,0.0755929,0.0755929,0.0755929,0.0755929,0.0755929,0.0755929,0.0755929,0.90711474]', '\x2f70686f746f732f31322e6a7067', 7, 8, '\x000000000000000000000000000000000000000000000000000000000000000c', 'jpeg', 640, 480, '2019-12-05T10:00:00', NULL, NULL, NULL, NULL, NULL, 0, 0, 0);
INSERT INTO THE_GALLERY.keepsake_damage VALUES ('\x0000000000000000000000000000000000000000000000000000000000000006', 'cut off');
INSERT INTO THE_GALLERY.keepsake_failure VALUES ('\x2f6261642e6a7067', '/bad.jpg', 3, 4, NULL, 'no picture', 0, 0, '');
INSERT INTO THE_GALLERY.keepsake_folder VALUES ('\x2f70686f746f73', '/photos', 'uuid', NULL);
INSERT INTO THE_GALLERY.keepsake_gallery VALUES (1, 3, 5, 1796064670, 'test', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 1, 32, 'auto', 'cosine', 'none', 0, 0, 'unknown');
INSERT INTO THE_GALLERY.keepsake_label OVERRIDING SYSTEM VALUE VALUES (1, '\x0000000000000000000000000000000000000000000000000000000000000002', 'Zoë', 'zoë', 0, 0.25, 0.5, 1, '\xc98001463d37d6c364cd8133719f9461');
INSERT INTO THE_GALLERY.keepsake_label OVERRIDING SYSTEM VALUE VALUES (2, '\x0000000000000000000000000000000000000000000000000000000000000005', 'Mia', 'mia', NULL, NULL, NULL, NULL, '\xf36a61a9077efad6cbad3f430af8888d');
INSERT INTO THE_GALLERY.keepsake_ledger OVERRIDING SYSTEM VALUE VALUES (1, 1700000001, 'r', 'sent', 'ask', 'anthropic', 'host', 'm', '[]', 9, 0, 0, 0, 0, 0.5, '', '', '\xbd9b3b04838a44f72ec22d8deb36f2c2');
INSERT INTO THE_GALLERY.keepsake_ledger OVERRIDING SYSTEM VALUE VALUES (2, 1700000002, 'r', 'answered', 'ask', 'anthropic', 'host', 'm', '[]', 0, 7, 8, 0, 0, NULL, '', '', '\x941d807188f436be6a3196e749b7d4c2');
INSERT INTO THE_GALLERY.keepsake_note VALUES ('n', 't');
INSERT INTO THE_GALLERY.keepsake_rule VALUES ('folder', '\x2f70686f746f732f70726976617465', '/photos/private', '\x078a8abdbb7c4491194637e5c6b94e44');
INSERT INTO THE_GALLERY.keepsake_rule VALUES ('label', '\x6d6961', 'Mia', '\x41519ee0654a076f5549b46509ad5779');
INSERT INTO THE_GALLERY.keepsake_rule VALUES ('folder', '\x2f70686f746f732f32303139', '/photos/2019', '\x1c4b70d3ee7b46651df3e9ce2a9349b1');
INSERT INTO THE_GALLERY.keepsake_signal VALUES ('\x0000000000000000000000000000000000000000000000000000000000000001', 0, 'phash', '', 1, '\x0102030405060708', NULL);
SELECT pg_catalog.setval('THE_GALLERY.image_gallery_id_seq', 12, true);
SELECT pg_catalog.setval('THE_GALLERY.keepsake_label_id_seq', 2, true);
SELECT pg_catalog.setval('THE_GALLERY.keepsake_ledger_id_seq', 2, true);
ALTER TABLE ONLY THE_GALLERY.image_gallery
    ADD CONSTRAINT image_gallery_path_key_key UNIQUE (path_key, "position");
ALTER TABLE ONLY THE_GALLERY.image_gallery
    ADD CONSTRAINT image_gallery_pkey PRIMARY KEY (id);
ALTER TABLE ONLY THE_GALLERY.keepsake_claim
    ADD CONSTRAINT keepsake_claim_pkey PRIMARY KEY (path_key);
ALTER TABLE ONLY THE_GALLERY.keepsake_claimer
    ADD CONSTRAINT keepsake_claimer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY THE_GALLERY.keepsake_damage
    ADD CONSTRAINT keepsake_damage_pkey PRIMARY KEY (hash);
ALTER TABLE ONLY THE_GALLERY.keepsake_failure
    ADD CONSTRAINT keepsake_failure_pkey PRIMARY KEY (path_key);
ALTER TABLE ONLY THE_GALLERY.keepsake_folder
    ADD CONSTRAINT keepsake_folder_pkey PRIMARY KEY (path_key);
ALTER TABLE ONLY THE_GALLERY.keepsake_gallery
    ADD CONSTRAINT keepsake_gallery_pkey PRIMARY KEY (one);
ALTER TABLE ONLY THE_GALLERY.keepsake_label
    ADD CONSTRAINT keepsake_label_pkey PRIMARY KEY (id);
ALTER TABLE ONLY THE_GALLERY.keepsake_ledger
    ADD CONSTRAINT keepsake_ledger_pkey PRIMARY KEY (id);
ALTER TABLE ONLY THE_GALLERY.keepsake_note
    ADD CONSTRAINT keepsake_note_pkey PRIMARY KEY (name);
ALTER TABLE ONLY THE_GALLERY.keepsake_other_model
    ADD CONSTRAINT keepsake_other_model_pkey PRIMARY KEY (fingerprint, preprocessing);
ALTER TABLE ONLY THE_GALLERY.keepsake_rule
    ADD CONSTRAINT keepsake_rule_pkey PRIMARY KEY (kind, key);
ALTER TABLE ONLY THE_GALLERY.keepsake_signal
    ADD CONSTRAINT keepsake_signal_pkey PRIMARY KEY (hash, "position", kind, model, version);
ALTER TABLE ONLY THE_GALLERY.keepsake_writer
    ADD CONSTRAINT keepsake_writer_pkey PRIMARY KEY (writer);
CREATE INDEX image_gallery_date_keepsake ON THE_GALLERY.image_gallery USING btree (taken text_pattern_ops, id);
CREATE INDEX image_gallery_hash_keepsake ON THE_GALLERY.image_gallery USING btree (hash);
CREATE INDEX keepsake_label_by_name ON THE_GALLERY.keepsake_label USING btree (folded, hash);
CREATE UNIQUE INDEX keepsake_label_once ON THE_GALLERY.keepsake_label USING btree (hash, folded, COALESCE(x, ('-1'::integer)::double precision), COALESCE(y, ('-1'::integer)::double precision), COALESCE(width, ('-1'::integer)::double precision), COALESCE(height, ('-1'::integer)::double precision));
CREATE INDEX keepsake_ledger_by_time ON THE_GALLERY.keepsake_ledger USING btree (at, id);
CREATE TRIGGER keepsake_ledger_never_changes BEFORE DELETE OR UPDATE OR TRUNCATE ON THE_GALLERY.keepsake_ledger FOR EACH STATEMENT EXECUTE FUNCTION THE_GALLERY.keepsake_ledger_refuse();
