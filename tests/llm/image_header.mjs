// SPDX-License-Identifier: MIT
// Size and metadata of a picture from its first bytes: JPEG, PNG, GIF, WebP. Nothing is decoded.
//
// readImage(bytes) -> {media_type, width, height, hasMetadata} or null when it is none of these or
// broken. hasMetadata: EXIF, XMP, IPTC, comments or text; a colour profile is none.

const METADATA_APPS = new Set([0xe1, 0xed, 0xfe]); // APP1: EXIF, XMP; APP13: IPTC; COM
const PNG_METADATA = new Set(['eXIf', 'tEXt', 'iTXt', 'zTXt', 'tIME']);
const PNG_MAGIC = Buffer.from('89504e470d0a1a0a', 'hex');

function isFrameHeader(marker) {
    return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

function readJpeg(bytes) {
    if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return null;
    const image = { media_type: 'image/jpeg', width: 0, height: 0, hasMetadata: false };
    let at = 2;
    while (at + 4 <= bytes.length) {
        if (bytes[at] !== 0xff) return null;
        const marker = bytes[at + 1];
        if (marker === 0xff) {
            at += 1;
            continue;
        }
        const size = bytes.readUInt16BE(at + 2);
        if (isFrameHeader(marker)) {
            if (at + 9 > bytes.length) return null;
            image.height = bytes.readUInt16BE(at + 5);
            image.width = bytes.readUInt16BE(at + 7);
        }
        if (METADATA_APPS.has(marker)) image.hasMetadata = true;
        if (marker === 0xda) break;
        at += 2 + size;
    }
    const complete = bytes.lastIndexOf(Buffer.from([0xff, 0xd9])) > at;
    return image.width > 0 && image.height > 0 && complete ? image : null;
}

function readPng(bytes) {
    if (bytes.length < 33 || !bytes.subarray(0, 8).equals(PNG_MAGIC)) return null;
    const image = { media_type: 'image/png', width: 0, height: 0, hasMetadata: false };
    image.width = bytes.readUInt32BE(16);
    image.height = bytes.readUInt32BE(20);
    let at = 8;
    let complete = false;
    while (at + 12 <= bytes.length && !complete) {
        const type = bytes.toString('latin1', at + 4, at + 8);
        if (PNG_METADATA.has(type)) image.hasMetadata = true;
        complete = type === 'IEND';
        at += 12 + bytes.readUInt32BE(at);
    }
    return image.width > 0 && image.height > 0 && complete ? image : null;
}

function readGif(bytes) {
    if (bytes.length < 13 || !/^GIF8[79]a/.test(bytes.toString('latin1', 0, 6))) return null;
    return {
        media_type: 'image/gif',
        width: bytes.readUInt16LE(6),
        height: bytes.readUInt16LE(8),
        hasMetadata: false,
    };
}

const readUInt24LE = (bytes, at) => bytes.readUIntLE(at, 3);

function readWebp(bytes) {
    if (bytes.length < 30 || bytes.toString('latin1', 0, 4) !== 'RIFF') return null;
    if (bytes.toString('latin1', 8, 12) !== 'WEBP') return null;
    const image = { media_type: 'image/webp', width: 0, height: 0, hasMetadata: false };
    const kind = bytes.toString('latin1', 12, 16);
    if (kind === 'VP8X') {
        image.hasMetadata = (bytes[20] & 0x0c) !== 0; // EXIF, XMP
        image.width = readUInt24LE(bytes, 24) + 1;
        image.height = readUInt24LE(bytes, 27) + 1;
    } else if (kind === 'VP8L') {
        const bits = bytes.readUInt32LE(21);
        image.width = (bits & 0x3fff) + 1;
        image.height = ((bits >>> 14) & 0x3fff) + 1;
    } else if (kind === 'VP8 ') {
        image.width = bytes.readUInt16LE(26) & 0x3fff;
        image.height = bytes.readUInt16LE(28) & 0x3fff;
    }
    return image.width > 0 && image.height > 0 ? image : null;
}

export function readImage(bytes) {
    return readJpeg(bytes) ?? readPng(bytes) ?? readGif(bytes) ?? readWebp(bytes);
}
