// SPDX-License-Identifier: MIT
// Which pictures a request may hold: Anthropic's vision page, and
// ImageDimensionsTooLargeErrorDetails and ImageTransformationsParam of the SDK.
import { readImage } from './image_header.mjs';
import { imageFits, imageTokens, largestSide } from './models.mjs';
import { refuse } from './shape.mjs';

const MEBI = 1024 * 1024;
const EDGE_ANY = 8000; // px
const EDGE_MANY = 2000; // px, in a request of more than MANY images
const MANY = 20;

// Every image block with its path, those within tool results included.
export function imageBlocks(body) {
    const found = [];
    const search = (content, path) => {
        if (!Array.isArray(content)) return;
        content.forEach((block, index) => {
            const here = `${path}.${index}`;
            if (block?.type === 'image') found.push({ block, path: here });
            if (block?.type === 'tool_result') search(block.content, `${here}.content`);
        });
    };
    (body.messages ?? []).forEach((message, index) =>
        search(message?.content, `messages.${index}.content`),
    );
    return found;
}

export function decodeBase64(text) {
    const good = text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
    return good ? Buffer.from(text, 'base64') : null;
}

function checkBytes({ block, path }, { platform }) {
    const { source } = block;
    const here = `${path}.image.source.base64`;
    const limit = (platform === 'anthropic' ? 10 : 5) * MEBI;
    const size = source.data.length;
    if (size > limit) {
        refuse(here, `image exceeds ${limit / MEBI} MB maximum: ${size} bytes > ${limit} bytes`);
    }
    const bytes = decodeBase64(source.data);
    if (!bytes) refuse(`${here}.data`, 'Invalid base64 data');
    const image = readImage(bytes);
    if (!image) refuse(here, 'Could not process image');
    if (image.media_type !== source.media_type) {
        refuse(
            `${here}.data`,
            `Image does not match the provided media type ${source.media_type}: it is ` +
                `${image.media_type}`,
        );
    }
    return { ...image, block, path, bytes };
}

function refuseSizes(images, side, message) {
    if (images.length === 0) return;
    refuse(images[0].path, message, {
        error_code: 'image_dimensions_too_large',
        max_side_length_pixels: side,
        paths: images.map((image) => image.path),
    });
}

const longest = (image) => Math.max(image.width, image.height);
const longerThan = (images, side) => images.filter((image) => longest(image) > side);

function checkOversized(images, limit) {
    const over = images.filter(
        ({ block, width, height }) =>
            block.transformations?.oversized_image === 'error' && !imageFits(limit, width, height),
    );
    if (over.length === 0) return;
    const side = Math.min(...over.map(({ width, height }) => largestSide(limit, width, height)));
    const { width, height } = over[0];
    refuseSizes(
        over,
        side,
        `image of ${width}x${height} pixels exceeds this model's maximum image size; no side ` +
            `may be longer than ${side} pixels`,
    );
}

// context: {platform, rules, imageLimit?}. -> [{path, media_type, width, height, hasMetadata,
// bytes}]
export function checkImages(body, context) {
    const { platform, rules } = context;
    const found = imageBlocks(body);
    const most = rules.context <= 200_000 ? 100 : 600;
    if (found.length > most)
        refuse('messages', `too many images: ${found.length} > ${most} maximum`);
    for (const { block, path } of found) {
        if (platform !== 'anthropic' && block.source.type !== 'base64') {
            refuse(
                `${path}.image.source`,
                'only base64 image sources are supported on this platform',
            );
        }
    }
    const images = found
        .filter(({ block }) => block.source.type === 'base64')
        .map((image) => checkBytes(image, context));
    const anyMessage = `image dimensions exceed max allowed size: ${EDGE_ANY} pixels`;
    refuseSizes(longerThan(images, EDGE_ANY), EDGE_ANY, anyMessage);
    if (found.length > MANY) {
        const message =
            'image dimensions exceed max allowed size for many-image requests: ' +
            `${EDGE_MANY} pixels`;
        refuseSizes(longerThan(images, EDGE_MANY), EDGE_MANY, message);
    }
    checkOversized(images, context.imageLimit ?? rules.image);
    return images;
}

// The tokens of an image as the model sees it: scaled down when it is too large.
export function tokensOf(image, limit) {
    const { width, height } = image;
    if (imageFits(limit, width, height)) return imageTokens(width, height);
    const side = largestSide(limit, width, height);
    const other = Math.max(1, Math.round((Math.min(width, height) * side) / longest(image)));
    return imageTokens(side, other);
}
