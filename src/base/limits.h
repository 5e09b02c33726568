/* SPDX-License-Identifier: MIT */
/* Every ceiling on data that comes from outside, named in one place. */
#pragma once

/* Photos. A picture file larger than this is a failure, not a decode. */
#define LIMIT_PHOTO_FILE_BYTES ((size_t)512 << 20)
/* Width times height as the file declares it, when all pixels must be held at the same time. A
 * JPEG, PNG or TIFF may have more, because it is reduced while it is decoded. */
#define LIMIT_PHOTO_PIXELS ((size_t)256 << 20)
/* Memory that one decode may hold at any time, including those buffers of the codec that we can
 * bound. The limit for all decodes together (--decode-memory) is usually lower, and the user can
 * change it. */
#define LIMIT_DECODE_BYTES ((size_t)2 << 30)
#define LIMIT_PHOTO_SIDE_PX 1000000
/* A text that a gallery keeps under a name (store/notes.h). */
#define LIMIT_NOTE_BYTES ((size_t)1 << 20)
#define LIMIT_EXIF_BYTES ((size_t)1 << 20)
/* A file of metadata beside a photo, and how many of them one photo may have. */
#define LIMIT_SIDECAR_BYTES ((size_t)1 << 20)
#define LIMIT_SIDECARS 3
/* Named areas of one picture; a school class has 30. */
#define LIMIT_REGIONS 64
/* Pixels times scans of a progressive JPEG: 2.5 s on the machine where it was measured. A scan of
 * a few bytes makes the codec process the whole picture again; real files have about ten. */
#define LIMIT_JPEG_SCANS 500
#define LIMIT_JPEG_SCANNED_PIXELS ((uint64_t)4 << 30)
/* PNG pixels as stored, unpacked: 536 million of 24 bits, 268 million of 48. The slowest kind (48
 * bits, interlaced, each row filtered) takes 6 to 9 s. */
#define LIMIT_PNG_STORED_BYTES ((uint64_t)1536 << 20)
/* All strips or tiles of a TIFF picture, unpacked: 357 million pixels of 48 bits. */
#define LIMIT_TIFF_STORED_BYTES ((uint64_t)2 << 30)
/* An ICC profile: those of printers have 0.5 to 3 MB. */
#define LIMIT_ICC_BYTES ((size_t)8 << 20)
/* What one PNG chunk besides the picture may make libpng hold. */
#define LIMIT_PNG_CHUNK_BYTES (8 << 20)
/* Total pixels of the coded pictures that a HEIF file's grids and overlays consist of. libheif's
 * largest picture has 100 million. */
#define LIMIT_HEIF_DERIVED_PIXELS ((uint64_t)256 << 20)
/* Number of those coded pictures: each costs 0.2 ms, however small it is. Grids of photos have some
 * hundreds. */
#define LIMIT_HEIF_DERIVED_ITEMS 10000

/* Models. */
#define LIMIT_SAFETENSORS_HEADER_BYTES ((size_t)16 << 20)
#define LIMIT_TENSOR_COUNT 65536
#define LIMIT_CONFIG_BYTES ((size_t)1 << 20)
#define LIMIT_VOCAB_BYTES ((size_t)16 << 20)
#define LIMIT_VOCAB_TOKENS 1048576
#define LIMIT_MODEL_WIDTH 8192
#define LIMIT_MODEL_LAYERS 256
#define LIMIT_MODEL_TOKENS 16384
/* One buffer of a tower: the packed weights of one product, or the activations of one batch. */
#define LIMIT_TOWER_BYTES ((size_t)4 << 30)

/* Queries. */
#define LIMIT_QUERY_BYTES ((size_t)64 << 10)
#define LIMIT_RESULTS 10000
#define LIMIT_LABEL_NAME_BYTES 200
#define LIMIT_ALBUMS 10000
/* The syntax tree of a query's text: levels of parentheses, and parts. */
#define LIMIT_SYNTAX_DEPTH 16
#define LIMIT_SYNTAX_NODES 200
/* A tree of criteria (query/criteria.h): levels, groups and leaves, values of all leaves, the bytes
 * of one, those of a pattern of file names, and ids, which are not counted as values. */
#define LIMIT_CRITERIA_DEPTH 64
#define LIMIT_CRITERIA_NODES 400
#define LIMIT_CRITERIA_VALUES 200
#define LIMIT_CRITERIA_VALUE_BYTES (64 << 10)
#define LIMIT_PATTERN_BYTES 1000
#define LIMIT_CRITERIA_IDS (16 << 20)
/* A tree of wanted pictures (query/wanted.h): levels, and groups and leaves, each of which is
 * embedded and searched for. */
#define LIMIT_WANTED_DEPTH 16
#define LIMIT_WANTED_NODES 64
/* The tree of a query (query/query_tree.h): levels, groups and leaves, and leaves of criteria, each
 * of which is one bit of a photo. Its wanted pictures together have at most LIMIT_WANTED_NODES. */
#define LIMIT_QUERY_DEPTH 32
#define LIMIT_QUERY_NODES 200
#define LIMIT_QUERY_CONDITIONS 64

/* Replies of language models. */
#define LIMIT_LLM_EVENT_BYTES ((size_t)8 << 20)
#define LIMIT_LLM_REPLY_BYTES ((size_t)64 << 20)
#define LIMIT_LLM_BLOCKS 4096
/* Bytes of an error reply that are read, and characters of it that are shown to the user. */
#define LIMIT_LLM_ERROR_BYTES ((size_t)64 << 10)
#define LIMIT_LLM_QUOTED_BYTES 400
#define LIMIT_LLM_KEY_BYTES ((size_t)16 << 10)
#define LIMIT_LLM_PRICES_BYTES ((size_t)1 << 20)

/* The server. A picture to search by, sent as the body of a request. */
#define LIMIT_UPLOAD_BYTES ((size_t)64 << 20)
/* All such bodies at the same time. */
#define LIMIT_UPLOADS_BYTES ((size_t)256 << 20)
/* A JSON body. */
#define LIMIT_REQUEST_JSON_BYTES ((size_t)256 << 10)

/* One message of another program over the Model Context Protocol. */
#define LIMIT_MCP_LINE_BYTES ((size_t)4 << 20)
