/* SPDX-License-Identifier: MIT */
/* The function keepsake_search and the view keepsake_photos, for people and programs that use SQL.
 */
#include <string.h>

#include "store/postgres/postgres_effort.h"
#include "store/postgres/postgres_internal.h"

/* Sets what the index needs, as keepsake's own searches do. */
#define EFFORT POSTGRES_EFFORT_SQL("wanted", "condition IS NOT NULL")

/* Returns the filters as an SQL condition; NULL if there are none. format() quotes every value. '0'
 * is the byte after '/', and '~' comes after every character of a date. */
static const char make_condition[] =
    "CREATE OR REPLACE FUNCTION keepsake_condition(filters jsonb) RETURNS text\n"
    "LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $condition$\n"
    "DECLARE\n"
    "    filter text; value jsonb; items text[]; item text; part text; one text; condition text;\n"
    "BEGIN\n"
    "    IF jsonb_typeof(filters) NOT IN ('object', 'null') THEN\n"
    "        RAISE EXCEPTION 'keepsake_search: the filters must be an object such as {\"from\": "
    "\"2019\"}, not %',\n"
    "            filters USING ERRCODE = '22023';\n"
    "    END IF;\n"
    "    FOR filter, value IN SELECT * FROM\n"
    "        jsonb_each(CASE jsonb_typeof(filters) WHEN 'object' THEN filters ELSE '{}' END) LOOP\n"
    "        CONTINUE WHEN jsonb_typeof(value) = 'null';\n"
    "        items := CASE jsonb_typeof(value) WHEN 'array'\n"
    "            THEN ARRAY(SELECT jsonb_array_elements_text(value)) ELSE ARRAY[value #>> '{}'] "
    "END;\n"
    "        one := 'false';\n"
    "        FOREACH item IN ARRAY items LOOP\n"
    "            IF filter IN ('from', 'until') AND item !~ '^\\d{4}(-\\d\\d(-\\d\\d)?)?$' THEN\n"
    "                RAISE EXCEPTION 'keepsake_search: % must be a date such as 2019, 2019-07 or"
    " 2019-07-04, not %', filter, item USING ERRCODE = '22007';\n"
    "            ELSIF filter = 'folder' AND item NOT LIKE '/%' THEN\n"
    "                RAISE EXCEPTION 'keepsake_search: folder must be an absolute path, not %', "
    "item\n"
    "                    USING ERRCODE = '22023';\n"
    "            ELSIF filter = 'ids' AND item !~ '^\\d{1,18}$' THEN\n"
    "                RAISE EXCEPTION 'keepsake_search: ids must be whole numbers, not %', item\n"
    "                    USING ERRCODE = '22023';\n"
    "            END IF;\n"
    "            part := CASE filter\n"
    "                WHEN 'folder' THEN format('path_key = %1$L::bytea OR (path_key >= %2$L::bytea "
    "AND"
    " path_key < %3$L::bytea)', convert_to(rtrim(item, '/'), 'UTF8'),\n"
    "                    convert_to(rtrim(item, '/') || '/', 'UTF8'),\n"
    "                    convert_to(rtrim(item, '/') || '0', 'UTF8'))\n"
    "                WHEN 'from' THEN format('taken ~>=~ %L', item)\n"
    "                WHEN 'until' THEN format('taken ~<~ %L', item || '~')\n"
    "                WHEN 'label' THEN format('hash = ANY (%L::bytea[])', ARRAY(SELECT l.hash\n"
    "                    FROM keepsake_label AS l WHERE l.folded = lower(item) OR l.name = item))\n"
    "                WHEN 'ids' THEN 'listed'\n"
    "            END;\n"
    "            IF part IS NULL THEN\n"
    "                RAISE EXCEPTION 'keepsake_search has no filter %: it has folder, from, until, "
    "label"
    " and ids', filter USING ERRCODE = '22023';\n"
    "            END IF;\n"
    "            one := one || ' OR ' || part;\n"
    "        END LOOP;\n"
    "        IF filter = 'ids' THEN\n"
    "            one := format('id = ANY (%L::bigint[])', items);\n"
    "        END IF;\n"
    "        condition := concat_ws(' AND ', condition, '(' || one || ')');\n"
    "    END LOOP;\n"
    "    RETURN condition;\n"
    "END $condition$";

/* Takes ids first, because a sort of whole rows would move every vector; of a split gallery, from
 * each server. `+ 0` prevents the use of an index. A filtered search for which the index gave too
 * few photos is repeated exactly. The settings of pgvector are restored by hand: as clauses of the
 * function they would need rights that the owner may not have. A failure rolls them back. */
static const char make_function[] =
    "CREATE OR REPLACE FUNCTION keepsake_search(query vector, k integer DEFAULT 10,\n"
    "    filters jsonb DEFAULT '{}') RETURNS TABLE (id bigint, path text, score double precision)\n"
    "LANGUAGE plpgsql STABLE ROWS 10 SET search_path FROM CURRENT SET enable_seqscan = on\n"
    "SET enable_sort = on AS $search$\n"
    "#variable_conflict use_column\n"
    "DECLARE\n"
    "    names CONSTANT text[] := ARRAY['hnsw.ef_search', 'hnsw.iterative_scan', "
    "'hnsw.max_scan_tuples',\n"
    "        'ivfflat.probes', 'ivfflat.iterative_scan', 'diskann.query_search_list_size',\n"
    "        'diskann.query_rescore', 'vchordrq.probes'];\n"
    "    former text[]; gallery record; nearest vector; kind text; sorting text; servers text[];\n"
    "    condition text; exact boolean; few bigint; statement text; found bigint[];\n"
    "    wanted bigint := k::bigint + 16; least_indexed bigint;\n"
    "BEGIN\n"
    "    SELECT * INTO gallery FROM keepsake_gallery;\n"
    "    IF query IS NULL OR k IS NULL OR k < 1 OR gallery.model_dim IS NULL THEN\n"
    "        RETURN;\n"
    "    ELSIF vector_dims(query) <> gallery.model_dim THEN\n"
    "        RAISE EXCEPTION 'keepsake_search: the vector has % numbers, and those of the gallery "
    "have %:"
    " make it with the model %', vector_dims(query), gallery.model_dim, gallery.model_id\n"
    "            USING ERRCODE = '22000';\n"
    "    END IF;\n"
    "    nearest := l2_normalize(query);\n"
    "    condition := keepsake_condition(coalesce(filters, '{}'));\n"
    "    SELECT format_type(atttypid, NULL) INTO kind FROM pg_attribute\n"
    "        WHERE attrelid = 'image_gallery'::regclass AND attname = 'embedding';\n"
    "    SELECT coalesce(array_agg(inhrelid::regclass::text), ARRAY['image_gallery']) INTO "
    "servers\n"
    "        FROM pg_inherits WHERE inhparent = 'image_gallery'::regclass;\n"
    "    sorting := format('embedding %s $1::%s', CASE gallery.index_metric WHEN 'l2' THEN '<->'\n"
    "        WHEN 'inner_product' THEN '<#>' ELSE '<=>' END, kind);\n"
    "    exact := gallery.index_built = 'none' OR wanted > 10000;\n"
    "    least_indexed := coalesce(substring(gallery.index_options FROM 'exact_below=([0-9]+)'),\n"
    "        '" POSTGRES_FEW_PHOTOS "')::bigint;\n"
    "    IF gallery.index_built_quantize = 'halfvec' THEN\n"
    "        sorting := format('(embedding::halfvec(%1$s)) %2$s $1::vector::halfvec(%1$s)',\n"
    "            gallery.model_dim, CASE gallery.index_metric WHEN 'l2' THEN '<->'\n"
    "            WHEN 'inner_product' THEN '<#>' ELSE '<=>' END);\n"
    "    ELSIF gallery.index_built_quantize = 'bit' THEN\n"
    "        sorting := format('(binary_quantize(embedding)::bit(%1$s)) <~>"
    " binary_quantize($1::%2$s)::bit(%1$s)', gallery.model_dim, kind);\n"
    "        wanted := CASE WHEN exact THEN wanted ELSE coalesce(substring(gallery.index_options\n"
    "            FROM 'candidates=([0-9]+)')::bigint, " POSTGRES_BIT_CANDIDATES " * wanted) END;\n"
    "    END IF;\n"
    "    IF condition IS NOT NULL AND NOT exact THEN\n"
    "        EXECUTE format('SELECT count(*) FROM (SELECT FROM image_gallery WHERE %s "
    "LIMIT %s)"
    " AS counted', condition, least_indexed) INTO few;\n"
    "        exact := few < least_indexed;\n"
    "    END IF;\n"
    "    former := ARRAY(SELECT current_setting(name, true) FROM unnest(names) AS name);\n"
    "    IF cardinality(servers) > 1 THEN\n"
    "        PERFORM set_config('enable_sort', 'off', true);\n"
    "    ELSIF NOT exact THEN\n"
    "        PERFORM FROM (" EFFORT ") AS effort;\n"
    "    END IF;\n"
    "    LOOP\n"
    "        SELECT string_agg(format('(SELECT id FROM %s WHERE "
    "embedding IS NOT NULL AND %s ORDER "
    "BY %s"
    " LIMIT $2)', server, coalesce(condition, 'true'), CASE WHEN "
    "exact\n"
    "            THEN format('(embedding <#> $1::%s) + 0', kind) ELSE "
    "sorting END), ' UNION ALL "
    "')\n"
    "            INTO statement FROM unnest(servers) AS server;\n"
    "        EXECUTE format('SELECT ARRAY(%s)', statement) INTO found "
    "USING nearest, wanted;\n"
    "        EXIT WHEN exact OR condition IS NULL OR "
    "cardinality(found) >= k;\n"
    "        exact := true;\n"
    "        PERFORM set_config('enable_seqscan', 'on', true);\n"
    "    END LOOP;\n"
    "    PERFORM set_config('enable_sort', 'on', true), "
    "set_config('enable_seqscan', 'on', true);\n"
    "    PERFORM set_config(names[i], former[i], true) FROM "
    "generate_subscripts(names, 1) AS i\n"
    "        WHERE former[i] IS NOT NULL;\n"
    "    RETURN QUERY SELECT g.id::bigint, g.path::text, "
    "-(g.embedding::vector <#> nearest)\n"
    "        FROM image_gallery AS g WHERE g.id = ANY (found) ORDER "
    "BY 3 DESC, g.path_key LIMIT "
    "k;\n"
    "END $search$";

/* taken_at is a sum, which no digits make fail. */
static const char view_columns[] =
    " AS SELECT id, path, substring(path FROM '[^/]*$') AS name, substring(path FROM '^(.*)/') AS "
    "folder,\n"
    "    taken, CASE WHEN taken ~ '^[1-9]\\d{3}-\\d\\d-\\d\\d($|T\\d\\d:[0-5]\\d:[0-5]\\d)' THEN\n"
    "        (left(taken, 4) || '-01-01')::timestamp + make_interval(\n"
    "            months => substr(taken, 6, 2)::integer - 1, days => substr(taken, 9, 2)::integer "
    "- 1)\n"
    "            + coalesce(nullif(substr(taken, 12, 8), ''), '0')::interval END AS taken_at,\n"
    "    nullif(concat_ws(' ', make, CASE WHEN make <> '' AND starts_with(lower(model), "
    "lower(make))\n"
    "        THEN ltrim(substr(model, length(make) + 1)) ELSE model END), '') AS camera,\n"
    "    lens, format, width, height, latitude, longitude, latitude || ', ' || longitude AS "
    "place,\n"
    "    ARRAY(SELECT DISTINCT l.name FROM keepsake_label AS l WHERE l.hash = image_gallery.hash\n"
    "        ORDER BY 1) AS labels,\n"
    "    size AS bytes, to_timestamp(mtime_ns / 1e9) AS modified FROM image_gallery";

/* Roles that may read the photos may read the view. Servers before 15 would show it with the rights
 * of its owner, past the row security of the table, so there the owner grants it. */
static const char grant_view[] =
    "DO $grant$ DECLARE reader text; BEGIN FOR reader IN SELECT CASE grantee WHEN 0 THEN 'PUBLIC'"
    " ELSE quote_ident(pg_get_userbyid(grantee)) END FROM pg_class, aclexplode(relacl) WHERE oid ="
    " 'image_gallery'::regclass AND grantee <> relowner AND privilege_type = 'SELECT' LOOP"
    " EXECUTE 'GRANT SELECT ON keepsake_photos TO ' || reader; END LOOP; END $grant$";

int postgres_drop_door(struct postgres *p, struct error *err)
{
    return postgres_script(p, "DROP VIEW IF EXISTS keepsake_photos", err);
}

char *postgres_door_body(int i)
{
    const char *sql = i == 0 ? make_condition : make_function;
    const char *begin = strstr(sql, " AS $") + strlen(" AS $");
    begin = strchr(begin, '$') + 1;
    const char *end = strrchr(sql, '$');
    while (end[-1] != '$')
        end--;
    return xstrndup(begin, (size_t)(end - 1 - begin));
}

/* The view may have other objects that hang on it, so it is made only if it is not there. */
int postgres_mend_door(struct postgres *p, struct error *err)
{
    bool has;
    int rc = postgres_has_table(p, "keepsake_photos", &has, err);
    if (!rc && !has)
        return postgres_make_door(p, err);
    if (!rc)
        rc = postgres_script(p, make_condition, err);
    return rc ? rc : postgres_script(p, make_function, err);
}

int postgres_make_door(struct postgres *p, struct error *err)
{
    bool invoker = PQserverVersion(p->conn) >= 150000;
    AUTO_FREE char *view =
        xasprintf("CREATE VIEW keepsake_photos%s%s",
                  invoker ? " WITH (security_invoker = true)" : "", view_columns);
    int rc = postgres_script(p, make_condition, err);
    if (!rc)
        rc = postgres_script(p, make_function, err);
    if (!rc)
        rc = postgres_script(p, view, err);
    return rc || !invoker ? rc : postgres_script(p, grant_view, err);
}
