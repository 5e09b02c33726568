// SPDX-License-Identifier: MIT
// The owner's labels of a photo: added for the whole photo or for a box, renamed, removed.
import { addLabel, removeLabel, renameLabel } from './api.js';
import { announce } from './announce.js';
import { fill, h } from './dom.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { go } from './route.js';

export class PhotoLabels {
    constructor(boxes, { onFilter }) {
        this.boxes = boxes;
        this.onFilter = onFilter;
        this.list = h('ul', { class: 'label-list' });
        this.field = h('input', {
            type: 'text',
            maxlength: '200',
            autocomplete: 'off',
            class: 'field',
            list: 'label-names',
            placeholder: t('labels.name'),
            'aria-label': t('labels.name'),
        });
        this.note = h('p', { class: 'quiet label-note' }, t('labels.whole'));
        this.form = h(
            'form',
            { class: 'label-form', onsubmit: (event) => this.#submit(event) },
            this.field,
            h('button', { class: 'button' }, t('labels.add')),
        );
        this.field.addEventListener('keydown', (event) => {
            if (event.key !== 'Escape') return;
            this.#forgetBox();
            this.field.blur();
            this.boxes.pswp.element.focus();
        });
        this.element = h(
            'section',
            { class: 'labels' },
            h('h2', {}, t('labels.title')),
            this.list,
            this.form,
            this.note,
            h(
                'button',
                { class: 'button quiet-button', type: 'button', onclick: () => this.draw() },
                icon('box'),
                t('labels.draw'),
            ),
        );
    }

    show(facts) {
        if (facts.id !== this.photo) this.#forgetBox();
        this.photo = facts.id;
        this.labels = facts.labels;
        this.#draw();
    }

    #draw() {
        this.boxes.setLabels(this.labels);
        fill(
            this.list,
            this.labels.map((label) => this.#row(label)),
        );
    }

    #row(label) {
        const name = h(
            'button',
            {
                class: 'link',
                title: t('labels.find', { name: label.name }),
                onclick: () => this.#find(label.name),
            },
            label.name,
        );
        const row = h(
            'li',
            {
                onmouseenter: () => this.boxes.point(label.id),
                onmouseleave: () => this.boxes.point(null),
                onfocusin: () => this.boxes.point(label.id),
            },
            icon(label.box ? 'box' : 'label'),
            name,
            h(
                'button',
                {
                    class: 'icon-button small',
                    'aria-label': t('labels.rename', { name: label.name }),
                    title: t('labels.rename', { name: label.name }),
                    onclick: () => this.#edit(label, row),
                },
                icon('edit'),
            ),
            h(
                'button',
                {
                    class: 'icon-button small',
                    'aria-label': t('labels.remove', { name: label.name }),
                    title: t('labels.remove', { name: label.name }),
                    onclick: () => this.#remove(label),
                },
                icon('trash'),
            ),
        );
        return row;
    }

    #find(name) {
        this.onFilter();
        go({
            label: name,
            photo: undefined,
            month: undefined,
            q: undefined,
            like: undefined,
            picture: undefined,
        });
    }

    #edit(label, row) {
        const field = h('input', {
            type: 'text',
            class: 'field',
            maxlength: '200',
            value: label.name,
            'aria-label': t('labels.name'),
        });
        const done = async (event) => {
            event.preventDefault();
            const name = field.value.trim();
            if (!name || name === label.name) return this.#draw();
            await this.#attempt(
                () => renameLabel(label.id, name),
                () => (label.name = name),
            );
        };
        field.addEventListener('keydown', (event) => {
            if (event.key === 'Escape') this.#draw();
        });
        fill(
            row,
            h(
                'form',
                { class: 'label-form', onsubmit: done },
                field,
                h('button', { class: 'button' }, t('labels.save')),
            ),
        );
        field.focus();
        field.select();
    }

    #remove(label) {
        return this.#attempt(
            () => removeLabel(label.id),
            () => (this.labels = this.labels.filter((one) => one !== label)),
        );
    }

    async #attempt(call, then) {
        try {
            then(await call());
        } catch (error) {
            announce(error.message, { error: true });
        }
        this.#draw();
    }

    async draw() {
        const photo = this.photo;
        const box = await this.boxes.draw();
        if (photo !== this.photo) return;
        this.box = box;
        this.note.textContent = t(box ? 'labels.boxed' : 'labels.whole');
        this.field.focus();
    }

    #forgetBox() {
        this.box = null;
        this.field.value = '';
        this.note.textContent = t('labels.whole');
        this.boxes.stopDrawing();
    }

    async #submit(event) {
        event.preventDefault();
        const name = this.field.value.trim();
        if (!name) return;
        await this.#attempt(
            () => addLabel(this.photo, name, this.box),
            (label) => {
                this.labels = [...this.labels.filter((one) => one.id !== label.id), label];
                this.#forgetBox();
            },
        );
        this.field.focus();
    }
}
