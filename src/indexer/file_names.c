/* SPDX-License-Identifier: MIT */
/* Lists extensions of unsupported pictures and of other files, and names that are skipped. */
#include "indexer/file_names.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "image/formats.h"

const char *const name_unread_kinds[NAME_UNREAD_KINDS] = {
    "3fr",  "3g2", "3gp", "3gpp", "ai",   "arq", "arw",  "asf", "avi",  "bay", "braw", "cap",
    "cine", "cr2", "cr3", "crw",  "dcr",  "dds", "divx", "dng", "eps",  "erf", "exr",  "fff",
    "flv",  "gpr", "hdp", "hdr",  "ico",  "iiq", "insv", "j2c", "j2k",  "jls", "jng",  "jp2",
    "jpf",  "jpm", "jpx", "jxl",  "jxr",  "k25", "kdc",  "kra", "m2ts", "m2v", "m4v",  "mdc",
    "mef",  "mkv", "mng", "mos",  "mov",  "mp4", "mpeg", "mpg", "mrw",  "mts", "mxf",  "nef",
    "nrw",  "ogv", "orf", "ori",  "pbm",  "pcx", "pef",  "pgm", "pnm",  "ppm", "psb",  "psd",
    "ptx",  "qoi", "r3d", "raf",  "raw",  "rm",  "rmvb", "rw2", "rwl",  "sr2", "srf",  "srw",
    "svg",  "tga", "vob", "wdp",  "webm", "wmv", "x3f",  "xcf",
};

/* Extensions that are common beside photos or on whole disks, so that those files need not be
 * opened. */
static const char *const others[] = {
    "txt",   "md",     "xmp",     "json",       "xml",      "html",   "htm",  "css",  "js",
    "mjs",   "ts",     "c",       "h",          "cc",       "cpp",    "hpp",  "o",    "so",
    "a",     "d",      "py",      "pyc",        "rb",       "go",     "rs",   "java", "class",
    "jar",   "sh",     "pl",      "pm",         "t",        "php",    "log",  "csv",  "tsv",
    "pdf",   "doc",    "docx",    "xls",        "xlsx",     "ppt",    "pptx", "odt",  "ods",
    "odp",   "rtf",    "epub",    "zip",        "gz",       "bz2",    "xz",   "zst",  "7z",
    "rar",   "tar",    "tgz",     "iso",        "img",      "exe",    "dll",  "msi",  "deb",
    "rpm",   "apk",    "dmg",     "pkg",        "mp3",      "m4a",    "aac",  "ogg",  "opus",
    "flac",  "wav",    "wma",     "aif",        "aiff",     "mid",    "srt",  "vtt",  "ttf",
    "otf",   "woff",   "woff2",   "db",         "ini",      "cfg",    "conf", "toml", "yaml",
    "yml",   "plist",  "lock",    "sqlite",     "db-wal",   "db-shm", "aae",  "thm",  "lrv",
    "lrcat", "lrprev", "pp3",     "dop",        "gpx",      "kml",    "url",  "lnk",  "tmp",
    "temp",  "part",   "partial", "crdownload", "download", "swp",    "bak",  "orig", "old",
};

static bool is_one_of(const char *text, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcasecmp(text, list[i]) == 0)
            return true;
    return false;
}

#define IS_ONE_OF(text, list) is_one_of(text, list, sizeof(list) / sizeof *(list))

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), n = strlen(end);
    return length >= n && strcasecmp(text + length - n, end) == 0;
}

static bool starts_with(const char *text, const char *start)
{
    return strncasecmp(text, start, strlen(start)) == 0;
}

enum name_kind name_classify(const char *name, int *ret_unread)
{
    const char *dot = strrchr(name, '.');
    const char *extension = dot ? dot + 1 : "";
    if (format_has_extension(extension))
        return NAME_PHOTO;
    for (int i = 0; i < NAME_UNREAD_KINDS; i++)
        if (strcasecmp(extension, name_unread_kinds[i]) == 0) {
            *ret_unread = i;
            return NAME_UNREAD;
        }
    /* exiftool keeps the original as "a.jpg_original", editors keep it as "a.jpg~". */
    bool is_copy = ends_with(name, "_original") || ends_with(name, "~");
    return is_copy || IS_ONE_OF(extension, others) ? NAME_OTHER : NAME_UNKNOWN;
}

bool name_is_junk(const char *folder, const char *name)
{
    static const char *const names[] = {
        "@eaDir",           "#recycle",  "@Recycle",   "@Recently-Snapshot",
        "#snapshot",        "~snapshot", "lost+found", "$RECYCLE.BIN",
        "RECYCLER",         "__MACOSX",  "Thumbs.db",  "System Volume Information",
        "iPod Photo Cache", "@__thumb",  "@Transcode", "Network Trash Folder",
        "Temporary Items",  "@tmp",
    };
    static const struct {
        const char *folder, *name;
    } within[] = {
        {".photoslibrary", "resources"},  {".photoslibrary", "internal"},
        {".photoslibrary", "database"},   {".photoslibrary", "private"},
        {".photoslibrary", "external"},   {".photoslibrary", "scopes"},
        {"iPhoto Library", "Thumbnails"}, {".photolibrary", "Thumbnails"},
        {"iPhoto Library", "Data"},       {".photolibrary", "Data"},
        {".photoslibrary", "Thumbnails"}, {".photoslibrary", "Previews"},
        {"iPhoto Library", "Previews"},   {".photolibrary", "Previews"},
        {".aplibrary", "Thumbnails"},     {".aplibrary", "Previews"},
    };
    if (name[0] == '.' || IS_ONE_OF(name, names) || ends_with(name, ".lrdata") ||
        starts_with(name, "SYNOPHOTO_THUMB_") || starts_with(name, "SYNOINDEX_MEDIA_INFO"))
        return true;
    for (size_t i = 0; i < sizeof within / sizeof *within; i++)
        if (ends_with(folder, within[i].folder) && strcasecmp(name, within[i].name) == 0)
            return true;
    return false;
}

bool name_closes_folder(const char *name)
{
    return strcmp(name, ".nomedia") == 0;
}
