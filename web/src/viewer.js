// SPDX-License-Identifier: MIT
// One photo at a time, over everything else: PhotoSwipe's zoom, swipe and pinch, with our own bar, facts, boxes
// and keys.
import PhotoSwipe from 'photoswipe';
import { Boxes } from './boxes.js';
import { isBesideViewer } from './ask.js';
import { byId, isTyping } from './dom.js';
import { areBelow, FactsPanel } from './facts.js';
import { t } from './i18n.js';
import { closeOf, fitOf, slideOf } from './slides.js';
import { ViewerBar } from './viewer_bar.js';

// PhotoSwipe accepts no commands during an animation: a request waits until it ends.
//     closed -> opening -> open -> closing -> closed
export class Viewer {
    // onMove(photo): another one is shown; onClose(): the owner closed it; onClosed(photo, index): it is going;
    // onAsk(photo): it is to be asked about.
    constructor({ onMove, onClose, onClosed, onAsk }) {
        this.onMove = onMove;
        this.onClose = onClose;
        this.onClosed = onClosed;
        this.onAsk = onAsk;
        this.pswp = null;
        this.phase = 'closed';
        this.wish = undefined; // {source, index, places}: that photo; null: none; undefined: the photo shown
    }

    // Whether a photo is shown or about to be.
    get isOpen() {
        return this.wish === undefined ? this.phase !== 'closed' : this.wish !== null;
    }

    // Id of that photo, as in the address; null.
    get target() {
        const photo = this.wish ? this.wish.source.at(this.wish.index) : this.photo;
        return this.isOpen && photo ? String(photo.id) : null;
    }

    // source: {length, at(i), get(i)}; places: the boxes of an answer, photo -> [box].
    open(source, index, { places = new Map() } = {}) {
        this.wish = { source, index, places };
        this.#settle();
    }

    // The owner's wish; the address is to follow.
    close() {
        if (!this.isOpen) return;
        this.dismiss();
        this.onClose();
    }

    // The address says that no photo is open.
    dismiss() {
        if (!this.isOpen) return;
        const { photo, source } = this;
        this.wish = null;
        this.pswp.element.classList.add('viewer-leaving');
        this.pswp.element.classList.toggle('viewer-early', this.phase === 'opening');
        this.#cover(false);
        this.#settle();
        this.onClosed(photo, source?.find?.(photo?.id) ?? -1);
    }

    // What would move the photo while it comes would end that animation without its end being told.
    #whenOpen(act) {
        if (this.phase === 'open') act();
        else if (this.phase === 'opening') this.later.push(act);
    }

    // Performs the pending request when PhotoSwipe is ready.
    #settle() {
        const { wish } = this;
        if (wish === undefined) return;
        if (this.phase === 'open') {
            if (wish) this.pswp.options.showHideAnimationType = 'none'; // another one follows immediately
            this.pswp.close();
        } else if (this.phase === 'closed') {
            this.wish = undefined;
            if (wish) this.#start(wish);
        }
    }

    #opened() {
        if (this.wish === undefined && this.phase === 'open') for (const act of this.later) act();
        this.#settle();
    }

    #start({ source, index, places }) {
        this.phase = 'opening';
        this.later = [];
        this.source = source;
        this.places = places;
        this.photo = source.at(index);
        const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
        const pswp = new PhotoSwipe({
            index,
            mainClass: 'viewer',
            bgOpacity: 1,
            loop: false,
            wheelToZoom: true,
            trapFocus: false, // the page below is inert instead
            returnFocus: false,
            escKey: false,
            showHideAnimationType: still ? 'none' : 'fade',
            showAnimationDuration: still ? 0 : 160,
            hideAnimationDuration: still ? 0 : 120,
            zoomAnimationDuration: still ? 0 : 220,
            initialZoomLevel: fitOf,
            secondaryZoomLevel: closeOf,
            maxZoomLevel: (levels) => Math.max(1, levels.initial * 4),
            imageClickAction: 'zoom',
            tapAction: 'toggle-controls',
            errorMsg: t('viewer.lost'),
            counter: false,
            close: false,
            zoom: false,
            arrowPrev: false,
            arrowNext: false,
            getViewportSizeFn: () => this.#room(),
            paddingFn: () => ({
                top: innerWidth < 600 ? 56 : 64,
                bottom: innerWidth < 600 ? 8 : 24,
                left: 0,
                right: 0,
            }),
        });
        this.pswp = pswp;
        pswp.addFilter('numItems', () => source.length);
        pswp.addFilter('itemData', (_, i) => slideOf(source.at(i)));
        pswp.on('beforeOpen', () => this.#build());
        pswp.on('change', () => this.#changed());
        pswp.on('keydown', (event) => this.#key(event));
        pswp.on('openingAnimationEnd', () => {
            this.phase = 'open';
            setTimeout(() => this.#opened()); // once PhotoSwipe's own listeners are through
        });
        pswp.on('beforeResize', () => this.phase !== 'closing' && this.#cover(true));
        pswp.on('close', () => this.#closing());
        pswp.on('destroy', () => this.#gone());
        this.#cover(true);
        pswp.init();
        pswp.element.setAttribute('aria-label', t('viewer.label'));
        pswp.element.setAttribute('aria-modal', 'true');
        pswp.element.focus();
    }

    #build() {
        const { pswp } = this;
        this.boxes = new Boxes(pswp);
        this.facts = new FactsPanel({
            boxes: this.boxes,
            onToggle: () => pswp.updateSize(true),
            onFilter: () => this.dismiss(),
        });
        const atRest = (act) => () => this.#whenOpen(act);
        this.bar = new ViewerBar({
            close: () => this.close(),
            previous: atRest(() => pswp.prev()),
            next: atRest(() => pswp.next()),
            zoom: atRest(() => pswp.toggleZoom()),
            facts: atRest(() => this.toggleFacts()),
            box: atRest(() => this.drawBox()),
            ask: () => this.onAsk(this.photo),
        });
        this.bar.setFacts(this.facts.isOpen);
        pswp.on('firstUpdate', () =>
            pswp.element.append(this.bar.element, ...this.bar.arrows, this.facts.element),
        );
    }

    // What the facts, beside the photo or below it, and the panel for questions leave of the window.
    #room() {
        const room = this.#roomBesideFacts();
        return { x: room.x - (isBesideViewer() ? byId('ask').offsetWidth : 0), y: room.y };
    }

    // The panel for questions was opened or closed.
    resize() {
        if (!this.isOpen) return;
        this.#cover(true);
        this.#whenOpen(() => this.pswp.updateSize(true));
    }

    #roomBesideFacts() {
        const { width, height } = this.facts?.element.getBoundingClientRect() ?? {
            width: 0,
            height: 0,
        };
        return areBelow()
            ? { x: innerWidth, y: innerHeight - height }
            : { x: innerWidth - width, y: innerHeight };
    }

    // The server answers again.
    retry() {
        if (this.phase === 'open' && this.pswp.currSlide?.content.state === 'error')
            this.pswp.refreshSlideContent(this.pswp.currIndex);
    }

    toggleFacts() {
        this.facts.toggle();
        this.bar.setFacts(this.facts.isOpen);
    }

    drawBox() {
        if (!this.facts.isOpen) this.toggleFacts();
        this.facts.labels.draw();
    }

    #changed() {
        if (this.wish !== undefined) return; // it is on its way out
        const { pswp, source } = this;
        const index = pswp.currIndex;
        for (const near of [index, index + 1, index - 1, index + 2]) {
            if (near < 0 || near >= source.length || source.at(near)) continue;
            source.get(near).then(
                () => this.pswp === pswp && this.#arrived(near),
                () => {},
            );
        }
        const photo = source.at(index);
        if (!photo) return;
        this.photo = photo;
        this.bar?.show(photo, index, source.length);
        this.boxes.show(this.places.get(photo.id) ?? []);
        this.facts.show(photo);
        this.onMove(photo);
    }

    #arrived(index) {
        this.pswp.refreshSlideContent(index); // also fires a change event
    }

    #key(event) {
        const { key, target, altKey, ctrlKey, metaKey } = event.originalEvent;
        if (
            document.querySelector('dialog[open]') ||
            this.boxes.isDrawing ||
            isTyping(target) ||
            altKey ||
            ctrlKey ||
            metaKey
        ) {
            event.preventDefault();
            return;
        }
        const actions = {
            Escape: () => this.close(),
            i: () => this.toggleFacts(),
            b: () => this.drawBox(),
            m: () => this.bar.findLike(),
            d: () => this.bar.download(),
            a: () => this.onAsk(this.photo),
            Home: () => this.pswp.goTo(0),
            End: () => this.pswp.goTo(this.source.length - 1),
            '+': () => this.#zoomBy(1.4),
            '-': () => this.#zoomBy(1 / 1.4),
        };
        if (!(key in actions)) return;
        event.preventDefault();
        event.originalEvent.preventDefault();
        event.originalEvent.stopPropagation();
        actions[key]();
    }

    #zoomBy(factor) {
        const slide = this.pswp.currSlide;
        const { initial, max } = slide.zoomLevels;
        slide.zoomTo(
            Math.max(initial, Math.min(max, slide.currZoomLevel * factor)),
            undefined,
            150,
        );
    }

    // What lies below is out of reach, and keeps its place.
    #cover(covered) {
        document.documentElement.classList.toggle('viewing', covered);
        for (const element of /** @type {NodeListOf<HTMLElement>} */ (
            document.querySelectorAll('[data-below]')
        ))
            element.inert = covered && !(element.id === 'ask' && isBesideViewer());
    }

    #closing() {
        this.phase = 'closing';
        if (this.wish !== undefined) return;
        this.wish = null; // it was swiped away
        this.#cover(false);
        this.onClosed(this.photo, this.source.find?.(this.photo?.id) ?? -1);
        this.onClose();
    }

    #gone() {
        this.phase = 'closed';
        this.pswp = null;
        this.photo = null;
        this.#settle();
    }
}
