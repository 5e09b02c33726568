// SPDX-License-Identifier: MIT
// Rows of equal width for the photos of one block.
import justifiedLayout from 'justified-layout';

export const GAP = 4;

export const rowHeight = (width, scale = 1) =>
    Math.round(scale * Math.max(104, Math.min(208, width / 5)));

// Very long panoramas and receipts are cropped to fit into a row.
const aspectOf = ({ width, height }) =>
    Math.max(0.4, Math.min(3, width > 0 && height > 0 ? width / height : 1));

// photos -> { boxes: [{left, top, width, height}], height }. A block in the middle of a section should end
// with a full row, or its seam would show: nearby row heights are tried until it does. scale: of the
// row height.
export function layOut(photos, width, { last, scale = 1 }) {
    const target = rowHeight(width, scale);
    const aspects = photos.map(aspectOf);
    const attempt = (height) =>
        justifiedLayout(aspects, {
            containerWidth: width,
            containerPadding: 0,
            boxSpacing: GAP,
            targetRowHeight: height,
            targetRowHeightTolerance: 0.25,
            widowLayoutStyle: 'left',
        });
    let layout = attempt(target);
    for (let step = 1; !last && layout.widowCount > 0 && step <= 12; step++) {
        const other = attempt(target * (1 + (step % 2 ? 1 : -1) * Math.ceil(step / 2) * 0.035));
        if (other.widowCount === 0) layout = other;
    }
    return { boxes: layout.boxes, height: Math.ceil(layout.containerHeight) };
}

// Before its photos are known: as high as so many photos of the usual 4 by 3 are.
export function guessHeight(count, width, scale = 1) {
    const height = rowHeight(width, scale);
    return Math.ceil(count / Math.max(1, width / (height * 1.36))) * (height + GAP);
}
