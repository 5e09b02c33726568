// SPDX-License-Identifier: MIT
// The slides of PhotoSwipe: a photo's pictures, and its maximum size.
import { original, thumbnail } from './api.js';
import { describePhoto } from './format.js';

const SHOWN_BY_BROWSERS = /\.(jpe?g|png|webp|gif|avif)$/i;
const WIDEST = 4000; // px that a zoomed photo has at most
const LARGE = 1440; // long edge of the large thumbnail

export function slideOf(photo) {
    if (!photo) return { html: '' };
    const width = photo.width || LARGE;
    const height = photo.height || Math.round(LARGE * 0.75);
    const large = thumbnail(photo, 'large');
    const shrunk = Math.min(1, LARGE / Math.max(width, height));
    const slide = {
        src: large,
        msrc: thumbnail(photo, 'small'),
        width,
        height,
        alt: describePhoto(photo),
    };
    // The file itself is fetched only where the thumbnail is not sharp enough.
    if (shrunk < 1 && SHOWN_BY_BROWSERS.test(photo.name)) {
        slide.srcset = `${large} ${Math.round(width * shrunk)}w, ${original(photo)} ${width}w`;
    }
    return slide;
}

// PhotoSwipe's zoom levels. A small photo also fills the window, but only up to a limited magnification.
const FIT_AT_MOST = 4;
export const fitOf = ({ panAreaSize, elementSize }) =>
    Math.min(FIT_AT_MOST, panAreaSize.x / elementSize.x, panAreaSize.y / elementSize.y);

export const closeOf = ({ fit, initial, elementSize }) =>
    initial > 1 ? initial * 2 : Math.min(1, fit * 3, WIDEST / elementSize.x);
