// SPDX-License-Identifier: MIT
// Photos that never leave this machine: rules by folder or by label.
import { addRule, listRules, removeRule } from './api.js';
import { announce } from './announce.js';
import { fill, h } from './dom.js';
import { sentence } from './format.js';
import { icon } from './icons.js';
import { t } from './i18n.js';

export function rulesSection() {
    const list = h('ul', { class: 'rules' });
    const kind = h(
        'select',
        { class: 'field', 'aria-label': t('rules.kind') },
        ['folder', 'label'].map((value) => h('option', { value }, t(`rules.${value}`))),
    );
    const value = h('input', {
        class: 'field',
        type: 'text',
        required: true,
        'aria-label': t('rules.value'),
        placeholder: '/home/ana/private',
    });
    kind.addEventListener(
        'change',
        () => (value.placeholder = kind.value === 'folder' ? '/home/ana/private' : 'Mia'),
    );

    async function attempt(call) {
        try {
            const said = await call();
            await draw();
            return said ?? true;
        } catch (error) {
            announce(error.message, { error: true });
            return false;
        }
    }

    async function draw() {
        const { rules } = await listRules();
        fill(list, rules.length ? rules.map(row) : h('li', { class: 'quiet' }, t('rules.none')));
    }

    const row = (rule) => {
        const said = t(`rules.said.${rule.kind}`, { value: rule.value });
        const label = t('rules.remove', { rule: said });
        return h(
            'li',
            {},
            icon('lock'),
            h('span', {}, said),
            h(
                'button',
                {
                    class: 'icon-button small',
                    'aria-label': label,
                    title: label,
                    onclick: () => attempt(() => removeRule(rule)),
                },
                icon('trash'),
            ),
        );
    };

    const form = h(
        'form',
        { class: 'row-form' },
        kind,
        value,
        h('button', { class: 'button' }, t('rules.add')),
    );
    form.addEventListener('submit', async (event) => {
        event.preventDefault();
        const added = await attempt(() => addRule({ kind: kind.value, value: value.value.trim() }));
        if (!added) return;
        value.value = '';
        if (added.warning) announce(sentence(added.warning), { error: true });
        else announce(t('rules.covers', { count: added.covers }));
    });
    draw().catch((error) => fill(list, h('li', { class: 'problem' }, error.message)));
    return h(
        'section',
        { class: 'panel' },
        h('h2', {}, t('rules.title')),
        h('p', { class: 'quiet' }, t('rules.note')),
        list,
        form,
    );
}
