// SPDX-License-Identifier: MIT
// Drawing a box on a photo: with the pointer from corner to corner, or with the arrow keys (Shift changes the
// size) and Enter. Boxes are fractions of the photo.
import { h } from './dom.js';
import { t } from './i18n.js';

const STEP = 0.02; // of the photo, for one press of an arrow key
const LEAST = 0.01;
const clamp = (value, low, high) => Math.max(low, Math.min(high, value));
const percent = (value) => `${(value * 100).toFixed(3)}%`;

export const placed = ({ x, y, width, height }) => ({
    left: percent(x),
    top: percent(y),
    width: percent(width),
    height: percent(height),
});

function withPointer(sheet, area, change, finish) {
    sheet.addEventListener('pointerdown', (down) => {
        down.stopPropagation();
        down.preventDefault();
        sheet.setPointerCapture(down.pointerId);
        const at = (event) => ({
            x: clamp((event.clientX - area.left) / area.width, 0, 1),
            y: clamp((event.clientY - area.top) / area.height, 0, 1),
        });
        const from = at(down);
        const move = (event) => {
            const to = at(event);
            return change({
                x: Math.min(from.x, to.x),
                y: Math.min(from.y, to.y),
                width: Math.abs(to.x - from.x),
                height: Math.abs(to.y - from.y),
            });
        };
        sheet.addEventListener('pointermove', move);
        sheet.addEventListener(
            'pointerup',
            (up) => {
                sheet.removeEventListener('pointermove', move);
                const box = move(up);
                if (box.width > LEAST && box.height > LEAST) finish(box);
            },
            { once: true },
        );
    });
}

function withKeys(sheet, current, change, finish) {
    const ways = {
        ArrowLeft: [-STEP, 0],
        ArrowRight: [STEP, 0],
        ArrowUp: [0, -STEP],
        ArrowDown: [0, STEP],
    };
    sheet.addEventListener('keydown', (event) => {
        event.stopPropagation();
        const box = current();
        const [x, y] = ways[event.key] ?? [0, 0];
        if (event.key === 'Enter') finish(box);
        else if (event.key === 'Escape') finish(null);
        if (!(event.key in ways)) return;
        event.preventDefault();
        if (event.shiftKey) {
            change({
                ...box,
                width: clamp(box.width + x, STEP, 1 - box.x),
                height: clamp(box.height + y, STEP, 1 - box.y),
            });
        } else {
            change({
                ...box,
                x: clamp(box.x + x, 0, 1 - box.width),
                y: clamp(box.y + y, 0, 1 - box.height),
            });
        }
    });
}

// A sheet over `area` (of the window, in px) to draw on; finish(box) when it is drawn, finish(null) when it was
// given up. The caller puts it on the page and removes it.
export function drawingSheet(area, finish) {
    const frame = h('div', { class: 'box box-new' });
    const sheet = h(
        'div',
        {
            class: 'draw-sheet',
            tabindex: '0',
            role: 'application',
            'aria-label': t('labels.draw_help'),
            style: {
                left: `${area.left}px`,
                top: `${area.top}px`,
                width: `${area.width}px`,
                height: `${area.height}px`,
            },
        },
        frame,
        h('p', { class: 'draw-hint' }, t('labels.draw_help')),
    );
    let box;
    const change = (next) => {
        box = next;
        Object.assign(frame.style, placed(box));
        return box;
    };
    change({ x: 0.35, y: 0.35, width: 0.3, height: 0.3 });
    withPointer(sheet, area, change, finish);
    withKeys(sheet, () => box, change, finish);
    return sheet;
}
