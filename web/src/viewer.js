// One photo at a time, over everything else: PhotoSwipe's zoom, swipe and pinch, with our own bar, facts, boxes
// and keys.
import PhotoSwipe from 'photoswipe';
import { original, thumbnail } from './api.js';
import { Boxes } from './boxes.js';
import { h, isTyping } from './dom.js';
import { areBelow, FactsPanel } from './facts.js';
import { describePhoto } from './format.js';
import { t } from './i18n.js';
import { ViewerBar } from './viewer_bar.js';

const SHOWN_BY_BROWSERS = /\.(jpe?g|png|webp|gif|avif)$/i;
const WIDEST = 4000; // px that a zoomed photo has at most
const LARGE = 1440; // long edge of the large thumbnail

function slideOf(photo) {
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

// A small photo fills the window, too, though not so that nothing but its pixels is seen.
const FIT_AT_MOST = 4;
const fitOf = ({ panAreaSize, elementSize }) =>
    Math.min(FIT_AT_MOST, panAreaSize.x / elementSize.x, panAreaSize.y / elementSize.y);

// PhotoSwipe takes no orders while it moves: what is wished for then waits until it rests.
//
//     closed -> opening -> open -> closing -> closed
//
export class Viewer {
    // onMove(photo): another one is shown; onClose(): the owner closed it; onClosed(photo, index): it is going.
    constructor({ onMove, onClose, onClosed }) {
        Object.assign(this, { onMove, onClose, onClosed });
        this.pswp = null;
        this.phase = 'closed';
        this.wish = undefined; // {source, index, places}: that photo; null: none; undefined: what is shown
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

    // source: {length, at(i), get(i)}; places: what an answer points at, photo -> [box].
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

    // Does what is wished for, when PhotoSwipe can.
    #settle() {
        const { wish } = this;
        if (wish === undefined) return;
        if (this.phase === 'open') {
            if (wish) this.pswp.options.showHideAnimationType = 'none'; // another one follows at once
            this.pswp.close();
        } else if (this.phase === 'closed') {
            this.wish = undefined;
            if (wish) this.#start(wish);
        }
    }

    #start({ source, index, places }) {
        this.phase = 'opening';
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
            trapFocus: false, // what lies below is inert instead
            returnFocus: false,
            escKey: false,
            showHideAnimationType: still ? 'none' : 'fade',
            showAnimationDuration: still ? 0 : 160,
            hideAnimationDuration: still ? 0 : 120,
            zoomAnimationDuration: still ? 0 : 220,
            initialZoomLevel: fitOf,
            secondaryZoomLevel: ({ fit, initial, elementSize }) =>
                initial > 1 ? initial * 2 : Math.min(1, fit * 3, WIDEST / elementSize.x),
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
            setTimeout(() => this.#settle()); // once PhotoSwipe's own listeners are through
        });
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
        this.bar = new ViewerBar({
            close: () => this.close(),
            previous: () => pswp.prev(),
            next: () => pswp.next(),
            zoom: () => pswp.toggleZoom(),
            facts: () => this.toggleFacts(),
            box: () => this.drawBox(),
        });
        this.bar.setFacts(this.facts.isOpen);
        pswp.on('firstUpdate', () =>
            pswp.element.append(this.bar.element, ...this.bar.arrows, this.facts.element),
        );
    }

    // What the facts leave of the window: they stand beside the photo, or below it.
    #room() {
        const { width, height } = this.facts?.element.getBoundingClientRect() ?? {
            width: 0,
            height: 0,
        };
        return areBelow()
            ? { x: innerWidth, y: innerHeight - height }
            : { x: innerWidth - width, y: innerHeight };
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
        this.pswp.refreshSlideContent(index); // tells of a change, too
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
        for (const element of document.querySelectorAll('[data-below]')) element.inert = covered;
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
