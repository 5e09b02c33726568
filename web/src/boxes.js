// SPDX-License-Identifier: MIT
// Rectangles on the photo in the viewer: labels, citations of an answer, and the one being drawn.
// They lie inside PhotoSwipe's zoomed container, so they move and grow with the photo.
import { fill, h } from './dom.js';
import { drawingSheet, placed } from './drawing.js';

export class Boxes {
    constructor(pswp) {
        this.pswp = pswp;
        this.layer = h('div', { class: 'boxes', 'aria-hidden': 'true' });
        this.labels = [];
        pswp.on(
            'imageSizeChange',
            ({ slide, width, height }) => slide === pswp.currSlide && this.#size(width, height),
        );
        pswp.on('zoomPanUpdate', ({ slide }) => slide === pswp.currSlide && this.#attach());
    }

    #size(width, height) {
        Object.assign(this.layer.style, { width: `${width}px`, height: `${height}px` });
    }

    #attach() {
        const slide = this.pswp.currSlide;
        if (!slide?.container) return;
        if (this.layer.parentNode !== slide.container) slide.container.append(this.layer);
        const at = slide.currentResolution || slide.currZoomLevel || 1;
        this.#size(Math.round(slide.width * at), Math.round(slide.height * at));
    }

    // cited: the places that an answer speaks of.
    show(cited) {
        this.stopDrawing();
        this.cited = cited;
        this.labels = [];
        this.drawn = null;
        this.#attach();
        this.#render();
    }

    setLabels(labels) {
        this.labels = labels.filter((label) => label.box);
        this.#render();
    }

    point(id) {
        for (const box of this.layer.querySelectorAll('[data-label]'))
            box.classList.toggle('pointed', box.dataset.label === String(id));
    }

    #render() {
        fill(
            this.layer,
            this.labels.map((label) =>
                h(
                    'div',
                    {
                        class: 'box box-label',
                        style: placed(label.box),
                        dataset: { label: label.id },
                    },
                    h('span', {}, label.name),
                ),
            ),
            this.cited?.map((box) => h('div', { class: 'box box-cited', style: placed(box) })),
            this.drawn && h('div', { class: 'box box-new', style: placed(this.drawn) }),
        );
    }

    get isDrawing() {
        return Boolean(this.sheet);
    }

    // Resolves with the box that was drawn, which stays visible until stopDrawing; null when it was given up.
    draw() {
        this.stopDrawing();
        const slide = this.pswp.currSlide;
        slide.zoomTo(slide.zoomLevels.initial, undefined, 0);
        this.#attach();
        return new Promise((resolve) => {
            this.finish = (box) => {
                this.finish = null;
                this.sheet.remove();
                this.sheet = null;
                this.drawn = box;
                this.#render();
                resolve(box);
            };
            this.sheet = drawingSheet(this.layer.getBoundingClientRect(), (box) =>
                this.finish?.(box),
            );
            this.pswp.element.append(this.sheet);
            this.sheet.focus();
        });
    }

    stopDrawing() {
        this.finish?.(null);
        this.drawn = null;
        this.#render();
    }
}
