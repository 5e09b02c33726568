// SPDX-License-Identifier: MIT
// Updates an element's content with minimal changes: unchanged nodes keep the focus, the
// selection and their listeners.

// wanted: nodes that are nowhere else.
export function patch(element, wanted) {
    let old = element.firstChild;
    for (const node of wanted) {
        const next = old?.nextSibling ?? null;
        if (!old) element.append(node);
        else if (!reuse(old, node)) old.replaceWith(node);
        old = next;
    }
    while (old) {
        const next = old.nextSibling;
        old.remove();
        old = next;
    }
}

// Whether the old node could become the new one.
function reuse(old, node) {
    if (old.isEqualNode(node)) return true;
    if (old.nodeType === Node.TEXT_NODE && node.nodeType === Node.TEXT_NODE) {
        if (node.data.startsWith(old.data)) old.appendData(node.data.slice(old.data.length));
        else old.data = node.data;
        return true;
    }
    if (!old.cloneNode(false).isEqualNode?.(node.cloneNode(false))) return false;
    patch(old, [...node.childNodes]);
    return true;
}
