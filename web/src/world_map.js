// SPDX-License-Identifier: MIT
// A map of the world that the page draws itself: land as SVG, photos as clusters that search for what is there.
// It is moved by dragging or the arrow keys, and zoomed by buttons, + and -, a pinch, or the wheel with Ctrl.
import { mapPhotos, thumbnail } from './api.js';
import { byId, debounce, fill, h } from './dom.js';
import { formatCount } from './format.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { bounds, cellOf, cellZoom, clampView, nearOf, placeOf, zoomed } from './map_view.js';
import { go } from './route.js';

const SVG = 'http://www.w3.org/2000/svg';
const STEP = 80; // px that an arrow key moves it

let asked = null;
const world = () => (asked ??= fetch(byId('main').dataset.world).then((reply) => reply.json()));

function svg(name, attributes, ...children) {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
}

export class WorldMap {
    constructor() {
        this.view = { longitude: 10, latitude: 25, zoom: 0 };
        this.fingers = new Map(); // pointer -> its place
        this.land = svg('g', {});
        this.drawing = svg('svg', { class: 'map-drawing', 'aria-hidden': 'true' }, this.land);
        this.clusters = h('div', { class: 'map-clusters' });
        const button = (name, key, act) => h('button', { class: 'icon-button', type: 'button', 'aria-label': t(key), title: t(key), onclick: act }, icon(name));
        this.element = h(
            'section',
            { class: 'map', 'aria-label': t('map.label'), tabindex: '0', hidden: true },
            this.drawing,
            this.clusters,
            h('div', { class: 'map-buttons' }, button('plus', 'map.in', () => this.#zoom(1)), button('minus', 'map.out', () => this.#zoom(-1))),
        );
        this.ask = debounce(180, () => void this.#read());
        this.#listen();
        new ResizeObserver(() => this.#moved()).observe(this.element);
    }

    get size() {
        return { width: this.element.clientWidth, height: this.element.clientHeight };
    }

    show() {
        this.element.hidden = false;
        void this.#drawLand();
        this.#moved();
    }

    retry() {
        if (this.failed) this.ask();
    }

    async #drawLand() {
        if (this.land.firstChild) return;
        try {
            const { land, borders } = await world();
            // Once more at each side, for a window over the 180th meridian.
            const copies = [-3600, 0, 3600].map((dx) =>
                svg('g', { transform: `translate(${dx} 0)` }, svg('path', { d: land, class: 'map-land' }), svg('path', { d: borders, class: 'map-borders' })),
            );
            this.land.replaceChildren(...copies);
        } catch {
            asked = null; // The clusters are shown without it.
        }
    }

    #moved() {
        const { width, height } = this.size;
        if (!width) return;
        this.view = clampView(this.view, this.size);
        const { x, y, scale } = placeOf({ longitude: 0, latitude: 0 }, this.view, this.size);
        this.drawing.setAttribute('viewBox', `0 0 ${width} ${height}`);
        this.land.setAttribute('transform', `translate(${x} ${y}) scale(${scale / 10})`);
        this.#place();
        this.ask();
    }

    async #read() {
        this.asking?.abort();
        this.asking = new AbortController();
        const { signal } = this.asking;
        if (!this.size.width) return;
        try {
            const query = { bbox: bounds(this.view, this.size).join(','), zoom: cellZoom(this.view, this.size) };
            const reply = await mapPhotos(query, signal);
            if (signal.aborted) return;
            this.failed = false;
            this.found = reply;
            this.#drawClusters();
        } catch (error) {
            if (error.name !== 'AbortError') this.failed = true;
        }
    }

    #drawClusters() {
        const { clusters, cell } = this.found;
        const focused = this.clusters.contains(document.activeElement);
        this.marks = clusters.map((cluster) => [
            cluster,
            h(
                'button',
                {
                    class: 'cluster',
                    type: 'button',
                    'aria-label': t('map.cluster', { count: cluster.photos, place: `${cluster.latitude.toFixed(1)}, ${cluster.longitude.toFixed(1)}` }),
                    onclick: () => void this.#search(cluster, cell),
                },
                h('img', { src: thumbnail({ id: cluster.cover }, 'small'), alt: '', draggable: 'false' }),
                h('span', { class: 'cluster-count' }, formatCount(cluster.photos)),
            ),
        ]);
        fill(this.clusters, this.marks.map(([, mark]) => mark));
        this.#place();
        if (focused) this.element.focus({ preventScroll: true });
    }

    // Searches for the photos of a cluster, in as small a circle as holds them.
    async #search(cluster, cell) {
        const none = { cell, clusters: [] };
        const finer = await mapPhotos(cellOf(cluster, cell)).catch(() => none);
        if (this.element.checkVisibility()) go({ view: undefined, q: nearOf(cluster, cell, finer), month: undefined });
    }

    #place() {
        for (const [cluster, mark] of this.marks ?? []) {
            const { x, y } = placeOf(cluster, this.view, this.size);
            mark.style.transform = `translate(${x}px, ${y}px)`;
        }
    }

    #pan(dx, dy) {
        const { scale } = placeOf(this.view, this.view, this.size);
        this.view = { ...this.view, longitude: this.view.longitude - dx / scale, latitude: this.view.latitude + dy / scale };
        this.#moved();
    }

    #zoom(steps, at = { x: this.size.width / 2, y: this.size.height / 2 }) {
        this.view = zoomed(this.view, this.size, steps, at);
        this.#moved();
    }

    #listen() {
        const { element, fingers } = this;
        const at = (event) => {
            const box = element.getBoundingClientRect();
            return { x: event.clientX - box.left, y: event.clientY - box.top };
        };
        const spread = () => {
            const [a, b] = [...fingers.values()];
            return { length: Math.hypot(a.x - b.x, a.y - b.y), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
        };
        element.addEventListener('pointerdown', (event) => {
            if (event.target.closest('.map-buttons') || event.button > 0) return;
            fingers.set(event.pointerId, at(event));
            this.dragged = 0;
        });
        element.addEventListener('pointermove', (event) => {
            const before = fingers.get(event.pointerId);
            if (!before) return;
            const now = at(event);
            const apart = fingers.size === 2 ? spread().length : 0;
            fingers.set(event.pointerId, now);
            this.dragged += Math.hypot(now.x - before.x, now.y - before.y);
            if (this.dragged > 4) element.setPointerCapture(event.pointerId);
            if (fingers.size === 2) {
                const { length, x, y } = spread();
                if (apart && length) this.#zoom(Math.log2(length / apart), { x, y });
            } else this.#pan(now.x - before.x, now.y - before.y);
        });
        for (const name of ['pointerup', 'pointercancel', 'lostpointercapture'])
            element.addEventListener(name, (event) => fingers.delete(event.pointerId));
        // The end of a drag is no click on the cluster below it.
        element.addEventListener(
            'click',
            (event) => {
                if (this.dragged > 4 && event.detail > 0) event.stopPropagation();
                this.dragged = 0;
            },
            true,
        );
        element.addEventListener('dblclick', (event) => !event.target.closest('button') && this.#zoom(1, at(event)));
        element.addEventListener(
            'wheel',
            (event) => {
                if (!event.ctrlKey && !event.metaKey) return; // the page scrolls
                event.preventDefault();
                this.#zoom(-event.deltaY / 240, at(event));
            },
            { passive: false },
        );
        element.addEventListener('keydown', (event) => {
            if (event.altKey || event.ctrlKey || event.metaKey) return;
            const act = {
                ArrowLeft: () => this.#pan(STEP, 0),
                ArrowRight: () => this.#pan(-STEP, 0),
                ArrowUp: () => this.#pan(0, STEP),
                ArrowDown: () => this.#pan(0, -STEP),
                '+': () => this.#zoom(1),
                '=': () => this.#zoom(1),
                '-': () => this.#zoom(-1),
            }[event.key];
            if (!act) return;
            event.preventDefault();
            event.stopPropagation();
            act();
        });
    }
}
