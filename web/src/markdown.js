// The little of Markdown that answers use: text -> [{list, lines}], paragraphs and lists. Bold is the caller's.
export function paragraphs(text) {
    const blocks = [];
    for (const line of text.split('\n')) {
        const item = /^\s*(?:[-*•]|\d+[.)])\s+(.*)$/.exec(line);
        const last = blocks.at(-1);
        if (!line.trim()) blocks.push(null);
        else if (item && last?.list) last.lines.push(item[1]);
        else if (item) blocks.push({ list: true, lines: [item[1]] });
        else if (last && !last.list) last.lines.push(line.replace(/^#+\s*/, ''));
        else blocks.push({ list: false, lines: [line.replace(/^#+\s*/, '')] });
    }
    return blocks.filter(Boolean);
}
