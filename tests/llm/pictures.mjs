// SPDX-License-Identifier: MIT
// Pictures for tests, made here: a PNG of one colour, and a JPEG that has all its headers but no
// detail.
import zlib, { deflateSync } from 'node:zlib';

function crc32(bytes) {
    if (zlib.crc32) return zlib.crc32(bytes);
    let crc = ~0;
    for (const byte of bytes) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc >>> 0;
}

function pngChunk(type, data) {
    const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const chunk = Buffer.alloc(named.length + 8);
    chunk.writeUInt32BE(data.length, 0);
    named.copy(chunk, 4);
    chunk.writeUInt32BE(crc32(named), named.length + 4);
    return chunk;
}

// 1 bit a pixel, all black. text: a tEXt chunk, that is metadata
export function png(width, height, { text } = {}) {
    const header = Buffer.alloc(13);
    header.writeUInt32BE(width, 0);
    header.writeUInt32BE(height, 4);
    header[8] = 1;
    const rows = Buffer.alloc((Math.ceil(width / 8) + 1) * height);
    return Buffer.concat([
        Buffer.from('89504e470d0a1a0a', 'hex'),
        pngChunk('IHDR', header),
        ...(text ? [pngChunk('tEXt', Buffer.from(`Comment\0${text}`, 'latin1'))] : []),
        pngChunk('IDAT', deflateSync(rows)),
        pngChunk('IEND', Buffer.alloc(0)),
    ]);
}

function segment(marker, data) {
    const head = Buffer.from([0xff, marker, 0, 0]);
    head.writeUInt16BE(data.length + 2, 2);
    return Buffer.concat([head, data]);
}

// padding: bytes of coded data, to make it large
export function jpeg(width, height, { exif = false, padding = 64 } = {}) {
    const frame = Buffer.from([8, 0, 0, 0, 0, 1, 1, 0x11, 0]);
    frame.writeUInt16BE(height, 1);
    frame.writeUInt16BE(width, 3);
    return Buffer.concat([
        Buffer.from([0xff, 0xd8]),
        segment(0xe0, Buffer.from('JFIF\0\x01\x01\0\0\x01\0\x01\0\0', 'latin1')),
        ...(exif ? [segment(0xe1, Buffer.from('Exif\0\0II*\0\x08\0\0\0\0\0', 'latin1'))] : []),
        segment(0xc0, frame),
        segment(0xda, Buffer.from([1, 1, 0, 0, 63, 0])),
        Buffer.alloc(padding, 0x55),
        Buffer.from([0xff, 0xd9]),
    ]);
}

export function imageBlock(bytes, { media_type = 'image/jpeg', ...more } = {}) {
    const source = { type: 'base64', media_type, data: bytes.toString('base64') };
    return { type: 'image', source, ...more };
}

export const strict = { transformations: { oversized_image: 'error' } };

export const imagePart = (bytes, type = 'image/jpeg') => ({
    type: 'image_url',
    image_url: { url: `data:${type};base64,${bytes.toString('base64')}` },
});
