// SPDX-License-Identifier: MIT
// What is known of the photo in the viewer: date, place, camera, file, and the owner's labels.
import { getDocument, getPhoto } from './api.js';
import { announce } from './announce.js';
import { fill, h } from './dom.js';
import { factRows, factsIn } from './fact_rows.js';
import { formatBytes, formatCount, formatPlace, formatTaken } from './format.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { PhotoLabels } from './labels.js';
import { go } from './route.js';

// Where the facts come up from below; else they stand beside the photo, also in a low window. As in css/viewer.css.
const BELOW = '(max-width: 899px) and (min-height: 521px), (max-width: 899px) and (orientation: portrait)';

export const areBelow = () => matchMedia(BELOW).matches;

const row = (key, ...value) =>
    h('div', { class: 'fact' }, h('dt', {}, t(key)), h('dd', {}, ...value));

// "NIKON CORPORATION" and "NIKON D90" are one maker.
function cameraOf({ make, model, lens }) {
    const maker = make?.split(/[ ,.]/)[0].toLowerCase();
    const isNamed = maker && model?.toLowerCase().split(' ')[0] === maker;
    const body = isNamed ? model : [make, model].filter(Boolean).join(' ');
    return [body, lens].filter(Boolean).join(' · ');
}

export class FactsPanel {
    constructor({ boxes, onToggle, onFilter }) {
        this.onToggle = onToggle;
        this.onFilter = onFilter;
        this.others = undefined; // the facts that have no row of their own here, as the API's document has them
        this.list = h('dl', { class: 'facts' });
        this.labels = new PhotoLabels(boxes, { onFilter });
        this.element = h(
            'section',
            {
                class: 'facts-panel pswp__hide-on-close',
                'aria-label': t('viewer.facts'),
                hidden: localStorage.getItem('facts') !== 'open' || areBelow() || innerWidth < 600,
            },
            this.labels.element,
            this.list,
        );
        for (const name of ['pointerdown', 'wheel', 'click'])
            this.element.addEventListener(name, (event) => event.stopPropagation());
    }

    get isOpen() {
        return !this.element.hidden;
    }

    toggle() {
        this.element.hidden = this.isOpen;
        localStorage.setItem('facts', this.isOpen ? 'open' : 'closed');
        this.onToggle();
    }

    async show(photo) {
        this.asking?.abort();
        this.asking = new AbortController();
        try {
            const [facts] = await Promise.all([
                getPhoto(photo.id, this.asking.signal),
                this.#learnFacts(),
            ]);
            this.labels.show(facts);
            this.#fill(facts);
        } catch (error) {
            if (error.name !== 'AbortError') announce(error.message, { error: true });
        }
    }

    // Without them the panel shows the known facts; the next photo asks again.
    async #learnFacts() {
        this.others ??= await getDocument().then(factsIn, () => undefined);
    }

    #fill(facts) {
        const camera = cameraOf(facts.camera);
        const pixels = facts.width && `${formatCount(facts.width)} × ${formatCount(facts.height)}`;
        const folder = () => {
            this.onFilter();
            go({ folder: facts.folder, photo: undefined, month: undefined });
        };
        fill(
            this.list,
            row('facts.taken', formatTaken(facts.taken)),
            facts.place &&
                row('facts.place', formatPlace(facts.place.latitude, facts.place.longitude)),
            camera && row('facts.camera', camera),
            row(
                'facts.file',
                facts.name,
                h('br'),
                h(
                    'span',
                    { class: 'quiet' },
                    [pixels, formatBytes(facts.bytes), facts.format.toUpperCase()]
                        .filter(Boolean)
                        .join(' · '),
                ),
            ),
            row(
                'facts.folder',
                h(
                    'button',
                    { class: 'link', title: t('facts.folder_only'), onclick: folder },
                    facts.folder,
                ),
            ),
            ...factRows(this.others ?? [], facts).map(([name, text]) => row(`fact_row.${name}`, text)),
            facts.never_send && row('facts.never_send', icon('lock'), ` ${facts.never_send}`),
        );
    }
}
