// SPDX-License-Identifier: MIT
// Dragging a photo out of the page gives its file, under its name, where the browser can (Chromium), and else
// the address of the file.
import { download } from './api.js';

// event: dragstart; image: the picture under the pointer.
export function dragFile(event, photo, image) {
    const url = new URL(download(photo), location.href).href;
    const name = photo.name.replaceAll(':', '_'); // the parts of DownloadURL are separated by it
    event.dataTransfer.effectAllowed = 'copyLink';
    event.dataTransfer.setData('DownloadURL', `application/octet-stream:${name}:${url}`);
    event.dataTransfer.setData('text/uri-list', url);
    event.dataTransfer.setData('text/plain', photo.path);
    event.dataTransfer.setDragImage(image, 20, 20);
}
