// SPDX-License-Identifier: MIT
// Which months share a section of the gallery. Months with few photos do, so that a sparse year is not
// mostly headings.

const FEW = 12; // months with fewer photos share a section
const MOST = 48; // photos of several months in one

// months: [{month, photos}], newest first -> sections {key, last, count}; key is the newest month, last
// the oldest.
export function gather(months) {
    const sections = [];
    for (const { month, photos } of months) {
        const open = sections.at(-1);
        const few = month !== 'undated' && photos < FEW;
        const sameYear = open?.key.slice(0, 4) === month.slice(0, 4);
        if (few && open?.few && sameYear && open.count + photos <= MOST) {
            open.last = month;
            open.count += photos;
        } else {
            sections.push({ key: month, last: month, count: photos, few });
        }
    }
    return sections;
}

// The days of a section: its months, or less where the filters begin or end within one.
export function days({ key, last }, { from, until }) {
    if (key === 'undated') return { month: 'undated' };
    return {
        from: from?.startsWith(last) ? from : last,
        until: until?.startsWith(key) ? until : key,
    };
}

// The section that holds a month; -1.
export const sectionOf = (sections, month) =>
    sections.findIndex(({ key, last }) =>
        key === 'undated' || month === 'undated' ? key === month : last <= month && month <= key,
    );
