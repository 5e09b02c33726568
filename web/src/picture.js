// SPDX-License-Identifier: MIT
// Searching by a picture of one's own: dropped on the page, pasted, or chosen from a file.
import { announce } from './announce.js';
import { byId, h } from './dom.js';
import { t } from './i18n.js';
import { go } from './route.js';

const LIMIT = 64 * 1024 * 1024; // the server's limit

const KEPT = 20; // pictures

// The picture itself is not in the address, only a name of its own; it lives as long as the page.
const pictures = new Map();

export const pictureFor = (key) => pictures.get(key) ?? null;

export function searchByFile(file) {
    if (!file.type.startsWith('image/') && !/\.(heic|heif|avif|tiff?)$/i.test(file.name ?? '')) {
        announce(t('picture.not_one'), { error: true });
        return;
    }
    if (file.size > LIMIT) {
        announce(t('picture.too_large'), { error: true });
        return;
    }
    const key = crypto.getRandomValues(new Uint32Array(2)).join('-');
    pictures.set(key, file);
    if (pictures.size > KEPT) pictures.delete(pictures.keys().next().value);
    go({ picture: key, q: undefined, like: undefined, photo: undefined, view: undefined });
}

export function takePictures() {
    const veil = byId('drop');
    const chooser = h('input', {
        type: 'file',
        accept: 'image/*,.heic,.heif,.avif,.tif,.tiff',
        hidden: true,
    });
    chooser.addEventListener('change', () => {
        if (chooser.files[0]) searchByFile(chooser.files[0]);
        chooser.value = '';
    });
    document.body.append(chooser);
    byId('choose-picture').addEventListener('click', () => chooser.click());

    let depth = 0; // dragenter and dragleave come for every element that is crossed
    const hasFile = (event) => event.dataTransfer?.types.includes('Files');
    addEventListener('dragenter', (event) => {
        if (!hasFile(event)) return;
        depth++;
        veil.hidden = false;
    });
    addEventListener('dragleave', (event) => {
        if (hasFile(event) && --depth <= 0) veil.hidden = true;
    });
    addEventListener('dragover', (event) => hasFile(event) && event.preventDefault());
    addEventListener('drop', (event) => {
        if (!hasFile(event)) return;
        event.preventDefault();
        depth = 0;
        veil.hidden = true;
        if (event.dataTransfer.files[0]) searchByFile(event.dataTransfer.files[0]);
    });
    addEventListener('paste', (event) => {
        const file = [...(event.clipboardData?.files ?? [])].find((one) =>
            one.type.startsWith('image/'),
        );
        if (!file) return;
        event.preventDefault();
        searchByFile(file);
    });
}
